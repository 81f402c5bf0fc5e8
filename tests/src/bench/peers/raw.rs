//! No tunnel: what the machine can do at all, with iperf3 on the same processors.

use anyhow::Result;

use super::{Peer, Tunnel};
use crate::bench::netns::{Cable, Site};
use crate::lab::layout::GATEWAY;

/// The cable itself.
#[derive(Debug)]
pub(super) struct Raw;

/// Sets the cable.
pub(super) fn start(site: &Site, peer: Peer) -> Result<Raw> {
    site.set_cable(if peer == Peer::RawAlone {
        Cable::Alone
    } else {
        Cable::Together
    })?;
    Ok(Raw)
}

impl Tunnel for Raw {
    fn far(&self) -> &str {
        GATEWAY
    }

    fn client(&self) -> Vec<u32> {
        Vec::new()
    }

    fn gateway(&self) -> Vec<u32> {
        Vec::new()
    }

    fn stop(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
