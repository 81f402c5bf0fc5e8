//! The gateway: owns the IKE SAs of all clients.
//!
//! Drive it like the client: call a `handle_…` method or a command whenever there is a datagram, a
//! deadline or a wish; then drain [`Gateway::poll_transmit`] and [`Gateway::poll_event`]; then wait
//! until [`Gateway::poll_timeout`].

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use azike_crypto::{IkeKeys, Random};
use azike_wire::{EspSpi, ExchangeType, Message, MessageKind, Role, Spi};

use crate::child::Lease;
use crate::client_trust::ClientTrust;
use crate::config::{Config, ConfigError};
use crate::draft::Draft;
use crate::eap_tls;
use crate::event::Event;
use crate::ike_sa::{IkeSa, Outcome};
use crate::informational;
use crate::policy::Policy;
use crate::sa_init::{self, Answer, Peer};
use crate::transmit::{Datagram, Transmit, Transport};

/// An `IKEv2` responder.
pub struct Gateway {
    config: Config,
    trust: ClientTrust,
    random: Box<dyn Random>,
    secret: [u8; 16],
    leases: u32,
    sas: BTreeMap<Spi, IkeSa>,
    transmits: VecDeque<Transmit>,
    events: VecDeque<Event>,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway")
            .field("sas", &self.sas)
            .finish_non_exhaustive()
    }
}

impl Gateway {
    /// Starts. Fails if TLS cannot use the certificate, or no client could be verified.
    pub fn new(
        config: Config,
        now: Instant,
        mut random: Box<dyn Random>,
    ) -> Result<Self, ConfigError> {
        let trust = ClientTrust::new(&config.client_roots)?;
        let identity = config.tls_identity.as_ref().unwrap_or(&config.identity);
        let unix = config.wall_clock.read(now);
        eap_tls::settings(identity, &trust, config.policy.eap, unix)?;
        let mut secret = [0; 16];
        random.fill(&mut secret);
        Ok(Self {
            config,
            trust,
            random,
            secret,
            leases: 0,
            sas: BTreeMap::new(),
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        })
    }

    /// How it behaves: may be changed at any time.
    pub const fn policy(&mut self) -> &mut Policy {
        &mut self.config.policy
    }

    /// Takes a datagram of one of its ports. ESP and keepalives are passed over.
    pub fn handle_datagram(&mut self, now: Instant, datagram: Datagram<'_>) {
        let octets = match datagram.transport {
            Transport::Udp500 => datagram.octets,
            Transport::Udp4500 => match azike_wire::demultiplex(datagram.octets) {
                azike_wire::Datagram::Ike(octets) => octets,
                azike_wire::Datagram::Esp(..)
                | azike_wire::Datagram::Keepalive
                | azike_wire::Datagram::Malformed => return,
            },
        };
        let Ok(message) = Message::decode(octets) else {
            tracing::debug!(from = %datagram.from, "not an IKE message");
            return;
        };
        let peer = Peer {
            address: datagram.from,
            transport: datagram.transport,
        };
        let header = message.header();
        if header.sender != Role::Initiator {
            return;
        }
        match header.spi_r {
            None if header.exchange == ExchangeType::IKE_SA_INIT
                && header.kind == MessageKind::Request =>
            {
                self.handle_sa_init(peer, &message);
            }
            Some(spi_r) => self.handle_protected(now, spi_r, peer, &message),
            None => {}
        }
    }

    fn handle_sa_init(&mut self, peer: Peer, message: &Message<'_>) {
        let octets = message.octets();
        let known = self.sas.values().find(|sa| sa.init.message_i == octets);
        if let Some(sa) = known {
            let (response, id) = (sa.init_response.clone(), message.header().message_id);
            self.events.push_back(Event::Retransmission(id));
            self.send(peer, response);
            return;
        }
        let random = self.random.as_mut();
        match sa_init::answer(&self.config, random, &self.secret, (peer, message)) {
            None => tracing::debug!("IKE_SA_INIT request not usable"),
            Some(Answer::Refuse(response)) => self.send(peer, response),
            Some(Answer::Accept(accepted, response)) => {
                let spi_r = accepted.spi_r;
                let lease = Lease {
                    number: self.leases,
                    spi_in: new_esp_spi(self.random.as_mut()),
                };
                self.leases = self.leases.wrapping_add(1);
                let place = (peer, lease);
                let ike_sa = IkeSa::new(&self.config, *accepted, place, response.clone());
                self.sas.insert(spi_r, ike_sa);
                self.events.push_back(Event::IkeSa(spi_r));
                self.send(peer, response);
            }
        }
    }

