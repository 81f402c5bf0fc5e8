//! One IKE SA of the gateway, from the `IKE_SA_INIT` response to its end: the keys, and both
//! windows of Message IDs (RFC 7296, sections 2.1 to 2.3).

use std::time::Instant;

use azike_crypto::Random;
use azike_wire::{EspSpi, ExchangeType, Message, MessageId, MessageKind, NotifyType, Payloads};

use crate::channel::Channel;
use crate::child::Lease;
use crate::client_trust::ClientTrust;
use crate::config::Config;
use crate::draft::Draft;
use crate::event::Event;
use crate::incoming::Incoming;
use crate::informational::{self, Meaning};
use crate::login::{Desk, Login};
use crate::lying::{self, At};
use crate::request::Request;
use crate::sa_init::{Accepted, Peer};

/// An IKE SA.
#[derive(Debug)]
pub(crate) struct IkeSa {
    pub(crate) init: Accepted,
    pub(crate) peer: Peer,
    /// The response to `IKE_SA_INIT`, for when the request comes again.
    pub(crate) init_response: Vec<Vec<u8>>,
    pub(crate) child: Option<(EspSpi, EspSpi)>,
    channel: Channel,
    lease: Lease,
    login: Login,
    auth_responses: u32,
    expected: u32,
    /// Datagrams of the request that is being put together.
    pieces: Vec<Vec<u8>>,
    answered: Option<Answered>,
    next_id: u32,
    request: Option<Request>,
}

/// The last request of the client, and the answer to it.
#[derive(Debug)]
struct Answered {
    request: Vec<Vec<u8>>,
    response: Vec<Vec<u8>>,
}

/// What came of a message.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) datagrams: Vec<Vec<u8>>,
    pub(crate) events: Vec<Event>,
    pub(crate) over: bool,
}

impl IkeSa {
    /// Begins after an `IKE_SA_INIT` exchange.
    pub(crate) fn new(
        config: &Config,
        init: Accepted,
        (peer, lease): (Peer, Lease),
        init_response: Vec<Vec<u8>>,
    ) -> Self {
        let size = config.policy.fragment_size.filter(|_| init.fragments);
        let channel = Channel::new(init.spi_i, init.spi_r, &init.keys, size);
        Self {
            init,
            peer,
            init_response,
            child: None,
            channel,
            lease,
            login: Login::Waiting,
            auth_responses: 0,
            expected: 1,
            pieces: Vec::new(),
            answered: None,
            next_id: 0,
            request: None,
        }
    }

    /// Takes a message with this SA's SPIs.
    pub(crate) fn handle(
        &mut self,
        (config, trust): (&Config, &ClientTrust),
        now: Instant,
        random: &mut dyn Random,
        message: &Message<'_>,
    ) -> Outcome {
        match message.header().kind {
            MessageKind::Request => self.handle_request((config, trust), now, random, message),
            MessageKind::Response => self.handle_response(message),
        }
    }

    fn handle_request(
        &mut self,
        (config, trust): (&Config, &ClientTrust),
        now: Instant,
        random: &mut dyn Random,
        message: &Message<'_>,
    ) -> Outcome {
        let header = message.header();
        if let Some(answered) = &self.answered
            && answered.request.first().map(Vec::as_slice) == Some(message.octets())
        {
            return Outcome {
                datagrams: answered.response.clone(),
                events: vec![Event::Retransmission(header.message_id)],
                over: false,
            };
        }
        if header.message_id.0 != self.expected {
            return Outcome::default();
        }
        let octets = message.octets().to_vec();
        if !self.pieces.contains(&octets) {
            self.pieces.push(octets);
        }
        let Some((first, plaintext)) = self.channel.open(message) else {
            return Outcome::default();
        };
        let Ok(incoming) = Incoming::collect(Payloads::new(first, &plaintext)) else {
            return Outcome::default();
        };
        let (draft, mut outcome) = match header.exchange {
            ExchangeType::IKE_AUTH => self.answer_auth((config, trust), now, &incoming),
            ExchangeType::INFORMATIONAL => self.answer_informational(&incoming),
            _ => {
                let mut draft = Draft::new();
                draft.notify(NotifyType::NO_ADDITIONAL_SAS, &[]);
                (draft, Outcome::default())
            }
        };
        let at = self.count_response(header.exchange);
        outcome.datagrams = self.respond(config, random, (header.exchange, at), draft);
        outcome
    }

