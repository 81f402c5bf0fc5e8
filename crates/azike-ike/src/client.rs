//! The client: owns the state, decides nothing.
//!
//! Drive it like this: call a `handle_…` method or a command whenever there is
//! a datagram, a deadline or a wish; then drain [`Client::poll_transmit`] and
//! [`Client::poll_event`]; then sleep until [`Client::poll_timeout`].

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use azike_crypto::Random;
use azike_wire::{Message, MessageKind, Role};

use crate::config::Config;
use crate::event::{Event, Load, Maker};
use crate::farewell::Farewell;
use crate::handshake::{End, Handshake, Step};
use crate::hint::Hint;
use crate::ike_sa::{self, ChildEvent, IkeSa};
use crate::life::Usage;
use crate::reason::{CloseReason, DropReason, Verdict};
use crate::sas::{Effects, Sas};
use crate::transmit::{Datagram, Deadline, Timer, Transmit, Transport};

/// An IKEv2 initiator.
#[derive(Debug)]
pub struct Client {
    config: Config,
    random: Source,
    phase: Phase,
    transmits: VecDeque<Transmit>,
    events: VecDeque<Event>,
    /// Where the last request of the gateway came from, and on which socket.
    asked_from: (SocketAddr, Transport),
}

/// Where the client is.
#[derive(Debug)]
enum Phase {
    Handshake(Box<Handshake>),
    Established(Box<Sas>),
    Farewell(Box<Farewell>),
    Closed,
}

/// Randomness, which has nothing to show.
struct Source(Box<dyn Random>);

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source")
    }
}

impl Client {
    /// Begins to connect.
    pub fn new(config: Config, now: Instant, random: Box<dyn Random>) -> Self {
        let transport = Transport::Udp4500;
        let mut client = Self {
            asked_from: (config.gateway.socket(transport), transport),
            config,
            random: Source(random),
            phase: Phase::Closed,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        };
        match Handshake::start(&client.config, now, client.random.0.as_mut()) {
            Some((handshake, step)) => {
                client.phase = Phase::Handshake(Box::new(handshake));
                client.apply(now, step);
            }
            None => client.end(CloseReason::NotSigned),
        }
        client
    }

    /// Takes an IKE message.
    pub fn handle_datagram(&mut self, now: Instant, datagram: Datagram<'_>) -> Verdict {
        match self.take(now, datagram) {
            Ok(()) => Verdict::Accepted,
            Err(reason) => {
                let reason = self.take_hint(now, datagram).unwrap_or(reason);
                tracing::debug!(from = %datagram.from, %reason, "message dropped");
                Verdict::Dropped(reason)
            }
        }
    }

    fn take(&mut self, now: Instant, datagram: Datagram<'_>) -> Result<(), DropReason> {
        let message = Message::decode(datagram.octets)?;
        let header = message.header();
        let random = self.random.0.as_mut();
        match &mut self.phase {
            Phase::Handshake(handshake) => {
                if header.spi_i != handshake.spi_i() {
                    return Err(DropReason::UnknownSpi);
                }
                if header.sender == Role::Initiator {
                    return Err(DropReason::Reflected);
                }
                let step = handshake.handle(&self.config, now, random, &message);
                let step = step?;
                self.apply(now, step);
            }
            Phase::Established(sas) => {
                let mut step = ike_sa::Step {
                    config: &self.config,
                    now,
                    random,
                };
                let effects = sas.handle(&mut step, &message)?;
                if effects.answer.as_ref().is_some_and(|answer| answer.fresh) {
                    self.asked_from = (datagram.from, datagram.transport);
                }
                self.settle(now, effects);
            }
            Phase::Farewell(farewell) => {
                if !farewell.owns(&header) {
                    return Err(DropReason::UnknownSpi);
                }
                if let Some(reason) = farewell.handle(&message)? {
                    self.end(reason);
                }
            }
            Phase::Closed => return Err(DropReason::NotExpected),
        }
        if header.kind == MessageKind::Request {
            tracing::debug!(exchange = %header.exchange, "request of the gateway answered");
        }
        Ok(())
    }

    /// What was dropped may be a hint that something is wrong.
    fn take_hint(&mut self, now: Instant, datagram: Datagram<'_>) -> Option<DropReason> {
        let Phase::Established(sas) = &mut self.phase else {
            return None;
        };
        let hint = Hint::read(datagram.octets)?;
        let ours = sas.hint(now, &self.config.patience, hint);
        ours.then(|| DropReason::Hint(hint.notify()))
    }

