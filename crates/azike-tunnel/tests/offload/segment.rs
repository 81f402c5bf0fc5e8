//! One long packet becomes packets that can travel.

use azike_tunnel::{Gso, Segments, VnetHeader};

use crate::invariant::check_segments;
use crate::packet::{ACK, CWR, ECE, FIN, PSH, Packet, assert_valid};
use crate::plain;

/// All kinds, sizes around every edge: each segment is valid, and octet for octet what a plain
/// model gives.
#[test]
fn segments_are_those_of_a_plain_model() {
    for (payload, size) in [
        (61_600, 1400),
        (61_601, 1400),
        (1401, 1400),
        (1400, 1400),
        (1399, 700),
        (300, 1),
        (1, 1),
        (999, 7),
        (65_000, 1448),
        (64, 63),
        (65_000, 32_501),
    ] {
        for packet in Packet::kinds(payload) {
            let packet = packet.with(|packet| packet.flags = ACK | PSH | FIN | CWR | ECE);
            assert_split(&packet, size);
        }
    }
}

/// Options of IPv4 and TCP of every length go into each segment.
#[test]
fn options_are_in_every_segment() {
    for length in (0..=40).step_by(4) {
        let options = vec![1; length];
        for packet in Packet::kinds(3000) {
            let tcp = packet
                .clone()
                .with(|packet| packet.options.clone_from(&options));
            assert_split(&tcp, 1000);
            if !packet.ipv6 {
                assert_split(
                    &packet.with(|packet| packet.ip_options = options.clone()),
                    1000,
                );
            }
        }
    }
}

/// Hop-by-hop and destination options of IPv6, which a socket can set.
#[test]
fn ipv6_options_are_in_every_segment() {
    for packet in [Packet::tcp6(3000), Packet::udp6(3000)] {
        let mut octets = packet.incomplete();
        let next = octets[6];
        octets.splice(40..40, [60, 0, 1, 4, 0, 0, 0, 0, next, 1, 1, 12]);
        octets.splice(52..52, [0; 12]);
        octets[6] = 0;
        let length = u16::try_from(octets.len() - 40).unwrap();
        octets[4..6].copy_from_slice(&length.to_be_bytes());
        let mut header = packet.vnet_header(1000);
        header.checksum_start += 24;
        header.header_length += 24;
        let segments = check_segments(&header.write(), &octets).unwrap();
        assert_eq!(segments.len(), 3);
        for segment in &segments {
            assert_valid(segment);
            assert_eq!(segment[40..64], octets[40..64]);
        }
    }
}

/// Whatever the kernel says about the length of the headers, which is only how much of the packet
/// it had in one piece.
#[test]
fn header_length_is_only_a_hint() {
    let packet = Packet::tcp4(5000);
    for hint in [
        0,
        20,
        52,
        53,
        1000,
        u16::try_from(packet.octets().len()).unwrap(),
    ] {
        let mut header = packet.vnet_header(1400);
        header.header_length = hint;
        let segments = check_segments(&header.write(), &packet.incomplete()).unwrap();
        assert_eq!(segments, octets_of(&packet.split(1400)));
    }
}

/// Whatever the identification was, it goes on from there; sequence numbers and it wrap.
#[test]
fn numbers_go_on_and_wrap() {
    for number in [0, 1, 0x7fff, 0xfffe, 0xffff] {
        let packet = Packet::tcp4(10).with(|packet| {
            packet.identification = number;
            packet.sequence = u32::from(number) << 16 | 0xfffe;
        });
        assert_split(&packet, 3);
    }
}

/// A payload chosen so that the checksum of UDP comes out as 0, which would say "none".
#[test]
fn udp_checksum_is_never_zero() {
    for packet in [Packet::udp4(2), Packet::udp6(2)] {
        let zero = packet.clone().with(|packet| packet.payload = vec![0, 0]);
        let octets = zero.octets();
        let at = octets.len() - 4;
        // What is missing to a sum of 0xffff is the checksum itself.
        let missing = octets[at..at + 2].to_vec();
        let packet = zero.with(|packet| packet.payload = missing.clone());
        let mut double = packet.clone();
        double.payload = [missing.clone(), missing.clone()].concat();
        let segments =
            check_segments(&double.vnet_header(2).write(), &double.incomplete()).unwrap();
        assert_eq!(segments.len(), 2);
        for segment in segments {
            assert_eq!(segment[segment.len() - 4..][..2], [0xff, 0xff]);
            assert_valid(&segment);
        }
        let mut single = packet.vnet_header(0);
        single.gso = Gso::None;
        let segment = check_segments(&single.write(), &packet.incomplete()).unwrap();
        assert_eq!(segment[0], packet.octets());
        assert_eq!(segment[0][at..at + 2], [0xff, 0xff]);
    }
}

