//! A policy, and packets for it.

use std::net::{Ipv4Addr, Ipv6Addr};

use azike_tunnel::InnerPolicy;
use azike_wire::TrafficSelector;
use etherparse::PacketBuilder;

pub(crate) const OURS: [u8; 4] = [172, 16, 201, 4];
pub(crate) const THEIRS: [u8; 4] = [10, 1, 0, 5];
pub(crate) const ELSEWHERE: [u8; 4] = [10, 2, 0, 5];

pub(crate) const OURS_6: Ipv6Addr = Ipv6Addr::new(0xfd00, 1, 0, 0, 0, 0, 0, 4);
pub(crate) const THEIRS_6: Ipv6Addr = Ipv6Addr::new(0xfd00, 2, 0, 0, 0, 0, 0, 5);

pub(crate) fn selector() -> TrafficSelector {
    TrafficSelector::ipv4(Ipv4Addr::new(10, 1, 0, 0), Ipv4Addr::new(10, 1, 255, 255))
}

pub(crate) fn policy() -> InnerPolicy {
    let theirs_6 = TrafficSelector::ipv6(
        Ipv6Addr::new(0xfd00, 2, 0, 0, 0, 0, 0, 0),
        Ipv6Addr::new(0xfd00, 2, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff),
    );
    InnerPolicy::new(
        vec![OURS.into(), OURS_6.into()],
        &[TrafficSelector::all_ipv4(), TrafficSelector::all_ipv6()],
        &[selector(), theirs_6],
    )
}

pub(crate) fn udp(source: [u8; 4], destination: [u8; 4]) -> Vec<u8> {
    let builder = PacketBuilder::ipv4(source, destination, 64).udp(1000, 53);
    let mut packet = Vec::new();
    builder.write(&mut packet, b"question").unwrap();
    packet
}

pub(crate) fn udp6(source: Ipv6Addr, destination: Ipv6Addr) -> Vec<u8> {
    let builder = PacketBuilder::ipv6(source.octets(), destination.octets(), 64).udp(1000, 53);
    let mut packet = Vec::new();
    builder.write(&mut packet, b"question").unwrap();
    packet
}

pub(crate) fn ipv4(protocol: u8, source: [u8; 4], destination: [u8; 4], payload: usize) -> Vec<u8> {
    let mut packet = udp(source, destination);
    packet.truncate(20);
    packet.resize(20 + payload, 0);
    packet[2..4].copy_from_slice(&u16::try_from(20 + payload).unwrap().to_be_bytes());
    packet[6..8].fill(0);
    packet[9] = protocol;
    packet
}

pub(crate) fn ipv4_with_options(options: &[u8]) -> Vec<u8> {
    let mut packet = udp(THEIRS, OURS);
    packet.splice(20..20, options.iter().copied());
    packet[0] = 0x40 | u8::try_from((20 + options.len()) / 4).unwrap();
    let length = u16::try_from(packet.len()).unwrap();
    packet[2..4].copy_from_slice(&length.to_be_bytes());
    packet
}

pub(crate) fn ipv6(first: u8, rest: &[u8]) -> Vec<u8> {
    let mut packet = udp6(THEIRS_6, OURS_6);
    packet.truncate(40);
    packet.extend(rest);
    packet[4..6].copy_from_slice(&u16::try_from(rest.len()).unwrap().to_be_bytes());
    packet[6] = first;
    packet
}
