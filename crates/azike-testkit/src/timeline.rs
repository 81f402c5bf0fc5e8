//! Virtual time: the clock is read once, and from then on time passes when a test says so.
//!
//! ```text
//!   start ──────────▶ now ─────────▶ next deadline, next delivery, …
//!     (the clock)       (advance_to: nothing sleeps, a week is over in a moment)
//! ```

use std::time::{Duration, Instant};

/// A time that only goes when it is told to, and never back.
#[derive(Clone, Copy, Debug)]
pub struct Timeline {
    start: Instant,
    now: Instant,
}

impl Timeline {
    /// Begins. Only the distance from the start matters to anybody, so any start will do.
    pub fn begin() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "an Instant can be had from the clock only"
        )]
        let start = Instant::now();
        Self { start, now: start }
    }

    /// When time began.
    pub const fn start(&self) -> Instant {
        self.start
    }

    /// The time.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// How long it has been going.
    pub fn passed(&self) -> Duration {
        self.now.saturating_duration_since(self.start)
    }

    /// Lets time go on to `at`; a time that is over changes nothing.
    pub fn advance_to(&mut self, at: Instant) {
        self.now = self.now.max(at);
    }

    /// Lets `duration` pass.
    pub fn advance(&mut self, duration: Duration) {
        self.now += duration;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_goes_back() {
        let mut time = Timeline::begin();
        time.advance(Duration::from_hours(7 * 24));
        let week = time.now();
        time.advance_to(time.start());
        assert_eq!(time.now(), week);
        assert_eq!(time.passed(), Duration::from_hours(7 * 24));
        time.advance_to(week + Duration::from_secs(1));
        assert_eq!(time.passed(), Duration::from_secs(7 * 24 * 3600 + 1));
    }
}
