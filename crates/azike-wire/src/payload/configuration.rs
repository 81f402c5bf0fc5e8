//! CP (RFC 7296, section 3.15).

use std::net::IpAddr;

use crate::length::count16;
use crate::reader::Reader;
use crate::{ConfigAttributeType, ConfigType, Malformed};

/// The reserved bit in front of an attribute's type.
const RESERVED: u16 = 0x8000;

/// Addresses, name servers and more, wanted or given (RFC 7296, section 3.15).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Configuration<'a> {
    /// Wanted or given.
    pub kind: ConfigType,
    /// What, in the order in which it came.
    pub attributes: Vec<ConfigAttribute<'a>>,
}

impl<'a> Configuration<'a> {
    /// A payload with these attributes.
    pub fn new(kind: ConfigType, attributes: &[ConfigAttribute<'a>]) -> Self {
        Self {
            kind,
            attributes: attributes.to_vec(),
        }
    }

    pub(crate) fn decode(mut body: Reader<'a>) -> Result<Self, Malformed> {
        let kind = ConfigType(body.u8()?);
        let [_, _, _] = body.array()?; // reserved
        let mut attributes = Vec::new();
        while !body.is_empty() {
            attributes.push(ConfigAttribute::decode(&mut body)?);
        }
        Ok(Self { kind, attributes })
    }

    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        octets.extend_from_slice(&[self.kind.0, 0, 0, 0]);
        for attribute in &self.attributes {
            attribute.encode(octets);
        }
    }

    /// The attributes, in the order in which they came.
    pub fn attributes(&self) -> impl Iterator<Item = ConfigAttribute<'a>> + '_ {
        self.attributes.iter().copied()
    }
}

/// One configuration attribute (RFC 7296, section 3.15.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ConfigAttribute<'a> {
    /// What it is.
    pub kind: ConfigAttributeType,
    /// Its value; empty to ask for any. Of any length: see [`address`](Self::address).
    pub value: &'a [u8],
}

impl<'a> ConfigAttribute<'a> {
    /// Asks for `kind`, without a wish.
    pub const fn request(kind: ConfigAttributeType) -> Self {
        Self { kind, value: &[] }
    }

    /// The address in the value, if this is an attribute with one and the value has the length
    /// that the attribute's type demands.
    ///
    /// Covers inner addresses, the IPv4 mask, name servers, DHCP servers, Microsoft's server
    /// addresses, and the address part of `INTERNAL_IP4_SUBNET` and `INTERNAL_IP6_SUBNET`.
    pub fn address(&self) -> Option<IpAddr> {
        match self.kind {
            ConfigAttributeType::INTERNAL_IP4_ADDRESS
            | ConfigAttributeType::INTERNAL_IP4_NETMASK
            | ConfigAttributeType::INTERNAL_IP4_DNS
            | ConfigAttributeType::INTERNAL_IP4_NBNS
            | ConfigAttributeType::INTERNAL_IP4_DHCP
            | ConfigAttributeType::MS_INTERNAL_IP4_SERVER => {
                <[u8; 4]>::try_from(self.value).ok().map(IpAddr::from)
            }
            ConfigAttributeType::INTERNAL_IP6_DNS
            | ConfigAttributeType::INTERNAL_IP6_DHCP
            | ConfigAttributeType::MS_INTERNAL_IP6_SERVER => {
                <[u8; 16]>::try_from(self.value).ok().map(IpAddr::from)
            }
            ConfigAttributeType::INTERNAL_IP4_SUBNET => <[u8; 8]>::try_from(self.value)
                .ok()
                .map(|[a, b, c, d, ..]| [a, b, c, d].into()),
            ConfigAttributeType::INTERNAL_IP6_ADDRESS
            | ConfigAttributeType::INTERNAL_IP6_SUBNET => {
                let (address, _) = self.address_and_prefix()?;
                Some(address.into())
            }
            _ => None,
        }
    }

    /// The prefix length of an `INTERNAL_IP6_ADDRESS` or `INTERNAL_IP6_SUBNET`, 0..=128.
    pub fn prefix_length(&self) -> Option<u8> {
        match self.kind {
            ConfigAttributeType::INTERNAL_IP6_ADDRESS
            | ConfigAttributeType::INTERNAL_IP6_SUBNET => {
                let (_, prefix) = self.address_and_prefix()?;
                (prefix <= 128).then_some(prefix)
            }
            _ => None,
        }
    }

    fn address_and_prefix(&self) -> Option<([u8; 16], u8)> {
        match self.value.split_first_chunk()? {
            (address, [prefix]) => Some((*address, *prefix)),
            _ => None,
        }
    }

    fn decode(body: &mut Reader<'a>) -> Result<Self, Malformed> {
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.15.1
        //# This bit MUST be set to zero and MUST be
        //# ignored on receipt.
        let kind = ConfigAttributeType(body.u16()? & !RESERVED);
        let length = usize::from(body.u16()?);
        Ok(Self {
            kind,
            value: body.take(length)?,
        })
    }

