//! One selector of a `TSi` or `TSr` payload (RFC 7296, section 3.13.1).
//!
//! ```text
//!  Type | IP protocol | Length | Start Port | End Port | Starting Address | Ending Address
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::length::structure;
use crate::reader::Reader;
use crate::{Malformed, TrafficSelectorType};

/// Octets in front of the addresses.
const FIXED: usize = 8;

/// A range of addresses, for one protocol or all, for a range of ports.
///
/// A received one has two addresses of one family, the first not above the last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TrafficSelector {
    /// IP protocol number; 0 for all.
    pub protocol: u8,
    /// First port, or type and code of ICMP.
    pub start_port: u16,
    /// Last port. Below `start_port` only as [`OPAQUE_PORTS`](Self::OPAQUE_PORTS).
    pub end_port: u16,
    /// First address.
    pub start: IpAddr,
    /// Last address, of the family of `start`.
    pub end: IpAddr,
}

impl TrafficSelector {
    //= https://www.rfc-editor.org/rfc/rfc7296#section-3.13.1
    //# MUST set the start port to 0 and the end port to 65535;
    /// All ports, or a protocol without ports.
    pub const ANY_PORT: (u16, u16) = (0, 65535);

    //= https://www.rfc-editor.org/rfc/rfc7296#section-3.13.1
    //# not "ANY" ports, MUST set the start port to 65535 and the end port to
    //# 0.
    /// Packets whose ports cannot be seen, such as later fragments.
    pub const OPAQUE_PORTS: (u16, u16) = (65535, 0);

    /// Every protocol and port between the IPv4 addresses `start` and `end`.
    pub const fn ipv4(start: Ipv4Addr, end: Ipv4Addr) -> Self {
        Self::any(IpAddr::V4(start), IpAddr::V4(end))
    }

    /// Every protocol and port between the IPv6 addresses `start` and `end`.
    pub const fn ipv6(start: Ipv6Addr, end: Ipv6Addr) -> Self {
        Self::any(IpAddr::V6(start), IpAddr::V6(end))
    }

    const fn any(start: IpAddr, end: IpAddr) -> Self {
        let (start_port, end_port) = Self::ANY_PORT;
        Self {
            protocol: 0,
            start_port,
            end_port,
            start,
            end,
        }
    }

    /// Every IPv4 packet.
    pub const fn all_ipv4() -> Self {
        Self::ipv4(Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST)
    }

    /// Every IPv6 packet.
    pub const fn all_ipv6() -> Self {
        Self::ipv6(Ipv6Addr::UNSPECIFIED, Ipv6Addr::from_bits(u128::MAX))
    }

    /// Whether `address` is in the range. Says nothing of protocol and ports.
    pub fn contains(&self, address: IpAddr) -> bool {
        // `IpAddr` orders by family first; both ends are of one family, so a match is too.
        self.start <= address && address <= self.end
    }

