//! What the daemon wants of the host: everything at once, not a list of steps.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::IpNet;

/// The wanted state of the host while a tunnel is up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HostConfig {
    /// The tun interface, as [`TunDevice::name`](crate::TunDevice::name) says.
    /// It must exist.
    pub interface: String,
    /// Our inner addresses. Their prefix lengths make no routes: `routes` does.
    pub addresses: Vec<IpNet>,
    /// The MTU of the tun interface in octets. Below 1280 Linux has no IPv6 on it.
    pub mtu: u32,
    /// The prefixes that go into the tunnel. A default route is installed as
    /// its two halves, so that the machine's own default route stays.
    pub routes: BTreeSet<IpNet>,
    /// Hosts that must stay outside the tunnel, the gateway first of all. A
    /// host route by the present next hop is made for those which `routes` covers.
    pub outside: BTreeSet<IpAddr>,
    /// Name servers behind the tunnel, if any.
    pub dns: Option<DnsConfig>,
}

/// Name servers behind the tunnel and the names they are asked for.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct DnsConfig {
    /// The servers, best first. Without any, nothing is changed.
    pub servers: Vec<IpAddr>,
    /// Domains whose names are asked of `servers` only (split DNS). Only
    /// systemd-resolved can do that; a resolv.conf has one list for all names.
    pub match_domains: Vec<String>,
    /// Domains that are also tried behind a short name.
    pub search: Vec<String>,
    /// Whether `servers` are asked for all names. With `false` and no domain,
    /// systemd-resolved asks them for nothing.
    pub all: bool,
}
