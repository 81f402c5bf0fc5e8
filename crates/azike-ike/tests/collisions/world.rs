//! A client behind a NAT, a gateway, the network between them, and packets that never stop.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use azike_crypto::{ChildAlgorithms, Signer};
use azike_gateway::{Gateway, TunnelEnd};
use azike_ike::{ChildSa, Client, CloseReason, Datagram, Event, Progress, Transport};
use azike_testkit::{Conditions, Delivery, Leave, Nat, Net, Tap, Way};
use azike_wire::{EspSpi, KeyExchangeMethod, TrafficSelectors, demultiplex};

use crate::peer::{ChildBasis, Peer, PeerEvent};
use crate::support::setup::{CLIENT, GATEWAY};
use crate::traffic::{End, Maker};
use crate::variant::Variant;
use crate::witness::{IkeSpis, Side, Witness};

/// The client's own address, behind the NAT.
const INSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 5));
/// One in ten lost, one in ten twice, and all in disorder.
const STORM: Conditions = Conditions {
    jitter: Duration::from_millis(90),
    loss: 100,
    duplication: 100,
    ..Conditions::GOOD
};
/// More than anything does at one moment.
const BUSY: usize = 1000;

/// Both ends and all between them.
pub(crate) struct World {
    pub(crate) client: Client,
    gateway: Gateway,
    pub(crate) now: Instant,
    pub(crate) net: Net,
    pub(crate) witness: Witness,
    pub(crate) client_end: End,
    pub(crate) gateway_end: End,
    /// Why the client ended, once it did.
    pub(crate) closed: Option<CloseReason>,
    /// The gateway after the login.
    pub(crate) peer: Option<Peer>,
    /// How many requests of the gateway were answered.
    pub(crate) answered: usize,
    /// Whether the gateway did what it was told to.
    pub(crate) moved: bool,
    signer: Arc<dyn Signer>,
    /// Where the gateway sees the client.
    address: Option<SocketAddr>,
    login: Option<(IkeSpis, (EspSpi, EspSpi), ChildAlgorithms)>,
    group: Option<KeyExchangeMethod>,
    selectors: Option<(TrafficSelectors, TrafficSelectors)>,
    /// When the next packets leave, and how long after it the next.
    packets: Option<(Instant, Duration)>,
}

/// Where captures go.
pub(crate) fn captures() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("pcap/collisions")
}

impl World {
    /// Sits down; see `Setup::sit`.
    pub(crate) fn new(
        (client, signer): (Client, Arc<dyn Signer>),
        gateway: Gateway,
        now: Instant,
    ) -> Self {
        let mut net = Net::new(1, Tap::new(now));
        let nat = net.add_nat(Nat::new(CLIENT, Duration::from_mins(2)));
        net.add_host_behind(INSIDE, nat);
        net.add_host(GATEWAY);
        let mut world = Self {
            client,
            gateway,
            now,
            net,
            witness: Witness::default(),
            client_end: End::default(),
            gateway_end: End::default(),
            closed: None,
            peer: None,
            answered: 0,
            moved: false,
            signer,
            address: None,
            login: None,
            group: None,
            selectors: None,
            packets: None,
        };
        world.drain();
        world
    }

    /// Leaves a capture in any case.
    pub(crate) fn capture(&mut self, name: &str) {
        self.net.tap().leave(Leave::Always, &captures(), name);
    }

    /// Connects; then the peer takes the place of the gateway.
    pub(crate) fn log_in(&mut self, seed: u64) {
        self.run(Duration::from_secs(1));
        assert_eq!(self.client_end.alive().len(), 1, "{:?}", self.closed);
        let (ike, spis, algorithms) = self.login.unwrap();
        let basis = ChildBasis {
            algorithms,
            group: self.group.unwrap(),
            selectors: self.selectors.clone().unwrap(),
        };
        let (_, keys) = self.gateway.ike_keys(ike.1).unwrap();
        self.peer = Some(Peer::new(seed, (ike, keys), spis, basis));
        self.witness.start_over();
    }

    /// From now on it goes as `variant` says. The first `prelude` datagrams are not counted.
    pub(crate) fn disturb(&mut self, variant: Variant, prelude: usize) {
        let mut count = 0_usize;
        self.net.disturb(move |packet| {
            if !matches!(demultiplex(&packet.octets), azike_wire::Datagram::Ike(_)) {
                return azike_testkit::Disturbance::None;
            }
            count += 1;
            match (count - 1).checked_sub(prelude) {
                Some(number) => variant.disturbance(number),
                None => azike_testkit::Disturbance::None,
            }
        });
        if let Variant::Storm(seed) = variant {
            self.net.reseed(seed);
            self.net.set(Way::ALL, STORM);
        }
    }

