//! Addresses and name servers from the gateway: the Configuration payload
//! (RFC 7296, sections 2.19 and 3.15; RFC 8598).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use azike_wire::{ConfigAttribute, ConfigAttributeType, Configuration};

/// More of each than any honest gateway gives.
const MAX_EACH: usize = 16;

/// What the gateway assigned. A tunnel's end is a single host, so a netmask
/// (RFC 7296, section 3.15.1: the network *behind* us) is neither asked for nor used.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Assigned {
    /// Our addresses inside the tunnel, with the length of their prefix.
    pub addresses: Vec<(IpAddr, u8)>,
    /// Name servers inside the tunnel.
    pub dns: Vec<IpAddr>,
    /// Domains that belong to them (RFC 8598).
    pub domains: Vec<String>,
}

/// What we ask for: everything we can use, each without a value.
pub(crate) fn request() -> Vec<ConfigAttribute<'static>> {
    [
        ConfigAttributeType::INTERNAL_IP4_ADDRESS,
        ConfigAttributeType::INTERNAL_IP4_DNS,
        ConfigAttributeType::INTERNAL_IP6_ADDRESS,
        ConfigAttributeType::INTERNAL_IP6_DNS,
        ConfigAttributeType::INTERNAL_DNS_DOMAIN,
    ]
    .map(ConfigAttribute::request)
    .into()
}

/// Reads a reply. Attributes of no legal form and addresses of no use are left
/// out; `None` when no address is left.
pub(crate) fn assigned(reply: &Configuration<'_>) -> Option<Assigned> {
    let mut assigned = Assigned::default();
    for attribute in reply.attributes() {
        let value = attribute.value;
        match attribute.kind {
            ConfigAttributeType::INTERNAL_IP4_ADDRESS => {
                let address = ipv4(value).filter(usable).map(|address| (address, 32));
                push(&mut assigned.addresses, address);
            }
            ConfigAttributeType::INTERNAL_IP6_ADDRESS => {
                let address = ipv6_prefix(value).filter(|(address, _)| usable(address));
                push(&mut assigned.addresses, address);
            }
            ConfigAttributeType::INTERNAL_IP4_DNS => {
                push(&mut assigned.dns, ipv4(value).filter(usable));
            }
            ConfigAttributeType::INTERNAL_IP6_DNS => {
                let address = <[u8; 16]>::try_from(value).ok().map(IpAddr::from);
                push(&mut assigned.dns, address.filter(usable));
            }
            ConfigAttributeType::INTERNAL_DNS_DOMAIN => push(&mut assigned.domains, domain(value)),
            _ => {}
        }
    }
    (!assigned.addresses.is_empty()).then_some(assigned)
}

fn push<T: PartialEq>(list: &mut Vec<T>, item: Option<T>) {
    if let Some(item) = item
        && list.len() < MAX_EACH
        && !list.contains(&item)
    {
        list.push(item);
    }
}

fn ipv4(value: &[u8]) -> Option<IpAddr> {
    <[u8; 4]>::try_from(value).ok().map(IpAddr::from)
}

/// 16 octets of address and the length of the prefix. A tunnel interface is a
/// single host to the outside, whatever prefix the gateway's pool has.
fn ipv6_prefix(value: &[u8]) -> Option<(IpAddr, u8)> {
    let (&length, address) = value.split_last()?;
    let address = <[u8; 16]>::try_from(address).ok()?;
    (length <= 128).then_some((IpAddr::from(address), 128))
}

fn usable(address: &IpAddr) -> bool {
    let special = match address {
        IpAddr::V4(v4) => *v4 == Ipv4Addr::BROADCAST || v4.octets().first() == Some(&0),
        IpAddr::V6(v6) => *v6 == Ipv6Addr::UNSPECIFIED || v6.to_ipv4_mapped().is_some(),
    };
    !(special || address.is_loopback() || address.is_multicast() || address.is_unspecified())
}

/// A domain of at least two labels, in letters, digits, hyphens and underscores.
fn domain(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    let text = text.strip_suffix('.').unwrap_or(text);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
    };
    let legal = text.len() <= 253 && text.contains('.') && text.split('.').all(label);
    legal.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// N-77: domains that a gateway may not give.
    #[test]
    fn domains_are_names_of_two_labels_or_more() {
        for (given, wanted) in [
            ("corp.example.", Some("corp.example")),
            ("Contoso.Internal", Some("contoso.internal")),
            (".", None),
            ("com", None),
            ("a..b", None),
            ("a b.example", None),
            ("x.example\u{1b}[0m", None),
        ] {
            assert_eq!(domain(given.as_bytes()).as_deref(), wanted, "{given:?}");
        }
        assert_eq!(domain("a.".repeat(150).as_bytes()), None);
    }

    /// N-76: addresses that nobody can have.
    #[test]
    fn unusable_addresses_are_left_out() {
        for (address, fits) in [
            ("172.16.201.1", true),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("127.0.0.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("fd00::1", true),
            ("::", false),
            ("::1", false),
            ("ff02::1", false),
            ("::ffff:10.0.0.1", false),
        ] {
            let address: IpAddr = address.parse().expect("an address");
            assert_eq!(usable(&address), fits, "{address}");
        }
    }
}
