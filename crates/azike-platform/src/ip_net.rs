//! An address with a prefix length.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An address and a prefix length that fits its family: `172.16.201.4/32`.
///
/// As an interface address it keeps its host bits; [`IpNet::network`] is the
/// prefix without them. Text and JSON form are `ADDRESS/LENGTH`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct IpNet {
    addr: IpAddr,
    prefix_len: u8,
}

impl IpNet {
    /// An address and its prefix length; `None` if the length does not fit
    /// (more than 32 or 128 bits).
    pub const fn new(addr: IpAddr, prefix_len: u8) -> Option<Self> {
        if prefix_len > width(addr) {
            return None;
        }
        Some(Self { addr, prefix_len })
    }

    /// One address: `/32` or `/128`.
    pub const fn host(addr: IpAddr) -> Self {
        Self {
            addr,
            prefix_len: width(addr),
        }
    }

    /// The address, host bits included.
    pub const fn addr(self) -> IpAddr {
        self.addr
    }

    /// The prefix length in bits.
    pub const fn prefix_len(self) -> u8 {
        self.prefix_len
    }

    /// The prefix with its host bits cleared.
    #[must_use]
    pub fn network(self) -> Self {
        let addr = match self.addr {
            IpAddr::V4(addr) => {
                let mask = u32::MAX.checked_shl(u32::from(32 - self.prefix_len));
                IpAddr::V4((addr.to_bits() & mask.unwrap_or(0)).into())
            }
            IpAddr::V6(addr) => {
                let mask = u128::MAX.checked_shl(u32::from(128 - self.prefix_len));
                IpAddr::V6((addr.to_bits() & mask.unwrap_or(0)).into())
            }
        };
        Self { addr, ..self }
    }

    /// Whether `addr` lies in this prefix.
    pub fn contains(self, addr: IpAddr) -> bool {
        let same_family = addr.is_ipv4() == self.addr.is_ipv4();
        let other = Self { addr, ..self };
        same_family && other.network() == self.network()
    }

    /// The two halves of this prefix; `None` for a single address.
    pub fn halves(self) -> Option<[Self; 2]> {
        let prefix_len = self.prefix_len.checked_add(1)?;
        let low = Self::new(self.network().addr, prefix_len)?;
        let shift = u32::from(width(self.addr) - prefix_len);
        let addr = match low.addr {
            IpAddr::V4(addr) => IpAddr::V4((addr.to_bits() | 1 << shift).into()),
            IpAddr::V6(addr) => IpAddr::V6((addr.to_bits() | 1 << shift).into()),
        };
        Some([low, Self { addr, prefix_len }])
    }
}

const fn width(addr: IpAddr) -> u8 {
    match addr {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl fmt::Display for IpNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr, self.prefix_len)
    }
}

/// Not of the form `ADDRESS/LENGTH`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an address with a prefix length, like 10.1.0.0/16")]
pub struct NotAnIpNet;

impl FromStr for IpNet {
    type Err = NotAnIpNet;

    fn from_str(text: &str) -> Result<Self, NotAnIpNet> {
        let (addr, prefix_len) = text.split_once('/').ok_or(NotAnIpNet)?;
        let addr = addr.parse().map_err(|_| NotAnIpNet)?;
        let prefix_len = prefix_len.parse().map_err(|_| NotAnIpNet)?;
        Self::new(addr, prefix_len).ok_or(NotAnIpNet)
    }
}

impl TryFrom<String> for IpNet {
    type Error = NotAnIpNet;

    fn try_from(text: String) -> Result<Self, NotAnIpNet> {
        text.parse()
    }
}

impl From<IpNet> for String {
    fn from(net: IpNet) -> Self {
        net.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> IpNet {
        text.parse().unwrap()
    }

    #[test]
    fn text_is_read_and_written() {
        for text in ["0.0.0.0/0", "10.1.2.3/16", "::/0", "2001:db8::1/128"] {
            assert_eq!(net(text).to_string(), text);
        }
        for text in [
            "",
            "10.1.0.0",
            "10.1.0.0/33",
            "::/129",
            "10.1.0.0/-1",
            "x/8",
        ] {
            assert_eq!(text.parse::<IpNet>(), Err(NotAnIpNet), "{text}");
        }
    }

    #[test]
    fn host_bits_are_cleared() {
        for (given, network) in [
            ("10.1.2.3/16", "10.1.0.0/16"),
            ("10.1.2.3/0", "0.0.0.0/0"),
            ("10.1.2.3/32", "10.1.2.3/32"),
            ("2001:db8::1/32", "2001:db8::/32"),
            ("2001:db8::1/0", "::/0"),
        ] {
            assert_eq!(net(given).network(), net(network));
        }
    }

    #[test]
    fn halves_split_the_world() {
        let [low, high] = net("0.0.0.0/0").halves().unwrap();
        assert_eq!((low, high), (net("0.0.0.0/1"), net("128.0.0.0/1")));
        let [low, high] = net("::/0").halves().unwrap();
        assert_eq!((low, high), (net("::/1"), net("8000::/1")));
        assert_eq!(net("10.0.0.1/32").halves(), None);
    }

    #[test]
    fn a_prefix_contains_its_own_family_only() {
        assert!(net("10.0.0.0/8").contains("10.255.0.1".parse().unwrap()));
        assert!(!net("10.0.0.0/8").contains("11.0.0.1".parse().unwrap()));
        assert!(!net("0.0.0.0/0").contains("::1".parse().unwrap()));
    }
}
