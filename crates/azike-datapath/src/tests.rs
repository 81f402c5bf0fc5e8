//! The data path between a host and a gateway, and what must not stop it.

use std::net::Ipv4Addr;
use std::sync::Arc;

use azike_ike::Transport;

use super::{DropCause, IkeDatagram, PacketDevice};
use world::{
    CLIENT, FakeTun, IKE_QUEUE, SERVER, World, address, child_sa, down, eventually, packet, policy,
    seal, tun, udp, up,
};

mod allocations;
mod storms;
mod super_packets;
mod trouble;
mod world;

#[test]
fn packets_go_both_ways() {
    let world = World::new();
    let mut sa = world.install(1);
    for length in [0, 1, 100, 1372, 1400, 9000] {
        world.host.send(&up(length)).unwrap();
        assert_eq!(world.at_gateway(&mut sa), up(length));
        world.gateway_sends(&mut sa, &down(length));
        assert_eq!(world.at_host(), down(length));
    }
    let octets = 6 * 28 + 1 + 100 + 1372 + 1400 + 9000;
    eventually("both directions are counted", || {
        let counters = world.data_path.counters();
        let packets = (counters.upload.packets, counters.download.packets);
        packets == (6, 6) && counters.last_received.is_some()
    });
    let counters = world.data_path.counters();
    assert_eq!(
        (counters.upload.octets, counters.download.octets),
        (octets, octets)
    );
    assert!(counters.upload.drops.is_empty() && counters.download.drops.is_empty());
    assert_eq!(counters.sequence_left, Some(u64::from(u32::MAX) - 6));
    assert!(counters.last_received.unwrap() <= world.clock.now());
    world.data_path.stop();
}

/// RFC 3948: behind four zero octets on port 4500, bare on port 500.
#[test]
fn ike_messages_go_to_the_control_plane() {
    let world = World::new();
    let from = address(&world.gateway);
    let expect = |octets: &[u8], transport| IkeDatagram {
        octets: octets.to_vec(),
        from,
        transport,
    };
    world
        .gateway
        .send_to(b"\0\0\0\0message", world.client())
        .unwrap();
    let message = world.ike.recv().unwrap();
    assert_eq!(message, expect(b"message", Transport::Udp4500));
    for octets in [&b"message"[..], b"\xff", b"\0\0\x10\x01esp"] {
        let port_500 = address(&world.client_500);
        world.gateway.send_to(octets, port_500).unwrap();
        let message = world.ike.recv().unwrap();
        assert_eq!(message, expect(octets, Transport::Udp500));
    }
}

/// Some gateways go on with the port that `IKE_SA_INIT` used (facts of the field: Windows RAS).
#[test]
fn what_belongs_to_port_4500_is_taken_on_port_500_too() {
    let world = World::new();
    let mut sa = world.install(1);
    let port_500 = address(&world.client_500);
    let esp = seal(&mut sa.outbound, &down(5));
    world.gateway.send_to(&esp, port_500).unwrap();
    assert_eq!(world.at_host(), down(5));
    world.gateway.send_to(b"\0\0\0\0message", port_500).unwrap();
    let message = world.ike.recv().unwrap();
    assert_eq!(message.octets, b"message");
}

#[test]
fn keepalives_are_ignored_and_rubbish_is_counted() {
    let world = World::new();
    let mut sa = world.install(1);
    for datagram in [
        &[0xff][..],
        &[],
        &[1, 2, 3],
        &[0, 0, 0, 9, 9],
        &[0, 0, 0x77, 0x77, 1],
    ] {
        world.gateway.send_to(datagram, world.client()).unwrap();
    }
    world.gateway_sends(&mut sa, &down(1));
    assert_eq!(world.at_host(), down(1));
    let download = world.data_path.counters().download;
    assert_eq!(download.lost(DropCause::Malformed), 3);
    assert_eq!(download.lost(DropCause::UnknownSpi), 1);
    assert_eq!(download.drops.len(), 2, "{:?}", download.drops);
}

