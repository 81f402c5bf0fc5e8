//! The journal: every change, on disk before it is made.
//!
//! A directory holds two files: `lock`, held by the process that may change
//! the host, and `journal`, which exists only while there is something to
//! undo. The journal is lines of JSON, appended and synced one by one:
//!
//! ```text
//!   {"journal":{"version":1,"pid":812,"epoch":{…}}}
//!   {"intend":{"step":1,"change":{…}}}      before the change is made
//!   {"done":1}                              after it
//!   {"undoing":1}                           before it is undone
//!   {"undone":1}                            after that
//! ```
//!
//! A process may be killed between any two octets of it. A line without its
//! end was never acted upon, so it is cut off.

mod file;
mod line;
mod lock;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

pub use self::line::Epoch;
pub(crate) use self::line::{Header, Line, Phase, Record};
use self::lock::Lock;
use crate::Change;

/// Lines after which a journal is written anew, without what is over.
const COMPACT_AT: usize = 512;

/// Larger than any journal that we write; what is beyond is not read.
const MAX_LENGTH: u64 = 64 << 20;

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another process that may change the host is running.
    #[error("azike is already running{}", .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Locked {
        /// Its number, if it wrote it down.
        pid: Option<u32>,
    },
    /// Others than we and root could write to the directory, and so have us
    /// undo changes that we never made.
    #[error("{0} can be changed by other users")]
    UnsafeDirectory(PathBuf),
    /// The disk is full, the file system read-only, the directory not ours.
    #[error("cannot write {0}")]
    Io(PathBuf, #[source] io::Error),
}

/// An open journal. Whoever holds it is the only one.
#[derive(Debug)]
pub(crate) struct Journal {
    dir: PathBuf,
    file: Option<File>,
    length: u64,
    lines: usize,
    /// Of the process whose changes these are; none before the first change.
    pub(crate) header: Option<Header>,
    records: Vec<Record>,
    last_step: u64,
    /// Lines that are whole and not understood.
    pub(crate) damaged: usize,
    _lock: Lock,
}

