//! Packets become one write again, or stay alone.

use azike_tunnel::{Coalescer, MAX_SEGMENTS, VnetHeader};

use crate::invariant::{check_coalescing, coalesce, mend, mend_checksums};
use crate::packet::{ACK, CWR, ECE, FIN, PSH, Packet, RST, SYN, TIMESTAMPS, URG};

/// What was taken apart is put together again, octet for octet, and the kernel is told how.
#[test]
fn segments_become_the_packet_they_were() {
    for (payload, size) in [
        (61_600, 1400),
        (61_601, 1401),
        (1401, 1400),
        (3, 1),
        (64, 1),
        (999, 333),
    ] {
        for packet in Packet::kinds(payload) {
            let whole = packet.with(|packet| packet.flags = ACK | PSH | ECE);
            let parts = octets(&whole.split(size));
            let writes = coalesce(Coalescer::new(), &parts);
            assert_eq!(writes.len(), 1, "{payload} in {size}");
            assert_eq!(writes[0].octets, whole.incomplete());
            assert_eq!(
                VnetHeader::read(&writes[0].header),
                Ok(whole.vnet_header(size))
            );
            assert_eq!(check_coalescing(&parts), [parts.len()]);
        }
    }
}

#[test]
fn a_write_is_never_longer_than_an_ip_packet_can_be() {
    for packet in Packet::kinds(65_000) {
        // The payloads alone would fit in 65,535 octets, or nearly; with headers they do not.
        let mut parts = packet.split(32_500);
        parts.push(continued(&parts[1], 600));
        assert_eq!(check_coalescing(&octets(&parts)), [2, 1]);
    }
    // Exactly 65,535 octets, and one more.
    for packet in Packet::kinds(0) {
        let payload = 65_535 - packet.headers();
        let mut parts = Packet::new(packet.gso, packet.ipv6, payload).split(21_845);
        assert_eq!(check_coalescing(&octets(&parts)), [3]);
        parts[2].payload.push(1);
        assert_eq!(check_coalescing(&octets(&parts)), [2, 1]);
    }
}

#[test]
fn a_write_has_at_most_64_packets() {
    for packet in Packet::kinds(1500) {
        let parts = octets(&packet.split(10));
        assert_eq!(check_coalescing(&parts), [MAX_SEGMENTS, MAX_SEGMENTS, 22]);
    }
}

/// Each difference that ends a super-packet of TCP, over both versions.
#[test]
fn tcp_that_does_not_continue_stays_apart() {
    type Change = fn(&mut Packet);
    let changes: [(&str, Change); 15] = [
        ("gap", |packet| packet.sequence += 1),
        ("again", |packet| packet.sequence -= 100),
        ("ACK number", |packet| packet.acknowledgment += 1),
        ("window", |packet| packet.window += 1),
        ("ECE", |packet| packet.flags |= ECE),
        ("timestamps", |packet| packet.options[7] += 1),
        ("no options", |packet| packet.options.clear()),
        ("traffic class", |packet| packet.traffic_class ^= 0x04),
        ("congestion", |packet| packet.traffic_class |= 0x03),
        ("hop limit", |packet| packet.hop_limit -= 1),
        ("longer", |packet| packet.payload.push(1)),
        ("URG", |packet| packet.flags |= URG),
        ("RST", |packet| packet.flags |= RST),
        ("SYN", |packet| packet.flags |= SYN),
        ("CWR", |packet| packet.flags |= CWR),
    ];
    for first in [Packet::tcp4(100), Packet::tcp6(100)] {
        for (name, change) in changes {
            let second = continued(&first, 100);
            let third = continued(&second, 100);
            let changed = second.with(change);
            let sizes = check_coalescing(&octets(&[first.clone(), changed, third]));
            assert!(sizes == [1, 1, 1] || sizes == [1, 2], "{name}: {sizes:?}");
        }
        let joined = octets(&[first.clone(), continued(&first, 100)]);
        assert_eq!(check_coalescing(&joined), [2]);
    }
}

#[test]
fn ip_headers_that_differ_stay_apart() {
    let first = Packet::tcp4(100);
    let fixed = continued(&first, 100).with(|packet| packet.dont_fragment = true);
    assert_eq!(check_coalescing(&octets(&[first.clone(), fixed])), [1, 1]);
    let jumped = continued(&first, 100).with(|packet| packet.identification = 7);
    assert_eq!(check_coalescing(&octets(&[first, jumped])), [1, 1]);
    let first = Packet::udp6(100);
    let labelled = continued(&first, 100).with(|packet| packet.flow_label += 1);
    assert_eq!(check_coalescing(&octets(&[first, labelled])), [1, 1]);
}

/// With DF the identification says nothing: many senders leave it 0 (RFC 6864, section 4.1).
#[test]
fn identification_does_not_count_where_fragmenting_is_forbidden() {
    for kind in [Packet::tcp4(100), Packet::udp4(100)] {
        let first = kind.with(|packet| {
            packet.dont_fragment = true;
            packet.identification = 0;
        });
        let second = continued(&first, 100).with(|packet| packet.identification = 0);
        let third = continued(&second, 100).with(|packet| packet.identification = 9999);
        assert_eq!(check_coalescing(&octets(&[first, second, third])), [3]);
    }
}

