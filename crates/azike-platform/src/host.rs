//! Keeps the machine equal to a [`HostConfig`], and knows how to put it back.

mod report;

use std::collections::BTreeSet;
use std::path::Path;

pub use self::report::{Applied, Cleared, HostError, Left};
use crate::journal::{Header, Journal, Phase, Record};
use crate::plan::{Notice, Step, plan, wanted};
use crate::{
    Certainty, Change, HostConfig, Made, Native, Observed, Setting, Standing, System, SystemError,
    Undone,
};

/// The machine, as far as a tunnel changes it.
///
/// Only one exists for a journal directory at a time. Dropping it changes
/// nothing: what is in force stays, and the next `Host` on the same directory
/// finds it in the journal. Call [`Host::clear`] before the end.
///
/// The futures must run on a tokio runtime with I/O and time, and one `Host`
/// must stay on one runtime.
#[derive(Debug)]
pub struct Host<S = Native> {
    system: S,
    journal: Journal,
    /// Whether `journal` has changes of another process.
    leftovers: bool,
}

impl Host<Native> {
    /// This machine, with the journal in `dir` (`/run/azike`).
    ///
    /// Makes the directory and takes the lock in it; changes nothing else.
    /// [`JournalError::Locked`](crate::JournalError::Locked) if another process has it.
    pub fn open(dir: &Path) -> Result<Self, HostError> {
        Self::with_system(dir, Native::default())
    }
}

impl<S: System> Host<S> {
    /// `system`, with the journal in `dir`.
    pub fn with_system(dir: &Path, system: S) -> Result<Self, HostError> {
        let journal = Journal::open(dir)?;
        let leftovers = !journal.records().is_empty() || journal.damaged > 0;
        Ok(Self {
            system,
            journal,
            leftovers,
        })
    }

    /// Whether an earlier process ended without undoing its changes.
    pub const fn has_leftovers(&self) -> bool {
        self.leftovers
    }

    /// Undoes what an earlier process left; nothing if there is nothing.
    /// [`Host::set`] and [`Host::clear`] do it first in any case.
    pub async fn recover(&mut self) -> Result<Cleared, HostError> {
        if self.leftovers {
            let cleared = self.undo_all().await?;
            self.leftovers = false;
            return Ok(cleared);
        }
        Ok(Cleared::default())
    }

    /// Makes the machine match `config`.
    ///
    /// Calling it again changes nothing, or only what was lost meanwhile: a
    /// route that went with its interface, a resolv.conf that a DHCP client
    /// wrote over. Call it when the network changed.
    ///
    /// On an error some of the changes may be in force. All are in the
    /// journal: call it again, or [`Host::clear`].
    pub async fn set(&mut self, config: &HostConfig) -> Result<Applied, HostError> {
        self.recover().await?;
        let mut applied = Applied::default();
        // The last address of an interface takes its routes along: they are missed at a second look.
        while self.approach(config, &mut applied).await? {}
        self.journal.tidy()?;
        Ok(applied)
    }

    /// Makes all steps that a look asks for; whether one of them took an address away.
    async fn approach(
        &mut self,
        config: &HostConfig,
        applied: &mut Applied,
    ) -> Result<bool, HostError> {
        let around = self.system.look(config).await.map_err(HostError::Look)?;
        let wanted = wanted(config, &around)?;
        for notice in wanted.notices {
            if !applied.notices.contains(&notice) {
                applied.notices.push(notice);
            }
        }
        self.settle(applied).await?;
        let have: BTreeSet<_> = self.journal.records().iter().map(setting).collect();
        let mut moved = false;
        for step in plan(&have, &wanted.settings) {
            match step {
                Step::Remove(setting) => {
                    moved |= matches!(setting, Setting::Address { .. });
                    self.remove(setting, applied).await?;
                }
                Step::Make(setting) => self.make(setting, applied).await?,
            }
        }
        Ok(moved)
    }

    /// Undoes every change, last made first. Twice is the same as once.
    ///
    /// What cannot be undone does not keep the rest from being undone; it
    /// stays in the journal and is [`HostError::NotUndone`].
    pub async fn clear(&mut self) -> Result<Cleared, HostError> {
        let cleared = self.undo_all().await?;
        self.leftovers = false;
        Ok(cleared)
    }

