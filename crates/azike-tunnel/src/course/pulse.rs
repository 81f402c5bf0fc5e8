//! Connected is measured, never assumed: authentic packets come within a bound while we send.
//!
//! ```text
//!   we send, nothing comes    4 s ─▶ ask the gateway (liveness)
//!     it does not answer      3 s ─▶ stalled: the gateway is silent
//!     it answers, and 10 s nothing comes that has to ─▶ stalled: nothing comes back through the tunnel
//! ```

use std::time::{Duration, Instant};

/// Packets that go out for so long and bring nothing back are a reason to ask the gateway.
const NO_REPLY: Duration = Duration::from_secs(4);
/// How often it is asked for that reason.
const ASK_AGAIN: Duration = Duration::from_secs(10);
/// A gateway that leaves a request unanswered for so long is silent.
const SILENT: Duration = Duration::from_secs(3);
/// The same after the network changed or the machine woke: two repetitions are enough then.
const SILENT_AFTER_MOVE: Duration = Duration::from_millis(1500);
/// For so long nothing came back though somebody had to answer, and the gateway answers.
const NOTHING_BACK: Duration = Duration::from_secs(10);
/// The same after the network changed.
const NOTHING_BACK_AFTER_MOVE: Duration = Duration::from_secs(5);
/// Fewer packets than this may have been for somebody who does not answer.
const FEW: u64 = 3;

/// What the data path and the engine count.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// Packets sent through the tunnel.
    pub sent: u64,
    /// Those of them that somebody has to answer ([`wants_answer`](crate::wants_answer)).
    pub asked: u64,
    /// Authentic packets that came through it.
    pub received: u64,
    /// Since when a request of ours waits for its response.
    pub unanswered: Option<Instant>,
}

/// Why a tunnel does not count as connected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stall {
    /// The gateway does not answer.
    GatewaySilent,
    /// The gateway answers, but no packet comes back through the tunnel.
    NothingComesBack,
}

/// What a look at the counters gave.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Look {
    /// The gateway should be asked whether it lives.
    pub(super) ask: bool,
    /// The tunnel does not count as connected.
    pub(super) stall: Option<Stall>,
}

/// What was seen of the traffic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pulse {
    seen: Reading,
    /// When the first packet left that nothing came back for.
    alone: Option<Instant>,
    /// When the first one left that somebody had to answer, and how many of them had left before.
    waiting: Option<(Instant, u64)>,
    /// When the last one of them left.
    last: Option<Instant>,
    /// When the gateway was asked.
    asked: Option<Instant>,
}

impl Pulse {
    /// Starts from counters that may be those of an earlier link.
    pub(super) const fn new(seen: Reading) -> Self {
        Self {
            seen,
            alone: None,
            waiting: None,
            last: None,
            asked: None,
        }
    }

    /// Whether something came since the last look.
    pub(super) const fn is_news(&self, reading: Reading) -> bool {
        reading.received > self.seen.received
    }