    /// Nothing is disturbed any more.
    pub(crate) fn calm(&mut self) {
        self.net.leave_alone();
        self.net.reset();
    }

    /// A packet leaves both ends each `pause`; none if there is no pause.
    pub(crate) fn stream(&mut self, pause: Option<Duration>) {
        self.packets = pause.map(|pause| (self.now, pause));
    }

    /// Lets `duration` pass.
    pub(crate) fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        let mut busy = (self.now, 0);
        while let Some(next) = self.next_at().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            busy = if busy.0 == self.now {
                (self.now, busy.1 + 1)
            } else {
                (self.now, 0)
            };
            assert!(
                busy.1 < BUSY,
                "nobody comes to rest: {:#?}",
                self.witness.log
            );
            self.step();
        }
        self.now = end;
    }

    fn next_at(&self) -> Option<Instant> {
        let client = self.client.poll_timeout().map(|deadline| deadline.at);
        let all = [
            self.net.next_at(),
            client,
            self.peer.as_ref().and_then(Peer::poll_timeout),
            self.packets.map(|(at, _)| at),
        ];
        all.into_iter().flatten().min()
    }

    /// What is due now.
    fn step(&mut self) {
        while let Some(delivery) = self.net.deliver(self.now) {
            self.deliver(&delivery);
            self.drain();
        }
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= self.now);
        let client = due(self.client.poll_timeout().map(|deadline| deadline.at));
        let peer = self.peer.as_mut().filter(|peer| due(peer.poll_timeout()));
        if let Some(peer) = peer {
            peer.handle_timeout(self.now);
        }
        if client {
            self.client.handle_timeout(self.now);
        }
        self.drain();
        if let Some((at, pause)) = self.packets.filter(|(at, _)| *at <= self.now) {
            self.packets = Some((at + pause, pause));
            let (client, gateway) = (SocketAddr::new(INSIDE, 4500), self.address);
            if let Some(packet) = self.client_end.send() {
                let to = SocketAddr::new(GATEWAY, 4500);
                self.net.send(self.now, client, to, packet);
            }
            if let (Some(packet), Some(to)) = (self.gateway_end.send(), gateway) {
                let from = SocketAddr::new(GATEWAY, 4500);
                self.net.send(self.now, from, to, packet);
            }
        }
    }

    fn deliver(&mut self, delivery: &Delivery) {
        let port_500 = delivery.to.port() == 500;
        let esp = match demultiplex(&delivery.octets) {
            azike_wire::Datagram::Esp(spi, packet) if !port_500 => Some((spi, packet)),
            azike_wire::Datagram::Esp(..)
            | azike_wire::Datagram::Ike(_)
            | azike_wire::Datagram::Keepalive
            | azike_wire::Datagram::Malformed => None,
        };
        let at_gateway = delivery.to.ip() == GATEWAY;
        match (esp, at_gateway) {
            (Some((spi, packet)), true) => self.gateway_end.receive(spi, packet),
            (Some((spi, packet)), false) => self.client_end.receive(spi, packet),
            (None, true) if self.peer.is_some() => {
                if let (azike_wire::Datagram::Ike(message), Some(peer)) =
                    (demultiplex(&delivery.octets), self.peer.as_mut())
                {
                    peer.handle(self.now, message);
                }
            }
            (None, true) => self.gateway.handle_datagram(
                self.now,
                azike_gateway::Datagram {
                    octets: &delivery.octets,
                    from: delivery.from,
                    transport: if port_500 {
                        azike_gateway::Transport::Udp500
                    } else {
                        azike_gateway::Transport::Udp4500
                    },
                },
            ),
            (None, false) => {
                let marker = if port_500 { 0 } else { 4 };
                let datagram = Datagram {
                    octets: delivery.octets.get(marker..).unwrap_or_default(),
                    from: delivery.from,
                    transport: if port_500 {
                        Transport::Udp500
                    } else {
                        Transport::Udp4500
                    },
                };
                let _verdict = self.client.handle_datagram(self.now, datagram);
            }
        }
    }

    /// Takes everything from both.
    pub(crate) fn drain(&mut self) {
        while let Some(event) = self.client.poll_event() {
            self.client_event(event);
        }
        while let Some(event) = self.gateway.poll_event() {
            if let azike_gateway::Event::ChildSa(child) = event {
                self.take_over(&child);
            }
        }
        let peer = self.peer.as_mut();
        let events = peer.map(|peer| std::mem::take(&mut peer.events));
        for event in events.into_iter().flatten() {
            self.peer_event(event);
        }
        let peer = self.peer.as_mut();
        let messages = peer.map(|peer| std::mem::take(&mut peer.transmits));
        for (message, to) in messages
            .into_iter()
            .flatten()
            .zip(self.address.into_iter().cycle())
        {
            let octets = [&azike_wire::NON_ESP_MARKER[..], &message].concat();
            self.witness(Side::Gateway, 4500, &octets);
            let from = SocketAddr::new(GATEWAY, 4500);
            self.net.send(self.now, from, to, octets);
        }
        while let Some(transmit) = self.client.poll_transmit() {
            let port = match transmit.transport {
                Transport::Udp500 => 500,
                Transport::Udp4500 => 4500,
            };
            self.witness(Side::Client, port, &transmit.octets);
            let from = SocketAddr::new(INSIDE, port);
            self.net.send(self.now, from, transmit.to, transmit.octets);
        }
        while let Some(transmit) = self.gateway.poll_transmit() {
            let port = match transmit.transport {
                azike_gateway::Transport::Udp500 => 500,
                azike_gateway::Transport::Udp4500 => 4500,
            };
            self.witness(Side::Gateway, port, &transmit.octets);
            let from = SocketAddr::new(GATEWAY, port);
            self.net.send(self.now, from, transmit.to, transmit.octets);
        }
    }

    fn witness(&mut self, side: Side, port: u16, octets: &[u8]) {
        if port == 500 {
            self.witness.see(side, octets);
        } else if let azike_wire::Datagram::Ike(message) = demultiplex(octets) {
            self.witness.see(side, message);
        }
    }

    fn client_event(&mut self, event: Event) {
        match event {
            Event::Progress(Progress::Negotiated(negotiated)) => {
                self.group = Some(negotiated.group);
            }
            Event::Progress(
                Progress::Cookie
                | Progress::OtherGroup(_)
                | Progress::GatewayVerified(_)
                | Progress::RootNotListed
                | Progress::EapStarted
                | Progress::Authenticated,
            )
            | Event::Moved
            | Event::MoveRefused(_)
            | Event::AuthLifetime(_)
            | Event::IkeSaRekeyed { .. }
            | Event::RekeyRefused { .. } => {}
            Event::Sign(request) => {
                let signature = self.signer.sign(request.scheme, &request.octets).unwrap();
                let (now, id) = (self.now, request.id);
                self.client.handle_signature(now, id, Some(&signature));
            }
            Event::Established(established) => {
                let child = &established.child;
                self.selectors = Some((child.ts_i.clone(), child.ts_r.clone()));
                self.client_up(child, Maker::Us);
            }
            Event::ChildSaUp(child, azike_ike::Maker::Us) => self.client_up(&child, Maker::Us),
            Event::ChildSaUp(child, azike_ike::Maker::Gateway) => {
                self.client_up(&child, Maker::Them);
            }
            Event::ChildSaDown(spi_in) => self.client_end.down(spi_in),
            Event::Closed(reason) => {
                self.client_end.all_down();
                self.closed = Some(reason);
            }
        }
    }

    fn client_up(&mut self, child: &ChildSa, maker: Maker) {
        let inbound = (child.spi_in, &child.inbound);
        let tunnel = TunnelEnd::with_keys(inbound, (child.spi_out, &child.outbound));
        self.net.tap().esp_keys(child.spi_in, &child.inbound);
        self.net.tap().esp_keys(child.spi_out, &child.outbound);
        let spis = (child.spi_in, child.spi_out);
        self.client_end.up(spis, tunnel, maker);
    }

    /// The login at the gateway: from here on the peer has its place.
    fn take_over(&mut self, child: &azike_gateway::ChildSa) {
        let spis = (child.spi_in, child.spi_out);
        let (spi_i, keys) = self.gateway.ike_keys(child.spi_r).unwrap();
        let ike = (spi_i, child.spi_r);
        self.witness.learn(ike, keys);
        self.net.tap().ike_keys(ike.0, ike.1, keys);
        self.address = Some(child.peer);
        self.gateway_end
            .up(spis, TunnelEnd::new(child), Maker::Them);
        self.login = Some((ike, spis, child.algorithms));
    }

    fn peer_event(&mut self, event: PeerEvent) {
        match event {
            PeerEvent::Ike(spis, keys) => {
                self.witness.learn(spis, &keys);
                self.net.tap().ike_keys(spis.0, spis.1, &keys);
            }
            PeerEvent::Up(inbound, outbound, maker) => {
                let spis = (inbound.0, outbound.0);
                let inbound = (inbound.0, &inbound.1);
                let tunnel = TunnelEnd::with_keys(inbound, (outbound.0, &outbound.1));
                self.gateway_end.up(spis, tunnel, maker);
            }
            PeerEvent::Down(ours) => self.gateway_end.down(ours),
            PeerEvent::Answered => self.answered += 1,
        }
    }
}
