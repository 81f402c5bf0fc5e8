//! The engine of IKE on real sockets and the real clock.
//!
//! ```text
//!   sockets ─▶ data-path threads ─▶ IKE messages ─▶ Client ─▶ events
//!      ▲                                              │
//!      └──────────────── transmits ◀──────────────────┘
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use azike_control::{Code, DscpChoice, Failure, OffloadChoice, PortChoice, UpOptions};
use azike_crypto::{Random, Signer};
use azike_ike::{ChildSa, Client, Datagram, Event, Gateway, Maker, Transport, Usage, Verdict};
use azike_platform::{Clock, Offload, UdpBuffers, bind_udp, entropy, send_soon};
use azike_tunnel::DscpMode;
use azike_tunnel::course::{Attempt, Reading};
use azike_wire::EspSpi;
use tokio::sync::mpsc;

use super::engine;
use crate::daemon::board::Pulse;
use crate::daemon::setup::Setup;
use crate::failing;
use azike_datapath::{ChildSaKeys, DataCounters, DataPath, IkeDatagram, Settings};

/// IKE messages that wait for the control plane.
const QUEUE: usize = 64;
/// How long a Child SA still receives after it was replaced.
const GRACE: Duration = Duration::from_secs(5);

/// A client, its sockets and its data path.
#[derive(Debug)]
pub(crate) struct Link {
    clock: Clock,
    client: Client,
    signer: Arc<dyn Signer>,
    udp500: Arc<UdpSocket>,
    udp4500: Arc<UdpSocket>,
    messages: mpsc::Receiver<IkeDatagram>,
    /// Packets sent when the client was last told.
    sent: u64,
    unsent: Option<std::io::Error>,
    /// The newest Child SA, and what was counted before it.
    newest: Option<(EspSpi, DataCounters)>,
    /// Child SAs that only receive, and until when.
    retired: Vec<(Instant, EspSpi)>,
    pub(crate) datapath: DataPath,
    pub(crate) gateway: Gateway,
}

/// The kernel's randomness.
#[derive(Debug)]
pub(super) struct Entropy;

impl Random for Entropy {
    fn fill(&mut self, octets: &mut [u8]) {
        entropy(octets);
    }
}

impl Link {
    /// Opens sockets and sends the first request.
    pub(super) fn open(clock: Clock, setup: &Setup, attempt: &Attempt) -> Result<Self, Failure> {
        let address = attempt.address;
        // The port of one's own choice is in use as long as the link before stands.
        let port = setup.options.local_port.filter(|_| !attempt.beside);
        let port = port.unwrap_or(0);
        let any = unspecified(address);
        let bind = |port| {
            let local = SocketAddr::new(any, port);
            bind_udp(local, UdpBuffers::default()).map_err(|error| failing::bind(&error))
        };
        let udp4500 = Arc::new(bind(port)?);
        let udp500 = Arc::new(bind(0)?);
        let gateway = engine::gateway(address, &setup.options);
        let (sender, messages) = mpsc::channel(QUEUE);
        let sockets = vec![
            (Arc::clone(&udp500), Transport::Udp500),
            (Arc::clone(&udp4500), Transport::Udp4500),
        ];
        let datapath = DataPath::start(
            sockets,
            move |message| sender.try_send(message).is_ok(),
            clock,
            settings(&setup.options),
        )
        .map_err(|error| {
            Failure::new(Code::SOCKET_FAILED, "the data path did not start").seen(error.to_string())
        })?;
        let now = clock.now();
        let (first, socket) = match setup.options.transport {
            PortChoice::From500 => (Transport::Udp500, &udp500),
            PortChoice::Only4500 => (Transport::Udp4500, &udp4500),
        };
        let local = local_address(socket, gateway);
        let config = engine::config(setup, attempt, (first, local), (now, clock.unix_time()));
        let signer = Arc::clone(&config.identity.signer);
        let mut link = Self {
            clock,
            client: Client::new(config, now, Box::new(Entropy)),
            signer,
            udp500,
            udp4500,
            messages,
            sent: 0,
            unsent: None,
            newest: None,
            retired: Vec::new(),
            datapath,
            gateway,
        };
        link.flush();
        Ok(link)
    }

