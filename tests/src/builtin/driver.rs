//! Drives the sans-IO [`Gateway`]: datagrams from its sockets, packets from its tun device, and time.
//!
//! ```text
//!            500, 4500                     tun
//!   client ◀───────────▶ Gateway, Ends ◀────────▶ the kernel: VNet host
//! ```

use std::io::{ErrorKind, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::{Context as _, Result};
use azike_crypto::Random;
use azike_gateway::{Config, Datagram, Event, Gateway, Identity, Policy, Transport, WallClock};
use azike_platform::{Clock, TUN_HEADER, TunDevice, entropy};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustls_pki_types::CertificateDer;

use super::ends::Ends;
use super::notes::Notes;
use super::sockets::Sockets;

/// No packet of the tunnel is longer.
const LONGEST: usize = 65_535;
/// Packets to take from one side before the other side is looked at.
const BATCH: usize = 64;

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
}

/// A gateway that runs.
#[derive(Debug)]
pub struct Driver {
    gateway: Gateway,
    clock: Clock,
    sockets: Sockets,
    tun: TunDevice,
    ends: Ends,
    notes: Notes,
    stop: UnixStream,
}

impl Driver {
    /// Opens the sockets in the network namespace of this thread. The gateway runs until the other end of
    /// `stop` is closed.
    pub fn new(setup: Setup, tun: TunDevice, notes: Notes, stop: UnixStream) -> Result<Self> {
        let clock = Clock::start();
        let sockets = Sockets::open(setup.address)?;
        let config = Config {
            address: setup.address,
            port_500: 500,
            port_4500: 4500,
            identity: setup.identity,
            tls_identity: None,
            client_roots: setup.client_roots,
            wall_clock: WallClock {
                at: clock.now(),
                unix: clock.unix_time(),
            },
            policy: setup.policy,
        };
        let gateway = Gateway::new(config, clock.now(), Box::new(SystemRandom))?;
        Ok(Self {
            gateway,
            clock,
            sockets,
            tun,
            ends: Ends::default(),
            notes,
            stop,
        })
    }

    /// Runs.
    pub fn run(mut self) -> Result<()> {
        let mut packet = vec![0; LONGEST];
        while self.wait()? {
            for transport in [Transport::Udp500, Transport::Udp4500] {
                self.receive(transport).context("a socket of the gateway")?;
            }
            self.take_packets(&mut packet)?;
            self.gateway.handle_timeout(self.clock.now());
            self.drain()?;
        }
        Ok(())
    }

    /// Waits for something to do; false when it is over.
    fn wait(&self) -> Result<bool> {
        let at = self.gateway.poll_timeout();
        // A millisecond more, so that what is due is really due.
        let left = at.map(|at| self.clock.until(at) + Duration::from_millis(1));
        let left = left.map(Timespec::try_from).transpose()?;
        let mut waiting = [
            PollFd::new(&self.stop, PollFlags::IN),
            PollFd::from_borrowed_fd(self.sockets.descriptor(Transport::Udp500), PollFlags::IN),
            PollFd::from_borrowed_fd(self.sockets.descriptor(Transport::Udp4500), PollFlags::IN),
            PollFd::new(&self.tun, PollFlags::IN),
        ];
        match poll(&mut waiting, left.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [stop, ..] = waiting;
        Ok(stop.revents().is_empty())
    }

    fn receive(&mut self, transport: Transport) -> Result<()> {
        for _ in 0..BATCH {
            let Some(received) = self.sockets.receive(transport)? else {
                break;
            };
            let datagram = Datagram {
                octets: received.octets,
                from: received.from,
                transport,
            };
            let esp = match (transport, azike_wire::demultiplex(datagram.octets)) {
                (Transport::Udp4500, azike_wire::Datagram::Esp(spi, octets)) => {
                    self.ends.open(spi, octets)
                }
                (Transport::Udp500 | Transport::Udp4500, _) => {
                    self.gateway.handle_datagram(self.clock.now(), datagram);
                    None
                }
            };
            if let Some(packet) = esp {
                self.deliver(&packet)?;
            }
            self.drain()?;
        }
        Ok(())
    }

    /// Gives a packet of a client to the kernel.
    fn deliver(&self, packet: &[u8]) -> Result<()> {
        match self
            .tun
            .write_packet(&[IoSlice::new(&[0; TUN_HEADER]), IoSlice::new(packet)])
        {
            // Full: lost, as in any network.
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            written => written.map(drop).context("the gateway's tun device"),
        }
    }

    /// Seals packets for clients.
    fn take_packets(&mut self, packet: &mut [u8]) -> Result<()> {
        for _ in 0..BATCH {
            let length = match self.tun.read_packet(&mut [0; TUN_HEADER], packet) {
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error).context("the gateway's tun device"),
            };
            let packet = packet.get(..length).unwrap_or_default();
            if let Some((to, esp)) = self.ends.seal(packet) {
                self.sockets.send(Transport::Udp4500, to, &esp)?;
            }
        }
        Ok(())
    }

    /// Does what the gateway wants done.
    fn drain(&mut self) -> Result<()> {
        while let Some(event) = self.gateway.poll_event() {
            self.follow(event);
        }
        while let Some(transmit) = self.gateway.poll_transmit() {
            self.sockets
                .send(transmit.transport, transmit.to, &transmit.octets)?;
        }
        Ok(())
    }

    fn follow(&mut self, event: Event) {
        match event {
            Event::IkeSa(spi) => self.notes.tell(format!("IKE SA {spi}")),
            Event::ChildSa(child) => {
                let peer: SocketAddr = child.peer;
                self.notes.tell(format!(
                    "Child SA {} of {peer}, addresses {:?}",
                    child.spi_in, child.addresses
                ));
                self.ends.install(&child);
            }
            Event::IkeSaRekeyed { old, new, maker } => {
                let line = format!("IKE SA {old} rekeyed by the {maker:?}: {new}");
                self.notes.tell(line);
                self.ends.inherit(old, new);
            }
            Event::Moved(spi, peer) => {
                self.notes.tell(format!("the client of {spi} is at {peer}"));
                self.ends.moved(spi, peer);
            }
            Event::IkeSaGone(spi, why) => {
                self.notes.tell(format!("IKE SA {spi} is gone: {why:?}"));
                self.ends.remove_of(spi);
            }
            Event::Retransmission(id) => self.notes.tell(format!("request {id:?} again")),
            Event::Answered(id) => self.notes.tell(format!("answer to {id:?}")),
            Event::ChildSaDeleted(spi_in) => {
                self.notes.tell(format!("Child SA {spi_in} deleted"));
                self.ends.remove(spi_in);
            }
            Event::IkeSaDeleted(spi) => {
                self.notes.tell(format!("IKE SA {spi} deleted"));
                self.ends.remove_of(spi);
            }
            Event::ClientRefused(spi, notify) => {
                let line = format!("IKE SA {spi} refused by the client: {notify:?}");
                self.notes.tell(line);
                self.ends.remove_of(spi);
            }
            Event::LoginFailed(why) => self.notes.tell(format!("login failed: {why}")),
        }
    }
}

/// The system's generator.
#[derive(Debug)]
struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, octets: &mut [u8]) {
        entropy(octets);
    }
}
