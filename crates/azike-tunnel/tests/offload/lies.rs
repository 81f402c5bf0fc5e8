//! Headers that lie: an error each, the packet as it was, never a panic.

use azike_tunnel::{Gso, SegmentError, Segments, VnetHeader};

use crate::invariant::check_segments;
use crate::packet::Packet;

#[test]
fn gso_types_that_were_never_asked_for() {
    for code in 0..=255_u8 {
        let mut octets = [0; 10];
        octets[1] = code;
        let read = VnetHeader::read(&octets);
        match code {
            0 | 1 | 4 | 5 | 0x81 | 0x84 => assert!(read.is_ok(), "{code:#x}"),
            _ => assert_eq!(read, Err(SegmentError::UnknownGso(code))),
        }
    }
}

#[test]
fn every_field_is_compared_with_the_packet() {
    type Lie = fn(&mut VnetHeader);
    let lies: [(Lie, SegmentError); 9] = [
        (|lie| lie.gso_size = 0, SegmentError::GsoSize),
        (|lie| lie.gso_size = 3001, SegmentError::GsoSize),
        (|lie| lie.gso_size = u16::MAX, SegmentError::GsoSize),
        (
            |lie| lie.header_length = u16::MAX,
            SegmentError::HeaderLength,
        ),
        (|lie| lie.header_length = 3100, SegmentError::HeaderLength),
        (|lie| lie.checksum_start += 2, SegmentError::Checksum),
        (|lie| lie.checksum_start = u16::MAX, SegmentError::Checksum),
        (|lie| lie.checksum_offset += 2, SegmentError::Checksum),
        (|lie| lie.checksum_offset = u16::MAX, SegmentError::Checksum),
    ];
    for packet in Packet::kinds(3000) {
        for (lie, error) in lies {
            let mut header = packet.vnet_header(1400);
            lie(&mut header);
            assert_refused(header, &packet.incomplete(), error);
        }
    }
}

#[test]
fn gso_type_of_another_packet() {
    for packet in Packet::kinds(3000) {
        for other in [Gso::Tcp4, Gso::Tcp6, Gso::Udp] {
            if other != packet.gso {
                let mut header = packet.vnet_header(1400);
                header.gso = other;
                assert_refused(header, &packet.incomplete(), SegmentError::Protocol);
            }
        }
        let mut octets = packet.incomplete();
        for version in [0x05, 0x55, 0xf5] {
            octets[0] = version;
            assert_refused(packet.vnet_header(1400), &octets, SegmentError::Protocol);
        }
    }
}

/// Cut off anywhere, with the length field that belongs to it and with the old one.
#[test]
fn no_packet_is_read_beyond_its_end() {
    for packet in Packet::kinds(200) {
        let whole = packet.incomplete();
        for length in 0..whole.len() {
            let mut octets = whole[..length].to_vec();
            let header = packet.vnet_header(100);
            assert_eq!(check_segments(&header.write(), &octets), None);
            if packet.ipv6 && length >= 40 {
                let field = u16::try_from(length - 40).unwrap();
                octets[4..6].copy_from_slice(&field.to_be_bytes());
            } else if !packet.ipv6 && length >= 20 {
                octets[2..4].copy_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
            }
            let refused = Segments::new(header, &mut octets).map(|segments| segments.count());
            let expected = match length {
                _ if length < packet.headers() => Err(SegmentError::Truncated),
                _ if length < packet.headers() + 100 => Err(SegmentError::GsoSize),
                _ => Ok((length - packet.headers()).div_ceil(100)),
            };
            assert_eq!(refused, expected, "{length} octets of {:?}", packet.gso);
        }
    }
}

#[test]
fn lengths_inside_the_packet_lie_too() {
    let packet = Packet::tcp4(3000);
    let header = packet.vnet_header(1400);
    for (at, octet, error) in [
        (2, 0xff, SegmentError::Length),
        (3, 0, SegmentError::Length),
        // IHL of 4; of 15, so that the TCP header is elsewhere.
        (0, 0x44, SegmentError::Truncated),
        (0, 0x4f, SegmentError::Truncated),
        // TCP header of 16 octets.
        (32, 0x40, SegmentError::Truncated),
        // More fragments; an offset.
        (6, 0x20, SegmentError::Fragment),
        (7, 0x01, SegmentError::Fragment),
    ] {
        let mut octets = packet.incomplete();
        octets[at] = octet;
        // The data offset that is found behind an IHL of 15.
        octets[72] = 0;
        assert_refused(header, &octets, error);
    }
    let packet = Packet::tcp6(3000);
    let mut octets = packet.incomplete();
    octets[5] ^= 1;
    assert_refused(packet.vnet_header(1400), &octets, SegmentError::Length);
}

#[test]
fn ipv6_extension_headers_that_cannot_be_copied() {
    let packet = Packet::tcp6(3000);
    let header = packet.vnet_header(1400);
    for (next, error) in [
        (44, SegmentError::Fragment),
        (43, SegmentError::Protocol),
        (51, SegmentError::Protocol),
        (59, SegmentError::Protocol),
        // Options whose length leads somewhere else, or out of the packet.
        (0, SegmentError::Truncated),
        (60, SegmentError::Truncated),
    ] {
        let mut octets = packet.incomplete();
        octets[6] = next;
        octets[40] = 6;
        octets[41] = 0xff;
        octets.truncate(2000);
        octets[4..6].copy_from_slice(&1960_u16.to_be_bytes());
        assert_refused(header, &octets, error);
    }
    // Extension headers without end.
    let mut octets = packet.incomplete();
    octets[6] = 60;
    octets[40..1040].fill(0);
    for at in (40..1040).step_by(8) {
        octets[at] = 60;
    }
    assert_refused(header, &octets, SegmentError::Protocol);
}

/// A single packet: the place of the checksum is inside the packet, and not in the IP header.
#[test]
fn single_packet_with_its_checksum_elsewhere() {
    let octets = Packet::tcp4(9).incomplete();
    let length = u16::try_from(octets.len()).unwrap();
    for (start, offset) in [
        (0, 16),
        (19, 16),
        (20, length - 20),
        (20, length - 21),
        (20, 17),
        (20, u16::MAX),
        (length, 0),
        (length - 1, 0),
        (u16::MAX, u16::MAX),
    ] {
        let header = single(start, offset);
        assert_refused(header, &octets, SegmentError::Checksum);
    }
    assert_refused(single(20, 16), &[0x75; 40], SegmentError::Protocol);
    assert_refused(single(20, 16), &[0x65; 40], SegmentError::Checksum);
    assert_refused(single(20, 16), &[], SegmentError::Truncated);
    assert_refused(VnetHeader::NONE, &[], SegmentError::Truncated);
}

fn single(start: u16, offset: u16) -> VnetHeader {
    VnetHeader {
        needs_checksum: true,
        checksum_start: start,
        checksum_offset: offset,
        ..VnetHeader::NONE
    }
}

#[track_caller]
fn assert_refused(header: VnetHeader, octets: &[u8], error: SegmentError) {
    let mut copy = octets.to_vec();
    let refused = Segments::new(header, &mut copy).map(|segments| segments.count());
    assert_eq!(refused, Err(error), "{header:?}");
    assert_eq!(copy, octets, "a refused packet stays as it was");
}
