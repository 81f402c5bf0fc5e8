//! systemd-resolved, played by a few lines on a bus of our own.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use azike_platform::{
    Applied, Host, HostConfig, LinuxOptions, Native, Notice, SystemBus, TunDevice,
};
use futures_util::StreamExt as _;
use zbus::message::Type;
use zbus::{Connection, MessageStream};

use crate::namespace::{RESOLV_CONF, config, dns, in_namespace, setting};
use crate::snapshot::{Snapshot, file};

/// A message bus; ended when dropped.
struct Bus {
    daemon: Child,
    dir: tempfile::TempDir,
}

impl Bus {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("bus.conf");
        let text = format!(
            r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
              "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig><type>system</type><listen>unix:path={}/bus</listen><auth>EXTERNAL</auth>
              <policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
              <allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>"#,
            dir.path().display()
        );
        std::fs::write(&config, text).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .arg("--config-file")
            .arg(&config)
            .args(["--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            // It says that it may not open 65536 files.
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The address is printed once somebody can connect.
        let mut line = String::new();
        let stdout = daemon.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
        Self { daemon, dir }
    }

    fn address(&self) -> String {
        format!("unix:path={}/bus", self.dir.path().display())
    }

    fn host(&self, journal: &Path) -> Host {
        let system = Native::new(LinuxOptions {
            system_bus: SystemBus::Address(self.address()),
            ..LinuxOptions::default()
        });
        Host::with_system(journal, system).unwrap()
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
    }
}

/// What the stand-in was told.
type Calls = Arc<Mutex<Vec<String>>>;

/// Plays `org.freedesktop.resolve1` on the bus at `address` until dropped.
struct StandIn {
    bus: Connection,
    calls: Calls,
    task: tokio::task::JoinHandle<()>,
}

impl StandIn {
    async fn start(address: &str) -> Self {
        let builder = zbus::connection::Builder::address(address);
        let bus = builder.build().await.unwrap();
        let mut messages = MessageStream::from(&bus);
        let calls = Calls::default();
        let told = Arc::clone(&calls);
        let replies = bus.clone();
        let task = tokio::spawn(async move {
            while let Some(Ok(message)) = messages.next().await {
                if message.message_type() == Type::MethodCall {
                    answer(&replies, &message, &told).await;
                }
            }
        });
        bus.request_name("org.freedesktop.resolve1").await.unwrap();
        Self { bus, calls, task }
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    async fn stop(self) {
        self.task.abort();
        self.bus.close().await.unwrap();
    }
}

async fn answer(bus: &Connection, message: &zbus::Message, told: &Calls) {
    let header = message.header();
    let member = header.member().map(ToString::to_string).unwrap_or_default();
    let body = message.body();
    let text = match member.as_str() {
        "Ping" => None,
        "SetLinkDNS" => {
            let (index, servers): (i32, Vec<(i32, Vec<u8>)>) = body.deserialize().unwrap();
            Some(format!("DNS {index} {servers:?}"))
        }
        "SetLinkDomains" => {
            let (index, domains): (i32, Vec<(String, bool)>) = body.deserialize().unwrap();
            Some(format!("Domains {index} {domains:?}"))
        }
        "SetLinkDefaultRoute" => {
            let (index, default): (i32, bool) = body.deserialize().unwrap();
            Some(format!("DefaultRoute {index} {default}"))
        }
        "RevertLink" => {
            let index: i32 = body.deserialize().unwrap();
            Some(format!("Revert {index}"))
        }
        other => panic!("resolved was asked for {other}"),
    };
    told.lock().unwrap().extend(text);
    bus.reply(&header, &()).await.unwrap();
}

fn with_names(tun: &TunDevice) -> HostConfig {
    HostConfig {
        dns: Some(dns()),
        ..config(tun.name(), &["10.1.0.0/16"])
    }
}

in_namespace! {
    async fn split_dns_is_told_and_reverted() {
        let bus = Bus::start();
        let resolved = StandIn::start(&bus.address()).await;
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = bus.host(dir.path());
        let before = Snapshot::take();

        let applied = host.set(&with_names(&tun)).await.unwrap();
        assert_eq!(applied.notices, [Notice::ResolvedBypassed]);
        let index = tun.index();
        assert_eq!(resolved.told(), [
            format!("DNS {index} [(2, [10, 1, 0, 4])]"),
            format!(r#"Domains {index} [("corp.internal", false), ("corp.internal", true)]"#),
            format!("DefaultRoute {index} false"),
        ]);
        assert!(file(Path::new("/etc/resolv.conf")).contains("192.0.2.53"));

        assert_eq!(host.set(&with_names(&tun)).await.unwrap().made, []);
        assert_eq!(resolved.told(), [""; 0]);

        host.clear().await.unwrap();
        assert_eq!(resolved.told(), [format!("Revert {index}")]);
        before.assert_still_true();
    }
}

in_namespace! {
    async fn a_tunnel_for_all_names_is_the_default() {
        let bus = Bus::start();
        let resolved = StandIn::start(&bus.address()).await;
        std::fs::write("/etc/resolv.conf", "nameserver 127.0.0.53\n").unwrap();
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = bus.host(dir.path());
        let mut config = with_names(&tun);
        let dns = config.dns.as_mut().unwrap();
        (dns.all, dns.search) = (true, Vec::new());
        let applied = host.set(&config).await.unwrap();
        assert_eq!(applied.notices, []);
        let index = tun.index();
        assert_eq!(resolved.told()[1..], [
            format!(r#"Domains {index} [("corp.internal", true), (".", true)]"#),
            format!("DefaultRoute {index} true"),
        ]);
        host.clear().await.unwrap();
    }
}

in_namespace! {
    /// B1: resolved forgets everything when it is started anew.
    async fn a_resolved_that_was_started_anew_is_told_again() {
        let bus = Bus::start();
        let first = StandIn::start(&bus.address()).await;
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = bus.host(dir.path());
        host.set(&with_names(&tun)).await.unwrap();
        assert_eq!(first.told().len(), 3);
        first.stop().await;
        let second = StandIn::start(&bus.address()).await;
        host.set(&with_names(&tun)).await.unwrap();
        assert_eq!(second.told().len(), 3);
        assert_eq!(host.set(&with_names(&tun)).await.unwrap().made, []);
        assert_eq!(second.told().len(), 0);
        host.clear().await.unwrap();
        assert_eq!(second.told().len(), 1);
    }
}

in_namespace! {
    async fn without_resolved_the_file_is_used_and_back_again() {
        let bus = Bus::start();
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = bus.host(dir.path());
        let before = Snapshot::take();
        host.set(&with_names(&tun)).await.unwrap();
        assert!(file(Path::new("/etc/resolv.conf")).contains("10.1.0.4"));

        // It is started later: names move over to it.
        let resolved = StandIn::start(&bus.address()).await;
        host.set(&with_names(&tun)).await.unwrap();
        assert_eq!(std::fs::read_to_string("/etc/resolv.conf").unwrap(), RESOLV_CONF);
        assert_eq!(resolved.told().len(), 3);

        // And it ends: its settings ended with it.
        resolved.stop().await;
        host.set(&with_names(&tun)).await.unwrap();
        assert!(file(Path::new("/etc/resolv.conf")).contains("10.1.0.4"));
        host.clear().await.unwrap();
        before.assert_still_true();
    }
}

const BUS: &str = "AZIKE_TEST_BUS";

in_namespace! {
    /// The bus is a file and seen in every namespace. A resolved of another one
    /// would change whatever interface has the same number there.
    async fn the_resolved_of_another_namespace_is_left_alone() {
        let bus = Bus::start();
        let mut elsewhere = Command::new("unshare")
            .arg("--net")
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "resolved::stand_in"])
            .env(BUS, bus.address())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = std::io::BufReader::new(elsewhere.stdout.take().unwrap());
        let ready = std::io::BufRead::lines(stdout).any(|line| line.unwrap().contains("ready"));
        assert!(ready);
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = bus.host(dir.path());
        let applied: Applied = host.set(&with_names(&tun)).await.unwrap();
        assert!(file(Path::new("/etc/resolv.conf")).contains("10.1.0.4"), "{applied:?}");
        host.clear().await.unwrap();
        elsewhere.kill().unwrap();
        elsewhere.wait().unwrap();
    }
}

/// Not a test: the other process of the one above.
#[tokio::test]
async fn stand_in() {
    if let Some(address) = setting(BUS) {
        let resolved = StandIn::start(&address).await;
        println!("ready");
        resolved.task.await.unwrap();
    }
}
