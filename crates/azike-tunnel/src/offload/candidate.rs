//! What an inner packet is to the coalescer: of which flow, and whether it may join others.
//!
//! The rules are those of the kernel's GRO, so that nothing is put together which the kernel would
//! not put together itself, and what is taken apart again is what it was.
//!
//! ```text
//!   joins                  TCP with data and ACK, perhaps PSH, FIN, ECE; UDP with data and checksum
//!   has a flow, but alone  other TCP flags, no data, a checksum or length that is wrong
//!   may have a flow        fragments, options, extension headers, other protocols
//!   has none               ICMP
//! ```

use crate::protocol;

use super::Gso;
use super::checksum::Sum;
use super::layout::{Transport, Version};

const FIN: u8 = 0x01;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;
const ECE: u8 = 0x40;

/// After these the sender has nothing more to send for now, or ever.
pub(super) const CLOSING: u8 = PSH | FIN;

/// What a packet is to the coalescer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arriving {
    /// No packet of another kind minds whether it comes before or after this one.
    Unrelated,
    /// Nobody can say to which flow it belongs.
    Obscure,
    /// A packet of this flow that stays alone.
    Alone(Flow),
    /// A packet of this flow that may join others.
    Joins(Flow, Candidate),
}

/// Addresses, ports, protocol and version.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Flow {
    addresses: [u128; 2],
    ports: u32,
    transport: Transport,
    version: Version,
}

impl Flow {
    pub(super) const fn version(&self) -> Version {
        self.version
    }

    pub(super) const fn transport(&self) -> Transport {
        self.transport
    }

    /// The super-packet of such packets.
    pub(super) const fn gso(&self) -> Gso {
        match (self.transport, self.version) {
            (Transport::Tcp, Version::V4) => Gso::Tcp4,
            (Transport::Tcp, Version::V6) => Gso::Tcp6,
            (Transport::Udp, _) => Gso::Udp,
        }
    }

    /// The sum of the pseudo-header, `length` being that of transport header and payload.
    pub(super) fn pseudo_header(&self, length: u16) -> Sum {
        let [source, destination] = self.addresses.map(u128::to_ne_bytes);
        Sum::ZERO
            .octets(&source)
            .octets(&destination)
            .word(self.transport.protocol().into())
            .word(length)
    }
}

/// What decides whether a packet joins, beside its flow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// The fields that all packets of a super-packet must have in common.
    pub(super) fixed: Fixed,
    /// Octets of IP and transport header.
    pub(super) headers: usize,
    /// Octets of the payload, at least 1.
    pub(super) payload: usize,
    /// Sequence number of TCP; 0 for UDP.
    pub(super) sequence: u32,
    /// The identification if the one of the next packet must be one more: IPv4 without DF.
    /// (With DF it means nothing: RFC 6864, section 4.1.)
    pub(super) identification: Option<u16>,
    /// [`CLOSING`] flags of TCP: nothing joins behind this packet.
    pub(super) closing: u8,
}

/// Header fields that must be equal: version, header lengths, traffic class, flow label, hop limit,
/// DF; the ACK number, window and flags but [`CLOSING`]. The octets of TCP options are compared
/// apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Fixed {
    ip: [u8; 8],
    acknowledgment: [u8; 4],
    offset_and_flags: [u8; 2],
    window: [u8; 2],
    urgent: [u8; 2],
}

/// An IP header that may stand before a candidate.
struct Ip {
    version: Version,
    length: usize,
    addresses: [u128; 2],
    fixed: [u8; 8],
    identification: Option<u16>,
    /// The header checksum is right.
    right: bool,
}

impl Arriving {
    /// Looks at a packet, which must be one whole IP packet and nothing else.
    pub(super) fn of(packet: &[u8]) -> Self {
        let (ip, protocol) = match packet.first() {
            Some(0x45) => match Ip::read_ipv4(packet) {
                Some(read) => read,
                None => return Self::Obscure,
            },
            Some(0x60..=0x6f) => match Ip::read_ipv6(packet) {
                Some(read) => read,
                None => return Self::Obscure,
            },
            _ => return Self::Obscure,
        };
        let segment = packet.get(ip.length..).unwrap_or_default();
        match (protocol, ip.version) {
            (protocol::TCP, _) => ip.tcp(segment),
            (protocol::UDP, _) => ip.udp(segment),
            (protocol::ICMP, Version::V4) | (protocol::ICMPV6, Version::V6) => Self::Unrelated,
            _ => Self::Obscure,
        }
    }
}

