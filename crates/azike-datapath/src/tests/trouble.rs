//! Errors of the system, and the end.

use std::io::{self, IoSlice};
use std::net::UdpSocket;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Duration;

use azike_platform::{SuperPackets, TUN_HEADER};
use rustix::io::Errno;

use super::world::{
    FakeTun, World, address, child_sa, down, eventually, pause, policy, seal, tun, udp, up,
};
use crate::{DropCause, PacketDevice};

/// An ICMP "port unreachable" comes out of a later system call on a connected socket.
#[test]
fn refused_connection_does_not_stop_the_threads() {
    let world = World::new();
    let closed = address(&udp());
    let (keys, mut sa) = child_sa(1, &world.client_4500, closed);
    world.client_4500.connect(closed).unwrap();
    world.data_path.install(&keys);
    for _ in 0..20 {
        world.host.send(&up(1)).unwrap();
        pause(Duration::from_millis(2));
    }
    let gateway = UdpSocket::bind(closed).unwrap();
    gateway
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    world.host.send(&up(2)).unwrap();
    // One of those before may have been late.
    let arrived = |_| {
        let mut esp = [0; 2000];
        let length = gateway.recv(&mut esp).unwrap();
        sa.inbound.open(&mut esp[..length]).unwrap().packet.to_vec()
    };
    assert!((0..=20).map(arrived).any(|packet| packet == up(2)));
    let esp = seal(&mut sa.outbound, &down(2));
    gateway.send_to(&esp, world.client()).unwrap();
    assert_eq!(world.at_host(), down(2));
}

#[test]
fn packet_that_fits_no_datagram_is_counted() {
    let world = World::new();
    let mut sa = world.install(1);
    world.host.send(&up(65_480)).unwrap();
    world.host.send(&up(1)).unwrap();
    assert_eq!(world.at_gateway(&mut sa), up(1));
    assert_eq!(
        world.data_path.counters().upload.lost(DropCause::TooLong),
        1
    );
}

/// A device that was taken away is always "ready" and never gives a packet.
#[derive(Debug)]
struct DeadTun(FakeTun);

impl PacketDevice for DeadTun {
    fn descriptor(&self) -> BorrowedFd<'_> {
        self.0.descriptor()
    }

    fn super_packets(&self) -> SuperPackets {
        SuperPackets::None
    }

    fn read_packet(&self, _: &mut [u8; TUN_HEADER], _: &mut [u8]) -> io::Result<usize> {
        Err(Errno::BADF.into())
    }

    fn write_packet(&self, _: &[IoSlice<'_>]) -> io::Result<()> {
        Err(Errno::BADF.into())
    }
}

#[test]
fn dead_tun_device_costs_no_processor_time() {
    let mut world = World::new();
    let mut sa = world.install(1);
    let (tun, host) = tun();
    host.send(b"ready for ever").unwrap();
    let start = world.clock.now();
    world.data_path.attach(Arc::new(DeadTun(tun)), policy());
    pause(Duration::from_millis(350));
    let tries = world.data_path.counters().upload.lost(DropCause::TunRead);
    // Each thread reads once at its first turn, then there are 100 ms between two reads, however late we are.
    let most = 2 + (world.clock.now() - start).as_millis() / 100;
    assert!(
        tries >= 1 && u128::from(tries) <= most,
        "{tries} reads, {most} may be"
    );
    world.gateway_sends(&mut sa, &down(1));
    eventually("the write error is counted", || {
        world
            .data_path
            .counters()
            .download
            .lost(DropCause::TunWrite)
            == 1
    });
}

#[test]
fn stop_is_prompt_under_load_and_when_idle() {
    for busy in [false, true] {
        let world = World::new();
        let mut sa = world.install(1);
        if busy {
            for _ in 0..200 {
                world.gateway_sends(&mut sa, &down(1000));
            }
            world.host.send(&up(1000)).unwrap();
        }
        let meter = world.data_path.meter();
        let start = world.clock.now();
        world.data_path.stop();
        let took = world.clock.now() - start;
        assert!(took < Duration::from_secs(2), "{took:?}");
        let left = Arc::strong_count(&world.client_4500);
        assert_eq!(left, 1, "neither a thread nor the meter holds a socket");
        assert_eq!(meter.read().sequence_left, None);
    }
}
