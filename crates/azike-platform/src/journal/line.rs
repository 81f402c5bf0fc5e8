//! One line of the journal, and what a reader makes of the lines.

use serde::{Deserialize, Serialize};

use crate::Change;

/// Which run of the machine, and which of its networks: changes that the
/// kernel keeps in memory mean nothing in another one.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Epoch {
    /// A name for the time since the machine started (`boot_id` on Linux).
    pub boot: String,
    /// The number of the network namespace (its inode on Linux).
    pub network: u64,
}

/// Who made the changes of a journal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Header {
    /// Of the format: 1.
    pub(crate) version: u32,
    /// The process, for messages; the lock says whether it lives.
    pub(crate) pid: u32,
    /// When and where.
    pub(crate) epoch: Epoch,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    Journal(Header),
    Intend { step: u64, change: Change },
    Done(u64),
    Undoing(u64),
    Undone(u64),
}

/// A change that is not undone yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Record {
    pub(crate) step: u64,
    pub(crate) change: Change,
    pub(crate) phase: Phase,
}

/// How far a change has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Phase {
    /// Written down; made or not.
    Intended,
    /// Made.
    Done,
    /// Perhaps undone.
    Undoing,
}

impl Record {
    /// The lines that say the same.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line> {
        let intend = Line::Intend {
            step: self.step,
            change: self.change.clone(),
        };
        let then = match self.phase {
            Phase::Intended => None,
            Phase::Done => Some(Line::Done(self.step)),
            Phase::Undoing => Some(Line::Undoing(self.step)),
        };
        [Some(intend), then].into_iter().flatten()
    }
}
