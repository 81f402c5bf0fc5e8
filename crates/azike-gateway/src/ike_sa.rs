//! One IKE SA of the gateway, from its first response to its end: the keys, and both windows of
//! Message IDs (RFC 7296, sections 2.1 to 2.3).
//!
//! ```text
//!              handle ─▶ answer   what the client asks
//!                 └────▶ task     what the client answers ◀─ advance ◀─ wishes
//!      handle_timeout ─▶ clock    what is due             ──────────────▲
//!                                 estate: what a new IKE SA inherits
//! ```

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Instant;

use azike_wire::{EspSpi, ExchangeType, Message, MessageId, MessageKind, Payloads, Spi};

use self::clock::Clock;
use self::estate::Estate;
use self::task::Wish;
use crate::basis::Basis;
use crate::channel::Channel;
use crate::child::Lease;
use crate::children::{Child, Children, Fate, Made};
use crate::context::Context;
use crate::draft::Draft;
use crate::event::{ChildSa, Event, Maker};
use crate::incoming::Incoming;
use crate::login::Login;
use crate::lying::{self, At};
use crate::policy::Policy;
use crate::request::Request;
use crate::sa_init::{Accepted, Peer, Transcript};

mod answer;
mod clock;
pub(crate) mod estate;
mod moves;
pub(crate) mod task;

/// An IKE SA.
#[derive(Debug)]
pub(crate) struct IkeSa {
    pub(crate) basis: Basis,
    pub(crate) peer: Peer,
    /// Where the client was at first.
    pub(crate) first: Peer,
    /// How it began, if not by a rekey.
    pub(crate) init: Option<Init>,
    pub(crate) children: Children,
    /// The IKE SA that took its place, and who asked for that one.
    heir: Option<(Spi, Maker)>,
    addresses: Vec<IpAddr>,
    /// Who the client is, once it has logged in.
    pub(crate) id_i: Vec<u8>,
    /// Both know MOBIKE.
    mobike: bool,
    channel: Channel,
    login: Login,
    auth_responses: u32,
    expected: u32,
    /// Datagrams of the request that is being put together.
    pieces: Vec<Vec<u8>>,
    answered: Option<Answered>,
    next_id: u32,
    request: Option<Request>,
    wishes: VecDeque<Wish>,
    clock: Clock,
}

/// What is kept of `IKE_SA_INIT`.
#[derive(Debug)]
pub(crate) struct Init {
    pub(crate) transcript: Transcript,
    /// The response, for when the request comes again.
    pub(crate) response: Vec<Vec<u8>>,
    pub(crate) lease: Lease,
}

/// The last request of the client, and the answer to it.
#[derive(Debug)]
struct Answered {
    request: Vec<Vec<u8>>,
    response: Vec<Vec<u8>>,
}

/// What came of a step.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// For who sent the message.
    pub(crate) responses: Vec<Vec<u8>>,
    /// For where the client is, or might be.
    pub(crate) requests: Vec<(Peer, Vec<u8>)>,
    pub(crate) events: Vec<Event>,
    /// A new IKE SA.
    pub(crate) made: Option<Box<IkeSa>>,
    /// Which IKE SA takes the place of this one, and gets what.
    pub(crate) legacy: Option<(Spi, Estate)>,
    /// The client has no IKE SA but this one.
    pub(crate) initial_contact: bool,
    /// The IKE SA that the client never took in place of this one: its legacy is this one's.
    pub(crate) reclaimed: Option<Spi>,
    pub(crate) over: bool,
}

impl IkeSa {
    /// Begins after an `IKE_SA_INIT` exchange.
    pub(crate) fn new(
        context: &Context<'_>,
        accepted: Accepted,
        (peer, lease): (Peer, Lease),
        response: Vec<Vec<u8>>,
    ) -> Self {
        let clock = Clock::half_open(context.now);
        let init = Init {
            transcript: accepted.transcript,
            response,
            lease,
        };
        Self {
            init: Some(init),
            login: Login::Waiting,
            expected: 1,
            ..Self::with_basis(context, accepted.basis, peer, clock)
        }
    }

    /// Begins in place of another one.
    fn rekeyed(context: &Context<'_>, basis: Basis, peer: Peer) -> Self {
        let clock = Clock::waiting(context.now);
        Self::with_basis(context, basis, peer, clock)
    }

    fn with_basis(context: &Context<'_>, basis: Basis, peer: Peer, clock: Clock) -> Self {
        Self {
            channel: Channel::new(&basis, context.policy().fragment_size),
            basis,
            peer,
            first: peer,
            init: None,
            children: Children::default(),
            heir: None,
            addresses: Vec::new(),
            id_i: Vec::new(),
            mobike: false,
            login: Login::Done,
            auth_responses: 0,
            expected: 0,
            pieces: Vec::new(),
            answered: None,
            next_id: 0,
            request: None,
            wishes: VecDeque::new(),
            clock,
        }
    }

