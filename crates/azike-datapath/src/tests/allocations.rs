//! In steady state no packet costs an allocation, whichever way it goes.
//!
//! A thread is counted from its start to its end, once with few packets and once with many. What it
//! allocates before the first packet is the same.

use std::hint::black_box;
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
use crate::mailbox::{Caller, pair};
use crate::sa_table::{ChildSa, Path, SaTable};
use crate::upload::Upload;
use crate::{Attached, ChildSaKeys, PacketDevice, Settings, Shared, bulk, packets};

const FEW: usize = 10;
const MANY: usize = 2000;

#[test]
fn no_packet_costs_an_allocation() {
    for super_packets in [SuperPackets::None, SuperPackets::TcpAndUdp] {
        for (name, count) in [
            ("upload", of_upload as fn(usize, SuperPackets) -> u64),
            ("upload in bulk", of_bulk),
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

/// What the thread for everything allocates for so many packets of the host.
fn of_upload(packets: usize, super_packets: SuperPackets) -> u64 {
    let (gateway, client) = (udp(), Arc::new(udp()));
    let (keys, _) = child_sa(1, &client, address(&gateway));
    let (tun, host) = tun_with(super_packets);
    let shared = shared(&keys);
    count(&shared, &[], |caller| {
        caller.put(upload(&shared, tun));
        for _ in 0..packets {
            give(&host, super_packets, &up(1000));
            gateway.recv(&mut [0; 2000]).unwrap();
        }
    })
}

/// What the thread for many packets allocates for so many.
fn of_bulk(packets: usize, super_packets: SuperPackets) -> u64 {
    let (gateway, client) = (udp(), Arc::new(udp()));
    let (keys, _) = child_sa(1, &client, address(&gateway));
    let (tun, host) = tun_with(super_packets);
    let upload = upload(&shared(&keys), tun);
    let ((caller, mailbox), (back, _)) = (pair().unwrap(), pair().unwrap());
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let mailbox = mailbox;
            let run = || {
                // It makes none at all: this one shows that they are counted.
                drop(black_box(Box::new(0)));
                bulk::run(&mailbox, &back);
            };
            measure(run).count_total
        });
        caller.put(upload);
        for _ in 0..packets {
            give(&host, super_packets, &up(1000));
            gateway.recv(&mut [0; 2000]).unwrap();
        }
        caller.end();
        thread.join().unwrap()
    })
}

/// What the thread for everything allocates for so many packets of the gateway.
fn of_download(packets: usize, super_packets: SuperPackets) -> u64 {
    let (gateway, client) = (udp(), Arc::new(udp()));
    let (keys, mut sa) = child_sa(1, &client, address(&gateway));
    let (tun, host) = tun_with(super_packets);
    let shared = shared(&keys);
    let attached = Attached::new(Arc::new(tun), policy());
    shared.attached.store(Some(Arc::new(attached)));
    UdpReceiver::prepare(&client, Settings::default().offload).unwrap();
    let sockets = [(Arc::clone(&client), Transport::Udp4500)];
    count(&shared, &sockets, |_| {
        for _ in 0..packets {
            deliver(&gateway, &client, &seal(&mut sa.outbound, &down(1000)));
            host.recv(&mut [0; 2000]).unwrap();
        }
    })
}

/// What the thread for everything allocates from its start to the end of `during`.
fn count(
    shared: &Shared,
    sockets: &[(Arc<UdpSocket>, Transport)],
    during: impl FnOnce(&Caller<Upload>),
) -> u64 {
    let ((caller, mailbox), (bulk, _)) = (pair().unwrap(), pair().unwrap());
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let mailbox = mailbox;
            measure(|| packets::run(shared, sockets, |_| true, &mailbox, &bulk)).count_total
        });
        during(&caller);
        caller.end();
        thread.join().unwrap()
    })
}

fn upload(shared: &Arc<Shared>, tun: impl PacketDevice + 'static) -> Upload {
    let attached = Attached::new(Arc::new(tun), policy());
    Upload::new(Arc::clone(shared), Arc::new(attached))
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

fn shared(keys: &ChildSaKeys) -> Arc<Shared> {
    let path = Path {
        socket: Arc::clone(&keys.socket),
        peer: keys.peer,
    };
    let clock = Clock::start();
    Arc::new(Shared {
        sas: ArcSwap::from_pointee(SaTable::default().with(ChildSa::new(keys), path)),
        attached: ArcSwapOption::empty(),
        counters: Counters::new(clock.now()),
        clock,
        burst: Mutex::new(()),
        settings: Settings::default(),
        path_changed: false.into(),
        mtu: u16::MAX.into(),
    })
}