    /// Undoes what failed half way, and drops from the journal what is no
    /// longer in force by somebody else's doing.
    async fn settle(&mut self, applied: &mut Applied) -> Result<(), HostError> {
        for record in self
            .journal
            .records()
            .iter()
            .rev()
            .cloned()
            .collect::<Vec<_>>()
        {
            if record.phase != Phase::Done {
                applied.left.extend(self.undo(&record).await?);
                continue;
            }
            let in_force = self.system.in_force(&record.change).await;
            if !in_force.map_err(|error| failed(setting(&record), error))? {
                self.journal.undone(record.step);
            }
        }
        Ok(())
    }

    async fn make(&mut self, setting: Setting, applied: &mut Applied) -> Result<(), HostError> {
        let before = match self.observe(&setting).await? {
            Observed::Free(before) => before,
            Observed::InForce => {
                applied.notices.push(Notice::Existed(setting));
                return Ok(());
            }
        };
        let change = Change {
            setting: setting.clone(),
            before,
        };
        let header = self.header();
        let step = self.journal.intend(&header, change.clone())?;
        match self.system.make(&change).await {
            Ok(Made::Done) => {
                self.journal.done(step)?;
                applied.made.push(setting);
            }
            Ok(Made::Existed) => {
                self.journal.undone(step);
                applied.notices.push(Notice::Existed(setting));
            }
            Err(error) => return Err(failed(setting, error)),
        }
        Ok(())
    }

    async fn observe(&mut self, setting: &Setting) -> Result<Observed, HostError> {
        let observed = self.system.observe(setting).await;
        observed.map_err(|error| failed(setting.clone(), error))
    }

    async fn remove(&mut self, gone: Setting, applied: &mut Applied) -> Result<(), HostError> {
        let records = self.journal.records().iter().rev();
        let records: Vec<_> = records
            .filter(|r| r.change.setting == gone)
            .cloned()
            .collect();
        for record in records {
            let undone = self.undo(&record).await?;
            applied.removed.push(gone.clone());
            applied.left.extend(undone);
        }
        Ok(())
    }

    /// Undoes one change; says so if somebody else's stays in its place.
    async fn undo(&mut self, record: &Record) -> Result<Option<Left>, HostError> {
        let certainty = match record.phase {
            Phase::Done => Certainty::Made,
            Phase::Intended | Phase::Undoing => Certainty::Perhaps,
        };
        self.journal.undoing(record.step);
        let undone = self.system.undo(&record.change, certainty).await;
        let undone = undone.map_err(|error| failed(setting(record), error))?;
        self.journal.undone(record.step);
        Ok(match undone {
            Undone::Restored => None,
            Undone::ChangedMeanwhile => Some(Left::ChangedMeanwhile(setting(record))),
        })
    }

    async fn undo_all(&mut self) -> Result<Cleared, HostError> {
        let standing = match &self.journal.header {
            Some(header) => self.system.standing(&header.epoch),
            None => Standing::Same,
        };
        if standing == Standing::Elsewhere {
            return Err(HostError::OtherNetwork);
        }
        let mut cleared = Cleared::default();
        let mut failures = Vec::new();
        for record in self
            .journal
            .records()
            .iter()
            .rev()
            .cloned()
            .collect::<Vec<_>>()
        {
            if standing == Standing::Restarted && !record.change.setting.survives_restart() {
                self.journal.undone(record.step);
                continue;
            }
            match self.undo(&record).await {
                Ok(None) => cleared.undone.push(setting(&record)),
                Ok(Some(left)) => cleared.left.push(left),
                Err(HostError::Change { setting, source }) => failures.push((*setting, source)),
                Err(error) => return Err(error),
            }
        }
        if self.journal.damaged > 0 {
            cleared.left.push(Left::Unreadable(self.journal.damaged));
        }
        self.journal.tidy()?;
        self.journal.damaged = 0;
        if failures.is_empty() {
            Ok(cleared)
        } else {
            Err(HostError::NotUndone(failures))
        }
    }

    fn header(&self) -> Header {
        Header {
            version: 1,
            pid: std::process::id(),
            epoch: self.system.epoch(),
        }
    }
}

fn setting(record: &Record) -> Setting {
    record.change.setting.clone()
}

fn failed(setting: Setting, source: SystemError) -> HostError {
    HostError::Change {
        setting: Box::new(setting),
        source,
    }
}

#[cfg(test)]
mod tests;
