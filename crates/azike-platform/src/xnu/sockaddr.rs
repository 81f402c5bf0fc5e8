//! The addresses inside routing messages and ioctls: `sockaddr_in`, `sockaddr_in6`, `sockaddr_dl`.
//!
//! ```text
//!   in    len family port(2) addr(4) zero(8)                             16 octets
//!   in6   len family port(2) flow(4) addr(16) scope(4)                   28 octets
//!   dl    len family index(2) type nlen alen slen data(12)               20 octets
//! ```
//!
//! A message has them one after the other, each rounded up to four octets. A mask may be cut behind its last
//! octet that is not zero, down to nothing, and its family is not always set.
//!
//! Inside the kernel a link-local IPv6 address bears the number of its interface in its second group
//! (`fe80:4::1`), and routing messages show that. Here it is taken out when read, and put in when written.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::octets::{put, u16_at};

pub(super) const AF_INET: u8 = 2;
pub(super) const AF_LINK: u8 = 18;
pub(super) const AF_INET6: u8 = 30;

pub(super) const IN_LENGTH: usize = 16;
pub(super) const IN6_LENGTH: usize = 28;
pub(super) const DL_LENGTH: usize = 20;

/// Where the address begins.
const IN_ADDR: usize = 4;
const IN6_ADDR: usize = 8;
/// Where the name of a `sockaddr_dl` begins.
const DL_DATA: usize = 8;

/// `address` as octets. `scope` is the interface of a link-local address.
pub(super) fn write_ip(address: IpAddr, scope: u32) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => inet(address).to_vec(),
        IpAddr::V6(address) => inet6(embed(address, scope)).to_vec(),
    }
}

/// `sockaddr_in`, without a port.
pub(super) fn inet(address: Ipv4Addr) -> [u8; IN_LENGTH] {
    let mut octets = [0; IN_LENGTH];
    put(&mut octets, 0, &[16, AF_INET]);
    put(&mut octets, IN_ADDR, &address.octets());
    octets
}

/// `sockaddr_in6`, without a port and a scope.
pub(super) fn inet6(address: Ipv6Addr) -> [u8; IN6_LENGTH] {
    let mut octets = [0; IN6_LENGTH];
    put(&mut octets, 0, &[28, AF_INET6]);
    put(&mut octets, IN6_ADDR, &address.octets());
    octets
}

/// `sockaddr_dl` that names an interface by its number.
pub(super) fn link(index: u32) -> [u8; DL_LENGTH] {
    let mut octets = [0; DL_LENGTH];
    put(&mut octets, 0, &[20, AF_LINK]);
    put(&mut octets, 2, &short(index).to_le_bytes());
    octets
}

/// The mask of a prefix of `length` bits, in the family of `of`.
pub(super) fn mask(of: IpAddr, length: u8) -> IpAddr {
    let length = u32::from(length);
    match of {
        IpAddr::V4(_) => {
            let host = u32::MAX.checked_shr(length).unwrap_or(0);
            Ipv4Addr::from(!host).into()
        }
        IpAddr::V6(_) => {
            let host = u128::MAX.checked_shr(length).unwrap_or(0);
            Ipv6Addr::from(!host).into()
        }
    }
}

/// The address in a `sockaddr_in` or `sockaddr_in6`; what is cut off counts as zeros.
pub(super) fn read_ip(octets: &[u8]) -> Option<IpAddr> {
    match *octets.get(1)? {
        AF_INET => Some(Ipv4Addr::from(cut::<4>(octets, IN_ADDR)).into()),
        AF_INET6 => Some(take_out(Ipv6Addr::from(cut::<16>(octets, IN6_ADDR))).into()),
        _ => None,
    }
}

/// The number and the name in a `sockaddr_dl`; the name may be empty.
pub(super) fn read_link(octets: &[u8]) -> Option<(u32, String)> {
    if *octets.get(1)? != AF_LINK {
        return None;
    }
    let index = u16_at(octets, 2)?;
    let length = usize::from(*octets.get(5)?);
    let name = octets.get(DL_DATA..DL_DATA + length)?;
    let name = std::str::from_utf8(name).ok()?;
    Some((index.into(), name.to_owned()))
}