impl Ip {
    /// An IPv4 header without options, of a packet that is no fragment; and the protocol.
    fn read_ipv4(packet: &[u8]) -> Option<(Self, u8)> {
        let header: &[u8; 20] = packet.first_chunk()?;
        let whole = usize::from(u16::from_be_bytes([header[2], header[3]])) == packet.len();
        let fragment = u16::from_be_bytes([header[6] & 0x3f, header[7]]) != 0;
        if !whole || fragment {
            return None;
        }
        let dont_fragment = header[6] & 0x40 != 0;
        let identification = u16::from_be_bytes([header[4], header[5]]);
        let ip = Self {
            version: Version::V4,
            length: header.len(),
            addresses: [addresses_of(header, 12)?, 0],
            fixed: [
                header[0], header[1], header[6], header[7], header[8], header[9], 0, 0,
            ],
            identification: (!dont_fragment).then_some(identification),
            right: Sum::ZERO.octets(header).is_right(),
        };
        Some((ip, header[9]))
    }

    /// An IPv6 header, and what is next.
    fn read_ipv6(packet: &[u8]) -> Option<(Self, u8)> {
        let (header, payload) = packet.split_first_chunk::<40>()?;
        if usize::from(u16::from_be_bytes([header[4], header[5]])) != payload.len() {
            return None;
        }
        let [source, destination] = *header.get(8..)?.as_chunks::<16>().0 else {
            return None;
        };
        let ip = Self {
            version: Version::V6,
            length: header.len(),
            addresses: [source, destination].map(u128::from_ne_bytes),
            fixed: [
                header[0], header[1], header[2], header[3], header[6], header[7], 0, 0,
            ],
            identification: None,
            right: true,
        };
        Some((ip, header[6]))
    }

    fn flow(&self, transport: Transport, ports: [u8; 4]) -> Flow {
        Flow {
            addresses: self.addresses,
            ports: u32::from_ne_bytes(ports),
            transport,
            version: self.version,
        }
    }

    fn tcp(&self, segment: &[u8]) -> Arriving {
        let Some(header) = segment.first_chunk::<20>() else {
            return Arriving::Obscure;
        };
        let flow = self.flow(Transport::Tcp, [header[0], header[1], header[2], header[3]]);
        let length = usize::from(header[12] >> 4) * 4;
        let flags = header[13];
        let payload = segment.len().saturating_sub(length);
        let plain = flags & !(CLOSING | ECE) == ACK;
        if length < header.len() || payload == 0 || !plain || !self.is_right(&flow, segment) {
            return Arriving::Alone(flow);
        }
        let candidate = Candidate {
            fixed: Fixed {
                ip: self.fixed,
                acknowledgment: [header[8], header[9], header[10], header[11]],
                offset_and_flags: [header[12], flags & !CLOSING],
                window: [header[14], header[15]],
                urgent: [header[18], header[19]],
            },
            headers: self.length + length,
            payload,
            sequence: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
            identification: self.identification,
            closing: flags & CLOSING,
        };
        Arriving::Joins(flow, candidate)
    }

    fn udp(&self, segment: &[u8]) -> Arriving {
        let Some((header, payload)) = segment.split_first_chunk::<8>() else {
            return Arriving::Obscure;
        };
        let flow = self.flow(Transport::Udp, [header[0], header[1], header[2], header[3]]);
        let whole = usize::from(u16::from_be_bytes([header[4], header[5]])) == segment.len();
        let summed = [header[6], header[7]] != [0, 0];
        if !whole || !summed || payload.is_empty() || !self.is_right(&flow, segment) {
            return Arriving::Alone(flow);
        }
        let candidate = Candidate {
            fixed: Fixed {
                ip: self.fixed,
                acknowledgment: [0; 4],
                offset_and_flags: [0; 2],
                window: [0; 2],
                urgent: [0; 2],
            },
            headers: self.length + header.len(),
            payload: payload.len(),
            sequence: 0,
            identification: self.identification,
            closing: 0,
        };
        Arriving::Joins(flow, candidate)
    }

    /// Whether the checksums of both headers are right. What is joined is never looked at again:
    /// a wrong packet has to go alone, so that the host sees and counts it.
    fn is_right(&self, flow: &Flow, segment: &[u8]) -> bool {
        let Ok(length) = u16::try_from(segment.len()) else {
            return false;
        };
        let sum = flow.pseudo_header(length).octets(segment);
        self.right && sum.is_right()
    }
}

/// Both IPv4 addresses, as a number.
fn addresses_of(header: &[u8; 20], at: usize) -> Option<u128> {
    let octets: &[u8; 8] = header.get(at..)?.first_chunk()?;
    Some(u64::from_ne_bytes(*octets).into())
}
