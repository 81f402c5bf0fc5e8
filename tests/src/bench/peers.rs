//! Who is measured. A peer is a pair of programs that make a tunnel between the two namespaces, or nothing at
//! all: the cable itself.

mod azike;
mod built_in;
mod openvpn;
mod raw;
mod strongswan;
mod wireguard;

use std::fmt::Debug;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde::Serialize;

use super::netns::Site;
use crate::lab::command::Call;
use crate::lab::process::Background;
use crate::lab::stopwatch::wait_until;

/// Length of the longest packet in everybody's tunnel; azike has its own.
pub const TUNNEL_MTU: &str = "1400";

/// A tunnel, or the cable, as something to measure.
pub trait Tunnel: Debug {
    /// Address of the far end.
    fn far(&self) -> &str;
    /// Processes of the client; none when the kernel does it.
    fn client(&self) -> Vec<u32>;
    /// Processes of the gateway.
    fn gateway(&self) -> Vec<u32>;
    /// Takes it down.
    fn stop(self: Box<Self>) -> Result<()>;
}

/// Whom we measure, in the order of the table.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// No tunnel.
    Raw,
    /// No tunnel, and no packet shares its way through the kernel with others.
    RawAlone,
    /// strongSwan at both ends, kernel-libipsec.
    Strongswan,
    /// wireguard-go at both ends.
    WireguardGo,
    /// `OpenVPN` at both ends.
    Openvpn,
    /// boringtun at both ends.
    Boringtun,
    /// azike and the built-in gateway.
    Azike,
    /// The same with `--offload off`: what a system without offloads gets.
    AzikeAlone,
    /// azike and strongSwan's gateway.
    AzikeStrongswan,
}

impl Peer {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Raw,
        Self::RawAlone,
        Self::Strongswan,
        Self::WireguardGo,
        Self::Openvpn,
        Self::Boringtun,
        Self::Azike,
        Self::AzikeAlone,
        Self::AzikeStrongswan,
    ];

    /// Its word on the command line, and in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::RawAlone => "raw-alone",
            Self::Strongswan => "strongswan",
            Self::WireguardGo => "wireguard-go",
            Self::Openvpn => "openvpn",
            Self::Boringtun => "boringtun",
            Self::Azike => "azike",
            Self::AzikeAlone => "azike-alone",
            Self::AzikeStrongswan => "azike-strongswan",
        }
    }

    /// What it is.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Raw => "no tunnel, offloads on",
            Self::RawAlone => "no tunnel, every packet alone",
            Self::Strongswan => "strongSwan, kernel-libipsec, at both ends",
            Self::WireguardGo => "wireguard-go at both ends",
            Self::Openvpn => "OpenVPN at both ends, AES-256-GCM",
            Self::Boringtun => "boringtun at both ends",
            Self::Azike => "azike and the built-in gateway",
            Self::AzikeAlone => "azike and the built-in gateway, offloads off at both ends",
            Self::AzikeStrongswan => "azike and strongSwan's gateway",
        }
    }

    /// Whether azike's own binary is needed.
    pub const fn needs_azike(self) -> bool {
        matches!(self, Self::Azike | Self::AzikeAlone | Self::AzikeStrongswan)
    }

    /// The peer with this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|peer| peer.word() == word)
    }
}

/// Programs that are measured and are no packages.
#[derive(Clone, Debug, Default)]
pub struct Programs {
    /// azike itself.
    pub azike: Option<PathBuf>,
    /// boringtun-cli.
    pub boringtun: Option<PathBuf>,
}

/// Starts a peer and waits until its far end answers. After an error, [`Site::stop_all`] ends what is left of
/// it.
pub fn start(site: &Site, peer: Peer, programs: &Programs) -> Result<Box<dyn Tunnel>> {
    let tunnel: Box<dyn Tunnel> = match peer {
        Peer::Raw | Peer::RawAlone => Box::new(raw::start(site, peer)?),
        Peer::Strongswan => Box::new(strongswan::start(site)?),
        Peer::WireguardGo | Peer::Boringtun => Box::new(wireguard::start(site, peer, programs)?),
        Peer::Openvpn => Box::new(openvpn::start(site)?),
        Peer::Azike | Peer::AzikeAlone | Peer::AzikeStrongswan => {
            Box::new(azike::start(site, peer, programs)?)
        }
    };
    let client = site.layout().client();
    let answers = wait_until(Duration::from_secs(10), || {
        let args = ["-n", "-c", "1", "-W", "1", tunnel.far()];
        Call::inside(&client, "ping").args(args).succeeds()
    });
    ensure!(answers, "{} does not answer", tunnel.far());
    Ok(tunnel)
}

/// A program at each end, which carries the packets itself.
#[derive(Debug)]
struct Pair {
    far: &'static str,
    client: Background,
    gateway: Background,
}

impl Tunnel for Pair {
    fn far(&self) -> &str {
        self.far
    }

    fn client(&self) -> Vec<u32> {
        vec![self.client.id()]
    }

    fn gateway(&self) -> Vec<u32> {
        vec![self.gateway.id()]
    }

    fn stop(self: Box<Self>) -> Result<()> {
        self.client.stop();
        self.gateway.stop();
        Ok(())
    }
}
