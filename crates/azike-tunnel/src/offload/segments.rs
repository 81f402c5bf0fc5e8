//! Upload: one long packet of the kernel, as packets that can travel.
//!
//! ```text
//!   IP │ TCP │ payload ............................
//!    │    │    ├─ gso_size ─┼─ gso_size ─┼─ rest ─┤
//!    ▼    ▼    ▼            ▼            ▼
//!   IP │ TCP │ ....   IP │ TCP │ ....   IP │ TCP │ ..
//!   CWR, seq          seq + gso_size    PSH, FIN, seq + 2 gso_size
//! ```
//!
//! The fields that differ are set to zero in the packet first and the rest of each header is
//! summed once; a segment then adds its own few words and the sum of its payload, which is made
//! while the payload is copied.

use super::checksum::{Sum, copy_and_sum};
use super::layout::{Layout, Transport, Version};
use super::{Gso, SegmentError, VnetHeader};

const FIN: u8 = 0x01;
const PSH: u8 = 0x08;
const CWR: u8 = 0x80;

/// What the kernel gave, as packets that can travel, one after the other.
#[derive(Debug)]
pub struct Segments<'p> {
    packet: &'p [u8],
    /// `None`: a single packet, copied as it is.
    template: Option<Template>,
    /// The number of the segment that is written next.
    next: usize,
    count: usize,
}

/// What the segments of one super-packet have in common.
#[derive(Clone, Copy, Debug)]
struct Template {
    layout: Layout,
    /// Octets of payload in each segment but the last.
    size: usize,
    /// Of the first segment.
    identification: u16,
    /// Of the first segment; 0 for UDP.
    sequence: u32,
    /// Of all segments together; 0 for UDP.
    flags: u8,
    /// Of the IPv4 header without total length and identification.
    ip: Sum,
    /// Of pseudo-header and transport header without lengths, sequence number and flags.
    transport: Sum,
}

impl<'p> Segments<'p> {
    /// Takes `packet`, which came behind `header`. Its octets are undefined afterwards; after an
    /// error they are as they were.
    ///
    /// Believes nothing of `header`: every field is compared with the packet. A single packet
    /// ([`Gso::None`]) with `needs_checksum` gets its checksum completed; without, it is passed as
    /// it is.
    pub fn new(header: VnetHeader, packet: &'p mut [u8]) -> Result<Self, SegmentError> {
        if packet.is_empty() {
            return Err(SegmentError::Truncated);
        }
        let (template, count) = match header.gso {
            Gso::None => {
                if header.needs_checksum {
                    complete(&header, packet)?;
                }
                (None, 1)
            }
            Gso::Tcp4 | Gso::Tcp6 | Gso::Udp => {
                let layout = Layout::read(&header, packet)?;
                let size = usize::from(header.gso_size);
                let count = (packet.len() - layout.headers).div_ceil(size);
                (Some(Template::new(layout, size, packet)), count)
            }
        };
        Ok(Self {
            packet,
            template,
            next: 0,
            count,
        })
    }

    /// How many packets it is, at least 1.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many were not written yet.
    pub fn remaining(&self) -> usize {
        self.count - self.next
    }

    /// Octets of each packet but the last, which may be shorter: IP header, transport header and
    /// payload.
    pub fn longest(&self) -> usize {
        match self.template {
            Some(template) => template.layout.headers + template.size,
            None => self.packet.len(),
        }
    }

    /// Writes the next packet to the start of `room`, headers and checksums right, and gives its
    /// length in octets.
    ///
    /// `None`: all were written, or the next one does not fit in `room` and is still to come.
    /// [`remaining`](Self::remaining) says which; [`longest`](Self::longest) octets are always
    /// enough.
    #[inline]
    pub fn write_next(&mut self, room: &mut [u8]) -> Option<usize> {
        let length = self.peek(room)?;
        self.next += 1;
        Some(length)
    }

    /// The same, but the packet is still to come.
    #[inline]
    pub fn peek(&self, room: &mut [u8]) -> Option<usize> {
        let last = self.remaining().checked_sub(1)? == 0;
        if let Some(template) = &self.template {
            return template.write(self.packet, self.next, last, room);
        }
        let room = room.get_mut(..self.packet.len())?;
        room.copy_from_slice(self.packet);
        Some(room.len())
    }
}

impl Template {
    /// Keeps the fields that differ, and sets them to zero in `packet`.
    fn new(layout: Layout, size: usize, packet: &mut [u8]) -> Self {
        let (ip, behind) = packet.split_at_mut(layout.ip);
        let (identification, addresses) = match layout.version {
            Version::V4 => {
                let identification = take(ip, 4);
                let _length: [u8; 2] = take(ip, 2);
                let _checksum: [u8; 2] = take(ip, 10);
                (u16::from_be_bytes(identification), ip.get(12..20))
            }
            Version::V6 => {
                let _length: [u8; 2] = take(ip, 4);
                (0, ip.get(8..40))
            }
        };
        let pseudo_header = Sum::ZERO
            .octets(addresses.unwrap_or_default())
            .word(layout.transport.protocol().into());
        let ip = Sum::ZERO.octets(ip);
        let (sequence, flags) = match layout.transport {
            Transport::Tcp => {
                let _checksum: [u8; 2] = take(behind, 16);
                let [flags] = take(behind, 13);
                (u32::from_be_bytes(take(behind, 4)), flags)
            }
            Transport::Udp => {
                let _length_and_checksum: [u8; 4] = take(behind, 4);
                (0, 0)
            }
        };
        let header = behind.get(..layout.headers - layout.ip);
        Self {
            layout,
            size,
            identification,
            sequence,
            flags,
            ip,
            transport: pseudo_header.octets(header.unwrap_or_default()),
        }
    }

