//! The words of the journal: what can be set on the host, and what a change replaced.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{DnsConfig, FileChange, IpNet};

/// A network interface: the name people know, and the number that the kernel knows.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Interface {
    /// Such as `eth0`.
    pub name: String,
    /// `ifindex`. On Linux it says that an interface is still the same one; a Mac gives it again to the next
    /// interface of that name.
    pub index: u32,
}

/// The way to a host, taken from the routing table.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct NextHop {
    /// The router; `None` if the host is on the link itself.
    pub via: Option<IpAddr>,
    /// Where packets leave.
    pub interface: Interface,
    /// The source address that the route asks for.
    pub source: Option<IpAddr>,
    /// The router is reached by this link although no prefix there covers it.
    pub onlink: bool,
}

/// One thing that can be in force on the host.
///
/// The order of the variants is the order in which they are made; they are
/// removed in reverse.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// The MTU of the interface in octets, with a transmit queue long enough for bursts.
    Mtu {
        /// The tun interface.
        interface: Interface,
        /// In octets.
        mtu: u32,
    },
    /// The interface is up.
    Up {
        /// The tun interface.
        interface: Interface,
    },
    /// An address of the interface.
    Address {
        /// The tun interface.
        interface: Interface,
        /// With host bits.
        net: IpNet,
    },
    /// A route that keeps one host outside the tunnel.
    Outside {
        /// The gateway.
        host: IpAddr,
        /// How it is reached without us.
        next_hop: NextHop,
    },
    /// A route into the tunnel.
    Route {
        /// The tun interface.
        interface: Interface,
        /// Without host bits.
        net: IpNet,
    },
    /// DNS of the interface, kept by systemd-resolved.
    LinkDns {
        /// The tun interface.
        interface: Interface,
        /// Servers and domains.
        dns: DnsConfig,
    },
    /// DNS of the interface, in the dynamic store of a Mac.
    StoreDns {
        /// The tun interface.
        interface: Interface,
        /// The name of our service in the store, such as `azike-utun4`.
        service: String,
        /// Servers and domains.
        dns: DnsConfig,
    },
    /// DNS of the machine, in its resolv.conf.
    ResolvConf {
        /// The tun interface, for the comment in the file.
        interface: Interface,
        /// Servers and domains.
        dns: DnsConfig,
    },
}

impl Setting {
    /// Whether it outlives a restart of the machine (or the end of its network
    /// namespace): only what is written to a file does.
    pub const fn survives_restart(&self) -> bool {
        matches!(self, Self::ResolvConf { .. })
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mtu { interface, mtu } => write!(f, "MTU {mtu} of {}", interface.name),
            Self::Up { interface } => write!(f, "{} up", interface.name),
            Self::Address { interface, net } => write!(f, "address {net} on {}", interface.name),
            Self::Outside { host, next_hop } => {
                write!(f, "route to {host} by {}", next_hop.interface.name)
            }
            Self::Route { interface, net } => write!(f, "route {net} by {}", interface.name),
            Self::LinkDns { interface, .. } | Self::StoreDns { interface, .. } => {
                write!(f, "DNS of {}", interface.name)
            }
            Self::ResolvConf { .. } => write!(f, "DNS in resolv.conf"),
        }
    }
}

/// A setting together with what it replaces: enough to undo it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Change {
    /// What is to be in force.
    pub setting: Setting,
    /// What was there.
    pub before: Before,
}

/// What a change replaces.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// Nothing: undoing it is removing it.
    Absent,
    /// The interface was down.
    Down,
    /// The interface had these values.
    Link {
        /// In octets.
        mtu: u32,
        /// In packets.
        queue_length: u32,
    },
    /// A file.
    File(FileChange),
}