/// Of a stream of UDP, nothing waits for an answer; of TCP, it does.
#[test]
fn packets_that_somebody_has_to_answer_are_counted() {
    let world = World::new();
    let mut sa = world.install(1);
    let asked = || world.data_path.counters().asked;
    for length in [1, 1000] {
        world.host.send(&up(length)).unwrap();
        world.at_gateway(&mut sa);
    }
    assert_eq!(asked(), 0);
    // A SYN: the protocol, a header of 20 octets, the flag.
    let mut syn = up(12);
    (syn[9], syn[32], syn[33]) = (6, 0x50, 0x02);
    world.host.send(&syn).unwrap();
    world.at_gateway(&mut sa);
    eventually("it is counted", || asked() == 1);
}

/// A control plane that does not listen costs IKE messages, and no packet waits for it.
#[test]
fn full_ike_queue_does_not_hold_up_packets() {
    let world = World::new();
    let mut sa = world.install(1);
    for _ in 0..IKE_QUEUE + 10 {
        world
            .gateway
            .send_to(b"\0\0\0\0message", world.client())
            .unwrap();
    }
    world.gateway_sends(&mut sa, &down(7));
    assert_eq!(world.at_host(), down(7));
    let download = world.data_path.counters().download;
    assert_eq!(download.lost(DropCause::IkeQueueFull), 10);
}

/// The gateway makes a new Child SA again and again, each before the one before the last is
/// forgotten: what it deleted never sends again.
#[test]
fn rekeys_of_the_gateway_in_a_row_lose_no_packet() {
    let world = World::new();
    let mut used = world.install(1);
    for number in 2..6 {
        let (keys, mut next) = child_sa(number, &world.client_4500, address(&world.gateway));
        world.data_path.install_standby(&keys);
        world.host.send(&up(1)).unwrap();
        assert_eq!(world.at_gateway(&mut used), up(1), "before {number}");
        world.gateway_sends(&mut next, &down(2));
        assert_eq!(world.at_host(), down(2));
        world.data_path.retire(used.spi);
        world.host.send(&up(3)).unwrap();
        assert_eq!(world.at_gateway(&mut next), up(3), "after {number}");
        used = next;
    }
}

/// N-90: the new SA sends at once, the old one receives until it is removed, and when the newest
/// goes first the older takes over.
#[test]
fn rekey_loses_no_packet() {
    let world = World::new();
    let mut old = world.install(1);
    world.host.send(&up(1)).unwrap();
    assert_eq!(world.at_gateway(&mut old), up(1));

    let mut new = world.install(2);
    world.host.send(&up(2)).unwrap();
    assert_eq!(world.at_gateway(&mut new), up(2));
    world.gateway_sends(&mut old, &down(1));
    assert_eq!(world.at_host(), down(1));
    world.gateway_sends(&mut new, &down(2));
    assert_eq!(world.at_host(), down(2));

    world.data_path.remove(new.spi);
    world.host.send(&up(3)).unwrap();
    assert_eq!(
        world.at_gateway(&mut old),
        up(3),
        "its sequence numbers go on"
    );
    world.data_path.remove(new.spi);

    world.data_path.remove(old.spi);
    world.gateway_sends(&mut old, &down(3));
    world.host.send(&up(4)).unwrap();
    eventually("both are dropped", || {
        let counters = world.data_path.counters();
        counters.download.lost(DropCause::UnknownSpi) == 1
            && counters.upload.lost(DropCause::NoChildSa) == 1
    });
    assert_eq!(world.data_path.counters().sequence_left, None);
}

/// N-84, N-85: what anybody can send is no sign of life.
#[test]
fn forged_and_replayed_packets_are_counted_and_prove_nothing() {
    let world = World::new();
    let mut sa = world.install(1);
    let honest = seal(&mut sa.outbound, &down(50));
    let mut forged = honest.clone();
    forged[30] ^= 1;
    world.gateway.send_to(&forged, world.client()).unwrap();
    eventually("the forged packet is counted", || {
        world
            .data_path
            .counters()
            .download
            .lost(DropCause::NotAuthentic)
            == 1
    });
    assert_eq!(world.data_path.counters().last_received, None);
    for _ in 0..3 {
        world.gateway.send_to(&honest, world.client()).unwrap();
    }
    assert_eq!(world.at_host(), down(50));
    eventually("the copies are counted", || {
        world
            .data_path
            .counters()
            .download
            .lost(DropCause::Replayed)
            == 2
    });
    eventually("the honest one shows life", || {
        world.data_path.counters().last_received.is_some()
    });
    assert_eq!(world.data_path.counters().download.packets, 1);
}

