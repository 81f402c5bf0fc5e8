//! The built-in gateway as a process in a namespace, as a benchmark has it. Needs root and `ip`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use azike_tests::builtin::alone::{self, Settings};
use azike_tests::integrity::TRANSFERS;
use azike_tests::lab::command::Call;
use azike_tests::lab::errand::Errand;
use azike_tests::lab::layout::Layout;
use azike_tests::lab::process::Background;
use azike_tests::lab::stopwatch::wait_until;

use super::NotHere;

const CLIENT: &str = "azalone-client";
const GATEWAY: &str = "azalone-gateway";
/// Octets each way, by each version of IP.
const OCTETS: u64 = 5_000_000;

/// Both namespaces; they go when this goes.
struct Namespaces;

impl Namespaces {
    fn make() -> Result<Self> {
        remove();
        let made = Self;
        let lines = format!(
            "netns add {CLIENT}\n\
             netns add {GATEWAY}\n\
             link add name c0 netns {CLIENT} type veth peer name g0 netns {GATEWAY}\n"
        );
        batch(&["-batch", "-"], lines)?;
        for (namespace, device, address) in [(CLIENT, "c0", 1), (GATEWAY, "g0", 2)] {
            let lines = format!(
                "addr add 10.0.0.{address}/24 dev {device}\n\
                 link set lo up\n\
                 link set {device} up\n"
            );
            batch(&["-n", namespace, "-batch", "-"], lines)?;
        }
        Ok(made)
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        remove();
    }
}

fn batch(args: &[&str], lines: String) -> Result<()> {
    Call::new("ip").args(args).input(lines).run().map(drop)
}

fn remove() {
    for namespace in [CLIENT, GATEWAY] {
        // It may not be there.
        Call::new("ip").args(["netns", "del", namespace]).succeeds();
    }
}

/// A client logs in at a gateway that runs alone, and all octets come through, by IPv4 and IPv6.
pub(super) fn alone_in_a_namespace(azike: &Path) -> Result<()> {
    if !rustix::process::geteuid().is_root() || !Call::new("ip").arg("-V").succeeds() {
        bail!(NotHere("it needs root and ip".to_owned()));
    }
    let folder = tempfile::tempdir()?;
    let _namespaces = Namespaces::make()?;
    let settings = Settings {
        outer: [10, 0, 0, 2].into(),
        tun: "far0".to_owned(),
        hosts: vec!["10.9.8.7".parse()?, "fd00:9::7".parse()?],
        pool: Ipv4Addr::new(10, 8, 0, 1),
        pool_ipv6: Some("fd00:8::1".parse()?),
        dns: Vec::new(),
        path_mtu: 1500,
        offload: true,
        switches: Vec::new(),
        folder: folder.path().to_path_buf(),
    };
    let gateway = alone::start(Some(GATEWAY), &settings)?;
    let up = Call::inside(CLIENT, azike)
        .env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
        .arg("up")
        .arg(gateway.package())
        .arg("--identity")
        .arg(gateway.identity())
        .args(["--foreground", "--dns", "off", "--address", "10.0.0.2"])
        .arg("--socket")
        .arg(folder.path().join("control.sock"));
    let layout = Layout::new("azb", Some(folder.path()));
    let client = Background::start(&layout, "azike", up);
    let sent = client.and_then(|mut client| {
        let sent = send(&mut client, &settings);
        let said = client.output();
        let code = client.stop();
        sent.with_context(|| said.clone())?;
        // 128 and SIGTERM.
        ensure!(code == Some(143), "azike ended with {code:?}:\n{said}");
        Ok(())
    });
    let said = gateway.stop();
    sent.with_context(|| said.clone())?;
    let last = said.lines().last().unwrap_or_default();
    ensure!(last.starts_with("DataCounters"), "{said}");
    Ok(())
}

fn send(client: &mut Background, settings: &Settings) -> Result<()> {
    let connected = wait_until(Duration::from_secs(15), || {
        client.output().contains("Connected") || !client.is_running()
    });
    ensure!(connected && client.is_running(), "azike did not connect");
    for host in &settings.hosts {
        let errand = Errand::Transfer {
            to: SocketAddr::new(*host, TRANSFERS),
            octets: OCTETS,
        };
        print!("  {}", errand.inside(CLIENT)?.run()?);
    }
    Ok(())
}
