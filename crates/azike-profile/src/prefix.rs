//! Address prefixes of the package: routes and the address pool.

use std::fmt;
use std::net::IpAddr;

use serde::{Serialize, Serializer};

/// An address prefix whose host bits are zero.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Prefix {
    /// The first address.
    pub address: IpAddr,
    /// How many leading bits are fixed: 0 to 32, or to 128 for IPv6.
    pub length: u8,
}

/// Why a text is not a prefix.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PrefixFault {
    /// The part before the slash is not an address.
    #[error("it is not an address")]
    Address,
    /// The part behind the slash is not a number, or too large for the family.
    #[error("the length behind '/' is not right")]
    Length,
}

impl Prefix {
    /// Reads `10.0.0.0/16`, `2001:db8::/32`, or a bare address as a single host.
    /// The flag says that host bits were set; they are cleared.
    pub fn parse(text: &str) -> Result<(Self, bool), PrefixFault> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| PrefixFault::Address)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = match length.map(str::trim) {
            None => most,
            Some(digits) if digits.chars().all(|c| c.is_ascii_digit()) => {
                digits.parse().map_err(|_| PrefixFault::Length)?
            }
            Some(_) => return Err(PrefixFault::Length),
        };
        if length > most {
            return Err(PrefixFault::Length);
        }
        let network = network(address, length);
        let prefix = Self {
            address: network,
            length,
        };
        Ok((prefix, network != address))
    }

    /// Everything: `0.0.0.0/0` or `::/0`.
    pub const fn is_default(&self) -> bool {
        self.length == 0
    }
}

fn network(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl Serialize for Prefix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_read_and_host_bits_cleared() {
        for (text, shown, host_bits) in [
            ("10.11.0.0/20", "10.11.0.0/20", false),
            ("10.11.1.7/20", "10.11.0.0/20", true),
            ("8.8.8.8", "8.8.8.8/32", false),
            ("0.0.0.0/0", "0.0.0.0/0", false),
            ("1.2.3.4/0", "0.0.0.0/0", true),
            ("2001:db8::5/32", "2001:db8::/32", true),
            ("::1", "::1/128", false),
            ("::/0", "::/0", false),
        ] {
            let (prefix, had_host_bits) = Prefix::parse(text).unwrap();
            assert_eq!(
                (prefix.to_string().as_str(), had_host_bits),
                (shown, host_bits)
            );
        }
    }

    #[test]
    fn other_text_is_refused() {
        for (text, fault) in [
            ("", PrefixFault::Address),
            ("10.0.0/8", PrefixFault::Address),
            ("10.0.0.0-10.0.0.9", PrefixFault::Address),
            ("10.0.0.0/33", PrefixFault::Length),
            ("10.0.0.0/", PrefixFault::Length),
            ("10.0.0.0/+8", PrefixFault::Length),
            ("10.0.0.0/255.0.0.0", PrefixFault::Length),
            ("::/129", PrefixFault::Length),
            ("::/300", PrefixFault::Length),
        ] {
            assert_eq!(Prefix::parse(text), Err(fault), "{text}");
        }
    }
}
