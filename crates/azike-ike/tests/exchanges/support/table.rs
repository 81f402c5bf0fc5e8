//! A client and a gateway at one table, and the wire between them in the hands of the test.
//!
//! Nothing moves by itself: [`Table::to_gateway`] and [`Table::to_client`] are what lies on the
//! wire. A test delivers, loses, changes and repeats; [`Table::talk`] delivers all there is.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use azike_crypto::Signer;
use azike_gateway::Gateway;
use azike_ike::trust::GatewayTrust;
use azike_ike::{Authentication, Offer, Patience, Strength, Transport, Verdict, WallClock};
use azike_ike::{Client, CloseReason, Config, Datagram, Established, Event, Progress, Transmit};
use azike_testkit::{KeyType, SeededRandom, Subject, Tap};

use super::people::{self, NAME, RSA};

/// Where the gateway is.
pub(crate) const GATEWAY: IpAddr = IpAddr::V4(Ipv4Addr::new(20, 61, 7, 9));
/// Where the client is, as the gateway sees it.
pub(crate) const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
/// 2027-06-01 00:00 UTC.
pub(crate) const UNIX: Duration = Duration::from_hours(503_280);

/// What a table is laid with.
pub(crate) struct Setup {
    pub(crate) client: Config,
    pub(crate) gateway: azike_gateway::Config,
    pub(crate) seed: u64,
}

/// A client and a gateway.
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) gateway: Gateway,
    pub(crate) now: Instant,
    /// Sent by the client and not delivered.
    pub(crate) to_gateway: VecDeque<Transmit>,
    /// Sent by the gateway and not delivered.
    pub(crate) to_client: VecDeque<azike_gateway::Transmit>,
    /// What the client reported, but for requests to sign.
    pub(crate) events: Vec<Event>,
    /// What the gateway reported.
    pub(crate) gateway_events: Vec<azike_gateway::Event>,
    /// What became of each datagram that the client got.
    pub(crate) verdicts: Vec<Verdict>,
    signer: Option<Arc<dyn Signer>>,
    tap: Tap,
}

/// The start of time: the same for all tests, so that times can be compared.
pub(crate) fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant can be had from the clock only"
    )]
    *START.get_or_init(Instant::now)
}

impl Setup {
    /// RSA on both sides, and a gateway that does what Azure does.
    pub(crate) fn new(authentication: Authentication) -> Self {
        Self::with_keys(authentication, RSA, RSA)
    }

    /// The same with keys of these kinds.
    pub(crate) fn with_keys(
        authentication: Authentication,
        client: KeyType,
        gateway: KeyType,
    ) -> Self {
        let root = people::gateway_root();
        let trust = GatewayTrust::new(
            vec![root.certificate().to_vec().into()],
            &[NAME.to_owned()],
            &[],
        );
        Self {
            client: Config {
                gateway: azike_ike::Gateway::new(GATEWAY),
                first: Transport::Udp500,
                identity: people::client(people::client_root(), client),
                trust: Arc::new(trust.unwrap()),
                authentication,
                offer: Offer::azure(Strength::Strong),
                local: Some(SocketAddr::new(Ipv4Addr::new(192, 168, 1, 5).into(), 500)),
                wall_clock: WallClock {
                    at: start(),
                    unix: UNIX,
                },
                patience: Patience::default(),
                fragment_size: 1280,
            },
            gateway: azike_gateway::Config {
                address: GATEWAY,
                port_500: 500,
                port_4500: 4500,
                identity: people::gateway(root, &Subject::gateway(NAME), gateway),
                tls_identity: None,
                client_roots: vec![people::client_root().certificate().to_vec().into()],
                wall_clock: azike_gateway::WallClock {
                    at: start(),
                    unix: UNIX,
                },
                policy: azike_gateway::Policy::azure(),
            },
            seed: 1,
        }
    }

