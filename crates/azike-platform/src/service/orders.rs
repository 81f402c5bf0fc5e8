//! What the service manager is told, as the exact words of its command.
//!
//! Programs are named by their whole path and called without a shell: root does not look them up.

use std::path::{Path, PathBuf};

use super::layout::{LABEL, Layout, ManagerKind};

/// Where systemctl is, the first that exists: usual systems, those with /bin of its own, NixOS.
pub(super) const SYSTEMCTL: [&str; 3] = [
    "/usr/bin/systemctl",
    "/bin/systemctl",
    "/run/current-system/sw/bin/systemctl",
];
/// Where launchctl is.
pub(super) const LAUNCHCTL: &str = "/bin/launchctl";

/// One order to the manager.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// Read the service files anew.
    Reload,
    /// Start the service with the computer.
    Enable,
    /// Do not.
    Disable,
    /// Forget that starting it failed.
    Forget,
    /// Open the socket and start the daemon.
    Start,
    /// The socket is open: start the daemon.
    Wake,
    /// Run the daemon anew; the socket stays open.
    Restart,
    /// Close the socket and stop the daemon.
    Stop,
}

/// A program and its words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Argv {
    pub(super) program: PathBuf,
    pub(super) words: Vec<String>,
}

impl Argv {
    pub(super) fn new(program: impl AsRef<Path>, words: &[&str]) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            words: words.iter().map(|&word| word.to_owned()).collect(),
        }
    }
}

impl std::fmt::Display for Argv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.program.display())?;
        self.words.iter().try_for_each(|word| write!(f, " {word}"))
    }
}

/// The systemctl of this computer; the usual name where there is none, for the error.
pub(super) fn systemctl() -> &'static str {
    let found = SYSTEMCTL.iter().find(|path| Path::new(path).exists());
    found.unwrap_or(&SYSTEMCTL[0])
}

/// The command for `order`; `None` if this manager needs none.
pub(super) fn argv(layout: &Layout, order: Order) -> Option<Argv> {
    let target = format!("system/{LABEL}");
    match layout.kind {
        ManagerKind::Systemd => {
            let words: &[&str] = match order {
                Order::Reload => &["daemon-reload"],
                Order::Enable => &["enable", "azike.service", "azike.socket"],
                Order::Disable => &["disable", "azike.service", "azike.socket"],
                Order::Forget => &["reset-failed", "azike.service", "azike.socket"],
                Order::Start | Order::Wake => &["start", "azike.socket", "azike.service"],
                Order::Restart => &["restart", "azike.service"],
                Order::Stop => &["stop", "azike.socket", "azike.service"],
            };
            Some(Argv::new(systemctl(), words))
        }
        ManagerKind::Launchd => {
            let plist = layout.at(&format!("/Library/LaunchDaemons/{LABEL}.plist"));
            let plist = plist.to_string_lossy();
            let words: &[&str] = match order {
                Order::Reload | Order::Disable | Order::Forget => return None,
                Order::Enable => &["enable", &target],
                Order::Start => &["bootstrap", "system", &plist],
                Order::Wake => &["kickstart", &target],
                Order::Restart => &["kickstart", "-k", &target],
                Order::Stop => &["bootout", &target],
            };
            Some(Argv::new(LAUNCHCTL, words))
        }
    }
}