/// How many bits the mask of a destination in the family of `of` has; `None` if they are not its first bits.
pub(super) fn read_mask(octets: &[u8], of: IpAddr) -> Option<u8> {
    let (ones, length) = match of {
        IpAddr::V4(_) => {
            let bits = u32::from_be_bytes(cut(octets, IN_ADDR));
            (bits.count_ones(), bits.leading_ones())
        }
        IpAddr::V6(_) => {
            let bits = u128::from_be_bytes(cut(octets, IN6_ADDR));
            (bits.count_ones(), bits.leading_ones())
        }
    };
    (ones == length).then(|| u8::try_from(length).ok())?
}

/// `N` octets at `at`, zeros for those that are not there.
fn cut<const N: usize>(octets: &[u8], at: usize) -> [u8; N] {
    let mut all = [0; N];
    put(&mut all, 0, octets.get(at..).unwrap_or_default());
    all
}

/// The kernel has no interface with a larger number; zero is none.
fn short(index: u32) -> u16 {
    u16::try_from(index).unwrap_or(0)
}

fn embed(address: Ipv6Addr, scope: u32) -> Ipv6Addr {
    if !address.is_unicast_link_local() {
        return address;
    }
    let mut octets = address.octets();
    put(&mut octets, 2, &short(scope).to_be_bytes());
    octets.into()
}

fn take_out(address: Ipv6Addr) -> Ipv6Addr {
    embed(address, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_have_the_octets_of_the_kernel() {
        let v4 = [16, 2, 0, 0, 20, 61, 7, 9, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(write_ip(ip("20.61.7.9"), 0), v4);
        let mut v6 = [0; 28];
        v6[..2].copy_from_slice(&[28, 30]);
        v6[8..12].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
        v6[23] = 9;
        assert_eq!(write_ip(ip("2001:db8::9"), 5), v6);
        let mut dl = [0; 20];
        dl[..4].copy_from_slice(&[20, 18, 16, 0]);
        assert_eq!(link(16), dl);
        assert_eq!(read_ip(&v4), Some(ip("20.61.7.9")));
        assert_eq!(read_ip(&v6), Some(ip("2001:db8::9")));
        assert_eq!(read_link(&dl), Some((16, String::new())));
    }

    #[test]
    fn a_link_local_router_bears_its_interface_in_the_kernel_only() {
        let octets = write_ip(ip("fe80::1"), 4);
        assert_eq!(&octets[8..12], [0xfe, 0x80, 0, 4]);
        assert_eq!(read_ip(&octets), Some(ip("fe80::1")));
    }

    #[test]
    fn an_interface_is_known_by_its_name() {
        let mut dl = vec![20, 18, 4, 0, 6, 3, 6, 0];
        dl.extend(b"en0");
        dl.extend([0xa4, 0x83, 0xe7, 1, 2, 3, 0, 0, 0]);
        assert_eq!(read_link(&dl), Some((4, "en0".to_owned())));
        dl[5] = 200;
        assert_eq!(read_link(&dl), None);
    }

    /// Masks come as the kernel keeps them: cut, and with a family or without.
    #[test]
    fn masks_may_be_cut_behind_their_last_one() {
        let v4 = ip("0.0.0.0");
        for (octets, length) in [
            (&[][..], Some(0)),
            (&[0, 0], Some(0)),
            (&[5, 0, 0, 0, 0x80], Some(1)),
            (&[7, 0, 0, 0, 255, 255, 255], Some(24)),
            (&[8, 255, 255, 255, 255, 255, 255, 255], Some(32)),
            (&[7, 0, 0, 0, 255, 0, 255], None),
        ] {
            assert_eq!(read_mask(octets, v4), length, "{octets:?}");
        }
        let v6 = [11, 30, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xfe];
        assert_eq!(read_mask(&v6, ip("::")), Some(23));
        for length in 0..=128 {
            let written = write_ip(mask(ip("::"), length), 0);
            assert_eq!(read_mask(&written, ip("::")), Some(length));
        }
        for length in 0..=32 {
            let written = write_ip(mask(v4, length), 0);
            assert_eq!(read_mask(&written, v4), Some(length));
        }
    }
}
