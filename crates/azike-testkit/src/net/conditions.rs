//! What happens to datagrams on a way: delay, jitter, loss, copies, and what does not pass at all.
//!
//! ```text
//!   Way (from, to) ──▶ Conditions   the last that was set for a way that fits is the one that holds
//! ```

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use azike_wire::{Datagram, demultiplex};

use crate::SeededRandom;

/// The port on which IKE and ESP share UDP (RFC 3948).
const PORT_4500: u16 = 4500;

/// Which datagrams conditions are for: those from one address, to one, between two, or all.
///
/// Addresses are those that the Internet sees: that of a client behind a NAT changes, so its way is
/// best named by the other end.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Way {
    from: Option<IpAddr>,
    to: Option<IpAddr>,
}

impl Way {
    /// Everything.
    pub const ALL: Self = Self {
        from: None,
        to: None,
    };

    /// What `address` sends.
    pub const fn from(address: IpAddr) -> Self {
        Self {
            from: Some(address),
            to: None,
        }
    }

    /// What goes to `address`.
    pub const fn to(address: IpAddr) -> Self {
        Self {
            from: None,
            to: Some(address),
        }
    }

    /// What `from` sends to `to`; not the other direction.
    pub const fn between(from: IpAddr, to: IpAddr) -> Self {
        Self {
            from: Some(from),
            to: Some(to),
        }
    }

    /// Whether a datagram goes this way.
    pub(super) fn fits(self, from: SocketAddr, to: SocketAddr) -> bool {
        let fits = |wanted: Option<IpAddr>, is: SocketAddr| wanted.is_none_or(|it| it == is.ip());
        fits(self.from, from) && fits(self.to, to)
    }
}

/// What the network does to datagrams.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Conditions {
    /// How long each takes at least.
    pub delay: Duration,
    /// How much longer it takes at most: each its own time, so later ones may come first.
    pub jitter: Duration,
    /// How many of a thousand are lost.
    pub loss: u16,
    /// How many of a thousand come twice, each copy with its own jitter.
    pub duplication: u16,
    /// What never passes.
    pub blocked: Blocked,
    /// The longest IP packet that passes, if there is a limit; a longer one is lost in silence, as
    /// where fragments are dropped.
    pub mtu: Option<usize>,
}

/// What never passes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Blocked {
    /// All passes.
    Nothing,
    /// Nothing passes: a partition.
    All,
    /// ESP does not pass; IKE and keepalives do.
    Esp,
    /// IKE does not pass, on neither port; ESP and keepalives do.
    Ike,
}

/// Why a datagram did not arrive.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Loss {
    /// By chance.
    Chance,
    /// [`Blocked`], or [`Disturbance::Loss`](super::Disturbance).
    Blocked,
    /// It was longer than the MTU.
    TooLong,
    /// A NAT had no mapping for it.
    NoMapping,
    /// The sender or the receiver was asleep.
    Asleep,
    /// Nobody has this address.
    Nowhere,
}

impl Conditions {
    /// Half of a round trip of 40 ms, and nothing is lost.
    pub const GOOD: Self = Self {
        delay: Duration::from_millis(20),
        jitter: Duration::ZERO,
        loss: 0,
        duplication: 0,
        blocked: Blocked::Nothing,
        mtu: None,
    };

    /// A crowded radio network: slow, unsteady, one datagram in twenty lost, one in fifty twice.
    pub const POOR: Self = Self {
        delay: Duration::from_millis(80),
        jitter: Duration::from_millis(60),
        loss: 50,
        duplication: 20,
        ..Self::GOOD
    };

    /// A partition.
    pub const NONE: Self = Self {
        blocked: Blocked::All,
        ..Self::GOOD
    };

    /// How long each copy of a datagram takes, one or two of them; or why there is none.
    pub(super) fn pass(
        &self,
        random: &mut SeededRandom,
        (from, to): (SocketAddr, SocketAddr),
        octets: &[u8],
    ) -> Result<(Duration, Option<Duration>), Loss> {
        if self.blocks(from, to, octets) {
            return Err(Loss::Blocked);
        }
        let headers = if from.is_ipv4() { 20 + 8 } else { 40 + 8 };
        if self.mtu.is_some_and(|mtu| octets.len() + headers > mtu) {
            return Err(Loss::TooLong);
        }
        if random.per_mille(self.loss) {
            return Err(Loss::Chance);
        }
        let first = self.time(random);
        let again = random.per_mille(self.duplication);
        Ok((first, again.then(|| self.time(random))))
    }

    fn blocks(&self, from: SocketAddr, to: SocketAddr, octets: &[u8]) -> bool {
        let shared = from.port() == PORT_4500 || to.port() == PORT_4500;
        match self.blocked {
            Blocked::Nothing => false,
            Blocked::All => true,
            Blocked::Esp => shared && matches!(demultiplex(octets), Datagram::Esp(..)),
            Blocked::Ike => !shared || matches!(demultiplex(octets), Datagram::Ike(_)),
        }
    }

    fn time(&self, random: &mut SeededRandom) -> Duration {
        let most = usize::try_from(self.jitter.as_micros()).unwrap_or(usize::MAX);
        let more = random.below(most.saturating_add(1));
        self.delay + Duration::from_micros(u64::try_from(more).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ESP: &[u8] = &[0, 0, 1, 0, 0, 0, 0, 1];
    const IKE: &[u8] = &[0, 0, 0, 0, 1, 2, 3, 4];

    fn pass(conditions: Conditions, port: u16, octets: &[u8]) -> bool {
        let from = SocketAddr::from(([198, 51, 100, 7], 31_000));
        let to = SocketAddr::from(([20, 61, 7, 9], port));
        let mut random = SeededRandom::new(1);
        conditions.pass(&mut random, (from, to), octets).is_ok()
    }

    #[test]
    fn blocked_is_told_by_what_it_carries() {
        for (blocked, [esp, ike, bare, keepalive]) in [
            (Blocked::Nothing, [true, true, true, true]),
            (Blocked::All, [false, false, false, false]),
            (Blocked::Esp, [false, true, true, true]),
            (Blocked::Ike, [true, false, false, true]),
        ] {
            let conditions = Conditions {
                blocked,
                ..Conditions::GOOD
            };
            assert_eq!(pass(conditions, 4500, ESP), esp, "{blocked:?}");
            assert_eq!(pass(conditions, 4500, IKE), ike, "{blocked:?}");
            // A bare message begins with a random SPI: on port 500 there is no ESP.
            assert_eq!(pass(conditions, 500, ESP), bare, "{blocked:?}");
            assert_eq!(pass(conditions, 4500, &[0xff]), keepalive, "{blocked:?}");
        }
    }

    #[test]
    fn mtu_counts_the_headers() {
        let conditions = Conditions {
            mtu: Some(1400),
            ..Conditions::GOOD
        };
        assert!(pass(conditions, 4500, &[1; 1372]));
        assert!(!pass(conditions, 4500, &[1; 1373]));
    }

    #[test]
    fn ways_have_a_direction() {
        let (a, b): (SocketAddr, SocketAddr) = (
            "192.0.2.1:1".parse().unwrap(),
            "198.51.100.2:2".parse().unwrap(),
        );
        for (way, there, back) in [
            (Way::ALL, true, true),
            (Way::from(a.ip()), true, false),
            (Way::to(a.ip()), false, true),
            (Way::between(a.ip(), b.ip()), true, false),
        ] {
            assert_eq!((way.fits(a, b), way.fits(b, a)), (there, back), "{way:?}");
        }
    }
}
