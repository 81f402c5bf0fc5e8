//! What one tun write takes: a header for the kernel, and slices of the receive buffer.

use std::io::IoSlice;

/// One tun write: a packet alone, or several of one flow as a super-packet.
#[derive(Clone, Copy, Debug)]
pub struct Coalesced<'a> {
    pub(super) slices: &'a [IoSlice<'a>],
    pub(super) packets: usize,
    pub(super) octets: usize,
}

impl<'a> Coalesced<'a> {
    /// How many slices there are at most.
    pub const MAX_SLICES: usize = 1 + super::MAX_SEGMENTS;

    /// What `writev` takes: the [`VnetHeader`](super::VnetHeader), the first packet whole with its
    /// headers fixed, the payload of each further packet. 2 to [`Self::MAX_SLICES`] slices.
    pub fn slices(&self) -> &'a [IoSlice<'a>] {
        self.slices
    }

    /// The same without the header for the kernel.
    pub fn packet(&self) -> &'a [IoSlice<'a>] {
        self.slices.get(1..).unwrap_or_default()
    }

    /// How many inner packets are in it: 1 to [`MAX_SEGMENTS`](super::MAX_SEGMENTS).
    pub fn packets(&self) -> usize {
        self.packets
    }

    /// How many octets these inner packets had, each with its own headers. (For counters; it is
    /// more than is written.)
    pub fn octets(&self) -> usize {
        self.octets
    }
}
