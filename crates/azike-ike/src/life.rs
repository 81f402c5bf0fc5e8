//! How long the keys of an SA are used: a time, and for a Child SA what went through.
//!
//! ```text
//!   made            rekey_at       expires_at
//!    ├─────────────────┼──────────────┤          time
//!    0               85–95 %       the limit      octets, packets
//!    2^32             5–15 %          0           sequence numbers left
//! ```
//!
//! The part is drawn once for each SA: the two ends shall not rekey at the same moment (RFC 7296,
//! section 2.8).

use std::time::{Duration, Instant};

use azike_crypto::Random;
use azike_wire::EspSpi;

use crate::config::Lifetimes;

/// Packets that one key may seal without extended sequence numbers (RFC 4303, section 2.2).
const SEQUENCE_NUMBERS: u64 = 1 << 32;
/// What parts of a whole are counted in.
const WHOLE: u64 = 1000;

/// What went through a Child SA so far, as the data path counts it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Usage {
    /// Our SPI of the Child SA.
    pub spi_in: EspSpi,
    /// Octets that were sealed or opened, whichever are more.
    pub octets: u64,
    /// Packets that were sealed or opened, whichever are more.
    pub packets: u64,
    /// How many more packets can be sealed, if it is known.
    pub sequence_left: Option<u64>,
}

/// When an SA is to be replaced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    /// When to make a new one.
    pub(crate) rekey_at: Instant,
    /// When the time of this one is over.
    pub(crate) expires_at: Instant,
    octets: Option<u64>,
    packets: Option<u64>,
    sequence_left: u64,
    /// Whether it was seen that enough went through. Once is enough: a rekey that is refused
    /// comes again by time.
    worn: bool,
}

impl Life {
    /// Of an IKE SA that is made at `now`.
    pub(crate) fn of_ike(lifetimes: &Lifetimes, now: Instant, random: &mut dyn Random) -> Self {
        Self::new(lifetimes.ike, (None, None), now, random)
    }

    /// Of a Child SA that is made at `now`.
    pub(crate) fn of_child(lifetimes: &Lifetimes, now: Instant, random: &mut dyn Random) -> Self {
        let limits = (lifetimes.child_octets, lifetimes.child_packets);
        Self::new(lifetimes.child, limits, now, random)
    }

    fn new(
        lifetime: Duration,
        (octets, packets): (Option<u64>, Option<u64>),
        now: Instant,
        random: &mut dyn Random,
    ) -> Self {
        let part = 850 + fraction(random) / 10;
        let of = |whole: u64| whole / WHOLE * part + whole % WHOLE * part / WHOLE;
        let time =
            Duration::from_millis(of(u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX)));
        Self {
            rekey_at: now + time,
            expires_at: now + lifetime,
            octets: octets.map(of),
            packets: packets.map(of),
            sequence_left: SEQUENCE_NUMBERS - of(SEQUENCE_NUMBERS),
            worn: false,
        }
    }

    /// A new one is wanted at `now`, if not before.
    pub(crate) fn hurry(&mut self, now: Instant) {
        self.rekey_at = self.rekey_at.min(now);
    }

    /// A new one could not be had: again after `pause`, up to half as long again.
    pub(crate) fn postpone(&mut self, now: Instant, pause: Duration, random: &mut dyn Random) {
        let more = u32::try_from(fraction(random)).unwrap_or(0);
        self.rekey_at = now + pause + pause * more / 2000;
    }

    /// Looks whether enough went through for a new one.
    pub(crate) fn wear(&mut self, now: Instant, usage: &Usage) {
        let over = |limit: Option<u64>, used| limit.is_some_and(|limit| used >= limit);
        let worn = over(self.octets, usage.octets)
            || over(self.packets, usage.packets)
            || usage
                .sequence_left
                .is_some_and(|left| left <= self.sequence_left);
        if worn && !self.worn {
            self.worn = true;
            self.hurry(now);
        }
    }
}

/// Between 0 and 1000 thousandths.
fn fraction(random: &mut dyn Random) -> u64 {
    let mut octets = [0; 4];
    random.fill(&mut octets);
    u64::from(u32::from_be_bytes(octets)) % (WHOLE + 1)
}

#[cfg(test)]
mod tests;
