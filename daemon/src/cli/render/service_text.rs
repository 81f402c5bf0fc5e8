//! `azike service status` for people.

use azike_control::{InstalledBy, ServiceDocument, printable};

/// A line, and more for a service that is installed:
///
/// ```text
/// running (process 412), starts with the computer
///   installed by  azike service install
///   program       /opt/azike/bin/azike, version 0.1.0
///   socket        kept open by systemd
/// ```
pub(in crate::cli) fn service_text(service: &ServiceDocument) -> String {
    let Some(by) = service.installed_by else {
        return "not installed\n".to_owned();
    };
    let runs = match (service.running, service.pid) {
        (true, Some(pid)) => format!("running (process {pid})"),
        (true, None) => "starting".to_owned(),
        (false, _) => "not running".to_owned(),
    };
    let starts = if service.enabled {
        "starts with the computer"
    } else {
        "does not start with the computer"
    };
    let by = match by {
        InstalledBy::Azike => "azike service install",
        InstalledBy::Package => "a package of this system",
        InstalledBy::Homebrew => "Homebrew (brew services)",
        InstalledBy::Installer => "an installer package",
        InstalledBy::Other => "somebody else",
    };
    let mut text = format!("{runs}, {starts}\n  installed by  {by}\n");
    if let Some(program) = &service.program {
        let version = service.version.as_ref();
        let version = version.map_or_else(String::new, |version| format!(", version {version}"));
        let line = format!("  program       {program}{version}");
        text.push_str(&printable(&line));
        text.push('\n');
    }
    let socket = if service.socket_open {
        "kept open by the service manager"
    } else {
        "closed"
    };
    text.extend(["  socket        ", socket, "\n"]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> ServiceDocument {
        let example = include_str!("../../../../crates/azike-control/schema/service.example.jsonl");
        serde_json::from_str(example.lines().next().unwrap()).unwrap()
    }

    #[test]
    fn a_service_that_runs() {
        let text = "running (process 4711), starts with the computer\n  installed by  azike service install\n  program       /opt/azike/bin/azike, version 0.1.0\n  socket        kept open by the service manager\n";
        assert_eq!(service_text(&service()), text);
    }

    #[test]
    fn no_service() {
        let mut service = service();
        service.installed_by = None;
        assert_eq!(service_text(&service), "not installed\n");
    }

    #[test]
    fn names_of_others_do_nothing_on_the_terminal() {
        let mut service = service();
        service.program = Some("/opt/\u{1b}[2J".to_owned());
        assert!(service_text(&service).contains("/opt/\\u{1b}[2J"));
    }
}
