//! NAT detection (RFC 7296, section 2.23).
//!
//! Our ESP always travels in UDP, so that no raw socket is needed: we let the
//! gateway believe in a NAT by sending a source hash of nothing.

use std::net::{IpAddr, SocketAddr};

use azike_crypto::{Random, sha1};
use azike_wire::{NotifyType, Spi};

use crate::event::NatStatus;
use crate::payload_set::PayloadSet;

/// The hash of one end of an IKE SA, 20 octets.
pub(crate) fn detection_hash(spi_i: Spi, spi_r: Option<Spi>, end: SocketAddr) -> [u8; 20] {
    let spi_r = spi_r.map_or([0; 8], Spi::octets);
    let port = end.port().to_be_bytes();
    match end.ip() {
        IpAddr::V4(address) => sha1(&[&spi_i.octets(), &spi_r, &address.octets(), &port]),
        IpAddr::V6(address) => sha1(&[&spi_i.octets(), &spi_r, &address.octets(), &port]),
    }
}

/// A hash that fits to no address: both ends then use UDP encapsulation.
pub(crate) fn forced_hash(random: &mut dyn Random) -> [u8; 20] {
    let mut hash = [0; 20];
    random.fill(&mut hash);
    hash
}

/// What the gateway's hashes say about us, if we know our own address.
pub(crate) fn status(
    response: &PayloadSet<'_>,
    spi_i: Spi,
    spi_r: Spi,
    local: Option<SocketAddr>,
) -> NatStatus {
    let seen = response.notify(NotifyType::NAT_DETECTION_DESTINATION_IP);
    let (Some(seen), Some(local)) = (seen, local) else {
        return NatStatus::Unknown;
    };
    if seen.data == detection_hash(spi_i, Some(spi_r), local) {
        NatStatus::None
    } else {
        NatStatus::BehindNat
    }
}
