//! `azike service`: azike as a service of systemd or launchd.
//!
//! ```text
//!   rights ──▶ look ──▶ plan ──▶ each step, with a line ──▶ look again ──▶ what is now
//! ```

use std::path::{Path, PathBuf};

use azike_control::{
    Code, Exit, Failure, InstalledBy, ServiceDocument, ServiceManagerName, printable,
};
use azike_platform::service::{
    ManagerKind, Order, Owner, Packager, Runner, Seen, ServiceManager, Step, Wish,
};
use rustix::process::geteuid;

use super::arguments::ServiceCommand;
use super::console::{Console, Ending, OutputFormat};
use super::render::service_text;
use crate::daemon::server::DEFAULT_SOCKET;
use crate::failing;

/// Folders in which sudo looks for programs everywhere.
const SUDO_FINDS: [&str; 4] = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin"];

/// Does what the command says, then shows what is.
pub(super) async fn run(
    command: ServiceCommand,
    socket: &Path,
    console: &mut Console,
) -> Result<Exit, Ending> {
    let program = program()?;
    if let Some(word) = word(command)
        && !geteuid().is_root()
    {
        return Err(no_right(word, &program).into());
    }
    if socket != Path::new(DEFAULT_SOCKET) {
        let what = "the service has its socket at one place";
        let next = format!("Leave --socket out; the socket of the service is {DEFAULT_SOCKET}.");
        return Err(Failure::new(Code::OPTION_INVALID, what).advise(next).into());
    }
    let manager =
        ServiceManager::native().ok_or_else(|| Failure::from(Code::SERVICE_NO_MANAGER))?;
    let mut service = Service {
        manager,
        program,
        done: Vec::new(),
        notes: Vec::new(),
    };
    if let Some(wish) = wish(command) {
        service.fulfil(wish, console).await?;
    }
    let document = service.document().await?;
    show(command, &document, console)
}

/// The command and the service that it changes.
struct Service<R> {
    manager: ServiceManager<R>,
    program: PathBuf,
    done: Vec<String>,
    notes: Vec<String>,
}

impl<R: Runner> Service<R> {
    async fn look(&mut self) -> Result<Seen, Failure> {
        let seen = self.manager.look(&self.program).await;
        seen.map_err(|error| failing::service(&error))
    }

    async fn fulfil(&mut self, wish: Wish, console: &mut Console) -> Result<(), Ending> {
        let seen = self.look().await?;
        let steps = seen.plan(wish);
        let steps = steps.map_err(|refusal| failing::refusal(&refusal))?;
        for step in &steps {
            let made = self.manager.perform(step).await;
            made.map_err(|error| failing::service(&error))?;
            let line = printable(&step.to_string()).into_owned();
            console.say(&format!("  {line}"))?;
            self.done.push(line);
        }
        self.note(wish, &seen, &steps);
        Ok(())
    }

    /// What a person should know about what was done.
    fn note(&mut self, wish: Wish, before: &Seen, steps: &[Step]) {
        let copied = steps
            .iter()
            .any(|step| matches!(step, Step::CopyProgram { .. }));
        if let (Wish::Install, true, Err(why)) = (wish, copied, &before.source.trust) {
            self.notes.push(format!(
                "Root runs a copy, {}, because {why}. Run azike service install again after each \
                 update of azike.",
                before.copy.0.display()
            ));
        }
        let ended = |step: &Step| matches!(step, Step::Order(Order::Restart | Order::Stop));
        if wish == Wish::Install && before.standing.running && steps.iter().any(ended) {
            let note = "The daemon was restarted. A tunnel that was up is down now: azike up.";
            self.notes.push(note.to_owned());
        }
        if let (Wish::Uninstall { .. }, Owner::Us, Some((_, path))) =
            (wish, before.owner(), &before.package)
        {
            let path = path.display();
            self.notes.push(format!(
                "The service of a package, {path}, takes its place."
            ));
        }
    }

    async fn document(&mut self) -> Result<ServiceDocument, Failure> {
        let seen = self.look().await?;
        let standing = &seen.standing;
        let ours = (seen.owner() == Owner::Us).then(|| seen.program().clone());
        let program = standing.program.clone().or(ours);
        let version = match &program {
            Some(program) => self.manager.version(program).await,
            None => None,
        };
        if standing.outdated {
            let note = "The daemon that runs is older than its program: azike service install \
                        restarts it.";
            self.notes.push(note.to_owned());
        }
        Ok(ServiceDocument {
            schema: ServiceDocument::SCHEMA.to_owned(),
            manager: match seen.kind {
                ManagerKind::Systemd => ServiceManagerName::Systemd,
                ManagerKind::Launchd => ServiceManagerName::Launchd,
            },
            installed_by: installed_by(seen.owner()),
            running: standing.running,
            pid: standing.pid,
            enabled: standing.known && standing.enabled,
            socket_open: standing.socket,
            program: program.map(|path| path.display().to_string()),
            version,
            done: std::mem::take(&mut self.done),
            notes: std::mem::take(&mut self.notes),
        })
    }
}

