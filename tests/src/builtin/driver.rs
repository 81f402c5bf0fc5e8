//! Drives the sans-IO [`Gateway`] beside the data path that azike has too.
//!
//! ```text
//!            500, 4500                       tun
//!   client ◀───────────▶ DataPath (threads) ◀────▶ the kernel: VNet host
//!                IKE ▼     ▲ Order
//!                  mailbox │
//!                     └──▶ Driver: Gateway, Links ──▶ 500, 4500
//! ```

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use anyhow::Result;
use azike_datapath::{ChildSaKeys, DataCounters, DataPath, IkeDatagram, PacketDevice, Settings};
use azike_gateway::{ChildSa, Datagram, Gateway, Identity, Policy, Transport};
use azike_platform::{Clock, Offload, SuperPackets, TunDevice};
use azike_tunnel::InnerPolicy;
use azike_wire::{NON_ESP_MARKER, TrafficSelector};
use rustls_pki_types::CertificateDer;

use super::door;
use super::links::{Links, Order};
use super::notes::Notes;
use super::sockets::Sockets;

/// IKE messages that may wait; more are lost, as UDP may.
const MAILBOX: usize = 64;
/// How long to wait when nothing is due.
const LONG: Duration = Duration::from_hours(1);

/// Who the gateway is and how it behaves.
#[derive(Debug)]
pub struct Setup {
    /// Where it listens.
    pub address: IpAddr,
    /// Its certificate and key.
    pub identity: Identity,
    /// The roots of its clients.
    pub client_roots: Vec<CertificateDer<'static>>,
    /// How it behaves.
    pub policy: Policy,
    /// The hosts behind it.
    pub hosts: Vec<IpAddr>,
}

/// What the driver waits for.
#[derive(Debug)]
enum Letter {
    Ike(IkeDatagram),
    Stop,
}

/// Where the driver waits.
#[derive(Debug)]
pub struct Mailbox {
    letters: Receiver<Letter>,
    sender: SyncSender<Letter>,
}

/// Ends the driver when it is dropped.
#[derive(Debug)]
pub struct Stopper(SyncSender<Letter>);

impl Drop for Stopper {
    fn drop(&mut self) {
        // If nobody is there, there is nothing to end.
        drop(self.0.send(Letter::Stop));
    }
}

/// Both ends of what stops a driver.
pub fn mailbox() -> (Stopper, Mailbox) {
    let (sender, letters) = sync_channel(MAILBOX);
    let stopper = Stopper(sender.clone());
    (stopper, Mailbox { letters, sender })
}

/// A gateway that runs.
#[derive(Debug)]
pub struct Driver {
    gateway: Gateway,
    clock: Clock,
    sockets: Sockets,
    tun: Arc<TunDevice>,
    hosts: Vec<IpAddr>,
    data_path: DataPath,
    links: Links,
    notes: Notes,
    letters: Receiver<Letter>,
}

impl Driver {
    /// Opens the sockets in the network namespace of this thread. The gateway runs until the other end of
    /// `mailbox` is dropped.
    pub fn new(setup: Setup, tun: TunDevice, notes: Notes, mailbox: Mailbox) -> Result<Self> {
        let clock = Clock::start();
        let sockets = Sockets::open(setup.address, (500, 4500))?;
        let who = (setup.identity, setup.client_roots);
        let gateway = door::gateway((setup.address, &sockets), who, setup.policy, clock)?;
        let offload = match tun.super_packets() {
            SuperPackets::None => Offload::Off,
            SuperPackets::Tcp | SuperPackets::TcpAndUdp => Offload::Auto,
        };
        let settings = Settings {
            offload,
            ..Settings::default()
        };
        let Mailbox { letters, sender } = mailbox;
        let ike = move |message| sender.try_send(Letter::Ike(message)).is_ok();
        let data_path = DataPath::start(sockets.of_data_path(), ike, clock, settings)?;
        Ok(Self {
            gateway,
            clock,
            sockets,
            tun: Arc::new(tun),
            hosts: setup.hosts,
            data_path,
            links: Links::default(),
            notes,
            letters,
        })
    }

    /// Runs; gives what the data path did.
    pub fn run(mut self) -> Result<DataCounters> {
        loop {
            match self.letters.recv_timeout(self.patience()) {
                Ok(Letter::Ike(message)) => self.hear(&message),
                Ok(Letter::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    return Ok(self.data_path.counters());
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = self.clock.now();
            self.gateway.handle_timeout(now);
            for order in self.links.handle_timeout(now) {
                self.obey(order);
            }
            self.drain()?;
        }
    }

    /// How long to wait for something to do.
    fn patience(&self) -> Duration {
        let due = [self.gateway.poll_timeout(), self.links.poll_timeout()];
        let due = due.into_iter().flatten().min();
        // A millisecond more, so that what is due is really due.
        due.map_or(LONG, |at| self.clock.until(at) + Duration::from_millis(1))
    }

    /// Gives a message to the gateway as UDP carried it.
    fn hear(&mut self, message: &IkeDatagram) {
        let (transport, marker) = match message.transport {
            azike_ike::Transport::Udp500 => (Transport::Udp500, &[][..]),
            azike_ike::Transport::Udp4500 => (Transport::Udp4500, &NON_ESP_MARKER[..]),
        };
        let datagram = Datagram {
            octets: &[marker, &message.octets].concat(),
            from: message.from,
            transport,
        };
        self.gateway.handle_datagram(self.clock.now(), datagram);
    }

    /// Does what the gateway wants done.
    fn drain(&mut self) -> Result<()> {
        while let Some(event) = self.gateway.poll_event() {
            self.notes.tell_event(&event);
            for order in self.links.follow(self.clock.now(), event) {
                self.obey(order);
            }
        }
        while let Some(transmit) = self.gateway.poll_transmit() {
            self.sockets
                .send(transmit.transport, transmit.to, &transmit.octets)?;
        }
        for order in self.links.answered() {
            self.obey(order);
        }
        Ok(())
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Admit(clients) => self.admit(&clients),
            Order::Standby(child) => self.data_path.install_standby(&self.keys(*child)),
            Order::Install(child) => self.data_path.install(&self.keys(*child)),
            Order::Retire(spi_in) => self.data_path.retire(spi_in),
            Order::Remove(spi_in) => self.data_path.remove(spi_in),
            Order::Peer(peer) => self.data_path.set_peer(peer),
        }
    }

    /// Between our hosts and these clients packets may pass, and no others.
    fn admit(&mut self, clients: &[IpAddr]) {
        let hosts: Vec<_> = self.hosts.iter().copied().map(only).collect();
        let clients: Vec<_> = clients.iter().copied().map(only).collect();
        let policy = InnerPolicy::new(self.hosts.clone(), &hosts, &clients);
        let tun: Arc<dyn PacketDevice> = Arc::<TunDevice>::clone(&self.tun);
        self.data_path.attach(tun, policy);
    }

    fn keys(&self, child: ChildSa) -> ChildSaKeys {
        ChildSaKeys {
            spi_in: child.spi_in,
            spi_out: child.spi_out,
            inbound: child.inbound,
            outbound: child.outbound,
            peer: child.peer,
            socket: Arc::clone(self.sockets.of_esp()),
        }
    }
}

/// The selector of one address.
const fn only(address: IpAddr) -> TrafficSelector {
    match address {
        IpAddr::V4(v4) => TrafficSelector::ipv4(v4, v4),
        IpAddr::V6(v6) => TrafficSelector::ipv6(v6, v6),
    }
}
