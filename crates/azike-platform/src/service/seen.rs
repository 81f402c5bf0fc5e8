//! What is there of the service.

use std::path::PathBuf;

use super::layout::ManagerKind;
use super::trust::Distrust;

/// What is there, and what would be wanted there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seen {
    /// Who runs services.
    pub kind: ManagerKind,
    /// The azike that asks.
    pub source: Program,
    /// The place of the copy, and what is there.
    pub copy: (PathBuf, Copied),
    /// Whether the place of the copy is safe.
    pub place: Result<(), Distrust>,
    /// Our folders around the copy, outermost first, each with whether it is there.
    pub folders: Vec<(PathBuf, bool)>,
    /// Folders that the manager needs and that are missing.
    pub missing: Vec<PathBuf>,
    /// The service files.
    pub files: Vec<SeenFile>,
    /// Half-written files of an interrupted install, and links to files of ours that are gone.
    pub remains: Vec<PathBuf>,
    /// The service file of a package.
    pub package: Option<(Packager, PathBuf)>,
    /// What the manager says.
    pub standing: Standing,
    /// `/run/azike`, if it is there.
    pub runtime: Option<PathBuf>,
    /// `/var/lib/azike`, if it is there.
    pub state: Option<PathBuf>,
}

/// A program on the disk.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Program {
    /// Without links.
    pub path: PathBuf,
    /// Whether root may run it as a service.
    pub trust: Result<(), Distrust>,
}

/// The root-owned copy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Copied {
    /// There is none.
    Absent,
    /// It has the octets of the azike that asks.
    Same,
    /// It is another version.
    Differs,
}

/// A service file that `service install` wants.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SeenFile {
    /// Its place.
    pub path: PathBuf,
    /// What it should say.
    pub wanted: String,
    /// What is there.
    pub seen: FileSeen,
}

/// What is at the place of a service file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileSeen {
    /// Nothing.
    Absent,
    /// What is wanted.
    Current,
    /// Ours, of another version.
    Older,
    /// Not ours.
    Foreign,
}

/// What the manager says about the service.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one answer of the manager"
)]
pub struct Standing {
    /// It knows the service.
    pub known: bool,
    /// It has not read the service files as they are now.
    pub stale: bool,
    /// It starts the service with the computer.
    pub enabled: bool,
    /// It keeps the control socket.
    pub socket: bool,
    /// The daemon runs, or is about to.
    pub running: bool,
    /// It gave up starting it.
    pub failed: bool,
    /// The daemon's process.
    pub pid: Option<u32>,
    /// The program that it runs.
    pub program: Option<PathBuf>,
    /// The process runs an older program than the one at that place; `false` if nobody knows.
    pub outdated: bool,
}

/// Who made a service file that is not ours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Packager {
    /// The package manager of Debian and its relatives.
    Dpkg,
    /// The package manager of the system, whichever it is.
    System,
    /// `brew services`.
    Homebrew,
    /// An installer package (.pkg).
    Installer,
}

/// Whose the service is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Owner {
    /// There is none.
    Nobody,
    /// `azike service install` made it.
    Us,
    /// A package did.
    Package(Packager),
    /// Somebody else's file has the name.
    Stranger,
}

impl Seen {
    /// Whose the service is.
    pub fn owner(&self) -> Owner {
        let is = |wanted: &[FileSeen]| self.files.iter().any(|file| wanted.contains(&file.seen));
        if is(&[FileSeen::Current, FileSeen::Older]) {
            return Owner::Us;
        }
        match &self.package {
            Some((packager, _)) => Owner::Package(*packager),
            None if is(&[FileSeen::Foreign]) => Owner::Stranger,
            None => Owner::Nobody,
        }
    }

    /// The program that a service of ours runs: this one if nobody but root can exchange it, else
    /// the copy.
    pub fn program(&self) -> &PathBuf {
        if self.needs_copy() {
            &self.copy.0
        } else {
            &self.source.path
        }
    }

    /// Whether the azike that asks is not fit to be run by root where it is.
    pub fn needs_copy(&self) -> bool {
        self.source.trust.is_err() || self.source.path == self.copy.0
    }
}
