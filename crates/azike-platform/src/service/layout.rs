//! Where things of the service are.
//!
//! ```text
//!              systemd                                launchd
//!   files      /etc/systemd/system/azike.service      /Library/LaunchDaemons/io.github.azike.plist
//!              /etc/systemd/system/azike.socket
//!   program    /opt/azike/bin/azike                   /Library/PrivilegedHelperTools/io.github.azike
//!   runtime    /run/azike                             /var/run/azike
//!   state      /var/lib/azike                         /Library/Application Support/azike
//! ```
//!
//! The place of the program is used only when the azike that is installed lies where a user can
//! write. `/usr/local` may belong to the group `staff` (Debian) or to the user of Homebrew (Macs
//! with Intel), and so could be changed by others; these two places belong to root everywhere.
//! `PrivilegedHelperTools` is where Apple puts programs that launchd runs as root, by their label.

use std::path::{Path, PathBuf};

/// Which program runs services here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ManagerKind {
    /// Linux.
    Systemd,
    /// macOS.
    Launchd,
}

/// The label of launchd, and the name of the copied program there.
pub(super) const LABEL: &str = "io.github.azike";
/// What `brew services` calls a service of a formula `azike`.
pub(super) const BREW_LABEL: &str = "homebrew.mxcl.azike";

const SERVICE: &str = include_str!("../../../../daemon/service/azike.service");
const SOCKET: &str = include_str!("../../../../daemon/service/azike.socket");
const PLIST: &str = include_str!("../../../../daemon/service/io.github.azike.plist");

/// Where things are, on a computer whose root folder is `root`.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Which names.
    pub kind: ManagerKind,
    /// `/`, or the folder that stands for it in a test.
    pub root: PathBuf,
    /// Who must own what root runs: 0, or the user of a test.
    pub owner: u32,
}

/// A service file: where it goes, and what it is made from.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub(super) path: PathBuf,
    pub(super) text: &'static str,
}

impl Layout {
    /// This computer's; `None` where neither systemd nor launchd runs it.
    pub fn native() -> Option<Self> {
        let kind = if cfg!(target_os = "macos") {
            ManagerKind::Launchd
        } else if Path::new("/run/systemd/system").is_dir() {
            ManagerKind::Systemd
        } else {
            return None;
        };
        Some(Self {
            kind,
            root: PathBuf::from("/"),
            owner: 0,
        })
    }

    /// `path`, which begins with `/`, below the root.
    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// The files that `service install` writes.
    pub(super) fn templates(&self) -> Vec<Template> {
        let template = |path: &str, text| Template {
            path: self.at(path),
            text,
        };
        match self.kind {
            ManagerKind::Systemd => vec![
                template("/etc/systemd/system/azike.service", SERVICE),
                template("/etc/systemd/system/azike.socket", SOCKET),
            ],
            ManagerKind::Launchd => {
                let path = format!("/Library/LaunchDaemons/{LABEL}.plist");
                vec![template(&path, PLIST)]
            }
        }
    }

    /// The root-owned copy of the program.
    pub fn copy(&self) -> PathBuf {
        match self.kind {
            ManagerKind::Systemd => self.at("/opt/azike/bin/azike"),
            ManagerKind::Launchd => self.at("/Library/PrivilegedHelperTools/io.github.azike"),
        }
    }

    /// The folders around the copy that are ours alone, outermost first.
    pub(super) fn copy_folders(&self) -> Vec<PathBuf> {
        match self.kind {
            ManagerKind::Systemd => vec![self.at("/opt/azike"), self.at("/opt/azike/bin")],
            ManagerKind::Launchd => Vec::new(),
        }
    }

    /// Folders that must be there before the manager is told.
    pub(super) fn needed_folders(&self) -> Vec<PathBuf> {
        match self.kind {
            // The units name them.
            ManagerKind::Systemd => Vec::new(),
            // launchd makes the socket, but not the folder around it.
            ManagerKind::Launchd => vec![self.runtime()],
        }
    }

    /// Links by which systemd has the units enabled, and where they lead.
    pub(super) fn links(&self) -> Vec<(PathBuf, PathBuf)> {
        match self.kind {
            ManagerKind::Systemd => [
                ("multi-user.target.wants", "azike.service"),
                ("sockets.target.wants", "azike.socket"),
            ]
            .map(|(folder, unit)| {
                let folder = self.at("/etc/systemd/system").join(folder);
                let unit_file = Path::new("/etc/systemd/system").join(unit);
                (folder.join(unit), unit_file)
            })
            .to_vec(),
            ManagerKind::Launchd => Vec::new(),
        }
    }

    /// What is of no use after a restart: socket and its lock.
    pub fn runtime(&self) -> PathBuf {
        match self.kind {
            ManagerKind::Systemd => self.at("/run/azike"),
            ManagerKind::Launchd => self.at("/var/run/azike"),
        }
    }

    /// What stays: profiles, and the journal while there is something to undo.
    pub fn state(&self) -> PathBuf {
        match self.kind {
            ManagerKind::Systemd => self.at("/var/lib/azike"),
            ManagerKind::Launchd => self.at("/Library/Application Support/azike"),
        }
    }
}
