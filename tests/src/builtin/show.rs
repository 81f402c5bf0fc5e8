//! The demo, from the outside: the running program is started again in namespaces of its own, twice, because a
//! process namespace begins with a child. Its `main` has to begin with [`run_if_asked`].

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use azike_platform::TunDevice;
use rustix::process::{Signal, set_parent_process_death_signal};
use serde::{Deserialize, Serialize};
use tokio::runtime::Builder;
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};

use super::load::Load;
use super::state::State;
use super::{namespaces, story};
use crate::lab::stopwatch::wait_until;

const MARK: &str = "--built-in-gateway";

/// What to show.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Show {
    /// The built azike.
    pub binary: PathBuf,
    /// How the client logs in: `auto`, `signature` or `eap-tls`.
    pub auth: String,
    /// What the gateway does otherwise than Azure's: words of [`switches`](super::switches).
    pub switches: Vec<String>,
    /// Whether to open a shell on the client while the tunnel is up.
    pub shell: bool,
    /// What to send through the tunnel besides, and on which path.
    pub load: Option<Load>,
}

/// What a process is started again for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    /// Only to see whether there can be namespaces, and tun devices in them.
    Probe,
    /// About to make the namespaces.
    Outside,
    /// The first process in them.
    Inside,
}

impl Show {
    /// Shows it; nothing is left afterwards, also when a person had enough of it.
    pub fn run(&self) -> Result<()> {
        let before = State::look()?;
        let folder = tempfile::Builder::new().prefix("azb-").tempdir()?.keep();
        let shown = self.command(&folder).and_then(watched);
        // After an interruption, the kernel may still be ending what writes there.
        let gone = wait_until(Duration::from_secs(5), || {
            fs::remove_dir_all(&folder).is_ok()
        });
        ensure!(gone, "{} is left", folder.display());
        let left = before.difference(&State::look()?);
        ensure!(
            left.is_empty(),
            "left on this machine:\n{}",
            left.join("\n")
        );
        shown
    }

    /// The program that ends well if its user can have it on this machine. Otherwise it says why not, and what
    /// the system's owner could change.
    pub fn probe(&self) -> Result<Command> {
        self.at(Place::Probe, Path::new("/"))
    }

    /// The program that shows it, with its files in `folder`: to be started by a process that has as many
    /// threads as it likes.
    pub fn command(&self, folder: &Path) -> Result<Command> {
        self.at(Place::Outside, folder)
    }

    fn at(&self, place: Place, folder: &Path) -> Result<Command> {
        let mut command = Command::new(env::current_exe().context("where this program is")?);
        let show = serde_json::to_string(self)?;
        command.args([MARK, place.word()]).arg(folder).arg(show);
        Ok(command)
    }
}

impl Place {
    const ALL: [Self; 3] = [Self::Probe, Self::Outside, Self::Inside];

    const fn word(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Outside => "outside",
            Self::Inside => "inside",
        }
    }
}

/// Shows what this program was started for. False when it was started for something else.
pub fn run_if_asked() -> Result<bool> {
    let mut args = env::args_os().skip(1);
    if args.next().is_none_or(|arg| arg != MARK) {
        return Ok(false);
    }
    let (Some(place), Some(folder), Some(show)) = (args.next(), args.next(), args.next()) else {
        bail!("{MARK} is for this program itself");
    };
    let show: Show = serde_json::from_slice(show.as_encoded_bytes())?;
    let folder = PathBuf::from(folder);
    match Place::ALL.into_iter().find(|it| place == it.word()) {
        Some(Place::Probe) => {
            namespaces::enter()?;
            drop(TunDevice::create()?);
        }
        Some(Place::Outside) => {
            namespaces::enter()?;
            die_with_parent()?;
            let status = show.at(Place::Inside, &folder)?.status()?;
            ensure!(status.success(), "it ended with {status}");
        }
        Some(Place::Inside) => {
            die_with_parent()?;
            story::tell(&show, &fs::canonicalize(folder)?)?;
        }
        None => bail!("{MARK} is for this program itself"),
    }
    Ok(true)
}

/// Runs a program to its end, or ends it when a person had enough of it.
fn watched(command: Command) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut child = tokio::process::Command::from(command).spawn()?;
        tokio::select! {
            status = child.wait() => {
                let status = status?;
                ensure!(status.success(), "the demo failed ({status})");
                return Ok(());
            }
            _ = terminate.recv() => {}
            interrupted = ctrl_c() => interrupted?,
        }
        child.kill().await?;
        bail!("the demo was interrupted")
    })
}

/// Ends this process when its parent ends. The kernel ends the rest of a process namespace with its first one.
fn die_with_parent() -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL)).context("a signal at the parent's end")
}