    /// The next event. May be dropped and called again at any time.
    ///
    /// What the engine wants sent goes out when all its events were taken: a new Child SA has to be
    /// at work before the gateway hears that we have it, and an old one must not send any more when
    /// it hears that we deleted it.
    pub(crate) async fn next(&mut self) -> Event {
        loop {
            match self.client.poll_event() {
                Some(Event::Sign(request)) => {
                    let signature = self.signer.sign(request.scheme, &request.octets);
                    let signature = signature.inspect_err(|error| {
                        tracing::warn!(%error, "the private key did not sign");
                    });
                    let signature = signature.ok();
                    let now = self.clock.now();
                    self.client
                        .handle_signature(now, request.id, signature.as_deref());
                    continue;
                }
                Some(event) => return event,
                None => {}
            }
            self.flush();
            let clock = self.clock;
            let deadline = self.client.poll_timeout().map(|deadline| deadline.at);
            let forget = self.retired.iter().map(|(until, _)| *until).min();
            let deadline = deadline.into_iter().chain(forget).min();
            tokio::select! {
                message = self.messages.recv() => match message {
                    Some(message) => self.take(&message),
                    // The threads are gone: nothing will ever come.
                    None => std::future::pending().await,
                },
                () = async { match deadline {
                    Some(deadline) => clock.sleep_until(deadline).await,
                    None => std::future::pending().await,
                } } => {
                    let counters = self.datapath.counters();
                    self.tell_traffic(&counters);
                    self.forget();
                    self.client.handle_timeout(self.clock.now());
                }
            }
        }
    }

    /// Puts a Child SA to work.
    pub(crate) fn install(&mut self, child: ChildSa, maker: Maker) {
        self.newest = Some((child.spi_in, self.datapath.counters()));
        let keys = ChildSaKeys {
            spi_in: child.spi_in,
            spi_out: child.spi_out,
            inbound: child.inbound,
            outbound: child.outbound,
            peer: self.gateway.socket(Transport::Udp4500),
            socket: Arc::clone(&self.udp4500),
        };
        match maker {
            Maker::Us => self.datapath.install(&keys),
            Maker::Gateway => self.datapath.install_standby(&keys),
        }
    }

    /// Sends no more with a Child SA; what is on the way still comes in for a while.
    pub(crate) fn retire(&mut self, spi_in: EspSpi) {
        self.datapath.retire(spi_in);
        self.retired.push((self.clock.now() + GRACE, spi_in));
    }

    /// The tun device has this MTU now.
    pub(super) fn set_mtu(&self, mtu: u32) {
        self.datapath
            .set_mtu(u16::try_from(mtu).unwrap_or(u16::MAX));
    }

    /// Forgets Child SAs whose time is over.
    fn forget(&mut self) {
        let now = self.clock.now();
        let datapath = &self.datapath;
        self.retired.retain(|(until, spi_in)| {
            let kept = now < *until;
            if !kept {
                datapath.remove(*spi_in);
            }
            kept
        });
    }

    /// Traffic since the last time is a sign of life, and keeps a NAT mapping.
    fn tell_traffic(&mut self, counters: &DataCounters) {
        let sent = std::mem::replace(&mut self.sent, counters.upload.packets);
        let spoke = (counters.upload.packets > sent).then(|| self.clock.now());
        self.client.handle_traffic(counters.last_received, spoke);
    }

    /// Keys are good for so many octets and packets.
    fn tell_usage(&mut self, counters: &DataCounters) {
        let Some((spi_in, before)) = &self.newest else {
            return;
        };
        let since = |of: fn(&DataCounters) -> u64| of(counters).saturating_sub(of(before));
        let usage = Usage {
            spi_in: *spi_in,
            octets: since(|it| it.upload.octets).max(since(|it| it.download.octets)),
            packets: since(|it| it.upload.packets).max(since(|it| it.download.packets)),
            sequence_left: counters.sequence_left,
        };
        let now = self.clock.now();
        self.client.handle_usage(now, usage);
        self.client.handle_timeout(now);
    }

    fn take(&mut self, message: &IkeDatagram) {
        let datagram = Datagram {
            octets: &message.octets,
            from: message.from,
            transport: message.transport,
        };
        if let Verdict::Dropped(reason) = self.client.handle_datagram(self.clock.now(), datagram) {
            tracing::trace!(%reason, "dropped");
        }
    }

