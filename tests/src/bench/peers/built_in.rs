//! The built-in gateway as a process of its own in the gateway's namespace.

use std::net::Ipv4Addr;
use std::path::Path;

use anyhow::Result;

use crate::bench::netns::Site;
use crate::builtin::alone::{self, Alone, Settings};
use crate::lab::layout::{GATEWAY, VNET_HOST};

/// The first client's address.
const POOL: Ipv4Addr = Ipv4Addr::new(172, 16, 201, 2);

/// A running built-in gateway.
#[derive(Debug)]
pub(super) struct BuiltIn(Alone);

impl BuiltIn {
    /// Starts it, with or without segmentation offload.
    pub(super) fn start(site: &Site, offload: bool) -> Result<Self> {
        let settings = Settings {
            outer: GATEWAY.parse()?,
            tun: "vnet0".to_owned(),
            hosts: vec![VNET_HOST.parse()?],
            pool: POOL,
            pool_ipv6: None,
            dns: Vec::new(),
            path_mtu: 1500,
            offload,
            switches: Vec::new(),
            // Its pid file is then among those that `Site::stop_all` goes through.
            folder: site.layout().dir().to_path_buf(),
        };
        let gateway = site.layout().gateway();
        Ok(Self(alone::start(Some(&gateway), &settings)?))
    }

    /// The package for its clients.
    pub(super) fn package(&self) -> &Path {
        self.0.package()
    }

    /// A client's identity.
    pub(super) fn identity(&self) -> &Path {
        self.0.identity()
    }

    /// Its process.
    pub(super) fn id(&self) -> u32 {
        self.0.process().id()
    }

    /// Ends it.
    pub(super) fn stop(self) {
        self.0.stop();
    }
}
