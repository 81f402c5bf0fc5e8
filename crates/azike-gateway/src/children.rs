//! The Child SAs of an IKE SA: one, and more only while a rekey settles.

use std::collections::BTreeMap;
use std::time::Instant;

use azike_crypto::{ChildAlgorithms, DirectionKeys};
use azike_wire::{EspSpi, TrafficSelector, TrafficSelectors};

/// A new Child SA, made by either side.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) spi_in: EspSpi,
    pub(crate) spi_out: EspSpi,
    pub(crate) algorithms: ChildAlgorithms,
    pub(crate) inbound: DirectionKeys,
    pub(crate) outbound: DirectionKeys,
    pub(crate) ours: TrafficSelectors,
    pub(crate) theirs: TrafficSelectors,
    /// The lower of the two nonces of the rekey that made it.
    pub(crate) lowest: Vec<u8>,
}

/// A Child SA, without its keys.
#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub(crate) spi_in: EspSpi,
    pub(crate) spi_out: EspSpi,
    /// What lies behind the gateway: `TSr` of the login.
    pub(crate) ours: TrafficSelectors,
    /// What lies behind the client: `TSi` of the login.
    pub(crate) theirs: TrafficSelectors,
    pub(crate) fate: Fate,
    /// The one that the client wanted replaced by this, if it was the client.
    pub(crate) replaces: Option<EspSpi>,
    /// When the gateway makes a new one by itself.
    pub(crate) rekey_at: Option<Instant>,
}

/// What is to become of a Child SA.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// It is in use.
    Used,
    /// A newer one is in use. Whoever made that one deletes this.
    Replaced,
    /// We have said that it goes, or are about to.
    Leaving,
}

/// The Child SAs, by the SPI of packets to the gateway.
#[derive(Debug, Default)]
pub(crate) struct Children(BTreeMap<EspSpi, Child>);

impl Children {
    /// More than any rekey leaves behind.
    pub(crate) const MOST: usize = 8;

    pub(crate) fn insert(&mut self, child: Child) {
        self.0.insert(child.spi_in, child);
    }

    pub(crate) fn remove(&mut self, spi_in: EspSpi) -> Option<Child> {
        self.0.remove(&spi_in)
    }

    pub(crate) fn get(&self, spi_in: EspSpi) -> Option<&Child> {
        self.0.get(&spi_in)
    }

    pub(crate) fn get_mut(&mut self, spi_in: EspSpi) -> Option<&mut Child> {
        self.0.get_mut(&spi_in)
    }

    /// The one with this SPI of packets to the client: the SPI by which the client names it.
    pub(crate) fn of_client(&self, spi_out: EspSpi) -> Option<&Child> {
        self.iter().find(|child| child.spi_out == spi_out)
    }

    /// The one in use.
    pub(crate) fn used(&self) -> Option<&Child> {
        self.iter().find(|child| child.fate == Fate::Used)
    }

    /// The one that the client got in place of this one.
    pub(crate) fn in_place_of(&self, spi_in: EspSpi) -> Option<EspSpi> {
        let mut children = self.iter();
        let found = children.find(|child| child.replaces == Some(spi_in));
        found.map(|child| child.spi_in)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Child> {
        self.0.values()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Child> {
        self.0.values_mut()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Whether each selector of `old` is within one of `new`: a rekey may not narrow
/// (RFC 7296, section 2.9.2).
pub(crate) fn covers(new: &TrafficSelectors, old: &TrafficSelectors) -> bool {
    let within = |wide: &TrafficSelector, narrow: &TrafficSelector| {
        wide.contains(narrow.start)
            && wide.contains(narrow.end)
            && (wide.protocol == 0 || wide.protocol == narrow.protocol)
            && wide.start_port <= narrow.start_port
            && narrow.end_port <= wide.end_port
    };
    let mut old = old.0.iter();
    old.all(|narrow| new.0.iter().any(|wide| within(wide, narrow)))
}
