//! The lab: four network namespaces, an Azure-like strongSwan gateway, a `VNet` host with web, DNS and iperf3,
//! keys and certificates of every kind, and packages as Azure makes them.
//!
//! A lab has a prefix, so several stand side by side. Everything it leaves on the machine is in its folder,
//! its namespaces and `/etc/netns`; [`Lab::lower`] removes all of it.

pub mod azike;
pub mod command;
pub mod echoes;
pub mod errand;
pub mod gateway;
mod half_open;
pub mod layout;
pub mod packages;
pub mod pki;
pub mod process;
pub mod profile_zip;
pub mod reference;
pub mod roam;
pub mod router;
pub mod services;
pub mod snapshot;
pub mod stopwatch;
pub mod strongswan;
pub mod topology;

use std::fs;
use std::mem;

use anyhow::{Context as _, Result};

use gateway::{Gateway, GatewayConfig};
use layout::Layout;
use pki::Pki;
use router::Path;
use services::Services;

/// How the gateway ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Goodbye {
    /// Its clients are told.
    Said,
    /// Nobody is told.
    Unsaid,
}

/// A lab that is up.
#[derive(Debug)]
pub struct Lab {
    layout: Layout,
    pki: Pki,
    gateway: Option<Gateway>,
    services: Option<Services>,
    keep: bool,
}

impl Lab {
    /// Raises a lab. What an earlier one with this prefix left behind is removed first.
    pub fn raise(layout: Layout, config: &GatewayConfig) -> Result<Self> {
        Self::lower(&layout)?;
        fs::create_dir_all(layout.dir())?;
        let pki = Pki::open(&layout).context("keys and certificates of the lab")?;
        // From here on, dropping it takes everything down again.
        let mut lab = Self {
            layout,
            pki,
            gateway: None,
            services: None,
            keep: false,
        };
        topology::raise(&lab.layout).context("namespaces of the lab")?;
        router::set(&lab.layout, Path::default())?;
        lab.services = Some(Services::start(&lab.layout)?);
        lab.gateway = Some(Gateway::start(&lab.layout, &lab.pki, config)?);
        Ok(lab)
    }

    /// Removes a lab: processes, namespaces, files. Nothing happens when there is none.
    pub fn lower(layout: &Layout) -> Result<()> {
        process::stop_all(&layout.pids())?;
        topology::lower(layout)?;
        if layout.dir().exists() {
            fs::remove_dir_all(layout.dir())?;
        }
        Ok(())
    }

    /// Leaves the lab standing when this value goes.
    pub const fn keep(&mut self) {
        self.keep = true;
    }

    /// Names and folders.
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Keys and certificates.
    pub const fn pki(&self) -> &Pki {
        &self.pki
    }

    /// The gateway.
    pub fn gateway(&self) -> Result<&Gateway> {
        self.gateway.as_ref().context("the gateway is down")
    }

    /// Makes the gateway behave as `config` says.
    pub fn set_gateway(&mut self, config: &GatewayConfig) -> Result<()> {
        let gateway = match self.gateway.take() {
            Some(gateway) => gateway.set(&self.layout, &self.pki, config)?,
            None => Gateway::start(&self.layout, &self.pki, config)?,
        };
        self.gateway = Some(gateway);
        Ok(())
    }

    /// Ends the gateway, politely or as a power cut would; [`Self::set_gateway`] starts it again.
    pub fn end_gateway(&mut self, goodbye: Goodbye) {
        match (self.gateway.take(), goodbye) {
            (Some(gateway), Goodbye::Said) => gateway.stop(),
            (Some(gateway), Goodbye::Unsaid) => gateway.kill(),
            (None, _) => {}
        }
    }

    /// Puts client, names and network back to where they were at the start.
    pub fn settle(&self) -> Result<()> {
        self.set_path(Path::default())?;
        topology::name_gateway(&self.layout, layout::GATEWAY)?;
        roam::home(&self.layout)
    }

    /// Makes the network between client and gateway behave as `path` says.
    pub fn set_path(&self, path: Path) -> Result<()> {
        router::set(&self.layout, path)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if mem::replace(&mut self.keep, true) {
            return;
        }
        if let Some(gateway) = self.gateway.take() {
            gateway.stop();
        }
        if let Some(services) = self.services.take() {
            services.stop();
        }
        // Nobody is left to hear of an error; `lab down` tells it when asked again.
        drop(Self::lower(&self.layout));
    }
}
