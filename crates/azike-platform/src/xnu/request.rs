//! The octets of the ioctls on an interface.
//!
//! ```text
//!   ifreq          name(16) · flags(2) or mtu(4) or sockaddr_in(16)                       32 octets
//!   in6_ifreq      name(16) · sockaddr_in6(28) …                                         288
//!   ifaliasreq     name(16) · address · other end · mask, each sockaddr_in(16)            64
//!   in6_aliasreq   name(16) · address · other end · mask, each sockaddr_in6(28)
//!                  · flags(4) · expire(8) preferred(8) valid(4) preferred(4)             128
//! ```
//!
//! An address is always alone in its prefix (`/32`, `/128`): a shorter one would make a route that nobody asked
//! for. The other end of the link is the address itself in IPv4, which wants one, and nothing in IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::octets::{put, u16_at};
use super::sockaddr::{inet, inet6};

/// `IFNAMSIZ`.
const NAME: usize = 16;
/// `sizeof(struct ifreq)`.
pub(crate) const IFREQ: usize = 32;
/// `sizeof(struct in6_ifreq)`.
pub(crate) const IN6_IFREQ: usize = 288;
/// `sizeof(struct ifaliasreq)`.
pub(crate) const IFALIASREQ: usize = 64;
/// `sizeof(struct in6_aliasreq)`.
pub(crate) const IN6_ALIASREQ: usize = 128;

/// `IN6_IFF_NODAD`: nobody else is on the link who could have the address.
const NODAD: u32 = 0x20;
/// `ND6_INFINITE_LIFETIME`.
const FOR_EVER: [u8; 4] = [0xff; 4];

/// An ioctl: its number says how many octets go in and out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Request {
    /// Such as `SIOCAIFADDR`.
    pub(crate) name: &'static str,
    pub(crate) number: u64,
    /// Whether it wants a socket of IPv6.
    pub(crate) inet6: bool,
    pub(crate) octets: Vec<u8>,
}

impl Request {
    fn new(name: &'static str, number: u64, octets: Vec<u8>) -> Self {
        Self {
            name,
            number,
            inet6: name.ends_with("_IN6"),
            octets,
        }
    }
}

/// Asks for the flags of an interface.
pub(crate) fn get_flags(interface: &str) -> Request {
    Request::new("SIOCGIFFLAGS", 0xc020_6911, named(interface, IFREQ))
}

/// The flags in the answer.
pub(crate) fn flags(answer: &[u8]) -> u32 {
    u16_at(answer, NAME).map_or(0, u32::from)
}

/// Sets the flags of an interface; only the low 16 bits can be set.
pub(crate) fn set_flags(interface: &str, flags: u32) -> Request {
    let mut octets = named(interface, IFREQ);
    let [low, high, ..] = flags.to_le_bytes();
    put(&mut octets, NAME, &[low, high]);
    Request::new("SIOCSIFFLAGS", 0x8020_6910, octets)
}

/// Sets the MTU of an interface, in octets.
pub(crate) fn set_mtu(interface: &str, mtu: u32) -> Request {
    let mut octets = named(interface, IFREQ);
    put(&mut octets, NAME, &mtu.to_le_bytes());
    Request::new("SIOCSIFMTU", 0x8020_6934, octets)
}

/// Gives an interface an address.
pub(crate) fn add_address(interface: &str, address: IpAddr) -> Request {
    match address {
        IpAddr::V4(address) => {
            let mut octets = named(interface, IFALIASREQ);
            let mask = inet(Ipv4Addr::BROADCAST);
            for (place, part) in [(16, inet(address)), (32, inet(address)), (48, mask)] {
                put(&mut octets, place, &part);
            }
            Request::new("SIOCAIFADDR", 0x8040_691a, octets)
        }
        IpAddr::V6(address) => {
            let mut octets = named(interface, IN6_ALIASREQ);
            put(&mut octets, 16, &inet6(address));
            put(&mut octets, 72, &inet6(Ipv6Addr::from([0xff; 16])));
            put(&mut octets, 100, &NODAD.to_le_bytes());
            put(&mut octets, 120, &FOR_EVER);
            put(&mut octets, 124, &FOR_EVER);
            Request::new("SIOCAIFADDR_IN6", 0x8080_691a, octets)
        }
    }
}

