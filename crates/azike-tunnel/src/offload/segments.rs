//! Upload: one long packet of the kernel, as packets that can travel.

use super::{SegmentError, VnetHeader};

/// What the kernel gave, as packets that can travel, one after the other.
#[derive(Debug)]
pub struct Segments<'p> {
    packet: &'p mut [u8],
    next: usize,
}

impl<'p> Segments<'p> {
    /// Takes `packet`, which came behind `header`; its octets are undefined afterwards.
    ///
    /// Believes nothing of `header`: every field is compared with the packet. A single packet
    /// ([`Gso::None`](super::Gso::None)) with `needs_checksum` gets its checksum completed;
    /// without, it is passed as it is.
    pub fn new(_header: VnetHeader, packet: &'p mut [u8]) -> Result<Self, SegmentError> {
        Ok(Self { packet, next: 0 })
    }

    /// How many packets it is, at least 1.
    pub fn count(&self) -> usize {
        1
    }

    /// How many were not written yet.
    pub fn remaining(&self) -> usize {
        self.count().saturating_sub(self.next)
    }

    /// Octets of each packet but the last, which may be shorter: IP header, transport header and
    /// payload.
    pub fn longest(&self) -> usize {
        self.packet.len()
    }

    /// Writes the next packet to the start of `room`, headers and checksums right, and gives its
    /// length in octets.
    ///
    /// `None`: all were written, or the next one does not fit in `room` and is still to come.
    /// [`remaining`](Self::remaining) says which; [`longest`](Self::longest) octets are always
    /// enough.
    pub fn write_next(&mut self, room: &mut [u8]) -> Option<usize> {
        if self.remaining() == 0 {
            return None;
        }
        room.get_mut(..self.packet.len())?
            .copy_from_slice(self.packet);
        self.next += 1;
        Some(self.packet.len())
    }
}
