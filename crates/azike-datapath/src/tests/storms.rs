//! Much at once of what should not come at all. What should come comes all the same.

use std::io::{self, IoSlice};
use std::net::UdpSocket;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use azike_ike::Transport;
use azike_platform::{SuperPackets, TUN_HEADER};
use rustix::io::Errno;

use super::world::{
    FakeTun, World, address, child_sa, down, eventually, pause, policy, tun, udp, up,
};
use crate::{DropCause, PacketDevice};

const ROUNDS: usize = 50;
/// As many as a socket holds without losing the one behind them.
const FORGED: usize = 60;

/// Forged packets for an SPI of ours and for one that nobody has, in floods.
#[test]
fn a_flood_for_one_spi_keeps_no_packet_and_no_message_out() {
    let world = World::new();
    let mut sa = world.install(1);
    let stranger = udp();
    for (spi, cause) in [
        (sa.spi.octets(), DropCause::NotAuthentic),
        ([0x0b; 4], DropCause::UnknownSpi),
    ] {
        let mut esp = [0x5a; 120];
        esp[..4].copy_from_slice(&spi);
        let before = world.data_path.counters().download.lost(cause);
        for _ in 0..ROUNDS {
            for number in 0..FORGED {
                // Far ahead in the window, which must not move.
                esp[7] = u8::try_from(number).unwrap();
                stranger.send_to(&esp, world.client()).unwrap();
            }
            world.gateway_sends(&mut sa, &down(9));
            assert_eq!(world.at_host(), down(9));
        }
        let lost = world.data_path.counters().download.lost(cause) - before;
        assert_eq!(lost, u64::try_from(ROUNDS * FORGED).unwrap(), "{cause:?}");
    }
    let message = [&[0; 4][..], &[7; 40]].concat();
    stranger.send_to(&message, world.client()).unwrap();
    let heard = world.ike.recv_timeout(Duration::from_secs(5)).unwrap();
    assert_eq!(heard.octets, [7; 40]);
}

/// The longest datagrams there are: rubbish is counted, a packet is a packet.
#[test]
fn jumbo_datagrams_are_taken_like_others() {
    let world = World::new();
    let mut sa = world.install(1);
    for length in [65_507, 9000, 0, 1] {
        world
            .gateway
            .send_to(&vec![9; length], world.client())
            .unwrap();
    }
    world.gateway_sends(&mut sa, &down(60_000));
    assert_eq!(world.at_host(), down(60_000));
    let download = world.data_path.counters().download;
    let lost: u64 = [DropCause::UnknownSpi, DropCause::Malformed]
        .into_iter()
        .map(|cause| download.lost(cause))
        .sum();
    assert!((3..=4).contains(&lost), "{:?}", download.drops);
}

/// Each datagram to a closed port comes back as an error of the socket, as fast as the host sends.
#[test]
fn a_storm_of_socket_errors_spins_nowhere_and_stops_no_message() {
    let world = World::new();
    let closed = address(&udp());
    let (keys, _) = child_sa(1, &world.client_4500, closed);
    world.client_4500.connect(closed).unwrap();
    world.data_path.install(&keys);
    for _ in 0..2000 {
        world.host.send(&up(1)).unwrap();
    }
    let message = [5; 40];
    let gateway = udp();
    for _ in 0..3 {
        gateway
            .send_to(&message, address(&world.client_500))
            .unwrap();
        let heard = world.ike.recv_timeout(Duration::from_secs(5)).unwrap();
        assert_eq!(
            (heard.octets.as_slice(), heard.transport),
            (&message[..], Transport::Udp500)
        );
    }
    let tries = || world.data_path.counters().download.lost(DropCause::Receive);
    eventually("the errors end", || {
        let before = tries();
        pause(Duration::from_millis(200));
        tries() == before
    });
    let refused = tries() + world.data_path.counters().upload.lost(DropCause::Send);
    assert!(refused > 0, "no error at all");
}

/// A device that is taken away while packets pass, and says so for ever.
#[derive(Debug)]
struct Vanishing {
    tun: FakeTun,
    gone: AtomicBool,
}

impl Vanishing {
    fn still(&self) -> io::Result<()> {
        if self.gone.load(Ordering::Relaxed) {
            return Err(Errno::BADF.into());
        }
        Ok(())
    }
}

impl PacketDevice for Vanishing {
    fn descriptor(&self) -> BorrowedFd<'_> {
        self.tun.descriptor()
    }

    fn super_packets(&self) -> SuperPackets {
        SuperPackets::None
    }

    fn read_packet(&self, header: &mut [u8; TUN_HEADER], packet: &mut [u8]) -> io::Result<usize> {
        self.still()?;
        self.tun.read_packet(header, packet)
    }

    fn write_packet(&self, parts: &[IoSlice<'_>]) -> io::Result<()> {
        self.still()?;
        self.tun.write_packet(parts)
    }
}

#[test]
fn a_device_that_goes_under_load_costs_no_message_and_no_processor_time() {
    let mut world = World::new();
    let mut sa = world.install(1);
    let (tun, host) = tun();
    let device = Arc::new(Vanishing {
        tun,
        gone: AtomicBool::new(false),
    });
    let attached: Arc<dyn PacketDevice> = Arc::<Vanishing>::clone(&device);
    world.data_path.attach(attached, policy());
    for _ in 0..100 {
        host.send(&up(100)).unwrap();
    }
    assert_eq!(world.at_gateway(&mut sa), up(100));
    device.gone.store(true, Ordering::Relaxed);
    // Enough that the device stays ready.
    host.send(&up(100)).unwrap();
    for _ in 0..10 {
        world.gateway_sends(&mut sa, &down(1));
        let message = [&[0; 4][..], &[3; 40]].concat();
        world.gateway.send_to(&message, world.client()).unwrap();
        let heard = world.ike.recv_timeout(Duration::from_secs(5)).unwrap();
        assert_eq!(heard.octets, [3; 40]);
    }
    let lost = |cause| world.data_path.counters().download.lost(cause);
    eventually("packets for a device that is gone are counted", || {
        lost(DropCause::TunWrite) == 10
    });
    pause(Duration::from_millis(350));
    let tries = world.data_path.counters().upload.lost(DropCause::TunRead);
    assert!(
        (1..=8).contains(&tries),
        "{tries} reads of a device that is gone"
    );
}

/// A socket of loopback only: nothing reads from it, and its packets are gone.
#[test]
fn nobody_at_the_other_end_holds_up_nothing() {
    let world = World::new();
    let deaf = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (keys, _) = child_sa(1, &world.client_4500, address(&deaf));
    world.data_path.install(&keys);
    for _ in 0..5000 {
        world.host.send(&up(1400)).unwrap();
    }
    eventually("all packets left", || {
        world.data_path.counters().upload.packets == 5000
    });
    assert!(world.data_path.counters().upload.drops.is_empty());
}