    fn encode(&self, octets: &mut Vec<u8>) {
        octets.extend_from_slice(&self.kind.0.to_be_bytes());
        octets.extend_from_slice(&count16(self.value.len()).to_be_bytes());
        octets.extend_from_slice(self.value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PayloadType;

    fn decode(octets: &[u8]) -> Result<Configuration<'_>, Malformed> {
        Configuration::decode(Reader::new(PayloadType::CP, octets))
    }

    #[test]
    fn attributes_come_in_order() {
        let octets = [2, 0, 0, 0, 0, 1, 0, 4, 10, 0, 0, 7, 0, 3, 0, 0];
        let reply = decode(&octets).unwrap();
        let kinds: Vec<_> = reply.attributes().map(|attribute| attribute.kind).collect();
        assert_eq!(reply.kind, ConfigType::CFG_REPLY);
        assert_eq!(
            kinds,
            [
                ConfigAttributeType::INTERNAL_IP4_ADDRESS,
                ConfigAttributeType::INTERNAL_IP4_DNS
            ]
        );
        let mut again = Vec::new();
        reply.encode(&mut again);
        assert_eq!(again, octets);
    }

    /// N-11: reserved octets and the reserved bit of an attribute.
    #[test]
    fn reserved_bits_are_ignored() {
        let reply = decode(&[2, 0xff, 0xff, 0xff, 0x80, 25, 0, 1, b'a']).unwrap();
        let domain = ConfigAttribute {
            kind: ConfigAttributeType::INTERNAL_DNS_DOMAIN,
            value: b"a",
        };
        assert_eq!(reply, Configuration::new(ConfigType::CFG_REPLY, &[domain]));
    }

    /// N-76: a value of the wrong length is no address, and does not spoil the others.
    #[test]
    fn address_has_the_length_of_its_type() {
        let table: [(ConfigAttributeType, &[usize]); 12] = [
            (ConfigAttributeType::INTERNAL_IP4_ADDRESS, &[4]),
            (ConfigAttributeType::INTERNAL_IP4_NETMASK, &[4]),
            (ConfigAttributeType::INTERNAL_IP4_DNS, &[4]),
            (ConfigAttributeType::INTERNAL_IP4_NBNS, &[4]),
            (ConfigAttributeType::MS_INTERNAL_IP4_SERVER, &[4]),
            (ConfigAttributeType::INTERNAL_IP4_SUBNET, &[8]),
            (ConfigAttributeType::INTERNAL_IP6_ADDRESS, &[17]),
            (ConfigAttributeType::INTERNAL_IP6_SUBNET, &[17]),
            (ConfigAttributeType::INTERNAL_IP6_DNS, &[16]),
            (ConfigAttributeType::MS_INTERNAL_IP6_SERVER, &[16]),
            (ConfigAttributeType::INTERNAL_DNS_DOMAIN, &[]),
            (ConfigAttributeType(9999), &[]),
        ];
        for (kind, lengths) in table {
            for length in 0..=40 {
                let value = vec![1; length];
                let attribute = ConfigAttribute {
                    kind,
                    value: &value,
                };
                assert_eq!(
                    attribute.address().is_some(),
                    lengths.contains(&length),
                    "{kind} {length}"
                );
            }
        }
    }

    #[test]
    fn ipv6_address_comes_with_its_prefix_length() {
        let kind = ConfigAttributeType::INTERNAL_IP6_ADDRESS;
        let mut value = [0; 17];
        value[15] = 1;
        for (prefix, expected) in [(0, Some(0)), (128, Some(128)), (129, None)] {
            value[16] = prefix;
            let attribute = ConfigAttribute {
                kind,
                value: &value,
            };
            assert_eq!(attribute.address(), Some("::1".parse().unwrap()));
            assert_eq!(attribute.prefix_length(), expected);
        }
        let value = &value[..16];
        assert_eq!(ConfigAttribute { kind, value }.prefix_length(), None);
    }

    #[test]
    fn attribute_past_the_end_is_truncated() {
        let truncated = Malformed::Truncated(PayloadType::CP);
        for octets in [
            &[2, 0, 0][..],
            &[2, 0, 0, 0, 0],
            &[2, 0, 0, 0, 0, 1, 0, 4, 1, 2, 3],
        ] {
            assert_eq!(decode(octets), Err(truncated), "{octets:?}");
        }
    }

    /// N-76, N-77: a hundred servers and a domain of 300 octets are well formed.
    #[test]
    fn long_lists_and_long_values_are_carried() {
        let domain = [b'a'; 300];
        let kind = ConfigAttributeType::INTERNAL_DNS_DOMAIN;
        let attributes = [ConfigAttribute {
            kind,
            value: &domain,
        }; 100];
        let mut octets = Vec::new();
        Configuration::new(ConfigType::CFG_REPLY, &attributes).encode(&mut octets);
        assert_eq!(decode(&octets).unwrap().attributes().count(), 100);
    }
}
