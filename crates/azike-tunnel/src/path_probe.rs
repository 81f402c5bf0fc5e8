//! Which datagram asks the path how much it takes.
//!
//! ```text
//!   most datagrams            without DF   a narrow router cuts them, and they arrive
//!   longer than all before    with DF      a narrow router drops it and says how much fits
//! ```
//!
//! So the path is learnt where routers tell (RFC 1191), at the price of one packet, and where a
//! firewall keeps them from telling, the tunnel works all the same.

use std::time::{Duration, Instant};

/// Chooses the datagrams that leave alone and with DF.
#[derive(Clone, Copy, Debug, Default)]
pub struct PathProbe {
    longest: usize,
    again: Option<Instant>,
}

impl PathProbe {
    /// What every path is expected to carry: 576 octets with the IP and UDP headers.
    const SHORT: usize = 576 - 28;
    /// After so long the path may be another.
    const INTERVAL: Duration = Duration::from_mins(1);

    /// Whether a datagram of `length` octets is to ask: it is longer than all in the last minute, and
    /// not so short that it must fit. `now` may be some milliseconds late.
    ///
    /// Send it by itself, before those of the same length that are to leave together.
    pub fn wants(&mut self, length: usize, now: Instant) -> bool {
        if length <= Self::SHORT {
            return false;
        }
        let over = self.again.is_none_or(|again| now >= again);
        if length <= self.longest && !over {
            return false;
        }
        if over {
            self.again = now.checked_add(Self::INTERVAL);
        }
        self.longest = length;
        true
    }

    /// Asks again soon: the network changed.
    pub const fn forget(&mut self) {
        *self = Self {
            longest: 0,
            again: None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_longer_than_all_before_asks_and_again_each_minute() {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut probe = PathProbe::default();
        let steps = [
            (0, 548, false),
            (0, 549, true),
            (0, 549, false),
            (1, 1472, true),
            (2, 1472, false),
            (3, 1400, false),
            (59, 1472, false),
            (60, 900, true),
            (60, 1472, true),
            (61, 1472, false),
            (119, 1472, false),
            (120, 1472, true),
        ];
        for (seconds, length, expected) in steps {
            let found = probe.wants(length, at(seconds));
            assert_eq!(found, expected, "{length} octets after {seconds} s");
        }
        probe.forget();
        assert!(probe.wants(1000, at(121)));
        // However lengths grow, it is a packet of each length and minute at most.
        let mut probe = PathProbe::default();
        let lengths = (0..6000).map(|n| 549 + n % 1000);
        assert_eq!(lengths.filter(|it| probe.wants(*it, start)).count(), 1000);
    }
}
