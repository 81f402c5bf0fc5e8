//! The network around the tunnel, from the inside: this process is the client's side of it, a thread of it is
//! everything else.
//!
//! ```text
//!   client: cl0 192.168.50.2/24 ──── gw0 192.168.50.1/24   lo 203.0.113.10   vnet0 10.1.0.4 :gateway
//! ```

use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::AsFd as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use azike_datapath::DataCounters;
use azike_gateway::Policy;

use super::behind::Behind;
use super::credentials::Credentials;
use super::driver::{Driver, Mailbox, Setup, Stopper, mailbox};
use super::namespaces::{lay_over, new_network};
use super::netlink::Netlink;
use super::notes::Notes;
use super::vnet;
use crate::integrity;
use crate::lab::layout::{
    CLIENT, CLIENT_LATER, GATEWAY, ROUTER_INSIDE, SERVER_NAME, VNET_HOST, VNET_HOST_V6, VPN_SERVER,
};
use crate::lab::stopwatch::pause;
use crate::lab::topology::RESOLV_CONF;

/// How long a client that moves has both addresses.
const OVERLAP: Duration = Duration::from_secs(2);

const NSSWITCH: &str = "/etc/nsswitch.conf";

/// The gateway and what lies behind it, running.
#[derive(Debug)]
pub struct World {
    notes: Notes,
    stop: Stopper,
    gateway: JoinHandle<Result<DataCounters>>,
}

/// What client and gateway have between them.
#[derive(Clone, Copy, Debug)]
pub struct Cable {
    /// The longest packet that goes through.
    pub mtu: u32,
    /// Whether the gateway's devices may take many packets at once.
    pub offload: bool,
}

impl Default for Cable {
    fn default() -> Self {
        Self {
            mtu: 1500,
            offload: true,
        }
    }
}

/// Where the client may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// Where it was at first.
    Home,
    /// At another address.
    Elsewhere,
}

/// What the thread of the gateway tells and is told until it runs.
#[derive(Debug)]
struct Meeting {
    network: Sender<File>,
    cable: Receiver<()>,
    ready: Sender<()>,
}

impl World {
    /// Raises it around this process, whose namespaces are its own already.
    pub fn raise(
        folder: &Path,
        credentials: Credentials,
        policy: Policy,
        cable: Cable,
    ) -> Result<Self> {
        own_files(folder)?;
        let mut hosts: Vec<IpAddr> = vec![address(VNET_HOST)?.into()];
        if policy.pool_ipv6.is_some() {
            hosts.push(VNET_HOST_V6.parse()?);
        }
        let setup = Setup {
            address: address(GATEWAY)?.into(),
            identity: credentials.gateway,
            client_roots: vec![credentials.client_root],
            policy,
            hosts,
        };
        let notes = Notes::default();
        let (stop, mailbox) = mailbox();
        let (network_there, network) = channel();
        let (cable_there, laid) = channel();
        let (ready_there, ready) = channel();
        let meeting = Meeting {
            network: network_there,
            cable: laid,
            ready: ready_there,
        };
        let gateway = thread::Builder::new().name("gateway".to_owned()).spawn({
            let notes = notes.clone();
            move || be_the_gateway(setup, notes, mailbox, (&meeting, cable))
        })?;
        let world = Self {
            notes,
            stop,
            gateway,
        };
        let Ok(network) = network.recv() else {
            return Err(world.what_went_wrong());
        };
        let netlink = Netlink::open()?;
        netlink.lay_cable("cl0", "gw0", network.as_fd())?;
        without_ipv6("cl0");
        netlink.set_up("lo", &[])?;
        netlink.set_mtu("cl0", cable.mtu)?;
        netlink.set_up("cl0", &[(address(CLIENT)?.into(), 24)])?;
        netlink.default_route(address(ROUTER_INSIDE)?, address(CLIENT)?)?;
        if cable_there.send(()).is_err() || ready.recv().is_err() {
            return Err(world.what_went_wrong());
        }
        netlink.wait_for_carrier("cl0")?;
        Ok(world)
    }

