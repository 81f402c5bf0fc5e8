//! One super-packet while it grows.
//!
//! ```text
//!   buffer  ..│ESP│IP│TCP│payload│..│ESP│IP│TCP│payload│..│ESP│IP│TCP│payload│..
//!                 └─────┬────────┘             └───┬───┘             └───┬───┘
//!   slices     header,  first packet whole,     payload,              payload
//! ```

use std::io::IoSlice;
use std::ops::Range;

use super::candidate::{CLOSING, Candidate, Flow};
use super::checksum::Sum;
use super::layout::{Transport, Version};
use super::{Coalesced, MAX_SEGMENTS, VnetHeader};

/// The longest IP packet, in octets.
const LONGEST: usize = 65_535;

/// Packets of one flow in the buffer, each continuing the one before it.
#[derive(Debug)]
pub(super) struct SuperPacket {
    flow: Flow,
    /// Where the first packet begins.
    start: usize,
    /// What the first packet says. `sequence`, `identification` and `closing` are those of the
    /// last one.
    latest: Candidate,
    /// Octets of payload of the first packet, and of all but the last.
    size: usize,
    /// Where the payload of each packet begins.
    payloads: [usize; MAX_SEGMENTS],
    count: usize,
    /// Octets of all payloads.
    total: usize,
}

impl SuperPacket {
    /// Begins with the packet that starts at `start`.
    pub(super) fn new(flow: Flow, first: Candidate, start: usize) -> Self {
        let mut payloads = [0; MAX_SEGMENTS];
        payloads[0] = start + first.headers;
        Self {
            flow,
            start,
            latest: first,
            size: first.payload,
            payloads,
            count: 1,
            total: first.payload,
        }
    }

    pub(super) fn flow(&self) -> &Flow {
        &self.flow
    }

    /// Whether nothing can join any more.
    pub(super) fn is_full(&self) -> bool {
        self.count == MAX_SEGMENTS
            || self.latest.payload < self.size
            || self.latest.closing != 0
            || self.latest.headers + self.total == LONGEST
    }

    /// Takes the packet that starts at `start` in `buffer` in; `false` if it does not continue
    /// this one.
    pub(super) fn join(&mut self, next: Candidate, start: usize, buffer: &[u8]) -> bool {
        let follows = match self.flow.transport() {
            Transport::Tcp => {
                let payload = u32::try_from(self.latest.payload).unwrap_or(0);
                next.sequence == self.latest.sequence.wrapping_add(payload)
            }
            Transport::Udp => true,
        };
        let numbered = match (self.latest.identification, next.identification) {
            (None, None) => true,
            (Some(last), Some(next)) => next == last.wrapping_add(1),
            _ => false,
        };
        let fits =
            next.payload <= self.size && self.latest.headers + self.total + next.payload <= LONGEST;
        if self.is_full()
            || !follows
            || !numbered
            || !fits
            || next.fixed != self.latest.fixed
            || !self.has_options_of(next, start, buffer)
        {
            return false;
        }
        let Some(payload) = self.payloads.get_mut(self.count) else {
            return false;
        };
        *payload = start + next.headers;
        self.count += 1;
        self.total += next.payload;
        self.latest = next;
        true
    }

    /// Whether the TCP options are the same, octet for octet.
    fn has_options_of(&self, next: Candidate, start: usize, buffer: &[u8]) -> bool {
        let fixed = self.ip_length()
            + match self.flow.transport() {
                Transport::Tcp => 20,
                Transport::Udp => 8,
            };
        // The header lengths are among the fixed fields, and equal.
        let options = |start| buffer.get(start + fixed..start + next.headers);
        next.headers == fixed || options(self.start) == options(start)
    }

    fn ip_length(&self) -> usize {
        match self.flow.version() {
            Version::V4 => 20,
            Version::V6 => 40,
        }
    }

    /// Fixes the headers of the first packet and gives all to `out`.
    pub(super) fn hand_out(&self, buffer: &mut [u8], out: &mut impl FnMut(&Coalesced<'_>)) {
        let first = self.start..self.start + self.latest.headers + self.size;
        if self.count == 1 {
            return hand_out_alone(buffer, first, out);
        }
        let Some(header) = self.fix(buffer) else {
            return;
        };
        let header = header.write();
        let mut slices = [IoSlice::new(&[]); Coalesced::MAX_SLICES];
        let payloads = self.payloads.get(1..self.count).unwrap_or_default();
        let last = payloads.len().wrapping_sub(1);
        let further = payloads.iter().enumerate().map(|(at, &start)| {
            let length = if at == last {
                self.latest.payload
            } else {
                self.size
            };
            start..start + length
        });
        for (slice, range) in slices
            .iter_mut()
            .skip(1)
            .zip([first].into_iter().chain(further))
        {
            *slice = IoSlice::new(buffer.get(range).unwrap_or_default());
        }
        slices[0] = IoSlice::new(&header);
        out(&Coalesced {
            slices: slices.get(..=self.count).unwrap_or_default(),
            packets: self.count,
            octets: self.count * self.latest.headers + self.total,
        });
    }

    /// Makes the headers of the first packet those of the whole, and gives the header for the
    /// kernel.
    fn fix(&self, buffer: &mut [u8]) -> Option<VnetHeader> {
        let ip_length = self.ip_length();
        let length = self.latest.headers + self.total;
        let headers = buffer
            .get_mut(self.start..)?
            .get_mut(..self.latest.headers)?;
        let (ip, transport) = headers.split_at_mut_checked(ip_length)?;
        match self.flow.version() {
            Version::V4 => {
                let ip: &mut [u8; 20] = ip.first_chunk_mut()?;
                [ip[2], ip[3]] = u16::try_from(length).ok()?.to_be_bytes();
                [ip[10], ip[11]] = [0, 0];
                [ip[10], ip[11]] = Sum::ZERO.octets(ip).checksum();
            }
            Version::V6 => {
                let ip: &mut [u8; 40] = ip.first_chunk_mut()?;
                [ip[4], ip[5]] = u16::try_from(length - ip_length).ok()?.to_be_bytes();
            }
        }
        let transport_length = u16::try_from(length - ip_length).ok()?;
        let pseudo_header = self.flow.pseudo_header(transport_length).folded();
        match self.flow.transport() {
            Transport::Tcp => {
                let tcp: &mut [u8; 20] = transport.first_chunk_mut()?;
                tcp[13] |= self.latest.closing & CLOSING;
                [tcp[16], tcp[17]] = pseudo_header;
            }
            Transport::Udp => {
                let udp: &mut [u8; 8] = transport.first_chunk_mut()?;
                [udp[4], udp[5]] = transport_length.to_be_bytes();
                [udp[6], udp[7]] = pseudo_header;
            }
        }
        Some(VnetHeader {
            needs_checksum: true,
            gso: self.flow.gso(),
            header_length: u16::try_from(self.latest.headers).ok()?,
            gso_size: u16::try_from(self.size).ok()?,
            checksum_start: u16::try_from(ip_length).ok()?,
            checksum_offset: self.flow.transport().checksum_offset(),
        })
    }
}

/// Gives the packet at `packet` to `out` as it is.
pub(super) fn hand_out_alone(
    buffer: &[u8],
    packet: Range<usize>,
    out: &mut impl FnMut(&Coalesced<'_>),
) {
    let Some(octets) = buffer.get(packet) else {
        return;
    };
    let header = VnetHeader::NONE.write();
    out(&Coalesced {
        slices: &[IoSlice::new(&header), IoSlice::new(octets)],
        packets: 1,
        octets: octets.len(),
    });
}
