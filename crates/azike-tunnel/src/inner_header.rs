//! What the inner policy needs of an inner packet: addresses, protocol, ports.
//!
//! Reads at fixed offsets and believes nothing: every length is compared with the octets that are
//! there. Nothing is put together from fragments; a fragment that could change the header of an
//! earlier one is refused (RFC 1858, RFC 3128), the rest is up to the host that puts them together.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::PolicyDrop;
use crate::protocol;

/// IPv4 options by which the sender chooses the way (RFC 791, section 3.1).
const SOURCE_ROUTES: [u8; 2] = [131, 137];

/// The octets of a TCP header that a first fragment must hold whole, flags included.
const TCP_FLAGS_END: usize = 14;

/// The fields of an inner packet that a traffic selector is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct InnerHeader {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    /// The protocol behind all IPv6 extension headers.
    pub(crate) protocol: u8,
    /// Source and destination port; for ICMP twice the type and the code (RFC 7296,
    /// section 3.13.1). `None` if the protocol has none, or they are in another fragment.
    pub(crate) ports: Option<(u16, u16)>,
}

/// Which part of a packet a fragment is.
#[derive(Clone, Copy, Debug)]
struct Fragment {
    /// In octets.
    offset: usize,
    more: bool,
}

impl InnerHeader {
    /// Reads `packet`, which must be one whole IPv4 or IPv6 packet and nothing else.
    pub(crate) fn read(packet: &[u8]) -> Result<Self, PolicyDrop> {
        match packet.first().map(|first| first >> 4) {
            Some(4) => Self::read_ipv4(packet),
            Some(6) => Self::read_ipv6(packet),
            _ => Err(PolicyDrop::Version),
        }
    }

    fn read_ipv4(packet: &[u8]) -> Result<Self, PolicyDrop> {
        let fixed: &[u8; 20] = packet.first_chunk().ok_or(PolicyDrop::Header)?;
        let header_length = usize::from(fixed[0] & 0x0f) * 4;
        let options = packet.get(20..header_length).ok_or(PolicyDrop::Header)?;
        if usize::from(u16::from_be_bytes([fixed[2], fixed[3]])) != packet.len() {
            return Err(PolicyDrop::Length);
        }
        judge_options(options)?;
        let payload = packet.get(header_length..).ok_or(PolicyDrop::Header)?;
        let flags = u16::from_be_bytes([fixed[6], fixed[7]]);
        let fragment = Fragment {
            offset: usize::from(flags & 0x1fff) * 8,
            more: flags & 0x2000 != 0,
        };
        let protocol = fixed[9];
        fragment.judge(protocol, payload)?;
        Ok(Self {
            source: Ipv4Addr::from(array(fixed, 12)).into(),
            destination: Ipv4Addr::from(array(fixed, 16)).into(),
            protocol,
            ports: fragment.ports(protocol, payload),
        })
    }

    fn read_ipv6(packet: &[u8]) -> Result<Self, PolicyDrop> {
        let (fixed, payload) = packet.split_first_chunk::<40>().ok_or(PolicyDrop::Header)?;
        if usize::from(u16::from_be_bytes([fixed[4], fixed[5]])) != payload.len() {
            return Err(PolicyDrop::Length);
        }
        let (protocol, ports) = walk(fixed[6], payload)?;
        Ok(Self {
            source: Ipv6Addr::from(array(fixed, 8)).into(),
            destination: Ipv6Addr::from(array(fixed, 24)).into(),
            protocol,
            ports,
        })
    }
}

impl Fragment {
    const WHOLE: Self = Self {
        offset: 0,
        more: false,
    };

    fn judge(self, protocol: u8, payload: &[u8]) -> Result<(), PolicyDrop> {
        let uneven = self.more && (payload.is_empty() || !payload.len().is_multiple_of(8));
        let too_far = self.offset + payload.len() > usize::from(u16::MAX);
        let tcp = protocol == protocol::TCP;
        let hides_flags = tcp && self.offset == 0 && self.more && payload.len() < TCP_FLAGS_END;
        let rewrites_flags = tcp && (1..TCP_FLAGS_END).contains(&self.offset);
        if uneven || too_far || hides_flags || rewrites_flags {
            return Err(PolicyDrop::Fragment);
        }
        Ok(())
    }

    fn ports(self, protocol: u8, payload: &[u8]) -> Option<(u16, u16)> {
        if self.offset != 0 {
            return None;
        }
        let &[a, b, c, d] = payload.first_chunk()?;
        let first = u16::from_be_bytes([a, b]);
        match protocol {
            protocol::TCP
            | protocol::UDP
            | protocol::DCCP
            | protocol::SCTP
            | protocol::UDP_LITE => Some((first, u16::from_be_bytes([c, d]))),
            protocol::ICMP | protocol::ICMPV6 => Some((first, first)),
            _ => None,
        }
    }
}

/// The `N` octets at `at`, which the caller knows are there; zeros otherwise.
fn array<const N: usize>(header: &[u8], at: usize) -> [u8; N] {
    let octets = header.get(at..).and_then(<[u8]>::first_chunk);
    octets.copied().unwrap_or([0; N])
}

/// Refuses IPv4 options that choose a way, and options whose lengths do not add up.
fn judge_options(mut options: &[u8]) -> Result<(), PolicyDrop> {
    loop {
        options = match *options {
            // The end, and a single octet without a length.
            [] | [0, ..] => return Ok(()),
            [1, ref rest @ ..] => rest,
            [kind, ..] if SOURCE_ROUTES.contains(&kind) => return Err(PolicyDrop::SourceRoute),
            [_, length, ..] if length >= 2 => options
                .get(usize::from(length)..)
                .ok_or(PolicyDrop::Header)?,
            _ => return Err(PolicyDrop::Header),
        };
    }
}

/// Walks the extension headers of an IPv6 packet up to the protocol, and its ports.
fn walk(first: u8, mut rest: &[u8]) -> Result<(u8, Option<(u16, u16)>), PolicyDrop> {
    let mut next = first;
    for _ in 0..protocol::EXTENSION_HEADERS {
        let length = match (next, rest.get(1)) {
            (protocol::HOP_BY_HOP | protocol::DESTINATION_OPTIONS, Some(&units)) => {
                8 + usize::from(units) * 8
            }
            (protocol::ROUTING, Some(&units)) => {
                // RFC 5095: type 0 lets a packet visit the same two hosts many times.
                if rest.get(2) == Some(&0) {
                    return Err(PolicyDrop::SourceRoute);
                }
                8 + usize::from(units) * 8
            }
            (protocol::AH, Some(&units)) => 8 + usize::from(units) * 4,
            (protocol::FRAGMENT, _) => {
                let (&[protocol, _, high, low, ..], payload) =
                    rest.split_first_chunk::<8>().ok_or(PolicyDrop::Header)?;
                let field = u16::from_be_bytes([high, low]);
                let fragment = Fragment {
                    offset: usize::from(field & 0xfff8),
                    more: field & 1 != 0,
                };
                fragment.judge(protocol, payload)?;
                if fragment.offset != 0 {
                    return Ok((protocol, None));
                }
                8
            }
            (
                protocol::HOP_BY_HOP
                | protocol::DESTINATION_OPTIONS
                | protocol::ROUTING
                | protocol::AH,
                None,
            ) => return Err(PolicyDrop::Header),
            (protocol, _) => return Ok((protocol, Fragment::WHOLE.ports(protocol, rest))),
        };
        next = *rest.first().ok_or(PolicyDrop::Header)?;
        rest = rest.get(length..).ok_or(PolicyDrop::Header)?;
    }
    Err(PolicyDrop::Header)
}