    /// Sits down. The client's first message lies on the wire.
    pub(crate) fn sit(self) -> Table {
        let now = start();
        let signer = Arc::clone(&self.client.identity.signer);
        let random = Box::new(SeededRandom::new(self.seed));
        let gateway = Gateway::new(self.gateway, now, random).unwrap();
        let random = Box::new(SeededRandom::new(self.seed + 1));
        let mut table = Table {
            client: Client::new(self.client, now, random),
            gateway,
            now,
            to_gateway: VecDeque::new(),
            to_client: VecDeque::new(),
            events: Vec::new(),
            gateway_events: Vec::new(),
            verdicts: Vec::new(),
            signer: Some(signer),
            tap: Tap::new(now),
        };
        table.drain();
        table
    }
}

impl Table {
    /// Takes everything from both, and signs what the client wants signed.
    pub(crate) fn drain(&mut self) {
        loop {
            let mut signs = Vec::new();
            while let Some(event) = self.client.poll_event() {
                match event {
                    Event::Sign(request) => signs.push(request),
                    Event::Progress(_)
                    | Event::Established(_)
                    | Event::ChildSaDown(_)
                    | Event::Closed(_) => self.events.push(event),
                }
            }
            if signs.is_empty() {
                break;
            }
            for request in signs {
                let signer = self.signer.as_ref();
                let signature = signer.map(|it| it.sign(request.scheme, &request.octets).unwrap());
                let id = request.id;
                self.client
                    .handle_signature(self.now, id, signature.as_deref());
            }
        }
        while let Some(transmit) = self.client.poll_transmit() {
            let from = client_socket(transmit.transport);
            self.tap
                .datagram(self.now, from, transmit.to, &transmit.octets);
            self.to_gateway.push_back(transmit);
        }
        while let Some(transmit) = self.gateway.poll_transmit() {
            let from = gateway_socket(transmit.transport);
            self.tap
                .datagram(self.now, from, transmit.to, &transmit.octets);
            self.to_client.push_back(transmit);
        }
        while let Some(event) = self.gateway.poll_event() {
            self.tap_keys(&event);
            self.gateway_events.push(event);
        }
    }

    fn tap_keys(&mut self, event: &azike_gateway::Event) {
        if let azike_gateway::Event::IkeSa(spi_r) = event
            && let Some((spi_i, keys)) = self.gateway.ike_keys(*spi_r)
        {
            self.tap.ike_keys(spi_i, *spi_r, keys);
        }
        if let azike_gateway::Event::ChildSa(child) = event {
            self.tap.esp_keys(child.spi_in, &child.inbound);
            self.tap.esp_keys(child.spi_out, &child.outbound);
        }
    }

    /// From now on the key holder refuses to sign.
    pub(crate) fn lose_key(&mut self) {
        self.signer = None;
    }

    /// Gives the gateway a datagram of the client.
    pub(crate) fn give_gateway(&mut self, transmit: &Transmit) {
        let transport = match transmit.transport {
            Transport::Udp500 => azike_gateway::Transport::Udp500,
            Transport::Udp4500 => azike_gateway::Transport::Udp4500,
        };
        let datagram = azike_gateway::Datagram {
            octets: &transmit.octets,
            from: client_socket(transmit.transport),
            transport,
        };
        self.gateway.handle_datagram(self.now, datagram);
        self.drain();
    }

    /// Gives the client a datagram of the gateway.
    pub(crate) fn give_client(&mut self, transmit: &azike_gateway::Transmit) -> Verdict {
        let (octets, transport) = match transmit.transport {
            azike_gateway::Transport::Udp500 => (&transmit.octets[..], Transport::Udp500),
            azike_gateway::Transport::Udp4500 => (&transmit.octets[4..], Transport::Udp4500),
        };
        self.give_octets(octets, transport)
    }

    /// Gives the client these octets: an IKE message, or not.
    pub(crate) fn give_octets(&mut self, octets: &[u8], transport: Transport) -> Verdict {
        let from = SocketAddr::new(GATEWAY, 4500);
        let datagram = Datagram {
            octets,
            from,
            transport,
        };
        let verdict = self.client.handle_datagram(self.now, datagram);
        self.verdicts.push(verdict);
        self.drain();
        verdict
    }