/// PSH and FIN are taken along and nothing comes behind them; alone at the start they do not wait.
#[test]
fn push_and_fin_close() {
    for flag in [PSH, FIN, PSH | FIN] {
        let first = Packet::tcp4(100);
        let second = continued(&first, 100).with(|packet| packet.flags |= flag);
        let third = continued(&second, 100).with(|packet| packet.flags = ACK);
        let packets = octets(&[first, second.clone(), third.clone()]);
        assert_eq!(check_coalescing(&packets), [2, 1]);
        let writes = coalesce(Coalescer::new(), &packets);
        assert_eq!(writes[0].octets[33], ACK | flag);
        assert_eq!(check_coalescing(&octets(&[second, third])), [1, 1]);
    }
}

#[test]
fn shorter_packet_is_the_last() {
    for first in Packet::kinds(100) {
        let second = continued(&first, 99);
        let third = continued(&second, 99);
        let packets = octets(&[first, second, third]);
        assert_eq!(check_coalescing(&packets), [2, 1]);
    }
}

/// A wrong checksum must reach the host as it is, so that the host drops and counts it: each octet
/// of a packet in turn, first or second, never in a write that says "verified".
#[test]
fn wrong_checksum_passes_alone_and_unchanged() {
    for first in Packet::kinds(20) {
        let second = continued(&first, 20);
        let packets = octets(&[first, second]);
        for wrong in 0..2 {
            for at in 0..packets[0].len() {
                let mut packets = packets.clone();
                packets[wrong][at] ^= 0x10;
                // (A bit of the IPv6 flow label or hop limit is in no checksum: seen by comparing.)
                assert_eq!(check_coalescing(&packets), [1, 1], "octet {at} of {wrong}");
            }
        }
    }
}

/// UDP without a checksum (RFC 768) has nothing that was verified.
#[test]
fn udp_without_checksum_stays_alone() {
    let first = Packet::udp4(100);
    let mut packets = octets(&[first.clone(), continued(&first, 100)]);
    for packet in &mut packets {
        packet[26..28].fill(0);
    }
    assert_eq!(check_coalescing(&packets), [1, 1]);
}

/// A TCP header of 16 octets, with the sequence numbers that would belong to it.
#[test]
fn tcp_header_that_is_too_short_stays_alone() {
    let first = Packet::tcp4(100).with(|packet| packet.options.clear());
    let second = continued(&first, 100).with(|packet| packet.sequence += 4);
    let mut packets = octets(&[first, second]);
    for packet in &mut packets {
        packet[32] = 0x40;
        mend(packet);
    }
    let writes = coalesce(Coalescer::new(), &packets);
    assert_eq!(writes.len(), 2);
}

/// The urgent pointer would be lost, though without URG it says nothing.
#[test]
fn urgent_pointers_that_differ_stay_apart() {
    let first = Packet::tcp4(100);
    let mut packets = octets(&[first.clone(), continued(&first, 100)]);
    packets[1][20 + 19] = 1;
    mend(&mut packets[1]);
    assert_eq!(check_coalescing(&packets), [1, 1]);
}

/// Two packets that differ in nothing, and have what forbids joining: checksums are right.
#[test]
fn what_must_not_join_does_not_though_all_packets_have_it() {
    type Change = fn(&mut [u8]);
    for flag in [SYN, RST, URG, CWR] {
        for first in [Packet::tcp4(100), Packet::tcp6(100)] {
            let first = first.with(|packet| packet.flags |= flag);
            let packets = octets(&[first.clone(), continued(&first, 100)]);
            assert_eq!(check_coalescing(&packets), [1, 1], "flags {flag:#x}");
        }
    }
    let changes: [(Packet, Change); 4] = [
        (Packet::tcp4(96), |first| first[6] = 0x20),
        (Packet::udp4(96), |later| later[7] = 1),
        (Packet::tcp4(100), |no_ack| no_ack[33] = 0),
        (Packet::udp6(100), |length| length[45] -= 1),
    ];
    for (first, change) in changes {
        let mut packets = octets(&[first.clone(), continued(&first, first.payload.len())]);
        for packet in &mut packets {
            mend(packet);
            change(packet);
            mend_checksums(packet);
        }
        let sizes: Vec<usize> = coalesce(Coalescer::new(), &packets)
            .iter()
            .map(|write| write.packets)
            .collect();
        assert_eq!(sizes, [1, 1], "{:?}", first.gso);
    }
}

#[test]
fn timestamps_of_another_moment_stay_apart() {
    let first = Packet::tcp4(100);
    let mut later = TIMESTAMPS;
    later[11] += 1;
    let second = continued(&first, 100).with(|packet| packet.options = later.to_vec());
    let third = continued(&second, 100);
    assert_eq!(check_coalescing(&octets(&[first, second, third])), [1, 2]);
}

/// The packet that comes behind `packet`, of the same flow.
pub(crate) fn continued(packet: &Packet, payload: usize) -> Packet {
    let length = u32::try_from(packet.payload.len()).unwrap();
    packet.clone().with(|next| {
        next.sequence = packet.sequence.wrapping_add(length);
        next.identification = packet.identification.wrapping_add(1);
        next.payload = vec![0x5a; payload];
    })
}

pub(crate) fn octets(packets: &[Packet]) -> Vec<Vec<u8>> {
    packets.iter().map(Packet::octets).collect()
}
