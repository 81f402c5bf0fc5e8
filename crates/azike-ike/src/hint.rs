//! What anybody can say in the clear: that the gateway does not know an SPI (RFC 7296, sections 1.5
//! and 2.21.4). It may be true, so the gateway is asked, and nothing else happens.
//!
//! ```text
//!  HDR(SPIs of our request), N(INVALID_IKE_SPI)    the IKE SA
//!  HDR(any SPIs, zero too),  N(INVALID_SPI, SPI)   the Child SA
//! ```

use azike_wire::{EspSpi, Header, Message, NotifyType};

use crate::payload_set::PayloadSet;

/// Octets of both SPIs in the header.
const SPIS: usize = 16;

/// What is said to be unknown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hint {
    /// The IKE SA of a message with this header.
    IkeSa(Header),
    /// The Child SA with this SPI of the gateway's.
    ChildSa(EspSpi),
}

impl Hint {
    /// The hint in a message, if there is one.
    pub(crate) fn read(octets: &[u8]) -> Option<Self> {
        // Zero SPIs, which no other message has, are allowed here: any others do as well.
        let spis_are_zero = octets.get(..SPIS)?.iter().all(|octet| *octet == 0);
        if spis_are_zero {
            let message = [&[1; SPIS], octets.get(SPIS..)?].concat();
            return Self::of(&Message::decode(&message).ok()?);
        }
        Self::of(&Message::decode(octets).ok()?)
    }

    fn of(message: &Message<'_>) -> Option<Self> {
        let set = PayloadSet::collect(message.payloads()).ok()?;
        if set.protected.is_some() {
            return None;
        }
        if set.notify(NotifyType::INVALID_IKE_SPI).is_some() {
            return Some(Self::IkeSa(message.header()));
        }
        let data = set.notify(NotifyType::INVALID_SPI)?.data;
        EspSpi::from_octets(data).map(Self::ChildSa)
    }

    /// The notify that says so.
    pub(crate) const fn notify(self) -> NotifyType {
        match self {
            Self::IkeSa(_) => NotifyType::INVALID_IKE_SPI,
            Self::ChildSa(_) => NotifyType::INVALID_SPI,
        }
    }
}