    fn count_response(&mut self, exchange: ExchangeType) -> At {
        if exchange == ExchangeType::IKE_AUTH {
            self.auth_responses += 1;
            At::Auth(self.auth_responses)
        } else {
            At::Later
        }
    }

    fn answer_auth(
        &mut self,
        (config, trust): (&Config, &ClientTrust),
        now: Instant,
        incoming: &Incoming<'_>,
    ) -> (Draft, Outcome) {
        let login = std::mem::replace(&mut self.login, Login::Failed);
        let desk = Desk {
            config,
            trust,
            init: &self.init,
            peer: self.peer,
            lease: self.lease,
            now: config.wall_clock.read(now),
        };
        let answer = login.handle(desk, incoming);
        self.login = answer.next;
        let mut outcome = Outcome::default();
        if let Some(child) = answer.child {
            self.child = Some((child.spi_in, child.spi_out));
            outcome.events.push(Event::ChildSa(Box::new(child)));
        }
        outcome.events.extend(answer.failed.map(Event::LoginFailed));
        (answer.draft, outcome)
    }

    fn answer_informational(&mut self, incoming: &Incoming<'_>) -> (Draft, Outcome) {
        let (draft, meaning) = informational::answer(incoming, self.child);
        let mut outcome = Outcome::default();
        match meaning {
            Meaning::Alive => {}
            Meaning::ChildDeleted(spi) => {
                self.child = None;
                outcome.events.push(Event::ChildSaDeleted(spi));
            }
            Meaning::Deleted => {
                outcome.events.push(Event::IkeSaDeleted(self.init.spi_r));
                outcome.over = true;
            }
            Meaning::Refused(notify) => {
                let event = Event::ClientRefused(self.init.spi_r, notify);
                outcome.events.push(event);
                outcome.over = true;
            }
        }
        (draft, outcome)
    }

    fn respond(
        &mut self,
        config: &Config,
        random: &mut dyn Random,
        (exchange, at): (ExchangeType, At),
        mut draft: Draft,
    ) -> Vec<Vec<u8>> {
        let lies = &config.policy.lies;
        lying::change_draft(lies, at, &mut draft);
        let (first, mut plaintext) = draft.encode();
        lying::change_plaintext(lies, at, &mut plaintext);
        let id = MessageId(self.expected);
        let place = (exchange, MessageKind::Response, id);
        let mut response = self.channel.seal(random, place, (first, &plaintext));
        lying::change_sealed(lies, at, &mut response);
        self.expected = self.expected.wrapping_add(1);
        self.answered = Some(Answered {
            request: std::mem::take(&mut self.pieces),
            response: response.clone(),
        });
        response
    }

    fn handle_response(&mut self, message: &Message<'_>) -> Outcome {
        let header = message.header();
        let mut outcome = Outcome::default();
        let awaited = self.request.as_ref().is_some_and(|request| {
            request.message_id == header.message_id && request.exchange == header.exchange
        });
        if awaited && self.channel.open(message).is_some() {
            self.request = None;
            outcome.events.push(Event::Answered(header.message_id));
        }
        outcome
    }

    /// Sends a request of ours.
    pub(crate) fn ask(
        &mut self,
        config: &Config,
        now: Instant,
        random: &mut dyn Random,
        (exchange, draft): (ExchangeType, &Draft),
    ) -> Vec<Vec<u8>> {
        let id = MessageId(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
        let (first, plaintext) = draft.encode();
        let place = (exchange, MessageKind::Request, id);
        let datagrams = self.channel.seal(random, place, (first, &plaintext));
        let wait = config.policy.retransmit;
        self.request = Some(Request::new(now, (exchange, id), datagrams.clone(), wait));
        datagrams
    }

    /// When a request of ours is due again.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.request.as_ref().and_then(Request::due)
    }

    /// What to send again at `now`.
    pub(crate) fn resend(&mut self, now: Instant) -> Vec<Vec<u8>> {
        let request = self.request.as_mut();
        let datagrams = request.and_then(|request| request.resend(now));
        datagrams.unwrap_or_default().to_vec()
    }
}
