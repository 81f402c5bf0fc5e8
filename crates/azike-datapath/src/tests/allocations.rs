//! In steady state no packet costs an allocation, whichever way it goes.
//!
//! A thread is counted from its start to its end, once with few packets and once with many. What it
//! allocates before the first packet is the same.

use std::net::UdpSocket;
use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Mutex};
use std::thread;

use allocation_counter::measure;
use arc_swap::{ArcSwap, ArcSwapOption};
use azike_ike::Transport;
use azike_platform::{Clock, SuperPackets, UdpReceiver};

use super::world::{address, child_sa, down, policy, seal, tun_with, udp, up};
use crate::counters::Counters;
use crate::sa_table::{ChildSa, Path, SaTable};
use crate::{Attached, ChildSaKeys, Settings, Shared, download, stop, upload};

const FEW: usize = 10;
const MANY: usize = 2000;

#[test]
fn no_packet_costs_an_allocation() {
    for super_packets in [SuperPackets::None, SuperPackets::TcpAndUdp] {
        for (name, count) in [
            ("upload", of_upload as fn(usize, SuperPackets) -> u64),
            ("download", of_download),
        ] {
            // The first thread of a process makes what later ones inherit.
            count(FEW, super_packets);
            let (few, many) = (count(FEW, super_packets), count(MANY, super_packets));
            assert!(few > 0, "{name}: nothing is counted");
            assert!(
                many <= few,
                "{name} with {super_packets:?}: {few}, then {many}"
            );
        }
    }
}

/// What the upload thread allocates for so many packets.
fn of_upload(packets: usize, super_packets: SuperPackets) -> u64 {
    let (gateway, client) = (udp(), Arc::new(udp()));
    let (keys, _) = child_sa(1, &client, address(&gateway));
    let (tun, host) = tun_with(super_packets);
    let attached = Attached {
        tun: Arc::new(tun),
        policy: policy(),
    };
    let shared = shared(&keys);
    thread::scope(|scope| {
        let (stopper, stop) = stop::pair().unwrap();
        let thread = scope.spawn(|| {
            let stop = stop;
            measure(|| upload::run(&shared, &attached, &stop)).count_total
        });
        for _ in 0..packets {
            give(&host, super_packets, &up(1000));
            gateway.recv(&mut [0; 2000]).unwrap();
        }
        drop(stopper);
        thread.join().unwrap()
    })
}

/// What the download thread allocates for so many packets.
fn of_download(packets: usize, super_packets: SuperPackets) -> u64 {
    let (gateway, client) = (udp(), Arc::new(udp()));
    let (keys, mut sa) = child_sa(1, &client, address(&gateway));
    let (tun, host) = tun_with(super_packets);
    let shared = shared(&keys);
    shared.attached.store(Some(Arc::new(Attached {
        tun: Arc::new(tun),
        policy: policy(),
    })));
    UdpReceiver::prepare(&client, Settings::default().offload).unwrap();
    let sockets = [(Arc::clone(&client), Transport::Udp4500)];
    thread::scope(|scope| {
        let (stopper, stop) = stop::pair().unwrap();
        let (shared, sockets) = (&shared, &sockets);
        let thread = scope
            .spawn(move || measure(|| download::run(shared, sockets, |_| true, &stop)).count_total);
        for _ in 0..packets {
            deliver(&gateway, &client, &seal(&mut sa.outbound, &down(1000)));
            host.recv(&mut [0; 2000]).unwrap();
        }
        drop(stopper);
        thread.join().unwrap()
    })
}

fn give(host: &UnixDatagram, super_packets: SuperPackets, packet: &[u8]) {
    let header: &[u8] = match super_packets {
        SuperPackets::None => &[],
        SuperPackets::Tcp | SuperPackets::TcpAndUdp => &[0; 10],
    };
    host.send(&[header, packet].concat()).unwrap();
}

fn deliver(gateway: &UdpSocket, client: &UdpSocket, esp: &[u8]) {
    gateway.send_to(esp, address(client)).unwrap();
}

fn shared(keys: &ChildSaKeys) -> Shared {
    let path = Path {
        socket: Arc::clone(&keys.socket),
        peer: keys.peer,
    };
    let clock = Clock::start();
    Shared {
        sas: ArcSwap::from_pointee(SaTable::default().with(ChildSa::new(keys), path)),
        attached: ArcSwapOption::empty(),
        counters: Counters::new(clock.now()),
        clock,
        burst: Mutex::new(()),
        settings: Settings::default(),
        path_changed: false.into(),
        mtu: u16::MAX.into(),
    }
}
