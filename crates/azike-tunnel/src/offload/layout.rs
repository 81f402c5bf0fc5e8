//! Where the headers of a super-packet are, and that they are those of its GSO type.
//!
//! ```text
//!   ├─ IP header, options, extension headers ─┼─ TCP or UDP header ─┼─ payload ─────
//!   0                                         ip                    headers
//! ```

use crate::protocol;

use super::{Gso, SegmentError, VnetHeader};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Version {
    V4,
    V6,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    /// The protocol number.
    pub(super) const fn protocol(self) -> u8 {
        match self {
            Self::Tcp => protocol::TCP,
            Self::Udp => protocol::UDP,
        }
    }

    /// Where the checksum is, from the start of the transport header.
    pub(super) const fn checksum_offset(self) -> u16 {
        match self {
            Self::Tcp => 16,
            Self::Udp => 6,
        }
    }
}

/// Where the headers of a super-packet are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Layout {
    pub(super) version: Version,
    pub(super) transport: Transport,
    /// Octets of the IP header with all that belongs to it.
    pub(super) ip: usize,
    /// Octets of all headers.
    pub(super) headers: usize,
}

impl Layout {
    /// Reads the headers of `packet` and compares them with every field of `header`.
    pub(super) fn read(header: &VnetHeader, packet: &[u8]) -> Result<Self, SegmentError> {
        let (version, ip, protocol) = match packet.first().map(|first| first >> 4) {
            Some(4) => read_ipv4(packet)?,
            Some(6) => read_ipv6(packet)?,
            Some(_) => return Err(SegmentError::Protocol),
            None => return Err(SegmentError::Truncated),
        };
        let transport = match (header.gso, version, protocol) {
            (Gso::Tcp4, Version::V4, protocol::TCP) | (Gso::Tcp6, Version::V6, protocol::TCP) => {
                Transport::Tcp
            }
            (Gso::Udp, _, protocol::UDP) => Transport::Udp,
            _ => return Err(SegmentError::Protocol),
        };
        let behind = packet.get(ip..).unwrap_or_default();
        let length = match transport {
            Transport::Tcp => match behind.get(12).map(|octet| usize::from(octet >> 4) * 4) {
                Some(length) if length >= 20 => length,
                _ => return Err(SegmentError::Truncated),
            },
            Transport::Udp => 8,
        };
        let Some(payload) = behind.len().checked_sub(length) else {
            return Err(SegmentError::Truncated);
        };
        let layout = Self {
            version,
            transport,
            ip,
            headers: ip + length,
        };
        layout.judge(header, packet.len(), payload)?;
        Ok(layout)
    }

    fn judge(
        &self,
        header: &VnetHeader,
        length: usize,
        payload: usize,
    ) -> Result<(), SegmentError> {
        // Nothing more to compare: what the kernel gives is the linear part of its buffer, which
        // may hold payload too.
        if usize::from(header.header_length) > length {
            return Err(SegmentError::HeaderLength);
        }
        if !(1..=payload).contains(&usize::from(header.gso_size)) {
            return Err(SegmentError::GsoSize);
        }
        let at = usize::from(header.checksum_start);
        let right = at == self.ip && header.checksum_offset == self.transport.checksum_offset();
        if header.needs_checksum && !right {
            return Err(SegmentError::Checksum);
        }
        Ok(())
    }
}

fn read_ipv4(packet: &[u8]) -> Result<(Version, usize, u8), SegmentError> {
    let fixed: &[u8; 20] = packet.first_chunk().ok_or(SegmentError::Truncated)?;
    let length = usize::from(fixed[0] & 0x0f) * 4;
    if length < fixed.len() || length > packet.len() {
        return Err(SegmentError::Truncated);
    }
    if usize::from(u16::from_be_bytes([fixed[2], fixed[3]])) != packet.len() {
        return Err(SegmentError::Length);
    }
    // More fragments, or an offset.
    if u16::from_be_bytes([fixed[6], fixed[7]]) & 0x3fff != 0 {
        return Err(SegmentError::Fragment);
    }
    Ok((Version::V4, length, fixed[9]))
}

/// Options for the hops or the destination are copied to each segment, as the kernel does. A
/// routing header is refused: with it the pseudo-header has another address than the IP header.
fn read_ipv6(packet: &[u8]) -> Result<(Version, usize, u8), SegmentError> {
    let (fixed, mut rest) = packet
        .split_first_chunk::<40>()
        .ok_or(SegmentError::Truncated)?;
    if usize::from(u16::from_be_bytes([fixed[4], fixed[5]])) != rest.len() {
        return Err(SegmentError::Length);
    }
    let mut next = fixed[6];
    for _ in 0..protocol::EXTENSION_HEADERS {
        match next {
            protocol::HOP_BY_HOP | protocol::DESTINATION_OPTIONS => {
                let &[following, units, ..] = rest else {
                    return Err(SegmentError::Truncated);
                };
                next = following;
                rest = rest
                    .get(8 + usize::from(units) * 8..)
                    .ok_or(SegmentError::Truncated)?;
            }
            protocol::FRAGMENT => return Err(SegmentError::Fragment),
            protocol => return Ok((Version::V6, packet.len() - rest.len(), protocol)),
        }
    }
    Err(SegmentError::Protocol)
}