    fn handle_protected(&mut self, now: Instant, spi_r: Spi, peer: Peer, message: &Message<'_>) {
        let Some(ike_sa) = self.sas.get_mut(&spi_r) else {
            return;
        };
        ike_sa.peer = peer;
        let context = (&self.config, &self.trust);
        let outcome = ike_sa.handle(context, now, self.random.as_mut(), message);
        let Outcome {
            datagrams,
            events,
            over,
        } = outcome;
        self.events.extend(events);
        self.send(peer, datagrams);
        if over {
            self.sas.remove(&spi_r);
        }
    }

    /// Sends requests again that are due.
    pub fn handle_timeout(&mut self, now: Instant) {
        let mut due = Vec::new();
        for ike_sa in self.sas.values_mut() {
            due.push((ike_sa.peer, ike_sa.resend(now)));
        }
        for (peer, datagrams) in due {
            self.send(peer, datagrams);
        }
    }

    /// Sends a request with these payloads; false if there is no such IKE SA.
    pub fn ask(&mut self, now: Instant, spi_r: Spi, exchange: ExchangeType, draft: &Draft) -> bool {
        let Some(ike_sa) = self.sas.get_mut(&spi_r) else {
            return false;
        };
        let random = self.random.as_mut();
        let datagrams = ike_sa.ask(&self.config, now, random, (exchange, draft));
        let peer = ike_sa.peer;
        self.send(peer, datagrams);
        true
    }

    /// Asks whether the client lives.
    pub fn check_liveness(&mut self, now: Instant, spi_r: Spi) -> bool {
        self.ask(now, spi_r, ExchangeType::INFORMATIONAL, &Draft::new())
    }

    /// Deletes the Child SA; false if there is none.
    pub fn delete_child(&mut self, now: Instant, spi_r: Spi) -> bool {
        let child = self.sas.get_mut(&spi_r).and_then(|sa| sa.child.take());
        let Some((spi_in, _)) = child else {
            return false;
        };
        let draft = informational::delete_child(spi_in);
        self.ask(now, spi_r, ExchangeType::INFORMATIONAL, &draft)
    }

    /// Deletes the IKE SA. It stays until the client has answered.
    pub fn delete_ike_sa(&mut self, now: Instant, spi_r: Spi) -> bool {
        let draft = informational::delete_ike_sa();
        self.ask(now, spi_r, ExchangeType::INFORMATIONAL, &draft)
    }

    /// Forgets all, as after a restart.
    pub fn forget(&mut self) {
        self.sas.clear();
    }

    /// The SPI of the initiator and the keys of an IKE SA, for a capture.
    pub fn ike_keys(&self, spi_r: Spi) -> Option<(Spi, &IkeKeys)> {
        let init = &self.sas.get(&spi_r)?.init;
        Some((init.spi_i, &init.keys))
    }

    /// How many IKE SAs there are, half open ones included.
    pub fn ike_sas(&self) -> usize {
        self.sas.len()
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When to call [`Gateway::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.sas.values().filter_map(IkeSa::due).min()
    }

    fn send(&mut self, peer: Peer, datagrams: Vec<Vec<u8>>) {
        for message in datagrams {
            let octets = match peer.transport {
                Transport::Udp500 => message,
                Transport::Udp4500 => [&azike_wire::NON_ESP_MARKER[..], &message].concat(),
            };
            self.transmits.push_back(Transmit {
                octets,
                to: peer.address,
                transport: peer.transport,
            });
        }
    }
}

fn new_esp_spi(random: &mut dyn Random) -> EspSpi {
    loop {
        let mut octets = [0; 4];
        random.fill(&mut octets);
        if let Some(spi) = EspSpi::from_octets(&octets) {
            return spi;
        }
    }
}
