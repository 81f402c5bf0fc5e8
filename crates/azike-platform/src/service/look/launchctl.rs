//! What launchd says: `launchctl print system/LABEL` and `launchctl print-disabled system`.
//!
//! Apple calls this output "not API": only three plain lines of it are read, and without them the
//! service counts as known and not running.

use std::path::PathBuf;

use super::super::command::Runner;
use super::super::manager::ServiceError;
use super::super::orders::{Argv, LAUNCHCTL};
use super::super::seen::Standing;

pub(super) async fn standing(
    label: &str,
    runner: &mut impl Runner,
) -> Result<Standing, ServiceError> {
    let target = format!("system/{label}");
    let command = Argv::new(LAUNCHCTL, &["print", &target]);
    let printed = runner.run(&command.program, &command.words).await?;
    let command = Argv::new(LAUNCHCTL, &["print-disabled", "system"]);
    let disabled = runner.run(&command.program, &command.words).await?;
    // 113: it could not find the service.
    let mut standing = match printed.code {
        Some(0) => parse(&printed.stdout),
        _ => Standing::default(),
    };
    standing.enabled = !is_disabled(&disabled.stdout, label);
    Ok(standing)
}

fn parse(text: &str) -> Standing {
    // Deeper lines belong to parts of the service, such as its sockets.
    let value = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.strip_prefix('\t'));
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))
    };
    Standing {
        known: true,
        stale: false,
        enabled: true,
        socket: true,
        running: value("state") == Some("running"),
        failed: false,
        pid: value("pid").and_then(|pid| pid.parse().ok()),
        program: value("program").map(PathBuf::from),
        outdated: false,
    }
}

/// Lines are `"LABEL" => disabled`, on older systems `"LABEL" => true`.
fn is_disabled(text: &str, label: &str) -> bool {
    let quoted = format!("\"{label}\" => ");
    let mut values = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(quoted.as_str()));
    values.any(|value| matches!(value, "disabled" | "true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The form of macOS 11 and later, shortened.
    const PRINTED: &str = "system/io.github.azike = {\n\tactive count = 2\n\tpath = /Library/LaunchDaemons/io.github.azike.plist\n\ttype = LaunchDaemon\n\tstate = running\n\n\tprogram = /Library/PrivilegedHelperTools/io.github.azike\n\targuments = {\n\t\t/Library/PrivilegedHelperTools/io.github.azike\n\t\tdaemon\n\t}\n\n\tpid = 4711\n\tsockets = {\n\t\t\"Control\" = {\n\t\t\tstate = active\n\t\t}\n\t}\n}\n";

    #[test]
    fn a_service_that_runs() {
        let seen = parse(PRINTED);
        assert!(seen.known && seen.socket && seen.running);
        assert_eq!(seen.pid, Some(4711));
        let program = "/Library/PrivilegedHelperTools/io.github.azike";
        assert_eq!(seen.program, Some(program.into()));
    }

    #[test]
    fn a_service_that_waits_does_not_run() {
        let text = PRINTED.replace("\tstate = running\n", "\tstate = not running\n");
        let text = text.replace("\tpid = 4711\n", "");
        let seen = parse(&text);
        assert!(seen.known && !seen.running);
        assert_eq!(seen.pid, None);
    }

    #[test]
    fn a_service_that_was_disabled_is_told_by_its_whole_name() {
        for (line, disabled) in [
            ("\t\"io.github.azike\" => disabled\n", true),
            ("\t\"io.github.azike\" => true\n", true),
            ("\t\"io.github.azike\" => enabled\n", false),
            ("\t\"io.github.azike.other\" => disabled\n", false),
        ] {
            let text = format!("\tdisabled services = {{\n{line}\t}}\n");
            assert_eq!(is_disabled(&text, "io.github.azike"), disabled, "{line}");
        }
    }
}
