//! The built-in gateway as a process of its own in the gateway's namespace.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::bench::netns::Site;
use crate::lab::layout::VNET_HOST;
use crate::lab::process::Background;

/// A running built-in gateway.
#[derive(Debug)]
pub(super) struct BuiltIn {
    process: Background,
    folder: PathBuf,
}

impl BuiltIn {
    /// Starts it, with or without segmentation offload.
    pub(super) fn start(_site: &Site, _offloads: bool) -> Result<Self> {
        bail!("the built-in gateway cannot run alone yet")
    }

    /// The package for its clients.
    pub(super) fn package(&self) -> PathBuf {
        self.folder.join("profile.zip")
    }

    /// A client's identity.
    pub(super) fn identity(&self) -> PathBuf {
        self.folder.join("azike-client.pem")
    }

    /// An address behind it.
    #[expect(clippy::unused_self, reason = "the same face as other gateways")]
    pub(super) const fn far(&self) -> &'static str {
        VNET_HOST
    }

    /// Its process.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends it.
    pub(super) fn stop(self) {
        self.process.stop();
    }
}