impl Journal {
    /// Takes the lock in `dir`, which is made if it is not there, and reads
    /// what an earlier process left.
    pub(crate) fn open(dir: &Path) -> Result<Self, JournalError> {
        let failed = |error| JournalError::Io(dir.to_owned(), error);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o755);
        builder.create(dir).map_err(failed)?;
        let meta = fs::metadata(dir).map_err(failed)?;
        let ours = meta.uid() == rustix::process::geteuid().as_raw();
        if !ours || meta.mode() & 0o022 != 0 {
            return Err(JournalError::UnsafeDirectory(dir.to_owned()));
        }
        let mut journal = Self {
            dir: dir.to_owned(),
            file: None,
            length: 0,
            lines: 0,
            header: None,
            records: Vec::new(),
            last_step: 0,
            damaged: 0,
            _lock: Lock::take(&dir.join("lock"))?,
        };
        journal.load().map_err(|error| journal.failed(error))?;
        Ok(journal)
    }

    /// The changes that are not undone yet, first made first.
    pub(crate) fn records(&self) -> &[Record] {
        &self.records
    }

    /// Writes down a change that is about to be made.
    pub(crate) fn intend(&mut self, header: &Header, change: Change) -> Result<u64, JournalError> {
        if self.header.is_none() {
            self.append(&Line::Journal(header.clone()))?;
            self.header = Some(header.clone());
        }
        let step = self.last_step + 1;
        let line = Line::Intend { step, change };
        self.append(&line)?;
        self.apply(line);
        Ok(step)
    }

    /// Writes down that a change was made.
    pub(crate) fn done(&mut self, step: u64) -> Result<(), JournalError> {
        self.mark(Line::Done(step))
    }

    /// Writes down that a change is about to be undone.
    ///
    /// A full disk must not keep us from putting things back, so nothing is
    /// an error here: undoing a second time does no harm.
    pub(crate) fn undoing(&mut self, step: u64) {
        self.note(Line::Undoing(step));
    }

    /// Writes down that a change was undone, or is no longer ours to undo.
    pub(crate) fn undone(&mut self, step: u64) {
        self.note(Line::Undone(step));
    }

    /// Removes the file if there is nothing left to undo, and shortens it if
    /// it has become long.
    pub(crate) fn tidy(&mut self) -> Result<(), JournalError> {
        let result = if self.records.is_empty() {
            self.remove()
        } else if self.lines > COMPACT_AT.max(4 * self.records.len()) {
            self.compact()
        } else {
            Ok(())
        };
        result.map_err(|error| self.failed(error))
    }

    fn mark(&mut self, line: Line) -> Result<(), JournalError> {
        self.append(&line)?;
        self.apply(line);
        Ok(())
    }

    fn note(&mut self, line: Line) {
        if let Err(error) = self.append(&line) {
            tracing::warn!(%error, "undoing without a journal");
        }
        self.apply(line);
    }

    fn apply(&mut self, line: Line) {
        match line {
            Line::Journal(header) => self.header = Some(header),
            Line::Intend { step, change } => {
                self.last_step = self.last_step.max(step);
                self.records.push(Record {
                    step,
                    change,
                    phase: Phase::Intended,
                });
            }
            Line::Done(step) => self.enter(step, Phase::Done),
            Line::Undoing(step) => self.enter(step, Phase::Undoing),
            Line::Undone(step) => self.records.retain(|record| record.step != step),
        }
    }

    fn enter(&mut self, step: u64, phase: Phase) {
        for record in self.records.iter_mut().filter(|r| r.step == step) {
            record.phase = phase;
        }
    }

    fn path(&self) -> PathBuf {
        self.dir.join("journal")
    }

    fn failed(&self, error: io::Error) -> JournalError {
        JournalError::Io(self.path(), error)
    }

    fn load(&mut self) -> io::Result<()> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .custom_flags(file::no_follow())
            .open(self.path());
        let mut file = match file {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        let mut octets = Vec::new();
        Read::by_ref(&mut file)
            .take(MAX_LENGTH)
            .read_to_end(&mut octets)?;
        for line in octets.split_inclusive(|&octet| octet == b'\n') {
            let Some(line) = line.strip_suffix(b"\n") else {
                break; // It was being written when the process ended.
            };
            self.length += line.len() as u64 + 1;
            self.lines += 1;
            match serde_json::from_slice(line) {
                Ok(line) => self.apply(line),
                Err(_) => self.damaged += 1,
            }
        }
        file.set_len(self.length)?;
        self.file = Some(file);
        if self.records.is_empty() && self.damaged == 0 {
            self.remove()?;
        }
        Ok(())
    }

    fn append(&mut self, line: &Line) -> Result<(), JournalError> {
        let result = self.try_append(line);
        if result.is_err()
            && let Some(file) = &self.file
            && let Err(error) = file.set_len(self.length)
        {
            tracing::warn!(%error, "the journal ends in half a line");
        }
        result.map_err(|error| self.failed(error))
    }

    fn try_append(&mut self, line: &Line) -> io::Result<()> {
        let mut octets = serde_json::to_vec(line)?;
        octets.push(b'\n');
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(file::create(&self.dir.join("journal"))?),
        };
        file.write_all(&octets)?;
        file.sync_data()?;
        self.length += octets.len() as u64;
        self.lines += 1;
        Ok(())
    }

    /// Forgets an empty journal. One with lines that we did not understand is
    /// kept beside it for a person to look at.
    fn remove(&mut self) -> io::Result<()> {
        if self.file.take().is_some() {
            if self.damaged > 0 {
                fs::rename(self.path(), self.dir.join("journal.damaged"))?;
            } else {
                fs::remove_file(self.path())?;
            }
            file::sync_dir(&self.dir)?;
        }
        self.length = 0;
        self.lines = 0;
        self.header = None;
        Ok(())
    }

    fn compact(&mut self) -> io::Result<()> {
        let mut octets = Vec::new();
        let header = self.header.iter().cloned().map(Line::Journal);
        let records = self.records.iter().flat_map(Record::lines);
        let mut lines = 0;
        for line in header.chain(records) {
            serde_json::to_writer(&mut octets, &line)?;
            octets.push(b'\n');
            lines += 1;
        }
        let file = file::replace(&self.path(), &octets)?;
        self.file = Some(file);
        self.length = octets.len() as u64;
        self.lines = lines;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
