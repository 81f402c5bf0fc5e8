//! One end's data path: all Child SAs it was told of, and a stream of numbered packets.
//!
//! It sends with the Child SA that the events say (`azike_ike::Maker`): with one of its own making
//! at once, with one of the other side's when it has been heard on it or nothing older is left. It
//! receives with all it ever had: how long the old ones stay is the tunnel's business.

use std::collections::BTreeSet;

use azike_gateway::TunnelEnd;
use azike_wire::EspSpi;

/// Who made a Child SA, as seen from one end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Maker {
    Us,
    Them,
}

/// The data path of one end.
#[derive(Default)]
pub(crate) struct End {
    children: Vec<Child>,
    sent: u32,
    received: BTreeSet<u32>,
    /// SPIs of packets for which there is no Child SA, or whose keys are others.
    pub(crate) unreadable: Vec<EspSpi>,
    /// How often there was a packet and nothing to send it with.
    pub(crate) stuck: u32,
}

struct Child {
    spis: (EspSpi, EspSpi),
    maker: Maker,
    tunnel: TunnelEnd,
    up: bool,
    heard: bool,
}

impl End {
    /// There is one more Child SA; `spis` are that of packets to this end, and from it.
    pub(crate) fn up(&mut self, spis: (EspSpi, EspSpi), tunnel: TunnelEnd, maker: Maker) {
        self.children.push(Child {
            spis,
            maker,
            tunnel,
            up: true,
            heard: false,
        });
    }

    /// The Child SA with this SPI of ours is gone.
    pub(crate) fn down(&mut self, spi_in: EspSpi) {
        let mut children = self.children.iter_mut();
        if let Some(child) = children.find(|child| child.spis.0 == spi_in) {
            child.up = false;
        }
    }

    /// All are gone.
    pub(crate) fn all_down(&mut self) {
        self.children.iter_mut().for_each(|child| child.up = false);
    }

    /// The SPIs of those that are there: ours, and the other's.
    pub(crate) fn alive(&self) -> Vec<(EspSpi, EspSpi)> {
        let alive = self.children.iter().filter(|child| child.up);
        alive.map(|child| child.spis).collect()
    }

    /// Whether there ever was a Child SA with these SPIs.
    pub(crate) fn knows(&self, spis: (EspSpi, EspSpi)) -> bool {
        self.children.iter().any(|child| child.spis == spis)
    }

    /// How many packets came.
    pub(crate) fn received(&self) -> usize {
        self.received.len()
    }

    /// The next packet of the stream.
    pub(crate) fn send(&mut self) -> Option<Vec<u8>> {
        let packet = packet(self.sent);
        self.sent += 1;
        let sealed = self.chosen().and_then(|child| child.tunnel.seal(&packet));
        self.stuck += u32::from(sealed.is_none());
        sealed
    }

    fn chosen(&mut self) -> Option<&mut Child> {
        let known = |child: &Child| child.up && (child.maker == Maker::Us || child.heard);
        let newest = self.children.iter().rposition(known);
        let oldest = self.children.iter().position(|child| child.up);
        self.children.get_mut(newest.or(oldest)?)
    }

    /// Takes an ESP packet.
    pub(crate) fn receive(&mut self, spi: EspSpi, esp: &[u8]) {
        let mut children = self.children.iter_mut();
        let child = children.find(|child| child.spis.0 == spi);
        let opened = child.and_then(|child| {
            let opened = child.tunnel.open(esp);
            child.heard |= opened.is_some();
            opened
        });
        match opened.as_deref().and_then(number) {
            Some(number) => assert!(self.received.insert(number), "{number} came twice"),
            None => self.unreadable.push(spi),
        }
    }

    /// How many of the packets that `other` sent did not come here, unless it had nothing to send
    /// them with.
    pub(crate) fn missing(&self, other: &Self) -> usize {
        let sent = usize::try_from(other.sent - other.stuck).unwrap();
        sent - self.received.len()
    }
}

/// An IPv4 packet with a number in it.
fn packet(number: u32) -> Vec<u8> {
    let header = [
        0x45, 0, 0, 24, 0, 0, 0, 0, 64, 253, 0, 0, 172, 16, 201, 1, 10, 1, 0, 4,
    ];
    [&header[..], &number.to_be_bytes()].concat()
}

fn number(packet: &[u8]) -> Option<u32> {
    let octets = packet.get(20..24)?.try_into().ok()?;
    Some(u32::from_be_bytes(octets))
}
