//! What a [`Host`](crate::Host) has to say after its work.

use crate::plan::{Notice, PlanError};
use crate::{JournalError, Setting, SystemError};

/// What [`Host::set`](crate::Host::set) did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Applied {
    /// What was removed because it is no longer wanted.
    pub removed: Vec<Setting>,
    /// What was brought into force.
    pub made: Vec<Setting>,
    /// What was removed by us and was not ours any more.
    pub left: Vec<Left>,
    /// What was done differently from what was asked.
    pub notices: Vec<Notice>,
}

/// What [`Host::clear`](crate::Host::clear) or [`Host::recover`](crate::Host::recover) did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Cleared {
    /// What was undone, in that order. Also what had gone by itself.
    pub undone: Vec<Setting>,
    /// What a person may want to look at.
    pub left: Vec<Left>,
}

/// Something that was not put back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Left {
    /// Somebody changed it after us, so theirs stays.
    ChangedMeanwhile(Setting),
    /// So many lines of the journal were not understood. It was kept as
    /// `journal.damaged`.
    Unreadable(usize),
}

/// Why the machine is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The journal cannot be had or written; nothing was changed without it.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The config cannot be put into force on this machine as it is.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The machine could not be looked at.
    #[error("cannot look at the network settings")]
    Look(#[source] SystemError),
    /// One setting could not be changed.
    #[error("cannot change: {setting}")]
    Change {
        /// Which.
        setting: Box<Setting>,
        /// Why.
        source: SystemError,
    },
    /// These could not be undone and are still in the journal.
    #[error("{} settings could not be put back", .0.len())]
    NotUndone(Vec<(Setting, SystemError)>),
    /// The changes in the journal were made in another network namespace, and
    /// only a process in there can undo them.
    #[error("azike was last used in another network namespace and left changes there")]
    OtherNetwork,
}

impl HostError {
    /// Whether the user lacks the right to do this.
    pub fn is_no_permission(&self) -> bool {
        match self {
            Self::Look(source) | Self::Change { source, .. } => source.is_no_permission(),
            Self::Journal(JournalError::Io(_, error)) => {
                error.kind() == std::io::ErrorKind::PermissionDenied
            }
            Self::NotUndone(all) => all.iter().any(|(_, source)| source.is_no_permission()),
            Self::Journal(JournalError::Locked { .. } | JournalError::UnsafeDirectory(_))
            | Self::Plan(_)
            | Self::OtherNetwork => false,
        }
    }
}

impl SystemError {
    const fn is_no_permission(&self) -> bool {
        matches!(self, Self::NoPermission)
    }
}
