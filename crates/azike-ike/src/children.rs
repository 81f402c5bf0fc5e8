//! The Child SAs of an IKE SA and what is to become of each.

use std::time::{Duration, Instant};

use azike_crypto::ChildAlgorithms;
use azike_wire::{EspSpi, TrafficSelectors};

use crate::event::ChildSa;
use crate::life::{Life, Usage};
use crate::round::Round;

/// How long a Child SA that the gateway replaced waits for the gateway's Delete.
pub(crate) const WAIT: Duration = Duration::from_mins(1);

/// A Child SA, without its keys: those are with the data path.
#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub(crate) spi_in: EspSpi,
    pub(crate) spi_out: EspSpi,
    pub(crate) algorithms: ChildAlgorithms,
    /// Our side, each selector once.
    pub(crate) ours: TrafficSelectors,
    /// The gateway's side, each selector once.
    pub(crate) theirs: TrafficSelectors,
    /// When to make a new one.
    pub(crate) life: Life,
    /// What was tried to make a new one.
    pub(crate) round: Round,
    pub(crate) fate: Fate,
    /// Whether the caller knows of it, and has to hear of its end.
    pub(crate) told: bool,
}

/// What is to become of a Child SA.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// It is in use.
    Used,
    /// A newer one is in use. The gateway made that one and deletes this; if it did not until
    /// then, we do.
    Replaced(Instant),
    /// We have said that it goes, or are about to.
    Leaving,
    /// The gateway has deleted it. Our rekey of it is still out and may bring a new one.
    Deleted,
}

/// The Child SAs, oldest first. There is one, and more only while a rekey settles.
#[derive(Clone, Debug, Default)]
pub(crate) struct Children(Vec<Child>);

impl Child {
    /// Remembers a Child SA.
    pub(crate) fn new(sa: &ChildSa, life: Life) -> Self {
        Self {
            spi_in: sa.spi_in,
            spi_out: sa.spi_out,
            algorithms: sa.algorithms,
            ours: once(&sa.ts_i),
            theirs: once(&sa.ts_r),
            life,
            round: Round::default(),
            fate: Fate::Used,
            told: true,
        }
    }
}

impl Children {
    /// Adds one.
    pub(crate) fn push(&mut self, child: Child) {
        self.0.push(child);
    }

    /// The one with this SPI of ours.
    pub(crate) fn by_in(&mut self, spi_in: EspSpi) -> Option<&mut Child> {
        self.0.iter_mut().find(|child| child.spi_in == spi_in)
    }

    /// The one with this SPI of the gateway's.
    pub(crate) fn by_out(&mut self, spi_out: EspSpi) -> Option<&mut Child> {
        self.0.iter_mut().find(|child| child.spi_out == spi_out)
    }

    /// Forgets the one with this SPI of ours.
    pub(crate) fn remove(&mut self, spi_in: EspSpi) {
        self.0.retain(|child| child.spi_in != spi_in);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The newest that is in use.
    pub(crate) fn used(&mut self) -> Option<&mut Child> {
        self.0
            .iter_mut()
            .rev()
            .find(|child| child.fate == Fate::Used)
    }

    /// One in use whose time has come.
    pub(crate) fn next_rekey(&mut self, now: Instant) -> Option<&mut Child> {
        let due = |child: &&mut Child| child.fate == Fate::Used && child.life.rekey_at <= now;
        self.0.iter_mut().find(due)
    }

    /// One that has to be deleted.
    pub(crate) fn next_delete(&mut self, now: Instant) -> Option<EspSpi> {
        let child = self.0.iter_mut().find(|child| match child.fate {
            Fate::Used | Fate::Deleted => false,
            Fate::Replaced(until) => until <= now,
            Fate::Leaving => true,
        })?;
        child.fate = Fate::Leaving;
        Some(child.spi_in)
    }

    /// Those in use, but for `spi_in`, wait for their end until then.
    pub(crate) fn replace_used_by(&mut self, spi_in: EspSpi, until: Instant) {
        let used = |child: &&mut Child| child.fate == Fate::Used && child.spi_in != spi_in;
        self.0
            .iter_mut()
            .filter(used)
            .for_each(|child| child.fate = Fate::Replaced(until));
    }

    /// What went through one of them.
    pub(crate) fn wear(&mut self, now: Instant, usage: &Usage) {
        if let Some(child) = self.by_in(usage.spi_in) {
            child.life.wear(now, usage);
        }
    }

    /// When the first of those in use wants to be replaced.
    pub(crate) fn rekey_due(&self) -> Option<Instant> {
        let used = self.0.iter().filter(|child| child.fate == Fate::Used);
        used.map(|child| child.life.rekey_at).min()
    }

    /// When something is to be done: a rekey or a Delete.
    pub(crate) fn due(&self) -> Option<Instant> {
        let waits = self.0.iter().filter_map(|child| match child.fate {
            Fate::Replaced(until) => Some(until),
            Fate::Used | Fate::Leaving | Fate::Deleted => None,
        });
        waits.chain(self.rekey_due()).min()
    }
}

/// Azure repeats TSi as often as there are TSr.
fn once(selectors: &TrafficSelectors) -> TrafficSelectors {
    let mut seen = Vec::new();
    for selector in &selectors.0 {
        if !seen.contains(selector) {
            seen.push(*selector);
        }
    }
    TrafficSelectors(seen)
}

/// Whether each of `inner` lies within one of `outer` (RFC 7296, section 2.9.2: a rekey must not
/// lose selectors).
pub(crate) fn covers(outer: &TrafficSelectors, inner: &TrafficSelectors) -> bool {
    inner.0.iter().all(|inner| {
        outer.0.iter().any(|outer| {
            outer.start <= inner.start
                && inner.end <= outer.end
                && (outer.protocol == 0 || outer.protocol == inner.protocol)
                && outer.start_port <= inner.start_port
                && inner.end_port <= outer.end_port
        })
    })
}
