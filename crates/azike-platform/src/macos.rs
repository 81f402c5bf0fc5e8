//! macOS: the same face, nothing behind it yet.
//!
//! Every operation says so with [`SystemError::NotSupportedYet`] before
//! anything is written to the journal.

pub(crate) mod dynamic_store;
pub(crate) mod keychain;
pub(crate) mod os_log;
pub(crate) mod udp_messages;

use crate::{
    Certainty, Change, Epoch, HostConfig, Made, Observed, Setting, Standing, Surroundings, System,
    SystemError, Undone,
};

/// Tells when the network changed: nothing does yet on this system, so it never does.
#[derive(Debug)]
pub struct NetworkWatch(());

impl NetworkWatch {
    /// Not there yet.
    pub fn open() -> std::io::Result<Self> {
        Err(std::io::ErrorKind::Unsupported.into())
    }

    /// Never returns.
    pub async fn changed(&mut self) {
        std::future::pending().await
    }
}

/// A Mac, whose settings this build cannot change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mac;

impl System for Mac {
    fn epoch(&self) -> Epoch {
        Epoch::default()
    }

    fn standing(&self, _: &Epoch) -> Standing {
        Standing::Same
    }

    async fn look(&mut self, _: &HostConfig) -> Result<Surroundings, SystemError> {
        Err(SystemError::NotSupportedYet)
    }

    async fn observe(&mut self, _: &Setting) -> Result<Observed, SystemError> {
        Err(SystemError::NotSupportedYet)
    }

    async fn in_force(&mut self, _: &Change) -> Result<bool, SystemError> {
        Err(SystemError::NotSupportedYet)
    }

    async fn make(&mut self, _: &Change) -> Result<Made, SystemError> {
        Err(SystemError::NotSupportedYet)
    }

    async fn undo(&mut self, _: &Change, _: Certainty) -> Result<Undone, SystemError> {
        Err(SystemError::NotSupportedYet)
    }
}
