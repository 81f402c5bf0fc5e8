//! What the data path counts: packets, octets, and each loss by its cause.
//!
//! One thread writes, any thread reads, nothing waits. Numbers that belong together may be read a
//! packet apart.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::DropCause;

/// What went one way.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FlowCounters {
    /// Inner packets that went through.
    pub packets: u64,
    /// Their octets.
    pub octets: u64,
    /// What did not go through, by cause; only causes that occurred, in the order of
    /// [`DropCause::ALL`].
    pub drops: Vec<(DropCause, u64)>,
}

impl FlowCounters {
    /// How many packets were lost by `cause`.
    pub fn lost(&self, cause: DropCause) -> u64 {
        let found = self.drops.iter().find(|(other, _)| *other == cause);
        found.map_or(0, |(_, count)| *count)
    }
}

/// What the data path did, at one moment.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DataCounters {
    /// From the host to the gateway.
    pub upload: FlowCounters,
    /// From the gateway to the host.
    pub download: FlowCounters,
    /// Packets and super-packets from the host that somebody behind the gateway has to answer
    /// ([`azike_tunnel::wants_answer`]).
    pub asked: u64,
    /// When the gateway last sent an authentic ESP packet, by the clock given to
    /// [`DataPath::start`](super::DataPath::start), to the round of `poll(2)` it came in.
    pub last_received: Option<Instant>,
    /// How many packets the Child SA that sends has sequence numbers for; none without an SA. Ask
    /// for a new one long before it is 0.
    pub sequence_left: Option<u64>,
}

/// The counters of one thread.
#[derive(Debug)]
pub(super) struct Flow {
    packets: AtomicU64,
    octets: AtomicU64,
    drops: [AtomicU64; DropCause::ALL.len()],
}

impl Flow {
    fn new() -> Self {
        Self {
            packets: AtomicU64::new(0),
            octets: AtomicU64::new(0),
            drops: [const { AtomicU64::new(0) }; DropCause::ALL.len()],
        }
    }

    /// Counts `packets` inner packets of together `octets` octets.
    pub(super) fn pass(&self, packets: usize, octets: usize) {
        self.packets.fetch_add(packets as u64, Ordering::Relaxed);
        self.octets.fetch_add(octets as u64, Ordering::Relaxed);
    }

    /// Counts the loss of `packets` packets.
    pub(super) fn lose(&self, cause: DropCause, packets: usize) {
        if let Some(counter) = self.drops.get(cause as usize) {
            counter.fetch_add(packets as u64, Ordering::Relaxed);
        }
    }

    fn read(&self) -> FlowCounters {
        let causes = DropCause::ALL.into_iter().zip(&self.drops);
        let counts = causes.map(|(cause, count)| (cause, count.load(Ordering::Relaxed)));
        FlowCounters {
            packets: self.packets.load(Ordering::Relaxed),
            octets: self.octets.load(Ordering::Relaxed),
            drops: counts.filter(|(_, count)| *count > 0).collect(),
        }
    }
}

/// The counters of both threads.
#[derive(Debug)]
pub(super) struct Counters {
    pub(super) upload: Flow,
    pub(super) download: Flow,
    asked: AtomicU64,
    start: Instant,
    /// Nanoseconds from `start` to the last authentic packet, and one more; 0 for never.
    heard: AtomicU64,
}

impl Counters {
    pub(super) fn new(start: Instant) -> Self {
        Self {
            upload: Flow::new(),
            download: Flow::new(),
            asked: AtomicU64::new(0),
            start,
            heard: AtomicU64::new(0),
        }
    }

    /// Notes that the gateway was alive at `now`.
    pub(super) fn heard(&self, now: Instant) {
        let since = now.saturating_duration_since(self.start).as_nanos();
        // 2^64 nanoseconds are 584 years.
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        self.heard.store(since.saturating_add(1), Ordering::Relaxed);
    }

    /// Counts packets that somebody has to answer.
    pub(super) fn ask(&self, packets: u64) {
        self.asked.fetch_add(packets, Ordering::Relaxed);
    }

    pub(super) fn read(&self, sequence_left: Option<u64>) -> DataCounters {
        let heard = self.heard.load(Ordering::Relaxed).checked_sub(1);
        DataCounters {
            upload: self.upload.read(),
            download: self.download.read(),
            asked: self.asked.load(Ordering::Relaxed),
            last_received: heard.map(|since| self.start + Duration::from_nanos(since)),
            sequence_left,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_its_own_counter_and_name() {
        let flow = Flow::new();
        for (count, cause) in DropCause::ALL.into_iter().enumerate() {
            assert_eq!(cause as usize, count, "order of ALL");
            for _ in 0..=count {
                flow.lose(cause, 1);
            }
        }
        let read = flow.read();
        for (count, cause) in (1..).zip(DropCause::ALL) {
            assert_eq!(read.lost(cause), count, "{cause}");
        }
        let mut names: Vec<_> = DropCause::ALL.map(DropCause::name).into();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), DropCause::ALL.len());
    }
}