#[test]
fn single_packet_gets_its_checksum() {
    for payload in [0, 1, 2, 31, 32, 33, 1400] {
        for packet in Packet::kinds(payload) {
            let mut header = packet.vnet_header(0);
            header.gso = Gso::None;
            let segments = check_segments(&header.write(), &packet.incomplete()).unwrap();
            assert_eq!(segments, [packet.octets()]);
            assert_valid(&segments[0]);
        }
    }
}

/// A tunnel in the tunnel: the kernel leaves the checksum of the innermost packet to us.
#[test]
fn single_packet_of_another_protocol_gets_its_checksum() {
    let inside = Packet::tcp4(100);
    let outside = Packet::udp4(0);
    let mut octets = outside.octets()[..20].to_vec();
    octets[9] = 4;
    octets.extend(inside.incomplete());
    let header = VnetHeader {
        needs_checksum: true,
        checksum_start: 40,
        checksum_offset: 16,
        ..VnetHeader::NONE
    };
    let segments = check_segments(&header.write(), &octets).unwrap();
    assert_eq!(segments[0][20..], inside.octets());
}

#[test]
fn single_packet_without_a_wish_passes_as_it_is() {
    for octets in [vec![0], vec![0x45; 19], Packet::tcp4(10).incomplete()] {
        let segments = check_segments(&VnetHeader::NONE.write(), &octets).unwrap();
        assert_eq!(segments, [octets]);
    }
}

/// A packet that went through this host has its checksum already; the segments need new ones.
#[test]
fn super_packet_with_its_checksum_is_taken_apart_too() {
    let packet = Packet::tcp6(4000);
    let mut header = packet.vnet_header(1300);
    header.needs_checksum = false;
    header.checksum_start = 7;
    let segments = check_segments(&header.write(), &packet.octets()).unwrap();
    assert_eq!(segments, octets_of(&packet.split(1300)));
}

#[test]
fn what_does_not_fit_is_still_to_come() {
    let packet = Packet::tcp4(3000);
    let mut octets = packet.incomplete();
    let mut segments = Segments::new(packet.vnet_header(1400), &mut octets).unwrap();
    let longest = segments.longest();
    assert_eq!(longest, 1452);
    let mut room = vec![0; longest];
    assert_eq!(segments.write_next(&mut room), Some(longest));
    assert_eq!(segments.write_next(&mut room[..longest - 1]), None);
    assert_eq!(segments.remaining(), 2);
    assert_eq!(segments.write_next(&mut room), Some(longest));
    assert_eq!(room, packet.split(1400)[1].octets());
    assert_eq!(segments.write_next(&mut room[..251]), None);
    assert_eq!(segments.write_next(&mut room), Some(252));
    assert_eq!(
        (segments.write_next(&mut room), segments.remaining()),
        (None, 0)
    );
}

/// The order of what is written is that of the structure, and it is read as it was written.
#[test]
fn header_of_the_kernel_is_there_and_back() {
    let header = Packet::tcp6(10).vnet_header(0x0203);
    let octets = header.write();
    assert_eq!(octets[..2], [1, 4]);
    assert_eq!(octets[4..6], 0x0203_u16.to_ne_bytes());
    assert_eq!(VnetHeader::read(&octets), Ok(header));
    assert_eq!(VnetHeader::NONE.write(), [0; 10]);
    let mut marked = octets;
    // The ECN bit, and the flag "checksum verified".
    marked[0] |= 2;
    marked[1] |= 0x80;
    assert_eq!(VnetHeader::read(&marked), Ok(header));
}

fn assert_split(packet: &Packet, size: usize) {
    let segments = check_segments(&packet.vnet_header(size).write(), &packet.incomplete());
    let segments = segments.unwrap();
    assert_eq!(segments, octets_of(&packet.split(size)));
    assert!(segments.iter().all(|segment| plain::is_right(segment)));
    if packet.ip_options.is_empty() {
        for segment in &segments {
            assert_valid(segment);
        }
    }
}

fn octets_of(packets: &[Packet]) -> Vec<Vec<u8>> {
    packets.iter().map(Packet::octets).collect()
}
