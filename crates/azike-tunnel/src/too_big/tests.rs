//! Answers, read back by etherparse, and the questions that get none.

use etherparse::{Icmpv4Type, Icmpv6Type, NetSlice, PacketBuilder, SlicedPacket};
use etherparse::{TransportSlice, icmpv4};

use super::*;

const CLIENT: [u8; 4] = [172, 16, 201, 4];
const SERVER: [u8; 4] = [10, 1, 0, 5];
const CLIENT6: [u8; 16] = *b"\xfd000000000000004";
const SERVER6: [u8; 16] = *b"\xfd000000000000005";

fn finish(step: etherparse::PacketBuilderStep<etherparse::UdpHeader>, length: usize) -> Vec<u8> {
    let mut packet = Vec::new();
    step.write(&mut packet, &vec![7; length]).unwrap();
    packet
}

/// A datagram with DF.
fn v4(length: usize) -> Vec<u8> {
    let step = PacketBuilder::ipv4(CLIENT, SERVER, 64).udp(5, 6);
    let mut packet = finish(step, length - 28);
    packet[6] = 0x40;
    packet
}

fn v6(length: usize) -> Vec<u8> {
    finish(
        PacketBuilder::ipv6(CLIENT6, SERVER6, 64).udp(5, 6),
        length - 48,
    )
}

fn answer(packet: &[u8], mtu: u16) -> Option<Vec<u8>> {
    let mut room = [0xee; 2000];
    let from = if packet[0] >> 4 == 4 {
        IpAddr::from(SERVER)
    } else {
        IpAddr::from(SERVER6)
    };
    let length = packet_too_big(packet, mtu, from, &mut room)?;
    assert!(room[length..].iter().all(|octet| *octet == 0xee));
    Some(room[..length].to_vec())
}

#[test]
fn ipv4_sender_is_told_the_mtu_and_which_packet() {
    for (length, mtu) in [(1439, 1438), (9000, 1438), (1281, 1280), (577, 576)] {
        let packet = v4(length);
        let answer = answer(&packet, mtu).unwrap();
        assert!(answer.len() == 576, "{}", answer.len());
        let read = SlicedPacket::from_ip(&answer).unwrap();
        let Some(NetSlice::Ipv4(ip)) = read.net else {
            panic!("IPv4");
        };
        let header = ip.header().to_header();
        assert_eq!((header.source, header.destination), (SERVER, CLIENT));
        assert_eq!(header.header_checksum, header.calc_header_checksum());
        assert!(header.dont_fragment);
        let Some(TransportSlice::Icmpv4(icmp)) = read.transport else {
            panic!("ICMP");
        };
        let Icmpv4Type::DestinationUnreachable(
            icmpv4::DestUnreachableHeader::FragmentationNeeded { next_hop_mtu },
        ) = icmp.icmp_type()
        else {
            panic!("{:?}", icmp.icmp_type());
        };
        assert_eq!(next_hop_mtu, mtu);
        let checksum = icmp.icmp_type().calc_checksum(icmp.payload());
        assert_eq!(icmp.checksum(), checksum);
        assert_eq!(icmp.payload(), &packet[..548]);
    }
}

#[test]
fn ipv6_sender_is_told_the_mtu_and_which_packet() {
    for (length, mtu, told) in [(1500, 1406, 1406), (1407, 1406, 1406), (1281, 600, 1280)] {
        let packet = v6(length);
        let answer = answer(&packet, mtu).unwrap();
        assert_eq!(answer.len(), 1280);
        let read = SlicedPacket::from_ip(&answer).unwrap();
        let Some(NetSlice::Ipv6(ip)) = read.net else {
            panic!("IPv6");
        };
        let header = ip.header().to_header();
        assert_eq!((header.source, header.destination), (SERVER6, CLIENT6));
        let Some(TransportSlice::Icmpv6(icmp)) = read.transport else {
            panic!("ICMPv6");
        };
        let expected = Icmpv6Type::PacketTooBig { mtu: told };
        assert_eq!(icmp.icmp_type(), expected);
        let checksum = expected.calc_checksum(SERVER6, CLIENT6, icmp.payload());
        assert_eq!(icmp.checksum(), checksum.unwrap());
        assert_eq!(icmp.payload(), &packet[..1232]);
    }
}

#[test]
fn what_fits_or_may_be_cut_gets_no_answer() {
    assert_eq!(answer(&v4(1438), 1438), None);
    assert_eq!(answer(&v6(1406), 1406), None);
    // Routers may not cut it, but every link carries it, in pieces if need be.
    assert_eq!(answer(&v6(1280), 600), None);
    let mut may_be_cut = v4(1500);
    may_be_cut[6] = 0;
    assert_eq!(answer(&may_be_cut, 1400), None);
}