    /// Writes segment `number` to the start of `room`; `None` if it does not fit.
    #[inline]
    fn write(&self, packet: &[u8], number: usize, last: bool, room: &mut [u8]) -> Option<usize> {
        let (headers, payload) = packet.split_at_checked(self.layout.headers)?;
        let at = number.checked_mul(self.size)?;
        let rest = payload.get(at..)?;
        let payload = rest.get(..self.size).unwrap_or(rest);
        let length = headers.len() + payload.len();

        let (head, body) = room
            .get_mut(..length)?
            .split_at_mut_checked(headers.len())?;
        head.copy_from_slice(headers);
        let (ip, transport) = head.split_at_mut_checked(self.layout.ip)?;
        self.fix_ip(ip, number, length)?;
        let sum = copy_and_sum(body, payload);
        match self.layout.transport {
            Transport::Tcp => self.fix_tcp(transport, number, at, last, length, sum)?,
            Transport::Udp => self.fix_udp(transport, length, sum)?,
        }
        Some(length)
    }

    /// Total length, identification and checksum; for IPv6 the payload length.
    #[inline]
    fn fix_ip(&self, ip: &mut [u8], number: usize, length: usize) -> Option<()> {
        match self.layout.version {
            Version::V4 => {
                let fixed: &mut [u8; 20] = ip.first_chunk_mut()?;
                let length = u16::try_from(length).ok()?;
                let number = u16::try_from(number).ok()?;
                let identification = self.identification.wrapping_add(number);
                let checksum = self.ip.word(length).word(identification).checksum();
                [fixed[2], fixed[3]] = length.to_be_bytes();
                [fixed[4], fixed[5]] = identification.to_be_bytes();
                [fixed[10], fixed[11]] = checksum;
            }
            Version::V6 => {
                let fixed: &mut [u8; 40] = ip.first_chunk_mut()?;
                let length = u16::try_from(length.checked_sub(40)?).ok()?;
                [fixed[4], fixed[5]] = length.to_be_bytes();
            }
        }
        Some(())
    }

    /// Sequence number, flags, checksum. `payload` is the sum of the payload.
    #[inline]
    fn fix_tcp(
        &self,
        tcp: &mut [u8],
        number: usize,
        at: usize,
        last: bool,
        length: usize,
        payload: Sum,
    ) -> Option<()> {
        let fixed: &mut [u8; 20] = tcp.first_chunk_mut()?;
        let sequence = self.sequence.wrapping_add(u32::try_from(at).ok()?);
        let not_first = if number == 0 { 0 } else { CWR };
        let not_last = if last { 0 } else { FIN | PSH };
        let flags = self.flags & !(not_first | not_last);
        let sum = self
            .transport
            .plus(payload)
            .word(u16::try_from(length - self.layout.ip).ok()?)
            .long_word(sequence)
            .word(flags.into());
        [fixed[4], fixed[5], fixed[6], fixed[7]] = sequence.to_be_bytes();
        fixed[13] = flags;
        [fixed[16], fixed[17]] = sum.checksum();
        Some(())
    }

    /// Length and checksum. `payload` is the sum of the payload.
    #[inline]
    fn fix_udp(&self, udp: &mut [u8], length: usize, payload: Sum) -> Option<()> {
        let fixed: &mut [u8; 8] = udp.first_chunk_mut()?;
        let length = u16::try_from(length - self.layout.ip).ok()?;
        // Once in the pseudo-header, once in the header.
        let sum = self.transport.plus(payload).word(length).word(length);
        [fixed[4], fixed[5]] = length.to_be_bytes();
        [fixed[6], fixed[7]] = sum.udp_checksum();
        Some(())
    }
}

/// The `N` octets at `at`, with zeros left in their place.
fn take<const N: usize>(octets: &mut [u8], at: usize) -> [u8; N] {
    let there = octets.get_mut(at..).and_then(<[u8]>::first_chunk_mut);
    there.map_or([0; N], |there| std::mem::replace(there, [0; N]))
}

/// Completes the checksum of a single packet, of whichever protocol: the sum from where `header`
/// says, in which the field itself counts with the pseudo-header that the kernel put there.
fn complete(header: &VnetHeader, packet: &mut [u8]) -> Result<(), SegmentError> {
    let ip = match packet.first().map(|first| first >> 4) {
        Some(4) => 20,
        Some(6) => 40,
        _ => return Err(SegmentError::Protocol),
    };
    let start = usize::from(header.checksum_start);
    let offset = usize::from(header.checksum_offset);
    let summed = packet.get_mut(start..).ok_or(SegmentError::Checksum)?;
    let sum = Sum::ZERO.octets(summed);
    let field = summed.get_mut(offset..).and_then(<[u8]>::first_chunk_mut);
    let field: &mut [u8; 2] = field.ok_or(SegmentError::Checksum)?;
    // A field in the IP header, or at an odd octet, is none.
    if start < ip || !offset.is_multiple_of(2) {
        return Err(SegmentError::Checksum);
    }
    *field = if header.checksum_offset == Transport::Udp.checksum_offset() {
        sum.udp_checksum()
    } else {
        sum.checksum()
    };
    Ok(())
}
