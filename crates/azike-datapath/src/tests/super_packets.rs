//! Super-packets of a device that has them, both ways, and those that lie.

use std::os::unix::net::UnixDatagram;
use std::sync::Arc;

use azike_platform::{SuperPackets, TUN_HEADER};
use azike_tunnel::{Gso, VnetHeader};

use super::world::{CLIENT, SERVER, World, down, eventually, packet, policy, seal, tun_with, up};
use crate::DropCause;

/// What the kernel writes before a UDP super-packet of `size` octets a piece.
const fn header(size: u16) -> VnetHeader {
    VnetHeader {
        needs_checksum: true,
        gso: Gso::Udp,
        header_length: 28,
        gso_size: size,
        checksum_start: 20,
        checksum_offset: 6,
    }
}

fn world() -> (World, UnixDatagram) {
    let mut world = World::new();
    let (tun, host) = tun_with(SuperPackets::TcpAndUdp);
    world.data_path.attach(Arc::new(tun), policy());
    (world, host)
}

/// A UDP packet whose payload says which piece each octet belongs to; its length field is right.
fn long(payload: usize, size: usize) -> Vec<u8> {
    let mut whole = up(payload);
    let length = u16::try_from(8 + payload).unwrap();
    whole[24..26].copy_from_slice(&length.to_be_bytes());
    for (at, octet) in whole[28..].iter_mut().enumerate() {
        *octet = u8::try_from(at / size).unwrap();
    }
    whole
}

#[test]
fn a_super_packet_travels_as_packets_of_its_size() {
    let (world, host) = world();
    let mut sa = world.install(1);
    host.send(&[&header(1000).write()[..], &long(4500, 1000)].concat())
        .unwrap();
    for piece in 0..5_u8 {
        let inner = world.at_gateway(&mut sa);
        let payload = if piece == 4 { 500 } else { 1000 };
        assert_eq!(inner.len(), 28 + payload);
        assert_eq!(
            usize::from(u16::from_be_bytes([inner[2], inner[3]])),
            inner.len()
        );
        assert!(
            inner[28..].iter().all(|octet| *octet == piece),
            "piece {piece}"
        );
    }
    let upload = world.data_path.counters().upload;
    eventually("all pieces are counted", || {
        world.data_path.counters().upload.packets == 5
    });
    assert!(upload.drops.is_empty(), "{:?}", upload.drops);
}

/// Octets that the kernel could not mean: counted, and the next packet passes.
#[test]
fn super_packets_that_lie_are_counted_and_survived() {
    let (world, host) = world();
    let mut sa = world.install(1);
    let whole = long(4500, 1000);
    let good = header(1000);
    let mut unknown = good.write();
    unknown[1] = 3;
    let lies = [
        unknown,
        VnetHeader {
            gso_size: 0,
            ..good
        }
        .write(),
        VnetHeader {
            header_length: 9000,
            ..good
        }
        .write(),
        VnetHeader {
            checksum_start: 4999,
            ..good
        }
        .write(),
        VnetHeader {
            gso: Gso::Tcp4,
            ..good
        }
        .write(),
        VnetHeader {
            gso: Gso::Tcp6,
            ..good
        }
        .write(),
    ];
    for lie in lies {
        host.send(&[&lie[..], &whole].concat()).unwrap();
    }
    host.send(&[&VnetHeader::NONE.write()[..], &up(7)].concat())
        .unwrap();
    assert_eq!(world.at_gateway(&mut sa), up(7));
    let lost = world
        .data_path
        .counters()
        .upload
        .lost(DropCause::BadSuperPacket);
    assert_eq!(lost, lies.len() as u64);
}

/// A message with less than the header is no packet; nothing spins and nothing stops.
#[test]
fn a_message_without_a_whole_header_is_an_error_of_the_device() {
    let (world, host) = world();
    let mut sa = world.install(1);
    host.send(&[&VnetHeader::NONE.write()[..], &[0x45]].concat())
        .unwrap();
    host.send(&[&VnetHeader::NONE.write()[..], &up(3)].concat())
        .unwrap();
    assert_eq!(world.at_gateway(&mut sa), up(3));
    let upload = world.data_path.counters().upload;
    assert_eq!(upload.lost(DropCause::BadInnerPacket), 1);
}

/// What the gateway sends in a row comes to the host in any shape, but whole and in order.
#[test]
fn packets_of_the_gateway_come_in_order() {
    let (world, host) = world();
    let mut sa = world.install(1);
    for length in [100, 100, 30, 200, 0, 1400] {
        let esp = seal(&mut sa.outbound, &down(length));
        world.gateway.send_to(&esp, world.client()).unwrap();
    }
    for length in [100, 100, 30, 200, 0, 1400] {
        let mut message = vec![0; 70_000];
        let got = host.recv(&mut message).unwrap();
        // Without a checksum, UDP packets are not put together.
        assert_eq!(message[TUN_HEADER..got], down(length));
    }
    let stranger = packet(SERVER, SERVER, 5);
    world.gateway_sends(&mut sa, &stranger);
    world.gateway_sends(&mut sa, &packet(CLIENT, CLIENT, 5));
    eventually("what the policy forbids is counted", || {
        world.data_path.counters().download.lost(DropCause::NotOurs) == 2
    });
}
