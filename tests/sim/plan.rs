//! What happens in a week, by chance: sleep, partitions, other networks, gateways that move.

use std::time::Duration;

use azike_testkit::SeededRandom;

/// A kind of trouble.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    /// The first connection.
    Start,
    /// The machine sleeps.
    Sleep,
    /// Nothing passes.
    Partition,
    /// Nothing passes for so long that the link is given up.
    LongPartition,
    /// Nothing comes to the client.
    OnlyOut,
    /// IKE passes, ESP does not.
    NoEsp,
    /// The NAT forgets its mappings and has another address.
    Rebinding,
    /// The client moves to another network and is told.
    Roaming,
    /// The client's address changes and nobody tells it.
    SilentRoaming,
    /// The gateway moves to its other instance, with another address and pool.
    Failover,
    /// The gateway restarts and remembers nothing.
    Restart,
    /// The gateway ends the session.
    Disconnect,
    /// One datagram in ten is lost, many come twice or late.
    BadNetwork,
    /// Nothing happened, and yet an echo did not come back.
    Nothing,
}

impl Kind {
    /// For the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Start => "first connection",
            Self::Sleep => "sleep",
            Self::Partition => "network gone, up to 30 s",
            Self::LongPartition => "network gone, longer",
            Self::OnlyOut => "nothing comes in",
            Self::NoEsp => "IKE passes, ESP does not",
            Self::Rebinding => "NAT rebinding",
            Self::Roaming => "another network",
            Self::SilentRoaming => "another address, unnoticed",
            Self::Failover => "gateway failover",
            Self::Restart => "gateway restart",
            Self::Disconnect => "disconnected by the gateway",
            Self::BadNetwork => "bad network",
            Self::Nothing => "nothing special",
        }
    }
}

/// Something that happens, and how long it lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    pub(crate) at: Duration,
    pub(crate) kind: Kind,
    pub(crate) lasts: Duration,
}

/// How often in a day, how long at least and at most in seconds.
const WEEK: [(Kind, usize, u64, u64); 12] = [
    (Kind::Sleep, 2, 60, 30_000),
    (Kind::Partition, 5, 1, 30),
    (Kind::LongPartition, 2, 30, 3600),
    (Kind::OnlyOut, 1, 5, 300),
    (Kind::NoEsp, 1, 5, 300),
    (Kind::Rebinding, 3, 0, 0),
    (Kind::Roaming, 3, 0, 20),
    (Kind::SilentRoaming, 1, 0, 0),
    (Kind::Failover, 1, 1, 30),
    (Kind::Restart, 1, 1, 60),
    (Kind::Disconnect, 1, 0, 0),
    (Kind::BadNetwork, 4, 60, 1200),
];

/// The troubles of so many days, by time. Each begins when the one before is long over.
pub(crate) fn plan(random: &mut SeededRandom, days: u64) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for day in 0..days {
        for (kind, times, least, most) in WEEK {
            for _ in 0..times {
                let second = day * 86_400 + below(random, 86_400);
                troubles.push(Trouble {
                    at: Duration::from_millis(second * 1000 + below(random, 1000)),
                    kind,
                    lasts: between(random, least, most),
                });
            }
        }
    }
    troubles.sort_by_key(|trouble| trouble.at);
    troubles
}

/// Short times are more frequent than long ones.
fn between(random: &mut SeededRandom, least: u64, most: u64) -> Duration {
    let mut milliseconds = (most - least) * 1000;
    for _ in 0..below(random, 4) {
        milliseconds /= 4;
    }
    Duration::from_millis(least * 1000 + below(random, milliseconds + 1))
}

/// A number below `bound`.
pub(crate) fn below(random: &mut SeededRandom, bound: u64) -> u64 {
    (random.next() >> 11).checked_rem(bound).unwrap_or_default()
}
