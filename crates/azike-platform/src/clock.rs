//! The one place that reads the clock.
//!
//! `std::time::Instant` stands still while the machine sleeps, on Linux and on
//! macOS. An IKE SA does not: after a night with the lid closed the gateway
//! has forgotten us and the liveness check must be due at once. So the time
//! here is `CLOCK_BOOTTIME` (Linux) or `CLOCK_MONOTONIC` (macOS, where it
//! counts sleep), laid onto `Instant`.

use std::time::{Duration, Instant, SystemTime};

#[cfg(target_os = "linux")]
const ID: rustix::time::ClockId = rustix::time::ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const ID: rustix::time::ClockId = rustix::time::ClockId::Monotonic;

/// How long [`Clock::sleep_until`] trusts the timers of the runtime, which
/// stand still during sleep.
const LONGEST_NAP: Duration = Duration::from_secs(5);

/// A monotonic clock that also runs while the machine sleeps.
///
/// Copies tell the same time. Its `Instant`s run ahead of those of `std` by
/// the time that the machine has slept: wait with [`Clock::until`] or
/// [`Clock::sleep_until`], never with `tokio::time::sleep_until`.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    instant: Instant,
    reading: Duration,
}

impl Clock {
    /// Starts the clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    pub fn start() -> Self {
        Self {
            instant: Instant::now(),
            reading: read(),
        }
    }

    /// The time now.
    pub fn now(&self) -> Instant {
        self.at(read())
    }

    /// How long it is until `at`; zero when it has passed.
    pub fn until(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.now())
    }

    /// Waits until `at`. After the machine woke up, it notices within five
    /// seconds that `at` has passed.
    ///
    /// Needs a tokio runtime with time enabled.
    pub async fn sleep_until(&self, at: Instant) {
        loop {
            let left = self.until(at);
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LONGEST_NAP)).await;
        }
    }

    /// Wall-clock time since 1970, for certificates. Zero if the clock says
    /// something earlier.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    #[expect(clippy::unused_self, reason = "whoever may not see the clock has none")]
    pub fn unix_time(&self) -> Duration {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
    }

    fn at(&self, reading: Duration) -> Instant {
        self.instant + reading.saturating_sub(self.reading)
    }
}

fn read() -> Duration {
    let time = rustix::time::clock_gettime(ID);
    let secs = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(secs, nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_of_sleep_is_on_the_clock() {
        let clock = Clock::start();
        let night = Duration::from_hours(8);
        assert_eq!(clock.at(clock.reading + night), clock.instant + night);
    }

    #[test]
    fn a_reading_before_the_start_is_the_start() {
        let clock = Clock::start();
        let earlier = clock.reading.saturating_sub(Duration::from_secs(1));
        assert_eq!(clock.at(earlier), clock.instant);
    }

    #[test]
    fn time_moves_forward_and_deadlines_pass() {
        let clock = Clock::start();
        let first = clock.now();
        let second = clock.now();
        assert!(second >= first && first >= clock.instant);
        assert_eq!(clock.until(first), Duration::ZERO);
        assert!(clock.until(second + Duration::from_mins(1)) > Duration::from_secs(50));
        assert!(clock.unix_time() > Duration::from_secs(1_700_000_000));
    }

    #[tokio::test]
    async fn waiting_for_the_past_returns_at_once() {
        let clock = Clock::start();
        clock.sleep_until(clock.instant).await;
        let soon = clock.now() + Duration::from_millis(20);
        clock.sleep_until(soon).await;
        assert!(clock.now() >= soon);
    }
}
