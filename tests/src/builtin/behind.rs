//! What lies behind the gateway: a tun device whose addresses are the hosts of the virtual network.
//!
//! ```text
//!   Gateway ◀──▶ tun  10.1.0.4, fd00:10:1::4   ◀── routes to the clients
//! ```

use std::net::{IpAddr, UdpSocket};
use std::time::Duration;

use anyhow::{Result, ensure};
use azike_gateway::Policy;
use azike_platform::TunDevice;

use super::netlink::Netlink;
use crate::lab::stopwatch::wait_until;

/// More than any cipher, UDP and IP put around a packet.
const AROUND: u32 = 120;
/// How long to wait for the hosts' addresses.
const PATIENCE: Duration = Duration::from_secs(5);
/// The least that IPv6 wants of a link (RFC 8200, section 5).
const LEAST: u32 = 1280;

/// What to make in the network namespace of this thread.
#[derive(Clone, Debug)]
pub struct Behind<'p> {
    /// The name of the device.
    pub tun: &'p str,
    /// The hosts.
    pub hosts: &'p [IpAddr],
    /// The longest packet between gateway and clients.
    pub path_mtu: u32,
    /// Whether the device may give and take many packets at once.
    pub offload: bool,
}

impl Behind<'_> {
    /// Makes it, with routes to the clients of `policy`.
    pub fn raise(&self, netlink: &Netlink, policy: &Policy) -> Result<TunDevice> {
        let tun = open(self.tun, self.offload)?;
        let mtu = self.path_mtu.saturating_sub(AROUND);
        netlink.set_mtu(self.tun, mtu.max(LEAST))?;
        let hosts = self.hosts.iter().map(|host| (*host, whole(*host)));
        netlink.set_up(self.tun, &hosts.collect::<Vec<_>>())?;
        if let Some(first) = policy.pool {
            let network = first.to_bits() & !0xff;
            netlink.route_into((IpAddr::V4(network.into()), 24), self.tun)?;
        }
        if let Some(first) = policy.pool_ipv6 {
            let network = first.to_bits() & !u128::from(u64::MAX);
            netlink.route_into((IpAddr::V6(network.into()), 64), self.tun)?;
        }
        // An IPv6 address is nobody's until the kernel has looked for another one like it (RFC 4862, section 5.4).
        for host in self.hosts {
            let there = wait_until(PATIENCE, || UdpSocket::bind((*host, 0)).is_ok());
            ensure!(there, "{host} is not there");
        }
        Ok(tun)
    }
}

/// The device. It has no offloads yet, whether they are wanted or not.
fn open(name: &str, _offload: bool) -> Result<TunDevice> {
    Ok(TunDevice::create_named(name)?)
}

/// The length of a prefix that is one address.
const fn whole(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}