    fn flush(&mut self) {
        while let Some(transmit) = self.client.poll_transmit() {
            let socket = match transmit.transport {
                Transport::Udp500 => &self.udp500,
                Transport::Udp4500 => &self.udp4500,
            };
            // What is not sent now is sent again later, or given up with its own message.
            self.unsent = send_soon(socket, &transmit.octets, transmit.to).err();
            if let Some(error) = &self.unsent {
                tracing::debug!(%error, to = %transmit.to, "not sent");
            }
        }
    }

    /// What the engine says of itself.
    pub(super) fn pulse(&self) -> Pulse {
        Pulse {
            rekeying: self.client.is_rekeying(),
            round_trip: self.client.round_trip(),
            rekeys_at: self.client.rekeys_at(),
        }
    }

    /// What the data path and the engine count; the engine is told what went through its Child SA.
    pub(super) fn reading(&mut self) -> Reading {
        let counters = self.datapath.counters();
        // Once a second: a NAT counts from the packet, not from when somebody asks for it.
        self.tell_traffic(&counters);
        self.tell_usage(&counters);
        Reading {
            sent: counters.upload.packets,
            asked: counters.asked,
            received: counters.download.packets,
            unanswered: self.client.unanswered_since(),
        }
    }

    /// Asks the gateway whether it lives, and tells it where we are. A question that is out stays
    /// the only one.
    pub(super) fn ask(&mut self) {
        if self.client.unanswered_since().is_none() {
            self.path_changed();
        }
    }

    /// New keys for the Child SA.
    pub(super) fn new_keys(&mut self) {
        let now = self.clock.now();
        self.client.rekey_child(now);
        self.client.handle_timeout(now);
    }

    /// The way to the gateway may be another.
    pub(super) fn path_changed(&mut self) {
        let local = local_address(&self.udp500, self.gateway);
        self.datapath.path_changed();
        self.client.handle_path_change(self.clock.now(), local);
    }

    /// Why nothing leaves this machine, if the last datagram did not.
    pub(crate) fn unsent(&self) -> Option<Failure> {
        let error = self.unsent.as_ref()?;
        let what = format!("nothing can be sent to {}", self.gateway.address);
        Some(Failure::new(Code::NETWORK_UNREACHABLE, what).seen(error.to_string()))
    }

    /// Says goodbye and waits for the answer, two seconds at most; then stops.
    pub(crate) async fn close(mut self) {
        self.client.close(self.clock.now());
        self.stop_after_goodbye().await;
    }

    async fn stop_after_goodbye(mut self) {
        loop {
            if self.client.poll_timeout().is_none() {
                break;
            }
            if let Event::Closed(_) = self.next().await {
                break;
            }
        }
        self.stop().await;
    }

    /// Sends what is left and ends the threads.
    pub(crate) async fn stop(mut self) {
        self.flush();
        let datapath = self.datapath;
        // Joining waits for threads, which a task must not do.
        drop(tokio::task::spawn_blocking(move || datapath.stop()).await);
    }
}

/// How packets are to travel.
pub(super) const fn settings(options: &UpOptions) -> Settings {
    Settings {
        offload: match options.offload {
            OffloadChoice::Auto => Offload::Auto,
            OffloadChoice::Off => Offload::Off,
        },
        dscp: match options.dscp {
            DscpChoice::Zero => DscpMode::Zero,
            DscpChoice::Copy => DscpMode::Copy,
            DscpChoice::Fixed(dscp) => DscpMode::Fixed(dscp),
        },
    }
}

const fn unspecified(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

/// Our own address on the way to the gateway, with the port of `socket`: what a gateway without a
/// NAT in between would see.
fn local_address(socket: &UdpSocket, gateway: Gateway) -> Option<SocketAddr> {
    let to = gateway.socket(Transport::Udp500);
    let probe = UdpSocket::bind(SocketAddr::new(unspecified(to.ip()), 0)).ok()?;
    probe.connect(to).ok()?;
    let address = probe.local_addr().ok()?.ip();
    Some(SocketAddr::new(address, socket.local_addr().ok()?.port()))
}
