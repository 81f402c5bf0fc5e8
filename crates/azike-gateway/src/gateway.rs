//! The gateway: owns the IKE SAs of all clients.
//!
//! Drive it like the client: call a `handle_…` method or a command whenever there is a datagram, a
//! deadline or a wish; then drain [`Gateway::poll_transmit`] and [`Gateway::poll_event`]; then wait
//! until [`Gateway::poll_timeout`].

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use azike_crypto::{IkeKeys, Random};
use azike_wire::{EspSpi, ExchangeType, Message, MessageKind, Role, Spi};

use crate::child::Lease;
use crate::client_trust::ClientTrust;
use crate::config::{Config, ConfigError};
use crate::context::Context;
use crate::eap_tls;
use crate::event::{Event, Gone, Maker};
use crate::ike_sa::estate::Estate;
use crate::ike_sa::{IkeSa, Outcome};
use crate::names::new_esp_spi;
use crate::policy::{AnswersFrom, Policy, UnknownSpi};
use crate::sa_init::{self, Answer, Peer};
use crate::transmit::{Datagram, Transmit, Transport};
use crate::unknown;

mod commands;

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

    /// Takes a datagram of one of its ports. Of ESP only the SPI is looked at.
    pub fn handle_datagram(&mut self, now: Instant, datagram: Datagram<'_>) {
        let octets = match datagram.transport {
            Transport::Udp500 => datagram.octets,
            Transport::Udp4500 => match azike_wire::demultiplex(datagram.octets) {
                azike_wire::Datagram::Ike(octets) => octets,
                azike_wire::Datagram::Esp(spi, _) => {
                    self.handle_esp(spi, datagram.from);
                    return;
                }
                azike_wire::Datagram::Keepalive | azike_wire::Datagram::Malformed => return,
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
        match header.spi_r {
            None if header.sender == Role::Initiator
                && header.exchange == ExchangeType::IKE_SA_INIT
                && header.kind == MessageKind::Request =>
            {
                self.handle_sa_init(now, peer, &message);
            }
            Some(spi_r) if self.sas.contains_key(&spi_r) => {
                self.step(now, spi_r, Some(peer), |ike_sa, context| {
                    ike_sa.handle(context, peer, &message)
                });
            }
            Some(_) if header.kind == MessageKind::Request => {
                self.tell(peer, |_| unknown::ike_spi(header));
            }
            Some(_) | None => {}
        }
    }

    fn handle_esp(&mut self, spi: EspSpi, from: SocketAddr) {
        let known = |sa: &IkeSa| sa.children.get(spi).is_some();
        if !self.sas.values().any(known) {
            let peer = Peer {
                address: from,
                transport: Transport::Udp4500,
            };
            self.tell(peer, |random| unknown::esp_spi(random, spi));
        }
    }

    /// Says that an SA is not known, if the policy wants that said.
    fn tell(&mut self, peer: Peer, message: impl FnOnce(&mut dyn Random) -> Vec<u8>) {
        match self.config.policy.unknown_spi {
            UnknownSpi::Silent => {}
            UnknownSpi::Told => {
                let message = message(self.random.as_mut());
                self.send(peer, message);
            }
        }
    }

    fn handle_sa_init(&mut self, now: Instant, peer: Peer, message: &Message<'_>) {
        let octets = message.octets();
        let mut begun = self.sas.values().filter_map(|sa| sa.init.as_ref());
        if let Some(init) = begun.find(|init| init.transcript.message_i == octets) {
            let (response, id) = (init.response.clone(), message.header().message_id);
            self.events.push_back(Event::Retransmission(id));
            self.send_each(peer, response);
            return;
        }
        let random = self.random.as_mut();
        match sa_init::answer(&self.config, random, &self.secret, (peer, message)) {
            None => tracing::debug!("IKE_SA_INIT request not usable"),
            Some(Answer::Refuse(response)) => self.send_each(peer, response),
            Some(Answer::Accept(accepted, response)) => {
                let spi_r = accepted.basis.spi_r;
                let lease = Lease {
                    number: self.leases,
                    spi_in: new_esp_spi(self.random.as_mut()),
                };
                self.leases = self.leases.wrapping_add(1);
                let context = Context {
                    config: &self.config,
                    trust: &self.trust,
                    now,
                    random: self.random.as_mut(),
                };
                let place = (peer, lease);
                let ike_sa = IkeSa::new(&context, *accepted, place, response.clone());
                self.sas.insert(spi_r, ike_sa);
                self.events.push_back(Event::IkeSa(spi_r));
                self.send_each(peer, response);
            }
        }
    }

    fn send_each(&mut self, peer: Peer, messages: Vec<Vec<u8>>) {
        for message in messages {
            self.send(peer, message);
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        let policy = &self.config.policy;
        let due = |sa: &IkeSa| sa.due(policy).is_some_and(|at| at <= now);
        let due = self.sas.iter().filter(|(_, sa)| due(sa));
        let due: Vec<Spi> = due.map(|(spi_r, _)| *spi_r).collect();
        for spi_r in due {
            self.step(now, spi_r, None, IkeSa::handle_timeout);
        }
    }

    /// An IKE SA, and what it works with.
    fn at_work(&mut self, now: Instant, spi_r: Spi) -> Option<(&mut IkeSa, Context<'_>)> {
        let context = Context {
            config: &self.config,
            trust: &self.trust,
            now,
            random: self.random.as_mut(),
        };
        Some((self.sas.get_mut(&spi_r)?, context))
    }

    /// Lets an IKE SA do something, and does what comes of it. Responses go to `from`.
    fn step(
        &mut self,
        now: Instant,
        spi_r: Spi,
        from: Option<Peer>,
        step: impl FnOnce(&mut IkeSa, &mut Context<'_>) -> Outcome,
    ) {
        let Some((ike_sa, mut context)) = self.at_work(now, spi_r) else {
            return;
        };
        let outcome = step(ike_sa, &mut context);
        let (peer, first) = (from.unwrap_or(ike_sa.peer), ike_sa.first);
        let only = Some(ike_sa.id_i.clone()).filter(|_| outcome.initial_contact);
        if outcome.over {
            self.sas.remove(&spi_r);
        }
        self.events.extend(outcome.events);
        let responses = outcome.responses.into_iter();
        let responses = responses.map(|response| (peer, response));
        self.send_all(first, responses.chain(outcome.requests));
        if let Some(id_i) = only {
            self.forget_others(spi_r, &id_i);
        }
        if let Some(made) = outcome.made {
            let new = made.basis.spi_r;
            self.sas.entry(new).or_insert(*made);
            self.enter(now, new, None);
        }
        if let Some((heir, estate)) = outcome.legacy {
            let untaken = outcome.reclaimed.and_then(|old| self.reclaim(old, heir));
            self.enter(now, heir, Some(untaken.unwrap_or(estate)));
        }
    }

    /// Forgets what a client had here before.
    fn forget_others(&mut self, spi_r: Spi, id_i: &[u8]) {
        let events = &mut self.events;
        self.sas.retain(|other, sa| {
            let stays = *other == spi_r || sa.id_i != id_i;
            if !stays {
                events.push_back(Event::IkeSaGone(*other, Gone::InitialContact));
            }
            stays
        });
    }

    /// Takes back what an IKE SA has inherited, and forgets it.
    fn reclaim(&mut self, old: Spi, new: Spi) -> Option<Estate> {
        let mut ike_sa = self.sas.remove(&old)?;
        let maker = Maker::Client;
        self.events
            .push_back(Event::IkeSaRekeyed { old, new, maker });
        let gone = Event::IkeSaGone(old, Gone::Replaced);
        self.events.push_back(gone);
        Some(ike_sa.give_up())
    }

    /// Lets a new IKE SA begin, with what it inherits.
    fn enter(&mut self, now: Instant, spi_r: Spi, estate: Option<Estate>) {
        let Some((ike_sa, mut context)) = self.at_work(now, spi_r) else {
            return;
        };
        if let Some(estate) = estate {
            ike_sa.inherit(&mut context, estate);
        }
        let mut outcome = Outcome::default();
        ike_sa.advance(&mut context, &mut outcome);
        let first = ike_sa.first;
        self.send_all(first, outcome.requests);
    }

    /// The SPI of the initiator and the keys of an IKE SA, for a capture.
    pub fn ike_keys(&self, spi_r: Spi) -> Option<(Spi, &IkeKeys)> {
        let basis = &self.sas.get(&spi_r)?.basis;
        Some((basis.spi_i, &basis.keys))
    }

    /// How many IKE SAs there are, half open ones included.
    pub fn ike_sas(&self) -> usize {
        self.sas.len()
    }

    /// How many Child SAs there are.
    pub fn child_sas(&self) -> usize {
        self.sas.values().map(|sa| sa.children.len()).sum()
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
        let policy = &self.config.policy;
        self.sas.values().filter_map(|sa| sa.due(policy)).min()
    }

    /// Sends messages of an IKE SA; `first` is where its client was at first.
    fn send_all(&mut self, first: Peer, messages: impl IntoIterator<Item = (Peer, Vec<u8>)>) {
        for (to, message) in messages {
            let to = match self.config.policy.answers_from {
                AnswersFrom::SamePort | AnswersFrom::OtherPort(_) => to,
                AnswersFrom::InitPort => first,
            };
            self.send(to, message);
        }
    }

    fn send(&mut self, peer: Peer, message: Vec<u8>) {
        let octets = match peer.transport {
            Transport::Udp500 => message,
            Transport::Udp4500 => [&azike_wire::NON_ESP_MARKER[..], &message].concat(),
        };
        let mut from = self.config.socket(peer.transport);
        if let AnswersFrom::OtherPort(port) = self.config.policy.answers_from {
            from.set_port(port);
        }
        self.transmits.push_back(Transmit {
            octets,
            to: peer.address,
            from,
            transport: peer.transport,
        });
    }
}
