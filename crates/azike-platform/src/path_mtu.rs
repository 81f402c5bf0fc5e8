//! What the system knows of the path MTU towards an address.
//!
//! ```text
//!   interface 1500 ── router ── 1400 ── router          the datagram with DF is too long here
//!        ▲                                │
//!        └── kernel: 1400 ◀── ICMP ───────┘             forgotten after ten minutes
//! ```
//!
//! The kernel takes the smaller of what the route allows and what ICMP told it about datagrams that
//! a socket of this host has sent (see [`send_with_df`](crate::send_with_df)). It never raises what it knows
//! because of ICMP: it forgets it after a while (`net.ipv4.route.mtu_expires`), or the route changes.

use std::net::IpAddr;

/// The path MTU towards `peer` in octets, IP header included; 65 535 if it is more.
///
/// `None` when there is no way to `peer`, and on systems other than Linux, which do not tell.
/// Sends nothing; three system calls.
#[cfg(target_os = "linux")]
pub fn path_mtu(peer: IpAddr) -> Option<u16> {
    use rustix::net::sockopt;
    use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};

    let peer = peer.to_canonical();
    let any: IpAddr = if peer.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    let probe = UdpSocket::bind((any, 0)).ok()?;
    // Any port does. Connecting asks for the route and what is known of it.
    probe.connect((peer, 4500)).ok()?;
    let mtu = if peer.is_ipv4() {
        sockopt::ip_mtu(&probe)
    } else {
        sockopt::ipv6_mtu(&probe)
    };
    Some(u16::try_from(mtu.ok()?).unwrap_or(u16::MAX))
}

/// Nothing: the system does not tell.
#[cfg(not(target_os = "linux"))]
pub const fn path_mtu(_peer: IpAddr) -> Option<u16> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_wide_and_mapped_addresses_are_ipv4() {
        let loopback = path_mtu([127, 0, 0, 1].into()).unwrap();
        assert!(loopback >= 1280, "{loopback}");
        let mapped = path_mtu("::ffff:127.0.0.1".parse().unwrap());
        assert_eq!(mapped, Some(loopback));
    }

    #[test]
    fn where_no_way_leads_there_is_no_mtu() {
        assert_eq!(path_mtu([255, 255, 255, 255].into()), None);
    }
}