/// N-94: an authentic packet from somewhere else arrives, and moves nothing.
#[test]
fn gateway_does_not_move_because_a_packet_came_from_elsewhere() {
    let world = World::new();
    let mut sa = world.install(1);
    let elsewhere = udp();
    let esp = seal(&mut sa.outbound, &down(1));
    elsewhere.send_to(&esp, world.client()).unwrap();
    assert_eq!(world.at_host(), down(1));
    world.host.send(&up(1)).unwrap();
    assert_eq!(world.at_gateway(&mut sa), up(1));

    world.data_path.set_peer(address(&elsewhere));
    world.host.send(&up(2)).unwrap();
    let mut esp = [0; 2000];
    let length = elsewhere.recv(&mut esp).unwrap();
    assert_eq!(sa.inbound.open(&mut esp[..length]).unwrap().packet, up(2));
}

/// N-88 on both threads.
#[test]
fn packets_against_the_policy_are_counted_and_dropped() {
    let world = World::new();
    let mut sa = world.install(1);
    let elsewhere = Ipv4Addr::new(10, 2, 0, 1);
    world.host.send(&packet(elsewhere, SERVER, 1)).unwrap();
    world.host.send(&packet(CLIENT, elsewhere, 1)).unwrap();
    world.host.send(&[0x45; 30]).unwrap();
    world.host.send(&up(1)).unwrap();
    assert_eq!(world.at_gateway(&mut sa), up(1));
    world.gateway_sends(&mut sa, &packet(elsewhere, CLIENT, 1));
    world.gateway_sends(&mut sa, &packet(SERVER, elsewhere, 1));
    world.gateway_sends(&mut sa, &down(1));
    assert_eq!(world.at_host(), down(1));
    let counters = world.data_path.counters();
    for cause in [DropCause::NotOurs, DropCause::NotSelected] {
        assert_eq!(
            (counters.upload.lost(cause), counters.download.lost(cause)),
            (1, 1)
        );
    }
    assert_eq!(counters.upload.lost(DropCause::BadInnerPacket), 1);
}

/// N-89: the mark of the outer header is the kernel's to tell.
#[cfg(target_os = "linux")]
#[test]
fn congestion_mark_of_the_outer_header_reaches_the_inner_one() {
    let world = World::new();
    let mut sa = world.install(1);
    rustix::net::sockopt::set_ip_tos(&world.gateway, 0b11).unwrap();
    let mut inner = down(1);
    inner[1] = 0b10;
    world.gateway_sends(&mut sa, &inner);
    assert_eq!(world.at_host()[1], 0b11);
    world.gateway_sends(&mut sa, &down(1));
    eventually("the packet that cannot be marked is dropped", || {
        world
            .data_path
            .counters()
            .download
            .lost(DropCause::Congestion)
            == 1
    });
}

#[test]
fn detached_device_is_let_go_and_another_takes_its_place() {
    let mut world = World::new();
    let mut sa = world.install(1);
    let (first, first_host) = tun();
    let first = Arc::new(first);
    let device: Arc<dyn PacketDevice> = Arc::<FakeTun>::clone(&first);
    world.data_path.attach(device, policy());
    first_host.send(&up(1)).unwrap();
    assert_eq!(world.at_gateway(&mut sa), up(1));

    world.data_path.detach();
    eventually("nobody else holds the device", || {
        Arc::strong_count(&first) == 1
    });
    world.gateway_sends(&mut sa, &down(1));
    eventually("there is no device to write to", || {
        world.data_path.counters().download.lost(DropCause::NoTun) == 1
    });

    let (second, second_host) = tun();
    world.data_path.attach(Arc::new(second), policy());
    second_host.send(&up(2)).unwrap();
    assert_eq!(world.at_gateway(&mut sa), up(2));
}