/// Takes an address away.
pub(crate) fn remove_address(interface: &str, address: IpAddr) -> Request {
    match address {
        IpAddr::V4(address) => {
            let mut octets = named(interface, IFREQ);
            put(&mut octets, NAME, &inet(address));
            Request::new("SIOCDIFADDR", 0x8020_6919, octets)
        }
        IpAddr::V6(address) => {
            let mut octets = named(interface, IN6_IFREQ);
            put(&mut octets, NAME, &inet6(address));
            Request::new("SIOCDIFADDR_IN6", 0x8120_6919, octets)
        }
    }
}

/// `length` octets that begin with a name; one octet of zero is left behind it.
fn named(interface: &str, length: usize) -> Vec<u8> {
    let mut octets = vec![0; length];
    let name = interface.as_bytes();
    put(&mut octets, 0, name.get(..NAME - 1).unwrap_or(name));
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utun4(rest: &[u8], length: usize) -> Vec<u8> {
        let mut octets = b"utun4".to_vec();
        octets.resize(16, 0);
        octets.extend(rest);
        octets.resize(length, 0);
        octets
    }

    #[test]
    fn requests_have_the_octets_of_the_kernel() {
        assert_eq!(set_mtu("utun4", 1400).octets, utun4(&[0x78, 5], 32));
        assert_eq!(set_flags("utun4", 0x8051).octets, utun4(&[0x51, 0x80], 32));
        let address = [16, 2, 0, 0, 172, 16, 201, 4, 0, 0, 0, 0, 0, 0, 0, 0];
        let mask = [16, 2, 0, 0, 255, 255, 255, 255];
        let request = add_address("utun4", [172, 16, 201, 4].into());
        let expected = utun4(&[&address[..], &address[..], &mask].concat(), 64);
        assert_eq!(request.octets, expected);
        let request = remove_address("utun4", [172, 16, 201, 4].into());
        assert_eq!(request.octets, utun4(&address, 32));
    }

    #[test]
    fn an_ipv6_address_lasts_for_ever_and_is_not_probed_for() {
        let address: IpAddr = "fd00::7".parse().unwrap();
        let octets = add_address("utun4", address).octets;
        let mut expected = utun4(&[28, 30, 0, 0, 0, 0, 0, 0, 0xfd], 128);
        expected[39] = 7;
        expected[72..74].copy_from_slice(&[28, 30]);
        expected[80..96].fill(255);
        expected[100] = 0x20;
        expected[120..].fill(255);
        assert_eq!(octets, expected);
        assert_eq!(remove_address("utun4", address).octets.len(), 288);
    }

    /// The number of an ioctl has the length of its octets in the middle.
    #[test]
    fn numbers_and_lengths_fit() {
        let v4 = [10, 0, 0, 1].into();
        let v6 = "fd00::1".parse().unwrap();
        for request in [
            get_flags("utun4"),
            set_flags("utun4", 1),
            set_mtu("utun4", 1),
            add_address("utun4", v4),
            add_address("utun4", v6),
            remove_address("utun4", v4),
            remove_address("utun4", v6),
        ] {
            let length = usize::try_from(request.number >> 16 & 0x1fff).unwrap();
            assert_eq!(length, request.octets.len(), "{}", request.name);
            assert_eq!(request.inet6, request.octets.len() > 64, "{}", request.name);
        }
    }

    #[test]
    fn a_name_that_is_too_long_does_not_touch_what_is_behind_it() {
        let octets = set_mtu("a-name-that-is-far-too-long", 0).octets;
        assert_eq!(octets[15..], [0; 17]);
    }

    #[test]
    fn flags_are_read_back() {
        assert_eq!(flags(&set_flags("utun4", 0x8051).octets), 0x8051);
        assert_eq!(flags(&[]), 0);
    }
}