    /// Takes a message with this SA's responder SPI.
    pub(crate) fn handle(
        &mut self,
        context: &mut Context<'_>,
        from: Peer,
        message: &Message<'_>,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let header = message.header();
        if header.spi_i != self.basis.spi_i || header.sender != self.basis.role.peer() {
            return outcome;
        }
        match header.kind {
            MessageKind::Request => self.handle_request(context, from, message, &mut outcome),
            MessageKind::Response => self.handle_response(context, from, message, &mut outcome),
        }
        self.advance(context, &mut outcome);
        outcome
    }

    fn handle_request(
        &mut self,
        context: &mut Context<'_>,
        from: Peer,
        message: &Message<'_>,
        outcome: &mut Outcome,
    ) {
        let header = message.header();
        if let Some(answered) = &self.answered
            && answered.request.first().map(Vec::as_slice) == Some(message.octets())
        {
            outcome.responses.clone_from(&answered.response);
            let again = Event::Retransmission(header.message_id);
            outcome.events.push(again);
            return;
        }
        if header.message_id.0 != self.expected {
            return;
        }
        self.keep_piece(message);
        let Some((first, plaintext)) = self.channel.open(message) else {
            return;
        };
        let Ok(incoming) = Incoming::collect(Payloads::new(first, &plaintext)) else {
            return;
        };
        self.hear(context, from, outcome);
        let draft = self.answer(context, (header.exchange, from), &incoming, outcome);
        outcome.responses = self.respond(context, header.exchange, draft);
    }

    fn keep_piece(&mut self, message: &Message<'_>) {
        let octets = message.octets().to_vec();
        if !self.pieces.contains(&octets) {
            self.pieces.push(octets);
        }
    }

    fn handle_response(
        &mut self,
        context: &mut Context<'_>,
        from: Peer,
        message: &Message<'_>,
        outcome: &mut Outcome,
    ) {
        let header = message.header();
        let awaited = self.request.as_ref().is_some_and(|request| {
            request.message_id == header.message_id && request.exchange == header.exchange
        });
        if !awaited {
            return;
        }
        let Some((first, plaintext)) = self.channel.open(message) else {
            return;
        };
        let Some(request) = self.request.take() else {
            return;
        };
        self.hear(context, from, outcome);
        outcome.events.push(Event::Answered(header.message_id));
        let incoming = Incoming::collect(Payloads::new(first, &plaintext));
        let incoming = incoming.unwrap_or_default();
        self.finish(context, request.task, (from, &incoming), outcome);
    }

    /// Which lies are told in this message.
    fn place(&mut self, exchange: ExchangeType, kind: MessageKind) -> At {
        match (exchange, kind) {
            (ExchangeType::IKE_AUTH, MessageKind::Response) => {
                self.auth_responses += 1;
                At::Auth(self.auth_responses)
            }
            (ExchangeType::CREATE_CHILD_SA, _) => At::CreateChild(kind),
            (ExchangeType::INFORMATIONAL, _) => At::Informational(kind),
            _ => At::Later,
        }
    }

    /// A message, with the lies that are told in it.
    fn seal(
        &mut self,
        context: &mut Context<'_>,
        (exchange, kind, id): (ExchangeType, MessageKind, u32),
        mut draft: Draft,
    ) -> Vec<Vec<u8>> {
        let at = self.place(exchange, kind);
        let lies = &context.policy().lies;
        lying::change_draft(lies, at, &mut draft);
        let (first, mut plaintext) = draft.encode();
        lying::change_plaintext(lies, at, &mut plaintext);
        let header = (exchange, kind, MessageId(id));
        let mut datagrams = self
            .channel
            .seal(context.random, header, (first, &plaintext));
        lying::change_sealed(lies, at, &mut datagrams);
        datagrams
    }

    fn respond(
        &mut self,
        context: &mut Context<'_>,
        exchange: ExchangeType,
        draft: Draft,
    ) -> Vec<Vec<u8>> {
        let header = (exchange, MessageKind::Response, self.expected);
        let response = self.seal(context, header, draft);
        self.expected = self.expected.wrapping_add(1);
        self.answered = Some(Answered {
            request: std::mem::take(&mut self.pieces),
            response: response.clone(),
        });
        response
    }

    /// There is a new Child SA; `old` is the one that it replaces.
    fn adopt(
        &mut self,
        context: &mut Context<'_>,
        made: Made,
        (maker, replaces): (Maker, Option<EspSpi>),
        outcome: &mut Outcome,
    ) {
        self.children.insert(Child {
            spi_in: made.spi_in,
            spi_out: made.spi_out,
            ours: made.ours,
            theirs: made.theirs,
            fate: Fate::Used,
            replaces: replaces.filter(|_| maker == Maker::Client),
            rekey_at: clock::child_rekey(context),
        });
        outcome.events.push(Event::ChildSa(Box::new(ChildSa {
            spi_r: self.basis.spi_r,
            peer: self.peer.address,
            maker,
            replaces,
            spi_in: made.spi_in,
            spi_out: made.spi_out,
            algorithms: made.algorithms,
            inbound: made.inbound,
            outbound: made.outbound,
            addresses: self.addresses.clone(),
        })));
    }

    /// When there is something to do, in the absence of messages.
    pub(crate) fn due(&self, policy: &Policy) -> Option<Instant> {
        clock::due(self, policy)
    }
}
