//! The built-in gateway as a process of its own in a network namespace: the other end of a benchmark.
//!
//! ```text
//!   start ──▶ ip netns exec NAMESPACE this-program ──▶ run: package and identity into the folder, "ready"
//!   stop  ──▶ SIGTERM                              ──▶ what its data path did
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use azike_gateway::Policy;
use azike_wire::TrafficSelector;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::behind::Behind;
use super::credentials::{CLIENT_NAME, Credentials};
use super::driver::{Driver, Setup, mailbox};
use super::netlink::Netlink;
use super::notes::Notes;
use super::switches;
use crate::integrity;
use crate::lab::errand::Errand;
use crate::lab::layout::Layout;
use crate::lab::process::Background;
use crate::lab::stopwatch::wait_until;

/// What it says when clients may come.
const READY: &str = "ready";
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where the gateway is and how it behaves.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Settings {
    /// Its address, which the namespace has already.
    pub outer: IpAddr,
    /// The name of the tun device that it makes.
    pub tun: String,
    /// The addresses of that device, at which clients find whatever listens there: one for each family. Clients
    /// get routes to their networks, /24 and /64.
    pub hosts: Vec<IpAddr>,
    /// The address of the first client, out of a /24.
    pub pool: Ipv4Addr,
    /// The same for IPv6, out of a /64; none for a tunnel without IPv6.
    pub pool_ipv6: Option<Ipv6Addr>,
    /// The name servers that it tells its clients of. A benchmark leaves the names of this machine alone.
    pub dns: Vec<IpAddr>,
    /// The longest packet between client and gateway, in octets.
    pub path_mtu: u32,
    /// Segmentation offload of its devices.
    pub offload: bool,
    /// What it does otherwise than Azure's: words of [`switches`].
    pub switches: Vec<String>,
    /// Where its files are.
    pub folder: PathBuf,
}

/// A gateway that runs alone. It ends with [`stop`](Self::stop); dropping it leaves it running.
#[derive(Debug)]
pub struct Alone {
    process: Background,
    package: PathBuf,
    identity: PathBuf,
}

/// Starts it in `namespace`, or in the one of this process, and waits until clients may come.
///
/// The program that calls this has to begin with [`run_if_asked`](crate::lab::errand::run_if_asked).
pub fn start(namespace: Option<&str>, settings: &Settings) -> Result<Alone> {
    let errand = Errand::Gateway(settings.clone());
    let call = match namespace {
        Some(namespace) => errand.inside(namespace)?,
        None => errand.here()?,
    };
    let layout = Layout::new("azb", Some(&settings.folder));
    let process = Background::start(&layout, "gateway", call)?;
    let mut alone = Alone {
        process,
        package: settings.folder.join("profile.zip"),
        identity: settings.folder.join(format!("{CLIENT_NAME}.pem")),
    };
    wait_until(PATIENCE, || alone.is_ready() || !alone.process.is_running());
    if alone.is_ready() {
        return Ok(alone);
    }
    let output = alone.stop();
    bail!("the built-in gateway did not start:\n{output}");
}

impl Alone {
    fn is_ready(&self) -> bool {
        self.process.output().lines().any(|line| line == READY)
    }

    /// The package of its clients.
    pub fn package(&self) -> &Path {
        &self.package
    }

    /// The certificate and key of a client.
    pub fn identity(&self) -> &Path {
        &self.identity
    }

    /// Its process, whose `output` tells each login and each rekey.
    pub const fn process(&self) -> &Background {
        &self.process
    }

    /// Ends it. Gives all it said; the last line is what its data path did.
    pub fn stop(mut self) -> String {
        self.process.signal(Signal::TERM);
        self.process.ended_within(Duration::from_secs(5));
        let output = self.process.output();
        self.process.stop();
        output
    }
}

/// Is that gateway, until SIGTERM.
pub fn run(settings: &Settings) -> Result<()> {
    let credentials = Credentials::make(&settings.folder)?;
    let setup = Setup {
        address: settings.outer,
        identity: credentials.gateway,
        client_roots: vec![credentials.client_root],
        policy: policy(settings)?,
        hosts: settings.hosts.clone(),
    };
    let netlink = Netlink::open()?;
    let behind = Behind {
        tun: &settings.tun,
        hosts: &settings.hosts,
        path_mtu: settings.path_mtu,
        offload: settings.offload,
    };
    let tun = behind.raise(&netlink, &setup.policy)?;
    drop(netlink);
    integrity::serve(&settings.hosts)?;
    let notes = Notes::aloud();
    let (stopper, mailbox) = mailbox();
    let driver = Driver::new(setup, tun, notes.clone(), mailbox)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (ended, end) = oneshot::channel::<()>();
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let driving = thread::Builder::new()
            .name("gateway".to_owned())
            .spawn(move || {
                let _ended = ended;
                driver.run()
            })?;
        notes.tell(READY);
        tokio::select! {
            _ = terminate.recv() => {}
            // It is dropped when the driver ends by itself.
            _ = end => {}
        }
        drop(stopper);
        let counters = driving
            .join()
            .map_err(|_| anyhow!("the gateway panicked"))?;
        notes.tell(format!("{:?}", counters?));
        Ok(())
    })
}

/// Azure's behaviour in these networks.
fn policy(settings: &Settings) -> Result<Policy> {
    let mut policy = switches::policy(&settings.switches)?;
    policy.pool = Some(settings.pool);
    policy.pool_ipv6 = settings.pool_ipv6;
    policy.dns.clone_from(&settings.dns);
    policy.networks = settings.hosts.iter().copied().map(network).collect();
    if policy.networks.is_empty() {
        return Err(anyhow!("nothing is behind the gateway")).context("its settings");
    }
    Ok(policy)
}

/// The network of a host: /24 or /64.
const fn network(host: IpAddr) -> TrafficSelector {
    match host {
        IpAddr::V4(v4) => {
            let first = v4.to_bits() & !0xff;
            TrafficSelector::ipv4(
                Ipv4Addr::from_bits(first),
                Ipv4Addr::from_bits(first | 0xff),
            )
        }
        IpAddr::V6(v6) => {
            let hosts = u64::MAX as u128;
            let first = v6.to_bits() & !hosts;
            TrafficSelector::ipv6(
                Ipv6Addr::from_bits(first),
                Ipv6Addr::from_bits(first | hosts),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_become_a_gateway_of_those_networks() {
        let mut settings = Settings {
            outer: [10, 0, 0, 2].into(),
            tun: "far0".to_owned(),
            hosts: vec!["10.9.8.7".parse().unwrap(), "fd00:9::7".parse().unwrap()],
            pool: Ipv4Addr::new(10, 8, 0, 1),
            pool_ipv6: None,
            dns: Vec::new(),
            path_mtu: 1500,
            offload: true,
            switches: Vec::new(),
            folder: PathBuf::new(),
        };
        let made = policy(&settings).unwrap();
        let [v4, v6] = made.networks[..] else {
            panic!("{:?}", made.networks);
        };
        assert_eq!(
            (v4.start, v4.end),
            ("10.9.8.0".parse().unwrap(), "10.9.8.255".parse().unwrap())
        );
        assert_eq!(v6.start, "fd00:9::".parse::<IpAddr>().unwrap());
        assert_eq!(
            v6.end,
            "fd00:9::ffff:ffff:ffff:ffff".parse::<IpAddr>().unwrap()
        );
        assert!(made.dns.is_empty());
        settings.hosts.clear();
        assert!(policy(&settings).is_err());
    }
}
