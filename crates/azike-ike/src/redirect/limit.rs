//! How often to be sent on (RFC 5685, section 4): gateways that send clients round in a circle
//! must not keep them going.

use std::time::{Duration, Instant};

use thiserror::Error;

use super::RedirectTarget;

/// How many redirects are followed in [`PERIOD`].
const MOST: usize = 3;
/// How long a gateway counts as visited.
const PERIOD: Duration = Duration::from_mins(5);

/// Remembers where we were.
#[derive(Clone, Debug, Default)]
pub struct RedirectLimit {
    visited: Vec<(Instant, RedirectTarget)>,
    followed: Vec<Instant>,
}

/// Why a redirect is not followed.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum RedirectFault {
    /// One more, after too many.
    #[error("redirected more than three times in five minutes")]
    TooMany,
    /// Back to a gateway that we came from.
    #[error("redirected in a circle")]
    Circle,
}

impl RedirectLimit {
    /// Nowhere yet.
    pub const fn new() -> Self {
        Self {
            visited: Vec::new(),
            followed: Vec::new(),
        }
    }

    /// Remembers a gateway that we speak to: by the name and by the address that is used.
    pub fn visit(&mut self, now: Instant, gateway: RedirectTarget) {
        self.forget(now);
        self.visited.retain(|(_, other)| *other != gateway);
        self.visited.push((now, gateway));
    }

    /// Whether to go to `target`; if so, it counts.
    pub fn follow(&mut self, now: Instant, target: &RedirectTarget) -> Result<(), RedirectFault> {
        self.forget(now);
        if self.visited.iter().any(|(_, gateway)| gateway == target) {
            return Err(RedirectFault::Circle);
        }
        if self.followed.len() >= MOST {
            return Err(RedirectFault::TooMany);
        }
        self.followed.push(now);
        self.visit(now, target.clone());
        Ok(())
    }

    fn forget(&mut self, now: Instant) {
        let recent = |at: Instant| now.saturating_duration_since(at) < PERIOD;
        self.visited.retain(|(at, _)| recent(*at));
        self.followed.retain(|at| recent(*at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant can be had from the clock only"
    )]
    fn start() -> Instant {
        Instant::now()
    }

    fn gateway(number: u8) -> RedirectTarget {
        RedirectTarget::Address([20, 61, 7, number].into())
    }

    /// N-26: four in a row.
    #[test]
    fn n26_three_are_followed_in_five_minutes() {
        let mut limit = RedirectLimit::new();
        let now = start();
        limit.visit(now, gateway(0));
        for number in 1..=3 {
            assert_eq!(limit.follow(now, &gateway(number)), Ok(()));
        }
        let too_many = Err(RedirectFault::TooMany);
        assert_eq!(limit.follow(now, &gateway(4)), too_many);
        let almost = now + Duration::from_secs(299);
        assert_eq!(limit.follow(almost, &gateway(4)), too_many);
        assert_eq!(limit.follow(now + PERIOD, &gateway(4)), Ok(()));
    }

    /// N-26: from A to B to A, and from A to A; under another name of B, too.
    #[test]
    fn n26_no_way_leads_back() {
        let circle = Err(RedirectFault::Circle);
        let mut limit = RedirectLimit::new();
        let now = start();
        limit.visit(now, gateway(1));
        assert_eq!(limit.follow(now, &gateway(1)), circle);
        let name = RedirectTarget::Name("b.example".to_owned());
        assert_eq!(limit.follow(now, &name), Ok(()));
        limit.visit(now, gateway(2));
        for back in [&gateway(1), &name, &gateway(2)] {
            assert_eq!(limit.follow(now, back), circle, "{back}");
        }
        // A day later the gateways may have changed their minds.
        let later = now + Duration::from_hours(24);
        limit.visit(later, gateway(2));
        assert_eq!(limit.follow(later, &gateway(1)), Ok(()));
        assert_eq!(limit.follow(later, &gateway(2)), circle);
    }

    /// A gateway that is visited again and again is remembered once.
    #[test]
    fn memory_does_not_grow() {
        let mut limit = RedirectLimit::new();
        let now = start();
        for second in 0..10_000 {
            limit.visit(now + Duration::from_secs(second), gateway(1));
        }
        assert_eq!(limit.visited.len(), 1);
    }
}
