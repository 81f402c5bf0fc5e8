//! The service of this computer: looks at it, and changes it one step at a time.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::command::{CommandError, Runner, SystemRunner};
use super::layout::{Layout, ManagerKind};
use super::look;
use super::orders::{Argv, Order, argv};
use super::perform;
use super::plan::Step;
use super::seen::Seen;
use super::trust;

/// How often it is asked whether launchd has let the service go.
const ASK_EVERY: Duration = Duration::from_millis(200);
/// How many times; the daemon has 20 seconds to end.
const ASKS: usize = 150;
/// How many times launchd is asked to take a service; it refuses while the old one still ends.
const BOOTSTRAPS: usize = 5;

/// Why a step could not be made, or the service not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// A file or folder cannot be looked at.
    #[error("{} cannot be looked at", .0.display())]
    Look(PathBuf, #[source] io::Error),
    /// A file or folder cannot be changed.
    #[error("could not {0}")]
    Change(String, #[source] io::Error),
    /// A command could not be run.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The manager refused.
    #[error("{command} ended with {}", .code.map_or("a signal".to_owned(), |code| format!("code {code}")))]
    Refused {
        /// The whole command.
        command: String,
        /// Its exit code.
        code: Option<i32>,
        /// What it wrote.
        said: String,
    },
    /// Another azike serves there.
    #[error("another azike still uses {}", .0.display())]
    InUse(PathBuf),
    /// Settings of the computer are not put back yet, and this knows how.
    #[error("{} still has changes of this computer that are not undone", .0.display())]
    Unfinished(PathBuf),
}

/// The service manager of this computer.
#[derive(Debug)]
pub struct ServiceManager<R = SystemRunner> {
    layout: Layout,
    runner: R,
}

impl ServiceManager {
    /// systemd or launchd; `None` where neither runs.
    pub fn native() -> Option<Self> {
        Layout::native().map(|layout| Self::new(layout, SystemRunner::default()))
    }
}

impl<R: Runner> ServiceManager<R> {
    /// A manager of a computer that looks like `layout`.
    pub const fn new(layout: Layout, runner: R) -> Self {
        Self { layout, runner }
    }

    /// Where things are.
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What is there, for the azike at `program`.
    pub async fn look(&mut self, program: &Path) -> Result<Seen, ServiceError> {
        let standing = look::standing(&self.layout, &mut self.runner).await?;
        look::disk(&self.layout, program, standing)
    }

    /// What the program of the service says its version is; `None` if it is not fit to be asked.
    pub async fn version(&mut self, program: &Path) -> Option<String> {
        let real = std::fs::canonicalize(program).ok()?;
        // It may be root who asks.
        trust::check_program(&real, &self.layout.root, self.layout.owner).ok()?;
        let words = ["--version".to_owned()];
        let output = self.runner.run(&real, &words).await.ok()?;
        let version = output.stdout.trim().strip_prefix("azike ")?;
        (output.code == Some(0)).then(|| version.to_owned())
    }

    /// Makes one step.
    pub async fn perform(&mut self, step: &Step) -> Result<(), ServiceError> {
        if let Step::Order(order) = step {
            return self.order(*order).await;
        }
        perform::on_disk(step)
    }

    async fn order(&mut self, order: Order) -> Result<(), ServiceError> {
        let Some(command) = argv(&self.layout, order) else {
            return Ok(());
        };
        match (self.layout.kind, order) {
            (ManagerKind::Launchd, Order::Stop) => self.boot_out(&command).await,
            (ManagerKind::Launchd, Order::Start) => self.bootstrap(&command).await,
            _ => self.obey(&command).await,
        }
    }

    async fn obey(&mut self, command: &Argv) -> Result<(), ServiceError> {
        let output = self.runner.run(&command.program, &command.words).await?;
        if output.code == Some(0) {
            return Ok(());
        }
        Err(ServiceError::Refused {
            command: command.to_string(),
            code: output.code,
            said: format!("{}{}", output.stderr, output.stdout),
        })
    }

    /// `bootout` answers before the daemon has ended (36: still in progress), and with an error when
    /// it is gone already. What counts is that launchd does not know it any more.
    async fn boot_out(&mut self, command: &Argv) -> Result<(), ServiceError> {
        let asked = self.obey(command).await;
        for _ in 0..ASKS {
            if !look::standing(&self.layout, &mut self.runner).await?.known {
                return Ok(());
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
        asked
    }

    async fn bootstrap(&mut self, command: &Argv) -> Result<(), ServiceError> {
        for _ in 1..BOOTSTRAPS {
            match self.obey(command).await {
                Err(ServiceError::Refused { .. }) => tokio::time::sleep(5 * ASK_EVERY).await,
                result => return result,
            }
        }
        self.obey(command).await
    }
}

#[cfg(test)]
mod tests;
