//! How a crossing is made worse: who begins when, and what happens to which message.

use std::time::Duration;

use azike_testkit::Disturbance;

/// Somewhat more than a message takes (20 ms): the next overtakes it.
const LITTLE: Duration = Duration::from_millis(30);
/// More than a question and its answer take, and less than the wait before a retransmission.
const MUCH: Duration = Duration::from_millis(110);
/// More than everything takes: nobody remembers.
const AGES: Duration = Duration::from_secs(6);

/// A way to make a crossing worse. Numbers count the IKE datagrams from the first of either side.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Variant {
    /// Both begin at the same time, and nothing is disturbed.
    Plain,
    /// The client begins this many milliseconds before the gateway.
    ClientFirst(u64),
    /// The gateway begins this many milliseconds before the client.
    GatewayFirst(u64),
    /// This datagram is overtaken by the next.
    Late(usize),
    /// This datagram comes after an exchange that began with it.
    VeryLate(usize),
    /// This datagram is lost.
    Lost(usize),
    /// This datagram comes twice within an exchange.
    Twice(usize),
    /// This datagram comes again when all is over.
    Replayed(usize),
    /// Many are lost, late or doubled; the seed says which.
    Storm(u64),
}

/// The columns of the table.
pub(crate) const COLUMNS: [&str; 7] = [
    "plain", "stagger", "late", "lost", "twice", "replay", "storm",
];

impl Variant {
    /// All variants of a crossing that takes so many datagrams, by column.
    pub(crate) fn all(datagrams: usize, storms: u64) -> Vec<Self> {
        let each = |make: fn(usize) -> Self| (0..datagrams).map(make);
        let mut all = vec![Self::Plain];
        for milliseconds in [10, 25, 45, 65, 85] {
            all.push(Self::ClientFirst(milliseconds));
            all.push(Self::GatewayFirst(milliseconds));
        }
        all.extend(each(Self::Late));
        all.extend(each(Self::VeryLate));
        all.extend(each(Self::Lost));
        all.extend(each(Self::Twice));
        all.extend(each(Self::Replayed));
        all.extend((1..=storms).map(Self::Storm));
        all
    }

    /// Which column it stands in.
    pub(crate) const fn column(self) -> usize {
        match self {
            Self::Plain => 0,
            Self::ClientFirst(_) | Self::GatewayFirst(_) => 1,
            Self::Late(_) | Self::VeryLate(_) => 2,
            Self::Lost(_) => 3,
            Self::Twice(_) => 4,
            Self::Replayed(_) => 5,
            Self::Storm(_) => 6,
        }
    }

    /// How long after the first of them the client and the gateway begin.
    pub(crate) const fn begin(self) -> (Duration, Duration) {
        match self {
            Self::ClientFirst(after) => (Duration::ZERO, Duration::from_millis(after)),
            Self::GatewayFirst(after) => (Duration::from_millis(after), Duration::ZERO),
            Self::Plain
            | Self::Late(_)
            | Self::VeryLate(_)
            | Self::Lost(_)
            | Self::Twice(_)
            | Self::Replayed(_)
            | Self::Storm(_) => (Duration::ZERO, Duration::ZERO),
        }
    }

    /// What happens to the datagram with this number.
    pub(crate) fn disturbance(self, number: usize) -> Disturbance {
        let (which, disturbance) = match self {
            Self::Plain | Self::ClientFirst(_) | Self::GatewayFirst(_) | Self::Storm(_) => {
                return Disturbance::None;
            }
            Self::Late(which) => (which, Disturbance::Delay(LITTLE)),
            Self::VeryLate(which) => (which, Disturbance::Delay(MUCH)),
            Self::Lost(which) => (which, Disturbance::Loss),
            Self::Twice(which) => (which, Disturbance::Again(LITTLE)),
            Self::Replayed(which) => (which, Disturbance::Again(AGES)),
        };
        if which == number {
            disturbance
        } else {
            Disturbance::None
        }
    }
}