    /// Takes the signature for [`Event::Sign`]; `None` if the key holder refused.
    pub fn handle_signature(&mut self, now: Instant, id: u64, signature: Option<&[u8]>) {
        if let Phase::Handshake(handshake) = &mut self.phase {
            let random = self.random.0.as_mut();
            let step = handshake.handle_signature(&self.config, now, random, (id, signature));
            self.apply(now, step);
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        match &mut self.phase {
            Phase::Handshake(handshake) => {
                let step = handshake.handle_timeout(&self.config, now);
                self.apply(now, step);
            }
            Phase::Established(sas) => {
                if now >= sas.current().keepalive_due(&self.config) {
                    sas.current().spoke(now);
                    self.transmits.push_back(Transmit {
                        // RFC 3948, section 2.3: a keepalive is the one octet 0xFF.
                        octets: vec![0xff],
                        to: self.config.gateway.socket(Transport::Udp4500),
                        transport: Transport::Udp4500,
                    });
                }
                let mut step = ike_sa::Step {
                    config: &self.config,
                    now,
                    random: self.random.0.as_mut(),
                };
                let effects = sas.handle_timeout(&mut step);
                self.settle(now, effects);
            }
            Phase::Farewell(farewell) => {
                match farewell.handle_timeout(now, &self.config.patience) {
                    Ok(datagrams) => self.send(Transport::Udp4500, datagrams),
                    Err(reason) => self.end(reason),
                }
            }
            Phase::Closed => {}
        }
    }

    /// An ESP packet of the gateway was authentic at `received`, or we sent one at `sent`: no
    /// liveness check and no keepalive is needed for a while.
    pub fn handle_traffic(&mut self, received: Option<Instant>, sent: Option<Instant>) {
        if let Phase::Established(sas) = &mut self.phase {
            if let Some(at) = received {
                sas.current().heard(at);
            }
            if let Some(at) = sent {
                sas.current().spoke(at);
            }
        }
    }

    /// Our address, or the way to the gateway, is another one: we roamed, or woke up. `local` is
    /// [`Config::local`] anew.
    ///
    /// What waits for a response is sent again at once. An established IKE SA then tells the gateway
    /// (RFC 4555), which gives [`Event::Moved`] or [`Event::MoveRefused`]; without MOBIKE it asks
    /// whether the gateway lives.
    pub fn handle_path_change(&mut self, now: Instant, local: Option<SocketAddr>) {
        self.config.local = local;
        match &mut self.phase {
            Phase::Handshake(handshake) => {
                let step = handshake.handle_path_change(&self.config, now);
                self.apply(now, step);
            }
            Phase::Established(sas) => {
                let mut step = ike_sa::Step {
                    config: &self.config,
                    now,
                    random: self.random.0.as_mut(),
                };
                let effects = sas.handle_path_change(&mut step);
                self.settle(now, effects);
            }
            Phase::Farewell(farewell) => {
                let datagrams = farewell.again(now, &self.config.patience);
                self.send(Transport::Udp4500, datagrams);
            }
            Phase::Closed => {}
        }
    }

    /// Somebody doubts that the gateway lives: a request goes out, unless one is out already.
    pub fn check_liveness(&mut self) {
        if let Phase::Established(sas) = &mut self.phase {
            sas.current().doubt();
        }
    }

    /// Somebody says what nobody can prove: an ICMP error, say. The gateway is asked whether it lives,
    /// once in [`Patience::hint`](crate::Patience::hint) and not more often.
    pub fn handle_hint(&mut self, now: Instant) {
        if let Phase::Established(sas) = &mut self.phase {
            sas.doubt(now, &self.config.patience);
        }
    }

    /// So much went through a Child SA: new keys are made before the old ones have carried too much.
    /// May be called as often as you like.
    pub fn handle_usage(&mut self, now: Instant, usage: Usage) {
        if let Phase::Established(sas) = &mut self.phase {
            sas.handle_usage(now, &usage);
        }
    }

    /// Since when a request of ours waits for its response, once the IKE SA is established.
    pub fn unanswered_since(&mut self) -> Option<Instant> {
        match &mut self.phase {
            Phase::Established(sas) => sas.current().unanswered_since(),
            Phase::Handshake(_) | Phase::Farewell(_) | Phase::Closed => None,
        }
    }

    /// New keys for the Child SA: the old ones have carried enough.
    pub fn rekey_child(&mut self, now: Instant) {
        if let Phase::Established(sas) = &mut self.phase {
            sas.current().rekey_child_now(now);
        }
    }

    /// New keys for the IKE SA.
    pub fn rekey_ike(&mut self, now: Instant) {
        if let Phase::Established(sas) = &mut self.phase {
            sas.current().rekey_ike_now(now);
        }
    }

    /// Whether new keys are being made, or old ones not yet gone.
    pub fn is_rekeying(&self) -> bool {
        self.sas().is_some_and(Sas::is_rekeying)
    }

    /// When new keys are due: for the IKE SA, and for the Child SA.
    pub fn rekeys_at(&self) -> Option<(Instant, Option<Instant>)> {
        self.sas().map(Sas::rekeys_at)
    }

    /// How long the gateway took for the last answer that needed one attempt.
    pub fn round_trip(&self) -> Option<Duration> {
        self.sas().and_then(Sas::round_trip)
    }

    /// How many SAs and requests there are.
    pub fn load(&self) -> Load {
        self.sas().map(Sas::load).unwrap_or_default()
    }

    fn sas(&self) -> Option<&Sas> {
        match &self.phase {
            Phase::Established(sas) => Some(sas),
            Phase::Handshake(_) | Phase::Farewell(_) | Phase::Closed => None,
        }
    }

    /// Says goodbye; [`Event::Closed`] follows, at once or when the gateway answered.
    pub fn close(&mut self, now: Instant) {
        self.close_for(now, CloseReason::Closed);
    }

    fn close_for(&mut self, now: Instant, reason: CloseReason) {
        match std::mem::replace(&mut self.phase, Phase::Closed) {
            Phase::Established(sas) => {
                let mut step = ike_sa::Step {
                    config: &self.config,
                    now,
                    random: self.random.0.as_mut(),
                };
                let farewell = sas.close(&mut step, reason);
                self.leave(farewell);
            }
            Phase::Handshake(_) => self.end(reason),
            leaving @ (Phase::Farewell(_) | Phase::Closed) => self.phase = leaving,
        }
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When to call [`Client::handle_timeout`], and what for.
    pub fn poll_timeout(&self) -> Option<Deadline> {
        match &self.phase {
            Phase::Handshake(handshake) => {
                let timer = Timer::Retransmit;
                handshake.due().map(|at| Deadline { at, timer })
            }
            Phase::Established(sas) => {
                let (at, asked) = sas.due(&self.config);
                let timer = if asked {
                    Timer::Retransmit
                } else {
                    Timer::Liveness
                };
                let keepalive = sas.keepalive_due(&self.config);
                Some(if keepalive < at {
                    Deadline {
                        at: keepalive,
                        timer: Timer::Keepalive,
                    }
                } else {
                    Deadline { at, timer }
                })
            }
            Phase::Farewell(farewell) => Some(Deadline {
                at: farewell.due(),
                timer: Timer::Retransmit,
            }),
            Phase::Closed => None,
        }
    }

    /// The only place that leaves the handshake.
    fn apply(&mut self, now: Instant, step: Step) {
        for (transport, datagrams) in step.transmits {
            self.send(transport, datagrams);
        }
        self.events.extend(step.events);
        match step.end {
            None => {}
            Some(End::Done(auth, proven, established)) => {
                let mut step = ike_sa::Step {
                    config: &self.config,
                    now,
                    random: self.random.0.as_mut(),
                };
                let lifetime = auth.lifetime.map(Event::AuthLifetime);
                let ike_sa = IkeSa::new(&mut step, *auth, proven, &established);
                self.phase = Phase::Established(Box::new(Sas::new(ike_sa)));
                self.events.push_back(Event::Established(established));
                self.events.extend(lifetime);
            }
            Some(End::Abandon(auth, reason)) => {
                let random = self.random.0.as_mut();
                let why = (&self.config.patience, reason);
                let farewell = Farewell::start(auth.channel, auth.next_id, now, random, why);
                self.leave(farewell);
            }
            Some(End::Failed(reason)) => self.end(reason),
        }
    }

    fn settle(&mut self, now: Instant, effects: Effects) {
        if let Some(answer) = effects.answer {
            let (to, transport) = self.asked_from;
            self.send_to(to, transport, answer.datagrams);
        }
        self.send(Transport::Udp4500, effects.datagrams);
        for child in effects.children {
            self.events.push_back(match child {
                ChildEvent::Ours(sa) => Event::ChildSaUp(sa, Maker::Us),
                ChildEvent::Theirs(sa) => Event::ChildSaUp(sa, Maker::Gateway),
                ChildEvent::Down(spi_in) => Event::ChildSaDown(spi_in),
            });
        }
        self.events.extend(effects.events);
        if let Some(reason) = effects.closed {
            self.end(reason);
        } else if let Some(reason) = effects.left {
            self.close_for(now, reason);
        }
    }

    fn send(&mut self, transport: Transport, datagrams: Vec<Vec<u8>>) {
        self.send_to(self.config.gateway.socket(transport), transport, datagrams);
    }

    fn send_to(&mut self, to: SocketAddr, transport: Transport, datagrams: Vec<Vec<u8>>) {
        for message in datagrams {
            let octets = match transport {
                Transport::Udp500 => message,
                // RFC 3948, section 2.2: four zero octets where an ESP packet has its SPI.
                Transport::Udp4500 => [&[0; 4], message.as_slice()].concat(),
            };
            self.transmits.push_back(Transmit {
                octets,
                to,
                transport,
            });
        }
    }

    fn leave(&mut self, farewell: Farewell) {
        self.send(Transport::Udp4500, farewell.datagrams());
        self.phase = Phase::Farewell(Box::new(farewell));
    }

    fn end(&mut self, reason: CloseReason) {
        self.phase = Phase::Closed;
        self.events.push_back(Event::Closed(reason));
    }
}