#[test]
fn only_the_first_fragment_is_answered() {
    let mut fragment = v4(1500);
    fragment[6] = 0x60;
    assert!(answer(&fragment, 1400).is_some());
    fragment[7] = 100;
    assert_eq!(answer(&fragment, 1400), None);
    let mut fragment = v6(1500);
    fragment[6] = 44;
    fragment[40..48].copy_from_slice(&[17, 0, 0, 1, 0, 0, 0, 9]);
    assert!(answer(&fragment, 1400).is_some());
    fragment[43] = 9;
    assert_eq!(answer(&fragment, 1400), None);
}

/// Or two hosts could answer each other's errors for ever.
#[test]
fn icmp_errors_are_not_answered_and_pings_are() {
    let mut packet = v4(1500);
    packet[9] = 1;
    for (kind, answered) in [(0, true), (3, false), (5, false), (8, true), (11, false)] {
        packet[20] = kind;
        assert_eq!(answer(&packet, 1400).is_some(), answered, "type {kind}");
    }
    let mut packet = v6(1500);
    packet[6] = 58;
    for (kind, answered) in [
        (1, false),
        (2, false),
        (127, false),
        (128, true),
        (137, false),
    ] {
        packet[40] = kind;
        assert_eq!(answer(&packet, 1400).is_some(), answered, "type {kind}");
    }
}

#[test]
fn packets_from_nobody_and_for_many_are_not_answered() {
    for (at, address) in [
        (12, [0, 0, 0, 0]),
        (12, [127, 0, 0, 1]),
        (12, [224, 0, 0, 1]),
        (12, [255, 255, 255, 255]),
        (16, [239, 1, 2, 3]),
        (16, [255, 255, 255, 255]),
    ] {
        let mut packet = v4(1500);
        packet[at..at + 4].copy_from_slice(&address);
        assert_eq!(answer(&packet, 1400), None, "{address:?}");
    }
    for source in [Ipv6Addr::UNSPECIFIED, Ipv6Addr::LOCALHOST] {
        let mut packet = v6(1500);
        packet[8..24].copy_from_slice(&source.octets());
        assert_eq!(answer(&packet, 1400), None, "{source}");
    }
    // RFC 4443, section 2.4 (e.3): who sends IPv6 to many is told.
    let mut packet = v6(1500);
    packet[24] = 0xff;
    assert!(answer(&packet, 1400).is_some());
}

#[test]
fn little_room_gives_a_short_quote_or_none() {
    let packet = v4(1500);
    for size in 0..700 {
        let mut room = vec![0; size];
        let length = packet_too_big(&packet, 1400, SERVER.into(), &mut room);
        let expected = (size >= 28 + 28).then_some(size.min(576));
        assert_eq!(length, expected, "{size}");
    }
    let packet = v6(1500);
    for size in [0, 47, 48, 95, 96, 500, 1280, 1400] {
        let mut room = vec![0; size];
        let length = packet_too_big(&packet, 1400, SERVER6.into(), &mut room);
        let expected = (size >= 48 + 48).then_some(size.min(1280));
        assert_eq!(length, expected, "{size}");
    }
    let other_version = packet_too_big(&packet, 1400, SERVER.into(), &mut [0; 2000]);
    assert_eq!(other_version, None);
}

#[test]
fn no_octets_stop_it() {
    let mut seed = 7_u32;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed
    };
    let whole = [v4(200), v6(1400)];
    for round in 0..40_000 {
        let mut packet = whole[round % 2].clone();
        packet.truncate(random() as usize % (packet.len() + 1));
        for _ in 0..random() % 4 {
            if !packet.is_empty() {
                let at = random() as usize % packet.len().min(60);
                packet[at] = random().to_be_bytes()[0];
            }
        }
        let mut room = [0; 600];
        for from in [IpAddr::from(SERVER), IpAddr::from(SERVER6)] {
            let length = packet_too_big(&packet, 60, from, &mut room);
            assert!(length.is_none_or(|length| (56..=600).contains(&length)));
        }
    }
}

#[test]
fn answers_are_limited_and_come_back() {
    let mut limit = TooBigLimit::default();
    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    let start = Instant::now();
    let at = |ms| start + Duration::from_millis(ms);
    let count = |limit: &mut TooBigLimit, ms| (0..100).filter(|_| limit.allows(at(ms))).count();
    assert_eq!(count(&mut limit, 0), 10);
    assert_eq!(count(&mut limit, 9), 0);
    assert_eq!(count(&mut limit, 10), 1);
    assert_eq!(count(&mut limit, 45), 3);
    assert_eq!(count(&mut limit, 10_000), 10);
    // A clock that went back does not open it.
    assert_eq!(count(&mut limit, 9_000), 0);
}
