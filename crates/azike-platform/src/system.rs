//! The face of a machine: the few things a [`Host`](crate::Host) asks of it.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::{Before, Change, Epoch, HostConfig, Setting, Surroundings};

/// A machine whose settings can be changed, one at a time: this one
/// ([`Native`](crate::Native)), or one in memory ([`fake`](crate::fake)).
///
/// It decides nothing: which changes, in which order and what is written to
/// the journal is the [`Host`](crate::Host)'s work.
pub trait System: Send {
    /// Which run of the machine and which network this is.
    fn epoch(&self) -> Epoch;

    /// How changes made at `then` stand to this machine now.
    fn standing(&self, then: &Epoch) -> Standing;

    /// Looks at what matters for `config`. Changes nothing.
    fn look(
        &mut self,
        config: &HostConfig,
    ) -> impl Future<Output = Result<Surroundings, SystemError>> + Send;

    /// Looks at the place that `setting` would take. Changes nothing.
    fn observe(
        &mut self,
        setting: &Setting,
    ) -> impl Future<Output = Result<Observed, SystemError>> + Send;

    /// Whether a change that was made is still in force, as of the last [`System::look`].
    fn in_force(
        &mut self,
        change: &Change,
    ) -> impl Future<Output = Result<bool, SystemError>> + Send;

    /// Makes a change.
    fn make(&mut self, change: &Change) -> impl Future<Output = Result<Made, SystemError>> + Send;

    /// Undoes a change, whether it was made in full, in part, or not at all.
    /// Doing it twice is the same as doing it once.
    fn undo(
        &mut self,
        change: &Change,
        certainty: Certainty,
    ) -> impl Future<Output = Result<Undone, SystemError>> + Send;
}

/// How an earlier time stands to now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// The same machine, the same network namespace, no restart between.
    Same,
    /// A restart, or the end of the network namespace, took all away but files.
    Restarted,
    /// Another network namespace that still exists: out of reach from here.
    Elsewhere,
}

/// What is at the place of a setting.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Observed {
    /// It is free to be changed from this.
    Free(Before),
    /// It is in force already, without our doing.
    InForce,
}

/// What came of making a change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Made {
    /// It is in force, by our doing.
    Done,
    /// Somebody else has the place; nothing was changed.
    Existed,
}

/// How sure the journal is that a change was made whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Certainty {
    /// It was made.
    Made,
    /// The process ended while making or undoing it.
    Perhaps,
}

/// What came of undoing a change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Undone {
    /// All is as it was before, or nothing was left to undo.
    Restored,
    /// Somebody changed it after us; theirs was left.
    ChangedMeanwhile,
}

/// Why the machine refused.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// Needs root, or on Linux `CAP_NET_ADMIN`.
    #[cfg_attr(
        target_os = "linux",
        error("no permission; root or CAP_NET_ADMIN is needed")
    )]
    #[cfg_attr(not(target_os = "linux"), error("no permission; root is needed"))]
    NoPermission,
    /// There is no interface of that name.
    #[error("there is no interface {0}")]
    NoInterface(String),
    /// The machine has no way to that host now.
    #[error("there is no route to {0}")]
    NoRoute(IpAddr),
    /// The file is immutable or on a read-only file system.
    #[error("{0} is protected against changes")]
    Protected(PathBuf),
    /// The file is larger than we are willing to keep, or not a file.
    #[error("{0} is not a usable file")]
    BadFile(PathBuf),
    /// Somebody changed the place between our look at it and our change.
    #[error("{0} is being changed by another program")]
    Contended(PathBuf),
    /// systemd-resolved refused.
    #[error("systemd-resolved refused: {0}")]
    Resolved(String),
    /// Anything else.
    #[error(transparent)]
    Io(#[from] io::Error),
}
