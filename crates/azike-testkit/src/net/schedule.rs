//! What is on its way, ordered by the time of its arrival; at one time, by the order of sending.

use std::collections::BTreeMap;
use std::time::Instant;

/// Things that arrive later.
#[derive(Debug)]
pub(super) struct Schedule<T> {
    waiting: BTreeMap<(Instant, u64), T>,
    count: u64,
}

impl<T> Schedule<T> {
    /// Nothing yet.
    pub(super) const fn new() -> Self {
        Self {
            waiting: BTreeMap::new(),
            count: 0,
        }
    }

    /// `item` arrives at `at`.
    pub(super) fn push(&mut self, at: Instant, item: T) {
        self.waiting.insert((at, self.count), item);
        self.count += 1;
    }

    /// When the next arrives.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.waiting.keys().next().map(|(at, _)| *at)
    }

    /// What has arrived by `now`, the earliest first, and when it did.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(Instant, T)> {
        let first = self.waiting.first_entry()?;
        let at = first.key().0;
        (at <= now).then(|| (at, first.remove()))
    }

    /// How many are on their way.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Timeline;

    #[test]
    fn order_is_by_time_and_then_by_sending() {
        let start = Timeline::begin().start();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut schedule = Schedule::new();
        for (seconds, name) in [(2, "c"), (1, "a"), (2, "d"), (1, "b")] {
            schedule.push(at(seconds), name);
        }
        assert_eq!(schedule.next_at(), Some(at(1)));
        assert_eq!(schedule.pop(start), None);
        let all: Vec<_> = std::iter::from_fn(|| schedule.pop(at(2))).collect();
        assert_eq!(
            all,
            [(at(1), "a"), (at(1), "b"), (at(2), "c"), (at(2), "d")]
        );
        assert_eq!((schedule.next_at(), schedule.len()), (None, 0));
    }
}
