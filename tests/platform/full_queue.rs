//! An interface whose queue takes nothing: each send ends with `ENOBUFS`, and no poll(2) can tell when it is over.

use std::net::{IpAddr, UdpSocket};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use azike_crypto::{ChildAlgorithms, DirectionKeys, Encryption, Secret};
use azike_datapath::{ChildSaKeys, DataPath, DropCause, Settings};
use azike_ike::Transport;
use azike_platform::{Clock, Host, Offload, TunDevice};
use azike_tests::lab::stopwatch::wait_until;
use azike_tunnel::InnerPolicy;
use azike_wire::{EspSpi, TrafficSelector};
use nix::sys::socket::{setsockopt, sockopt};

use crate::namespace::{config, in_namespace, ip};

const NEIGHBOUR: &str = "192.0.2.77";
const SOON: Duration = Duration::from_secs(5);

in_namespace! {
    async fn packets_that_an_interface_refuses_are_counted_and_the_next_ones_pass() {
        refuse_and_pass(Offload::Auto).await;
    }
}

in_namespace! {
    async fn packets_that_an_interface_refuses_one_by_one_are_counted_too() {
        refuse_and_pass(Offload::Off).await;
    }
}

async fn refuse_and_pass(offload: Offload) {
    let mac = "lladdr 02:00:00:00:00:77 dev eth0 nud permanent";
    ip(&format!("neigh replace {NEIGHBOUR} {mac}"));
    let socket = Arc::new(UdpSocket::bind("192.0.2.10:0").unwrap());
    // Without it Linux says nothing of what the queue did not take.
    setsockopt(&socket, sockopt::Ipv4RecvErr, &true).unwrap();
    let settings = Settings {
        offload,
        ..Settings::default()
    };
    let mut data_path = DataPath::start(
        vec![(Arc::clone(&socket), Transport::Udp4500)],
        |_| true,
        Clock::start(),
        settings,
    )
    .unwrap();
    let tun = TunDevice::create_offloading(offload).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mut host = Host::open(dir.path()).unwrap();
    host.set(&config(tun.name(), &["10.1.0.0/16"]))
        .await
        .unwrap();
    data_path.attach(Arc::new(tun), policy());
    data_path.install(&child_sa(&socket));
    let user = UdpSocket::bind("172.16.201.4:5001").unwrap();
    let sent = || data_path.counters().upload;
    let send = |count: u64| {
        for _ in 0..count {
            user.send_to(&[7; 1000], "10.1.0.4:5000").unwrap();
        }
    };
    send(1);
    assert!(wait_until(SOON, || sent().packets > 0));
    let before = sent();

    tc("replace dev eth0 root pfifo limit 0");
    // Fewer than the tun device queues.
    send(50);
    let lost = || sent().lost(DropCause::SendBufferFull);
    let counted = wait_until(SOON, || lost() >= 50);
    let after = sent();
    assert!(counted, "{after:?}");
    // Each was tried once, whatever the host sends by itself.
    assert_eq!(after.packets, before.packets, "something passed");

    tc("del dev eth0 root");
    send(10);
    assert!(wait_until(SOON, || sent().packets >= before.packets + 10));
    data_path.stop();
    host.clear().await.unwrap();
}

/// Runs `tc qdisc`.
fn tc(words: &str) {
    let output = Command::new("tc")
        .arg("qdisc")
        .args(words.split(' '))
        .output();
    let output = output.unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tc qdisc {words}: {error}");
}

fn policy() -> InnerPolicy {
    let ours = "172.16.201.4".parse::<IpAddr>().unwrap();
    let all = [TrafficSelector::all_ipv4()];
    InnerPolicy::new(vec![ours], &all, &all)
}

fn child_sa(socket: &Arc<UdpSocket>) -> ChildSaKeys {
    let keys = || {
        let algorithms = ChildAlgorithms::new(Encryption::Aes256Gcm16, None).unwrap();
        let key = Secret::new(vec![7; 36].into_boxed_slice());
        DirectionKeys::new(algorithms, key, Secret::new(Box::default())).unwrap()
    };
    ChildSaKeys {
        spi_in: EspSpi::new(0x1000).unwrap(),
        spi_out: EspSpi::new(0x2000).unwrap(),
        inbound: keys(),
        outbound: keys(),
        peer: format!("{NEIGHBOUR}:4500").parse().unwrap(),
        socket: Arc::clone(socket),
    }
}