    /// Takes one selector from `body`; `None` if its type is not known.
    pub(crate) fn decode(body: &mut Reader<'_>) -> Result<Option<Self>, Malformed> {
        let kind = TrafficSelectorType(body.u8()?);
        let protocol = body.u8()?;
        let length = body.u16()?;
        let wrong_length = Malformed::SubstructureLength(body.payload(), length);
        let rest = usize::from(length).checked_sub(4).ok_or(wrong_length)?;
        let mut selector = body.sub(rest).map_err(|_| wrong_length)?;
        let legal = match kind {
            TrafficSelectorType::TS_IPV4_ADDR_RANGE => usize::from(length) == FIXED + 2 * 4,
            TrafficSelectorType::TS_IPV6_ADDR_RANGE => usize::from(length) == FIXED + 2 * 16,
            _ => return Ok(None),
        };
        if !legal {
            return Err(wrong_length);
        }
        let start_port = selector.u16()?;
        let end_port = selector.u16()?;
        let (start, end) = if kind == TrafficSelectorType::TS_IPV4_ADDR_RANGE {
            (selector.array::<4>()?.into(), selector.array::<4>()?.into())
        } else {
            (
                selector.array::<16>()?.into(),
                selector.array::<16>()?.into(),
            )
        };
        let ports = (start_port, end_port);
        if start > end || (start_port > end_port && ports != Self::OPAQUE_PORTS) {
            return Err(Malformed::SelectorRange);
        }
        Ok(Some(Self {
            protocol,
            start_port,
            end_port,
            start,
            end,
        }))
    }

    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        let kind = match self.start {
            IpAddr::V4(_) => TrafficSelectorType::TS_IPV4_ADDR_RANGE,
            IpAddr::V6(_) => TrafficSelectorType::TS_IPV6_ADDR_RANGE,
        };
        structure(octets, [kind.0, self.protocol], |octets| {
            octets.extend_from_slice(&self.start_port.to_be_bytes());
            octets.extend_from_slice(&self.end_port.to_be_bytes());
            for address in [self.start, self.end] {
                match address {
                    IpAddr::V4(address) => octets.extend_from_slice(&address.octets()),
                    IpAddr::V6(address) => octets.extend_from_slice(&address.octets()),
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PayloadType;

    fn decode(octets: &[u8]) -> Result<Option<TrafficSelector>, Malformed> {
        TrafficSelector::decode(&mut Reader::new(PayloadType::TS_I, octets))
    }

    /// An IPv4 selector with these ports, from 10.0.0.`start` to 10.0.0.`end`.
    fn ipv4(protocol: u8, ports: (u16, u16), start: u8, end: u8) -> Vec<u8> {
        let [a, b] = ports.0.to_be_bytes();
        let [c, d] = ports.1.to_be_bytes();
        vec![
            7, protocol, 0, 16, a, b, c, d, 10, 0, 0, start, 10, 0, 0, end,
        ]
    }

    #[test]
    fn everything_is_one_selector_of_each_family() {
        for selector in [TrafficSelector::all_ipv4(), TrafficSelector::all_ipv6()] {
            let mut octets = Vec::new();
            selector.encode(&mut octets);
            assert_eq!(decode(&octets), Ok(Some(selector)));
        }
    }

    /// N-78
    #[test]
    fn range_that_ends_before_it_starts_is_malformed() {
        assert_eq!(
            decode(&ipv4(0, (0, 65535), 9, 8)),
            Err(Malformed::SelectorRange)
        );
        assert_eq!(
            decode(&ipv4(6, (443, 80), 8, 9)),
            Err(Malformed::SelectorRange)
        );
        assert!(decode(&ipv4(6, (443, 443), 8, 8)).is_ok());
    }

    //= https://www.rfc-editor.org/rfc/rfc7296#section-3.13.1
    //= type=test
    //# not "ANY" ports, MUST set the start port to 65535 and the end port to
    //# 0.
    #[test]
    fn opaque_ports_are_the_one_reversed_range_that_is_legal() {
        let selector = decode(&ipv4(6, (65535, 0), 8, 9)).unwrap().unwrap();
        let ports = (selector.start_port, selector.end_port);
        assert_eq!(ports, TrafficSelector::OPAQUE_PORTS);
    }

    /// N-78: ports without a protocol are carried; whether they narrow anything is policy.
    #[test]
    fn port_range_of_protocol_zero_is_well_formed() {
        let selector = decode(&ipv4(0, (80, 90), 8, 9)).unwrap().unwrap();
        assert_eq!((selector.start_port, selector.end_port), (80, 90));
    }

    #[test]
    fn length_must_be_that_of_the_type() {
        let mut octets = ipv4(0, (0, 65535), 1, 2);
        for length in [0, 3, 4, 8, 15, 17, 40, 255] {
            octets[3] = length;
            let malformed = Malformed::SubstructureLength(PayloadType::TS_I, length.into());
            assert_eq!(decode(&octets), Err(malformed), "{length}");
        }
        octets[3] = 16;
        octets[0] = 8;
        let malformed = Malformed::SubstructureLength(PayloadType::TS_I, 16);
        assert_eq!(decode(&octets), Err(malformed));
    }

    #[test]
    fn range_contains_its_ends_and_no_other_family() {
        let range = TrafficSelector::ipv4([10, 0, 0, 8].into(), [10, 0, 0, 9].into());
        for (address, inside) in [
            ("10.0.0.7", false),
            ("10.0.0.8", true),
            ("10.0.0.9", true),
            ("::a00:8", false),
        ] {
            assert_eq!(
                range.contains(address.parse().unwrap()),
                inside,
                "{address}"
            );
        }
        assert!(!TrafficSelector::all_ipv6().contains([10, 0, 0, 8].into()));
    }
}
