//! Packets of the simulated hosts: an echo request and its answer, as far as the tunnel looks.

use std::net::Ipv4Addr;

/// The host behind the gateway.
const HOST: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 4);
/// Octets of the IPv4 header.
const HEADER: usize = 20;

/// An IPv4 packet from `source` to the host, with a number in it.
pub(crate) fn request(source: Ipv4Addr, number: u64) -> Vec<u8> {
    packet(source, HOST, number)
}

/// The answer of the host, if this is a request to it.
pub(crate) fn answer(request: &[u8]) -> Option<Vec<u8>> {
    let address = |at: usize| {
        let octets = <[u8; 4]>::try_from(request.get(at..at + 4)?).ok()?;
        Some(Ipv4Addr::from(octets))
    };
    let (source, destination) = (address(12)?, address(16)?);
    (destination == HOST).then(|| packet(HOST, source, number(request).unwrap_or_default()))
}

/// The number in a packet.
pub(crate) fn number(packet: &[u8]) -> Option<u64> {
    let octets = packet.get(HEADER..HEADER + 8)?;
    Some(u64::from_be_bytes(octets.try_into().ok()?))
}

fn packet(source: Ipv4Addr, destination: Ipv4Addr, number: u64) -> Vec<u8> {
    let length = u16::try_from(HEADER + 8).unwrap_or_default();
    let mut packet = vec![0x45, 0];
    packet.extend_from_slice(&length.to_be_bytes());
    packet.extend_from_slice(&[0, 0, 0x40, 0, 64, 17, 0, 0]);
    packet.extend_from_slice(&source.octets());
    packet.extend_from_slice(&destination.octets());
    packet.extend_from_slice(&number.to_be_bytes());
    packet
}
