//! The inner MTU: the longest packet that leaves as one datagram.
//!
//! ```text
//!   path MTU ≥ IP header + UDP 8 + SPI, sequence number 8 + IV + plaintext + ICV
//!              20 or 40                                        ^ inner + padding + 2, in 16s
//! ```

use azike_esp::Overhead;

/// The path MTU to assume until something better is known.
pub const DEFAULT_PATH_MTU: u16 = 1500;

/// What every IPv6 link must carry in one packet (RFC 8200, section 5).
const IPV6_MINIMUM: u16 = 1280;
/// What every IPv4 host must take, whole or in fragments (RFC 1122, section 3.3.2).
const IPV4_MINIMUM: u16 = 576;

/// The length of the UDP header.
const UDP_HEADER: usize = 8;

/// Which IP version carries the tunnel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OuterVersion {
    /// A header of 20 octets.
    Ipv4,
    /// A header of 40 octets.
    Ipv6,
}

/// Which IP versions go through the tunnel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InnerVersions {
    /// Only IPv4.
    Ipv4,
    /// IPv6, alone or beside IPv4.
    Ipv6,
}

impl OuterVersion {
    /// The version that reaches `gateway`.
    pub fn towards(gateway: std::net::IpAddr) -> Self {
        if gateway.to_canonical().is_ipv4() {
            Self::Ipv4
        } else {
            Self::Ipv6
        }
    }

    /// The octets before the ESP packet: IP header without options, and UDP header.
    pub const fn headers(self) -> usize {
        let ip = match self {
            Self::Ipv4 => 20,
            Self::Ipv6 => 40,
        };
        ip + UDP_HEADER
    }
}

/// The MTU of the tun device, in octets.
///
/// It is never less than IPv6 needs (1280) if IPv6 goes inside, and never less than 576: on a path
/// too narrow for that, the longest datagrams travel as outer fragments.
pub fn inner_mtu(
    path_mtu: u16,
    outer: OuterVersion,
    overhead: Overhead,
    inner: InnerVersions,
) -> u16 {
    let floor = match inner {
        InnerVersions::Ipv4 => IPV4_MINIMUM,
        InnerVersions::Ipv6 => IPV6_MINIMUM,
    };
    usize::from(path_mtu)
        .checked_sub(outer.headers())
        .and_then(|esp| overhead.largest_inner(esp))
        .and_then(|mtu| u16::try_from(mtu).ok())
        .map_or(floor, |mtu| mtu.max(floor))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GCM: Overhead = Overhead::new(8, 16);
    const CBC_SHA256: Overhead = Overhead::new(16, 16);
    const CBC_SHA1: Overhead = Overhead::new(16, 12);

    #[test]
    fn ethernet_paths_give_the_numbers_worked_out_by_hand() {
        for (path, outer, overhead, mtu) in [
            (1500, OuterVersion::Ipv4, GCM, 1438),
            (1500, OuterVersion::Ipv6, GCM, 1406),
            (1492, OuterVersion::Ipv4, GCM, 1422),
            (1500, OuterVersion::Ipv4, CBC_SHA256, 1422),
            (1500, OuterVersion::Ipv4, CBC_SHA1, 1422),
            (1500, OuterVersion::Ipv6, CBC_SHA256, 1406),
            (1280, OuterVersion::Ipv4, GCM, 1214),
        ] {
            let found = inner_mtu(path, outer, overhead, InnerVersions::Ipv4);
            assert_eq!(found, mtu, "{path} {outer:?}");
        }
    }

    #[test]
    fn narrow_paths_stop_at_the_floor() {
        for path in [0, 27, 28, 60, 500, 600] {
            let v4 = inner_mtu(path, OuterVersion::Ipv4, GCM, InnerVersions::Ipv4);
            let v6 = inner_mtu(path, OuterVersion::Ipv6, GCM, InnerVersions::Ipv6);
            assert_eq!((v4, v6), (576, 1280), "path {path}");
        }
    }

    #[test]
    fn mapped_gateway_addresses_are_ipv4_on_the_wire() {
        let towards = |text: &str| OuterVersion::towards(text.parse().unwrap());
        assert_eq!(towards("192.0.2.1"), OuterVersion::Ipv4);
        assert_eq!(towards("::ffff:192.0.2.1"), OuterVersion::Ipv4);
        assert_eq!(towards("2001:db8::1"), OuterVersion::Ipv6);
    }
}