    /// What the gateway told so far.
    pub const fn notes(&self) -> &Notes {
        &self.notes
    }

    /// Ends the gateway; gives what its data path did.
    pub fn lower(self) -> Result<DataCounters> {
        drop(self.stop);
        join(self.gateway)
    }

    fn what_went_wrong(self) -> anyhow::Error {
        match self.lower() {
            Ok(_) => anyhow!("the gateway ended"),
            Err(error) => error.context("the gateway did not start"),
        }
    }
}

/// The client gets another address, or the first one again, and loses the one it had when what is on its way
/// has come.
pub fn roam(to: Place) -> Result<()> {
    let (first, later) = ((address(CLIENT)?, 24), (address(CLIENT_LATER)?, 25));
    // The prefix lengths differ, so that one does not go with the other.
    let ((old, _), (new, length)) = match to {
        Place::Elsewhere => (first, later),
        Place::Home => (later, first),
    };
    let netlink = Netlink::open()?;
    netlink.set_up("cl0", &[(new.into(), length)])?;
    netlink.default_route(address(ROUTER_INSIDE)?, new)?;
    pause(OVERLAP);
    netlink.take_away("cl0", old)
}

fn join(gateway: JoinHandle<Result<DataCounters>>) -> Result<DataCounters> {
    let ended = gateway.join();
    ended.map_err(|_| anyhow!("the gateway panicked"))?
}

fn be_the_gateway(
    setup: Setup,
    notes: Notes,
    mailbox: Mailbox,
    (meeting, cable): (&Meeting, Cable),
) -> Result<DataCounters> {
    new_network()?;
    meeting
        .network
        .send(File::open("/proc/thread-self/ns/net")?)?;
    meeting.cable.recv().context("no cable came")?;
    let netlink = Netlink::open()?;
    without_ipv6("gw0");
    netlink.set_up("lo", &[(address(GATEWAY)?.into(), 32)])?;
    netlink.set_mtu("gw0", cable.mtu)?;
    netlink.set_up("gw0", &[(address(ROUTER_INSIDE)?.into(), 24)])?;
    let behind = Behind {
        tun: "vnet0",
        hosts: &setup.hosts,
        path_mtu: cable.mtu,
        offload: cable.offload,
    };
    let tun = behind.raise(&netlink, &setup.policy)?;
    vnet::serve(address(VNET_HOST)?)?;
    integrity::serve(&setup.hosts)?;
    let driver = Driver::new(setup, tun, notes, mailbox)?;
    drop(netlink);
    meeting.ready.send(())?;
    driver.run()
}

/// The client's own `/etc/resolv.conf`, names, and the order in which the C library looks.
fn own_files(folder: &Path) -> Result<()> {
    let etc = folder.join("etc");
    fs::create_dir_all(&etc)?;
    let hosts = format!("127.0.0.1 localhost\n{GATEWAY} {VPN_SERVER} {SERVER_NAME}\n");
    for (path, text) in [
        ("/etc/resolv.conf", RESOLV_CONF),
        ("/etc/hosts", &hosts),
        (NSSWITCH, "hosts: files dns\n"),
    ] {
        // Without it, that is what the C library does. Without the others, azike would write to the machine's.
        if path == NSSWITCH && !Path::new(path).exists() {
            continue;
        }
        let ours = etc.join(Path::new(path).file_name().unwrap_or_default());
        fs::write(&ours, text)?;
        lay_over(path, &ours)?;
    }
    Ok(())
}

/// No addresses that come by themselves after a while. Where `/proc/sys` cannot be written, they come.
fn without_ipv6(interface: &str) {
    let path = format!("/proc/sys/net/ipv6/conf/{interface}/disable_ipv6");
    drop(fs::write(path, "1\n"));
}

fn address(text: &str) -> Result<Ipv4Addr> {
    text.parse().with_context(|| text.to_owned())
}