    /// Delivers the oldest datagram to the gateway.
    pub(crate) fn deliver_request(&mut self) {
        let transmit = self.to_gateway.pop_front().unwrap();
        self.give_gateway(&transmit);
    }

    /// Delivers the oldest datagram to the client.
    pub(crate) fn deliver_response(&mut self) -> Verdict {
        let transmit = self.to_client.pop_front().unwrap();
        self.give_client(&transmit)
    }

    /// Delivers all, until both are silent.
    pub(crate) fn talk(&mut self) {
        while !(self.to_gateway.is_empty() && self.to_client.is_empty()) {
            while !self.to_gateway.is_empty() {
                self.deliver_request();
            }
            while !self.to_client.is_empty() {
                let _verdict = self.deliver_response();
            }
        }
    }

    /// Goes to the next deadline of either side; false if there is none.
    pub(crate) fn wait(&mut self) -> bool {
        let client = self.client.poll_timeout().map(|deadline| deadline.at);
        let Some(next) = client.into_iter().chain(self.gateway.poll_timeout()).min() else {
            return false;
        };
        self.now = self.now.max(next);
        self.client.handle_timeout(self.now);
        self.gateway.handle_timeout(self.now);
        self.drain();
        true
    }

    /// Talks and waits until the client is connected or gave up.
    pub(crate) fn settle(&mut self) {
        self.talk();
        while self.established().is_none() && self.closed().is_none() && self.wait() {
            self.talk();
        }
    }

    /// Talks and waits until the client gave up.
    pub(crate) fn end(&mut self) -> CloseReason {
        self.talk();
        while self.closed().is_none() && self.wait() {
            self.talk();
        }
        self.closed().unwrap().clone()
    }

    /// What the client got, once it is connected.
    pub(crate) fn established(&self) -> Option<&Established> {
        self.events.iter().find_map(|event| match event {
            Event::Established(established) => Some(&**established),
            Event::Progress(_) | Event::Sign(_) | Event::ChildSaDown(_) | Event::Closed(_) => None,
        })
    }

    /// Why the client gave up, once it did.
    pub(crate) fn closed(&self) -> Option<&CloseReason> {
        self.events.iter().find_map(|event| match event {
            Event::Closed(reason) => Some(reason),
            Event::Progress(_) | Event::Sign(_) | Event::ChildSaDown(_) | Event::Established(_) => {
                None
            }
        })
    }

    /// The steps that the client reported.
    pub(crate) fn progress(&self) -> impl Iterator<Item = &Progress> {
        self.events.iter().filter_map(|event| match event {
            Event::Progress(progress) => Some(progress),
            Event::Established(_) | Event::Sign(_) | Event::ChildSaDown(_) | Event::Closed(_) => {
                None
            }
        })
    }

    /// The Child SA at the gateway, once there is one.
    pub(crate) fn gateway_child(&self) -> Option<&azike_gateway::ChildSa> {
        self.gateway_events.iter().find_map(|event| {
            if let azike_gateway::Event::ChildSa(child) = event {
                Some(&**child)
            } else {
                None
            }
        })
    }

    /// Writes the capture: `name.pcapng` and the keys.
    pub(crate) fn capture(&self, name: &str) -> std::path::PathBuf {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("pcap");
        self.tap.write(&folder, name).unwrap();
        folder
    }
}

fn client_socket(transport: Transport) -> SocketAddr {
    match transport {
        Transport::Udp500 => SocketAddr::new(CLIENT, 1500),
        Transport::Udp4500 => SocketAddr::new(CLIENT, 14500),
    }
}

fn gateway_socket(transport: azike_gateway::Transport) -> SocketAddr {
    match transport {
        azike_gateway::Transport::Udp500 => SocketAddr::new(GATEWAY, 500),
        azike_gateway::Transport::Udp4500 => SocketAddr::new(GATEWAY, 4500),
    }
}
