//! A file that is replaced for a while, and whose it is afterwards.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::Certainty;

/// A file that is replaced.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct FileChange {
    /// Its name.
    pub path: PathBuf,
    /// What was there.
    pub before: FileState,
    /// What we write: only a file that still says this is ours to undo.
    pub ours: Octets,
}

/// How a replaced file looks when it is to be put back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FileVerdict {
    /// It is as it was before us.
    AsBefore,
    /// It is what we wrote: put back what was there.
    Ours,
    /// Somebody else wrote it.
    Foreign,
}

impl FileChange {
    /// Judges what is behind the name `now`.
    ///
    /// A file that cannot be renamed onto is written in place, and a process
    /// can end in the middle of that. So when it is not certain that the
    /// writing came to its end, the beginning of our text, or of the earlier
    /// one, is ours too.
    pub(crate) fn judge(&self, now: &FileState, certainty: Certainty) -> FileVerdict {
        if *now == self.before {
            return FileVerdict::AsBefore;
        }
        let FileState::Regular { octets, .. } = now else {
            return FileVerdict::Foreign;
        };
        let torn = match &self.before {
            FileState::Regular { octets: before, .. } => before.0.starts_with(&octets.0),
            FileState::Absent | FileState::Symlink { .. } => false,
        };
        let torn = torn || self.ours.0.starts_with(&octets.0);
        if *octets == self.ours || (torn && certainty == Certainty::Perhaps) {
            FileVerdict::Ours
        } else {
            FileVerdict::Foreign
        }
    }
}

/// What is behind a file name.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Nothing.
    Absent,
    /// A symbolic link.
    Symlink {
        /// The text of the link.
        target: PathBuf,
    },
    /// A file.
    Regular {
        /// All of it.
        octets: Octets,
        /// Permission bits.
        mode: u32,
        /// Owner.
        uid: u32,
        /// Group.
        gid: u32,
    },
}

/// Octets that are text in the journal if they can be.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "Text", into = "Text")]
pub struct Octets(pub Vec<u8>);

#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Text {
    Utf8(String),
    Other(Vec<u8>),
}

impl From<Text> for Octets {
    fn from(text: Text) -> Self {
        match text {
            Text::Utf8(text) => Self(text.into_bytes()),
            Text::Other(octets) => Self(octets),
        }
    }
}

impl From<Octets> for Text {
    fn from(octets: Octets) -> Self {
        match String::from_utf8(octets.0) {
            Ok(text) => Self::Utf8(text),
            Err(error) => Self::Other(error.into_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regular(text: &str) -> FileState {
        FileState::Regular {
            octets: Octets(text.into()),
            mode: 0o644,
            uid: 0,
            gid: 0,
        }
    }

    #[test]
    fn only_what_we_wrote_is_ours_to_put_back() {
        let change = FileChange {
            path: "/etc/resolv.conf".into(),
            before: regular("nameserver 192.0.2.1\n"),
            ours: Octets(b"# azike\nnameserver 10.1.0.4\n".to_vec()),
        };
        let link = FileState::Symlink {
            target: "elsewhere".into(),
        };
        for (now, made, perhaps) in [
            (
                change.before.clone(),
                FileVerdict::AsBefore,
                FileVerdict::AsBefore,
            ),
            (
                regular("# azike\nnameserver 10.1.0.4\n"),
                FileVerdict::Ours,
                FileVerdict::Ours,
            ),
            (
                regular("# azike\nname"),
                FileVerdict::Foreign,
                FileVerdict::Ours,
            ),
            (regular(""), FileVerdict::Foreign, FileVerdict::Ours),
            (
                regular("nameserver 192"),
                FileVerdict::Foreign,
                FileVerdict::Ours,
            ),
            (
                regular("nameserver 1.1.1.1\n"),
                FileVerdict::Foreign,
                FileVerdict::Foreign,
            ),
            (link, FileVerdict::Foreign, FileVerdict::Foreign),
            (
                FileState::Absent,
                FileVerdict::Foreign,
                FileVerdict::Foreign,
            ),
        ] {
            assert_eq!(change.judge(&now, Certainty::Made), made, "{now:?}");
            assert_eq!(change.judge(&now, Certainty::Perhaps), perhaps, "{now:?}");
        }
    }

    #[test]
    fn octets_come_back_from_the_journal_as_they_were() {
        for octets in [&b"nameserver 10.1.0.4\n"[..], b"", b"\xff\xfe\0", b"[1,2]"] {
            let octets = Octets(octets.to_vec());
            let json = serde_json::to_string(&octets).unwrap();
            assert_eq!(serde_json::from_str::<Octets>(&json).unwrap(), octets);
        }
    }
}
