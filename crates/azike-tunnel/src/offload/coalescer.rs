//! Download: packets of one receive buffer, put together again for one tun write.
//!
//! ```text
//!   push ─▶ of a flow that is open? ─▶ joins? ─▶ full? ─▶ out
//!                  no                    no ─▶ the open one out, then
//!                   └─────▶ may others join it? ─▶ open (no place: the oldest out)
//!                                         no ─▶ out alone
//!   flush ─▶ all out, oldest first
//! ```

use std::ops::Range;

use super::Coalesced;
use super::candidate::{Arriving, Candidate, Flow};
use super::layout::Transport;
use super::super_packet::{SuperPacket, hand_out_alone};

/// How many flows are put together at the same time; the kernel has 8 for each hash bucket.
const OPEN: usize = 8;

/// Puts packets of one receive buffer together into super-packets.
///
/// It keeps positions in the buffer and no octets: until the next [`flush`](Self::flush) every call
/// gets the same buffer, and nobody else writes to it. (A caller that breaks this writes wrong
/// packets; nothing worse.)
#[derive(Debug)]
pub struct Coalescer {
    /// What is open, each with the number at which it was opened.
    open: [Option<(u64, SuperPacket)>; OPEN],
    /// The number of the next one.
    next: u64,
    udp: bool,
}

impl Default for Coalescer {
    fn default() -> Self {
        Self::new()
    }
}

impl Coalescer {
    /// Nothing is held yet. Nothing is ever allocated.
    pub fn new() -> Self {
        Self {
            open: [const { None }; OPEN],
            next: 0,
            udp: true,
        }
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
        let Some(octets) = buffer.get(packet.clone()) else {
            return;
        };
        match Arriving::of(octets) {
            Arriving::Unrelated => hand_out_alone(buffer, packet, out),
            Arriving::Obscure => {
                self.flush(buffer, out);
                hand_out_alone(buffer, packet, out);
            }
            Arriving::Alone(flow) => {
                self.close(&flow, buffer, out);
                hand_out_alone(buffer, packet, out);
            }
            Arriving::Joins(flow, _) if !self.udp && flow.transport() == Transport::Udp => {
                hand_out_alone(buffer, packet, out);
            }
            Arriving::Joins(flow, candidate) => self.join(flow, candidate, packet, buffer, out),
        }
    }

    /// Hands out everything that is left, oldest first. To be called at the end of every receive
    /// buffer, so that no packet waits.
    pub fn flush(&mut self, buffer: &mut [u8], out: &mut impl FnMut(&Coalesced<'_>)) {
        while self.close_oldest(buffer, out) {}
    }

    fn join(
        &mut self,
        flow: Flow,
        candidate: Candidate,
        packet: Range<usize>,
        buffer: &mut [u8],
        out: &mut impl FnMut(&Coalesced<'_>),
    ) {
        if let Some(place) = self
            .open
            .iter_mut()
            .find(|place| is_of(place.as_ref(), &flow))
        {
            let Some((_, open)) = place else { return };
            let joined = open.join(candidate, packet.start, buffer);
            if !joined || open.is_full() {
                open.hand_out(buffer, out);
                *place = None;
            }
            if joined {
                return;
            }
        }
        if candidate.closing != 0 {
            return hand_out_alone(buffer, packet, out);
        }
        if self.open.iter().all(Option::is_some) {
            self.close_oldest(buffer, out);
        }
        if let Some(place) = self.open.iter_mut().find(|place| place.is_none()) {
            *place = Some((self.next, SuperPacket::new(flow, candidate, packet.start)));
            self.next += 1;
        }
    }

    /// Hands out what is open of `flow`.
    fn close(&mut self, flow: &Flow, buffer: &mut [u8], out: &mut impl FnMut(&Coalesced<'_>)) {
        if let Some(place) = self
            .open
            .iter_mut()
            .find(|place| is_of(place.as_ref(), flow))
        {
            if let Some((_, open)) = place {
                open.hand_out(buffer, out);
            }
            *place = None;
        }
    }

    /// Hands out what is open the longest; `false` if nothing is open.
    fn close_oldest(&mut self, buffer: &mut [u8], out: &mut impl FnMut(&Coalesced<'_>)) -> bool {
        let places = self.open.iter_mut().filter(|place| place.is_some());
        let oldest = places.min_by_key(|place| place.as_ref().map(|(number, _)| *number));
        let Some(place) = oldest else {
            return false;
        };
        if let Some((_, open)) = place {
            open.hand_out(buffer, out);
        }
        *place = None;
        true
    }
}

fn is_of(place: Option<&(u64, SuperPacket)>, flow: &Flow) -> bool {
    place.is_some_and(|(_, open)| open.flow() == flow)
}
