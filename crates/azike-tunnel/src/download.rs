//! What happens to one datagram of the gateway.
//!
//! ```text
//!   UDP ─▶ Arrival::of ─┬─▶ Ike        to the control plane
//!                       ├─▶ Keepalive  nowhere
//!                       └─▶ Esp(SPI) ─▶ download: open ─▶ ECN ─▶ inner policy ─▶ tun
//! ```

use std::ops::Range;

use azike_esp::{EspDrop, Inbound};
use azike_wire::{Datagram, EspSpi, NON_ESP_MARKER, demultiplex};
use thiserror::Error;

use crate::{Ecn, InnerPolicy, PolicyDrop, decapsulate};

/// What a datagram is, before any key was used (RFC 3948, section 2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Arrival {
    /// An IKE message, which begins so many octets into the datagram.
    Ike(usize),
    /// An ESP packet for this SPI.
    Esp(EspSpi),
    /// The octet that keeps a NAT mapping open; to be ignored.
    Keepalive,
    /// Nothing of these.
    Malformed,
}

impl Arrival {
    /// Looks at a datagram of port 4500. (All that comes to port 500 is IKE, without a marker.)
    pub fn of(datagram: &[u8]) -> Self {
        match demultiplex(datagram) {
            Datagram::Keepalive => Self::Keepalive,
            Datagram::Ike(_) => Self::Ike(NON_ESP_MARKER.len()),
            Datagram::Esp(spi, _) => Self::Esp(spi),
            Datagram::Malformed => Self::Malformed,
        }
    }
}

/// Why an ESP packet did not reach the host.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum DownloadDrop {
    /// It was not a packet of this SA.
    #[error(transparent)]
    Esp(#[from] EspDrop),
    /// The gateway had no business sending it.
    #[error(transparent)]
    Policy(#[from] PolicyDrop),
    /// A router met congestion, and the inner transport would not understand (RFC 6040,
    /// section 4.2).
    #[error("congestion that the inner packet cannot express")]
    Congestion,
}

impl DownloadDrop {
    /// Whether the packet came from the gateway, so that it proves the gateway is alive.
    pub const fn is_authentic(self) -> bool {
        match self {
            Self::Esp(drop) => drop.is_authentic(),
            Self::Policy(_) | Self::Congestion => true,
        }
    }
}

/// Turns the ESP packet at `esp` in `buffer` into the inner packet for the host, and says where that is.
/// `outer` is what the IP header around it said.
pub fn download(
    policy: &InnerPolicy,
    inbound: &mut Inbound,
    outer: Ecn,
    buffer: &mut [u8],
    esp: Range<usize>,
) -> Result<Range<usize>, DownloadDrop> {
    let place = inbound.open_at(buffer, esp)?.packet;
    let packet = buffer.get_mut(place.clone()).unwrap_or_default();
    policy.inbound(packet)?;
    decapsulate(packet, outer).ok_or(DownloadDrop::Congestion)?;
    Ok(place)
}
