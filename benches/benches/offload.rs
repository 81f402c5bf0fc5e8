//! Taking super-packets apart and putting them together: 44 packets of 1400 octets each time.
//!
//! One iteration is 44 packets; the column of items tells packets per second.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "benchmark code"
)]

use azike_tunnel::{Coalesced, Coalescer, Gso, Segments, VnetHeader};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

/// Packets in one super-packet.
const PACKETS: usize = 44;

/// Octets of each, headers included.
const LENGTH: usize = 1400;

/// From one packet to the next in a send or receive buffer: ESP in UDP around each.
const STRIDE: usize = 1440;

/// TCP over IPv4, over IPv6, UDP over IPv4.
const KINDS: [Gso; 3] = [Gso::Tcp4, Gso::Tcp6, Gso::Udp];

fn main() {
    divan::main();
}

/// What nobody can beat: the payload copied to its place.
#[divan::bench]
fn only_copied(bencher: Bencher<'_, '_>) {
    let (_, packet) = super_packet(Gso::Tcp4);
    let mut room = vec![0; PACKETS * STRIDE];
    counted(bencher).bench_local(|| {
        let parts = black_box(&packet)[40..].chunks(LENGTH - 40);
        for (room, part) in room.chunks_mut(STRIDE).zip(parts) {
            room[40..40 + part.len()].copy_from_slice(part);
        }
        black_box(&mut room);
    });
}

#[divan::bench(args = KINDS)]
fn segment(bencher: Bencher<'_, '_>, gso: Gso) {
    let (header, mut packet) = super_packet(gso);
    let mut room = vec![0; PACKETS * STRIDE];
    // Each round gets the headers as they were, as each read of the tun device gives new octets.
    let headers = packet[..60].to_vec();
    counted(bencher).bench_local(|| {
        packet[..60].copy_from_slice(&headers);
        let mut segments = Segments::new(black_box(header), black_box(&mut packet)).unwrap();
        for room in room.chunks_mut(STRIDE) {
            segments.write_next(&mut room[16..]).unwrap();
        }
        assert_eq!(segments.remaining(), 0);
        black_box(&mut room);
    });
}

/// All of one flow: one write.
#[divan::bench(args = KINDS)]
fn coalesce(bencher: Bencher<'_, '_>, gso: Gso) {
    put_together(bencher, &received(gso, 1), 1);
}

/// Packets of eight flows in turn: eight writes.
#[divan::bench]
fn coalesce_eight_flows(bencher: Bencher<'_, '_>) {
    put_together(bencher, &received(Gso::Tcp4, 8), 8);
}

/// Each packet of another flow: nothing joins, 44 writes.
#[divan::bench]
fn coalesce_nothing(bencher: Bencher<'_, '_>) {
    put_together(bencher, &received(Gso::Tcp4, PACKETS), PACKETS);
}

fn put_together(bencher: Bencher<'_, '_>, received: &[u8], expected: usize) {
    let mut coalescer = Coalescer::new();
    // Each round gets the buffer as it was, as each receive call gives new octets.
    let mut buffer = received.to_vec();
    counted(bencher).bench_local(|| {
        for at in (0..buffer.len()).step_by(STRIDE) {
            buffer[at..at + 80].copy_from_slice(&received[at..at + 80]);
        }
        let mut writes = 0;
        let mut out = |coalesced: &Coalesced<'_>| {
            writes += 1;
            black_box(coalesced.slices());
        };
        for at in 0..PACKETS {
            let packet = at * STRIDE + 16..at * STRIDE + 16 + LENGTH;
            coalescer.push(black_box(&mut buffer), packet, &mut out);
        }
        coalescer.flush(&mut buffer, &mut out);
        assert_eq!(writes, expected);
    });
}

fn counted<'a, 'b>(bencher: Bencher<'a, 'b>) -> Bencher<'a, 'b> {
    bencher
        .counter(ItemsCount::new(PACKETS))
        .counter(BytesCount::new(PACKETS * LENGTH))
}

/// A receive buffer with the segments of one super-packet in turn with those of other flows.
fn received(gso: Gso, flows: usize) -> Vec<u8> {
    let (header, packet) = super_packet(gso);
    let mut buffer = vec![0; PACKETS * STRIDE];
    let mut segments: Vec<Segments<'_>> = Vec::new();
    let mut packets: Vec<Vec<u8>> = (0..flows)
        .map(|flow| {
            let mut packet = packet.clone();
            // The source port is behind an IP header of 20 or 40 octets.
            let at = usize::from(header.checksum_start);
            packet[at + 1] = u8::try_from(flow).unwrap();
            packet
        })
        .collect();
    for packet in &mut packets {
        segments.push(Segments::new(header, packet).unwrap());
    }
    for (number, room) in buffer.chunks_mut(STRIDE).enumerate() {
        segments[number % flows]
            .write_next(&mut room[16..])
            .unwrap();
    }
    buffer
}

/// What the kernel gives for 44 packets.
fn super_packet(gso: Gso) -> (VnetHeader, Vec<u8>) {
    let (ip, transport) = match gso {
        Gso::Tcp6 => (40, 20),
        Gso::Udp => (20, 8),
        Gso::Tcp4 | Gso::None => (20, 20),
    };
    let headers = ip + transport;
    let payload = LENGTH - headers;
    let mut packet: Vec<u8> = (0_u32..)
        .map(|at| (at * 7).to_be_bytes()[3])
        .take(headers + PACKETS * payload)
        .collect();
    let length = packet.len();
    let field = |length: usize| u16::try_from(length).unwrap().to_be_bytes();
    if ip == 20 {
        packet[0] = 0x45;
        packet[2..4].copy_from_slice(&field(length));
        packet[6..8].copy_from_slice(&[0x40, 0]);
        packet[9] = if gso == Gso::Udp { 17 } else { 6 };
    } else {
        packet[0] = 0x60;
        packet[4..6].copy_from_slice(&field(length - 40));
        packet[6] = 6;
    }
    if transport == 20 {
        packet[ip + 12] = 0x50;
        packet[ip + 13] = 0x10;
    }
    let header = VnetHeader {
        needs_checksum: true,
        gso,
        header_length: u16::try_from(headers).unwrap(),
        gso_size: u16::try_from(payload).unwrap(),
        checksum_start: u16::try_from(ip).unwrap(),
        checksum_offset: if gso == Gso::Udp { 6 } else { 16 },
    };
    (header, packet)
}
