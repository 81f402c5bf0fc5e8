//! Time in the lab. Real programs run here, so the real clock is read; all of it in this file.
#![expect(
    clippy::disallowed_methods,
    reason = "the lab waits for programs, so it needs the real clock"
)]

use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Measures how long something took.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// The time since the start, in seconds.
    pub fn seconds(self) -> f64 {
        self.elapsed().as_secs_f64()
    }
}

/// The wall clock as `ping -D` prints it: seconds since 1970.
pub fn unix_seconds() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

/// Waits for `time`.
pub fn pause(time: Duration) {
    thread::sleep(time);
}

/// Asks `condition` every 10 ms until it is true. False when `limit` passed first.
pub fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let watch = Stopwatch::start();
    loop {
        if condition() {
            return true;
        }
        if watch.elapsed() >= limit {
            return false;
        }
        pause(Duration::from_millis(10));
    }
}
