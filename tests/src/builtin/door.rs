//! Only the door of a gateway: clients log in and out, and no packet goes through. It needs neither rights nor a
//! tun device nor Linux, so it stands where no tunnel can be made, for `azike up --dry-run`.
//!
//! ```text
//!   azike up --dry-run ◀── two UDP ports of this computer ──▶ Gateway
//! ```

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use azike_crypto::Random;
use azike_gateway::{Config, Datagram, Gateway, Identity, Policy, WallClock};
use azike_platform::{Clock, entropy};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustls_pki_types::CertificateDer;

use super::credentials::Credentials;
use super::notes::Notes;
use super::sockets::Sockets;

/// How soon it hears that it shall end.
const SOON: Duration = Duration::from_millis(50);

/// A door that nobody keeps yet.
#[derive(Debug)]
pub struct Door {
    gateway: Gateway,
    clock: Clock,
    sockets: Sockets,
    ports: (u16, u16),
    package: PathBuf,
    identity: PathBuf,
}

impl Door {
    /// Takes the ports, 0 for any, and writes what a client needs into `folder`.
    pub fn open(address: IpAddr, ports: (u16, u16), policy: Policy, folder: &Path) -> Result<Self> {
        let credentials = Credentials::make(folder)?;
        let clock = Clock::start();
        let sockets = Sockets::open(address, ports)?;
        let who = (credentials.gateway, vec![credentials.client_root]);
        Ok(Self {
            gateway: gateway((address, &sockets), who, policy, clock)?,
            clock,
            ports: sockets.ports()?,
            sockets,
            package: credentials.package,
            identity: credentials.identity,
        })
    }

    /// Where to knock: the port of bare IKE, and that of encapsulated IKE.
    pub const fn ports(&self) -> (u16, u16) {
        self.ports
    }

    /// The package for its clients.
    pub fn package(&self) -> &Path {
        &self.package
    }

    /// The certificate and key of a client.
    pub fn identity(&self) -> &Path {
        &self.identity
    }

    /// Lets clients in until `end`, and tells `notes` of each.
    pub fn keep(mut self, notes: &Notes, end: &AtomicBool) -> Result<()> {
        let mut octets = vec![0; 65_535];
        while !end.load(Ordering::Relaxed) {
            self.wait()?;
            let now = self.clock.now();
            for (socket, transport) in self.sockets.both() {
                // An error is of an earlier datagram, or says that there is none.
                while let Ok((length, from)) = socket.recv_from(&mut octets) {
                    let datagram = Datagram {
                        octets: octets.get(..length).unwrap_or_default(),
                        from,
                        transport,
                    };
                    self.gateway.handle_datagram(now, datagram);
                }
            }
            self.gateway.handle_timeout(now);
            while let Some(event) = self.gateway.poll_event() {
                notes.tell_event(&event);
            }
            while let Some(transmit) = self.gateway.poll_transmit() {
                let (transport, to) = (transmit.transport, transmit.to);
                self.sockets.send(transport, to, &transmit.octets)?;
            }
        }
        Ok(())
    }

    fn wait(&self) -> Result<()> {
        let due = self.gateway.poll_timeout();
        let time = due.map_or(SOON, |at| self.clock.until(at).min(SOON));
        let readable = |socket| PollFd::new(socket, PollFlags::IN);
        let mut sockets = self.sockets.both().map(|(socket, _)| readable(socket));
        let time = Timespec::try_from(time)?;
        rustix::io::retry_on_intr(|| poll(&mut sockets, Some(&time)))?;
        Ok(())
    }
}

/// A gateway at `address` with these sockets: its certificate, the roots of its clients, how it behaves.
pub(super) fn gateway(
    (address, sockets): (IpAddr, &Sockets),
    (identity, client_roots): (Identity, Vec<CertificateDer<'static>>),
    policy: Policy,
    clock: Clock,
) -> Result<Gateway> {
    let (port_500, port_4500) = sockets.ports()?;
    let config = Config {
        address,
        port_500,
        port_4500,
        identity,
        tls_identity: None,
        client_roots,
        wall_clock: WallClock {
            at: clock.now(),
            unix: clock.unix_time(),
        },
        policy,
    };
    Ok(Gateway::new(config, clock.now(), Box::new(SystemRandom))?)
}

/// The system's generator.
#[derive(Debug)]
struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, octets: &mut [u8]) {
        entropy(octets);
    }
}