    /// Looks at the counters. `moved` right after the network changed.
    pub(super) fn look(&mut self, now: Instant, reading: Reading, moved: bool) -> Look {
        let before = std::mem::replace(&mut self.seen, reading);
        let (sent, asked) = (reading.sent > before.sent, reading.asked > before.asked);
        if asked {
            self.last = Some(now);
        }
        if reading.received > before.received {
            (self.alone, self.waiting) = (None, None);
        } else {
            self.alone = self.alone.or_else(|| sent.then_some(now));
            let first = || asked.then_some((now, before.asked));
            self.waiting = self.waiting.or_else(first);
        }
        let since = |at: Instant| now.saturating_duration_since(at);
        let ask = self.alone.is_some_and(|at| since(at) >= NO_REPLY)
            && self.asked.is_none_or(|at| since(at) >= ASK_AGAIN);
        if ask {
            self.asked = Some(now);
        }
        let (silent, bound) = if moved {
            (SILENT_AFTER_MOVE, NOTHING_BACK_AFTER_MOVE)
        } else {
            (SILENT, NOTHING_BACK)
        };
        let many_wait = self.waiting.is_some_and(|(at, before)| {
            since(at) >= bound && reading.asked.saturating_sub(before) >= FEW
        });
        let goes_on = self.last.is_some_and(|at| since(at) < bound);
        let stall = if reading.unanswered.is_some_and(|at| since(at) >= silent) {
            Some(Stall::GatewaySilent)
        } else if many_wait && goes_on {
            Some(Stall::NothingComesBack)
        } else {
            None
        };
        Look { ask, stall }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks once a second at counters that `at` gives for each second.
    fn watch(seconds: u64, at: impl Fn(u64, Instant) -> Reading) -> Vec<(u64, Look)> {
        #[expect(
            clippy::disallowed_methods,
            reason = "an Instant can be had from the clock only"
        )]
        let start = Instant::now();
        let mut pulse = Pulse::new(at(0, start));
        let look = |second| {
            let now = start + Duration::from_secs(second);
            (second, pulse.look(now, at(second, start), false))
        };
        (1..=seconds).map(look).collect()
    }

    fn asked(looks: &[(u64, Look)]) -> Vec<u64> {
        let asked = looks.iter().filter(|(_, look)| look.ask);
        asked.map(|(second, _)| *second).collect()
    }

    fn first(looks: &[(u64, Look)]) -> Option<(u64, Stall)> {
        let mut stalls = looks
            .iter()
            .filter_map(|(second, look)| look.stall.map(|stall| (*second, stall)));
        stalls.next()
    }

    #[test]
    fn an_idle_tunnel_and_a_busy_one_are_alive() {
        for (sent, received) in [(0, 0), (1, 1)] {
            let looks = watch(60, |second, _| Reading {
                sent: second * sent,
                asked: second * sent,
                received: second * received,
                unanswered: None,
            });
            assert_eq!(asked(&looks), [] as [u64; 0]);
            assert_eq!(first(&looks), None);
        }
    }

    #[test]
    fn packets_without_an_answer_make_us_ask_and_not_too_often() {
        let looks = watch(30, |second, _| Reading {
            sent: second,
            asked: second,
            ..Reading::default()
        });
        assert_eq!(asked(&looks), [5, 15, 25]);
        assert_eq!(first(&looks), Some((11, Stall::NothingComesBack)));
    }

    #[test]
    fn a_silent_gateway_is_noticed_three_seconds_after_the_question() {
        let looks = watch(20, |second, start| Reading {
            sent: second,
            asked: second,
            received: 0,
            unanswered: (second >= 5).then(|| start + Duration::from_secs(5)),
        });
        assert_eq!(first(&looks), Some((8, Stall::GatewaySilent)));
    }

    #[test]
    fn one_packet_now_and_then_is_watched_too() {
        let looks = watch(30, |second, _| Reading {
            sent: second / 7,
            asked: second / 7,
            ..Reading::default()
        });
        assert_eq!(asked(&looks).first(), Some(&11));
    }

    #[test]
    fn one_packet_to_somebody_who_does_not_answer_is_no_stall() {
        let looks = watch(60, |second, _| Reading {
            sent: second.min(1),
            asked: second.min(1),
            ..Reading::default()
        });
        assert_eq!(first(&looks), None);
    }

    #[test]
    fn a_stream_that_nobody_has_to_answer_makes_us_ask_and_is_no_stall() {
        let looks = watch(120, |second, _| Reading {
            sent: second * 100_000,
            ..Reading::default()
        });
        assert_eq!(asked(&looks).len(), 12);
        assert_eq!(first(&looks), None);
    }

    #[test]
    fn a_question_within_a_stream_counts_from_when_it_was_asked() {
        let looks = watch(60, |second, _| Reading {
            sent: second * 1000,
            asked: second.saturating_sub(30),
            ..Reading::default()
        });
        assert_eq!(first(&looks), Some((41, Stall::NothingComesBack)));
    }

    #[test]
    fn a_packet_that_comes_ends_the_stall() {
        let looks = watch(20, |second, _| Reading {
            sent: second,
            asked: second,
            received: u64::from(second >= 15),
            unanswered: None,
        });
        assert!(looks.iter().any(|(_, look)| look.stall.is_some()));
        let after = looks.iter().filter(|(second, _)| *second >= 15);
        assert!(after.clone().all(|(_, look)| look.stall.is_none()));
    }
}