/// Prints the result. Only `status` has an exit code that says how the service is.
fn show(
    command: ServiceCommand,
    document: &ServiceDocument,
    console: &mut Console,
) -> Result<Exit, Ending> {
    match console.format() {
        OutputFormat::Json => console.document(document)?,
        OutputFormat::Text => {
            for note in &document.notes {
                console.say(&printable(note))?;
            }
            if word(command).is_none() {
                console.result(&service_text(document))?;
            } else {
                let said = said(command, document);
                console.say(said)?;
            }
        }
    }
    if matches!(command, ServiceCommand::Status) && !document.running {
        return Ok(Exit::NotConnected);
    }
    Ok(Exit::Ok)
}

/// The last line of a command that changed something, or found that there was nothing to change.
fn said(command: ServiceCommand, document: &ServiceDocument) -> &'static str {
    let nothing = document.done.is_empty();
    match command {
        ServiceCommand::Install if nothing => "The service is installed and runs already.",
        ServiceCommand::Install => "The service is installed and runs.",
        ServiceCommand::Uninstall { .. } if nothing => "The service is not installed.",
        ServiceCommand::Uninstall { .. } => "The service is removed.",
        ServiceCommand::Start if nothing => "The service runs already.",
        ServiceCommand::Start => "The service runs.",
        ServiceCommand::Stop if nothing => "The service does not run.",
        ServiceCommand::Stop => "The service is stopped.",
        ServiceCommand::Status => "",
    }
}

const fn wish(command: ServiceCommand) -> Option<Wish> {
    match command {
        ServiceCommand::Install => Some(Wish::Install),
        ServiceCommand::Uninstall { keep_profiles } => Some(Wish::Uninstall {
            keep_state: keep_profiles,
        }),
        ServiceCommand::Start => Some(Wish::Start),
        ServiceCommand::Stop => Some(Wish::Stop),
        ServiceCommand::Status => None,
    }
}

/// The word of a command that changes something.
const fn word(command: ServiceCommand) -> Option<&'static str> {
    match command {
        ServiceCommand::Install => Some("install"),
        ServiceCommand::Uninstall { .. } => Some("uninstall"),
        ServiceCommand::Start => Some("start"),
        ServiceCommand::Stop => Some("stop"),
        ServiceCommand::Status => None,
    }
}

const fn installed_by(owner: Owner) -> Option<InstalledBy> {
    match owner {
        Owner::Nobody => None,
        Owner::Us => Some(InstalledBy::Azike),
        Owner::Package(Packager::Dpkg | Packager::System) => Some(InstalledBy::Package),
        Owner::Package(Packager::Homebrew) => Some(InstalledBy::Homebrew),
        Owner::Package(Packager::Installer) => Some(InstalledBy::Installer),
        Owner::Stranger => Some(InstalledBy::Other),
    }
}

/// The azike that runs.
fn program() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|error| {
        Failure::new(Code::INTERNAL, "azike does not find its own program").seen(error.to_string())
    })
}

fn no_right(word: &str, program: &Path) -> Failure {
    let uid = geteuid().as_raw();
    let what = format!("user {uid} may not change the services of this computer");
    let found = program
        .parent()
        .is_some_and(|folder| SUDO_FINDS.iter().any(|&place| Path::new(place) == folder));
    let azike = if found {
        "azike".to_owned()
    } else {
        program.display().to_string()
    };
    Failure::new(Code::SERVICE_NO_RIGHT, what).advise(format!("Run: sudo {azike} service {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_for_users_without_rights_is_a_command_that_sudo_finds() {
        for (program, next) in [
            ("/usr/local/bin/azike", "Run: sudo azike service install"),
            (
                "/home/ada/bin/azike",
                "Run: sudo /home/ada/bin/azike service install",
            ),
        ] {
            let failure = no_right("install", Path::new(program));
            assert_eq!((failure.exit(), failure.next.as_str()), (10, next));
        }
    }
}
