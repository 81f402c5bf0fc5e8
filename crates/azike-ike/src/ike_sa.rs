//! An established IKE SA: both windows of Message IDs (RFC 7296, sections 2.2 and 2.3).
//!
//! A request of the gateway is answered once; the same request again gets the
//! same octets again. What can change anything here is an [`Opened`].

use std::time::Instant;

use azike_crypto::Random;
use azike_wire::{Chain, EspSpi, ExchangeType, Message, MessageId, MessageKind, Spi};

use crate::auth::{Auth, Proven};
use crate::channel::{Channel, Opened};
use crate::config::Patience;
use crate::farewell::Farewell;
use crate::informational::{self, Answer};
use crate::payload_set::{PayloadSet, Protected};
use crate::reason::{CloseReason, DropReason};
use crate::request::{Overdue, Request};
use crate::transmit::Transport;

/// An IKE SA whose gateway is proven.
#[derive(Debug)]
pub(crate) struct IkeSa {
    channel: Channel,
    #[expect(
        dead_code,
        reason = "the evidence without which this value cannot be made"
    )]
    proven: Proven,
    child: Option<(EspSpi, EspSpi)>,
    request: Option<Request>,
    next_id: u32,
    expected: u32,
    answered: Option<Answered>,
    heard: Instant,
    spoke: Instant,
}

/// The last request of the gateway, and our answer.
#[derive(Debug)]
struct Answered {
    request: Vec<u8>,
    response: Vec<Vec<u8>>,
}

/// What came of a message or a deadline.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Nothing to send.
    Quiet,
    /// Send these.
    Send(Vec<Vec<u8>>),
    /// Send these; the Child SA with this SPI of ours is gone.
    ChildDown(Vec<Vec<u8>>, EspSpi),
    /// Send these; the IKE SA is gone.
    Closed(Vec<Vec<u8>>, CloseReason),
}

impl IkeSa {
    /// The IKE SA that an authenticated candidate became.
    pub(crate) fn new(
        now: Instant,
        auth: Auth,
        proven: Proven,
        child: Option<(EspSpi, EspSpi)>,
    ) -> Self {
        Self {
            channel: auth.channel,
            proven,
            child,
            request: None,
            next_id: auth.next_id,
            expected: 0,
            answered: None,
            heard: now,
            spoke: now,
        }
    }

    /// SPI of the responder.
    pub(crate) fn spi_r(&self) -> Spi {
        self.channel.spi_r()
    }

    /// ESP of the gateway was authentic: it lives.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.heard = self.heard.max(now);
    }

    /// Something of ours kept the NAT mapping alive.
    pub(crate) fn spoke(&mut self, now: Instant) {
        self.spoke = self.spoke.max(now);
    }

    /// Takes a message of the gateway.
    pub(crate) fn handle(
        &mut self,
        now: Instant,
        random: &mut dyn Random,
        message: &Message<'_>,
    ) -> Result<Outcome, DropReason> {
        let protected = PayloadSet::collect(message.payloads())?.protected()?;
        match message.header().kind {
            MessageKind::Request => self.handle_request(now, random, message, &protected),
            MessageKind::Response => self.handle_response(now, message, &protected),
        }
    }

    fn handle_request(
        &mut self,
        now: Instant,
        random: &mut dyn Random,
        message: &Message<'_>,
        protected: &Protected<'_>,
    ) -> Result<Outcome, DropReason> {
        let id = message.header().message_id.0;
        //= https://www.rfc-editor.org/rfc/rfc7296#section-2.1
        //# a retransmission from the initiator MUST trigger a retransmission
        //# from the responder
        if let Some(answered) = &self.answered
            && id.checked_add(1) == Some(self.expected)
            && answered.request == message.octets()
        {
            return Ok(Outcome::Send(answered.response.clone()));
        }
        if id != self.expected {
            return Err(DropReason::WrongMessageId);
        }
        let Some(opened) = self.channel.open(message, protected)? else {
            return Ok(Outcome::Quiet);
        };
        self.heard(now);
        let answer = informational::answer(&opened, self.child)?;
        let response = self.respond(random, &opened, message.octets(), answer.chain());
        Ok(match answer {
            Answer::Alive | Answer::Decline(_) => Outcome::Send(response),
            Answer::ChildDeleted { spi_in } => {
                self.child = None;
                Outcome::ChildDown(response, spi_in)
            }
            Answer::Deleted => Outcome::Closed(response, CloseReason::Deleted),
        })
    }

    fn respond(
        &mut self,
        random: &mut dyn Random,
        opened: &Opened,
        request: &[u8],
        chain: Chain,
    ) -> Vec<Vec<u8>> {
        let header = opened.header();
        let (exchange, id) = (header.exchange, header.message_id);
        let response = self
            .channel
            .seal(random, exchange, MessageKind::Response, id, chain);
        self.expected = self.expected.wrapping_add(1);
        self.answered = Some(Answered {
            request: request.to_vec(),
            response: response.clone(),
        });
        response
    }

    fn handle_response(
        &mut self,
        now: Instant,
        message: &Message<'_>,
        protected: &Protected<'_>,
    ) -> Result<Outcome, DropReason> {
        let header = message.header();
        let request = self.request.as_ref().ok_or(DropReason::NotExpected)?;
        if request.message_id != header.message_id || request.exchange != header.exchange {
            return Err(DropReason::WrongMessageId);
        }
        if self.channel.open(message, protected)?.is_none() {
            return Ok(Outcome::Quiet);
        }
        self.heard(now);
        self.request = None;
        Ok(Outcome::Quiet)
    }

    /// Says goodbye for `reason`. A request that is still out is given up.
    pub(crate) fn close(
        self,
        now: Instant,
        random: &mut dyn Random,
        patience: &Patience,
        reason: CloseReason,
    ) -> Farewell {
        Farewell::start(self.channel, self.next_id, now, random, (patience, reason))
    }

    fn ask(
        &mut self,
        now: Instant,
        random: &mut dyn Random,
        patience: &Patience,
        chain: Chain,
    ) -> Vec<Vec<u8>> {
        let id = MessageId(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
        let exchange = ExchangeType::INFORMATIONAL;
        let datagrams = self
            .channel
            .seal(random, exchange, MessageKind::Request, id, chain);
        let sent = datagrams.clone();
        let limit = (patience, patience.established);
        let transport = Transport::Udp4500;
        self.request = Some(Request::new(
            now,
            (exchange, id),
            datagrams,
            transport,
            limit,
        ));
        self.spoke = now;
        sent
    }

    /// What is due at `now`.
    pub(crate) fn handle_timeout(
        &mut self,
        now: Instant,
        random: &mut dyn Random,
        patience: &Patience,
    ) -> Outcome {
        if let Some(request) = &mut self.request {
            return match request.overdue(now, patience.longest) {
                Overdue::Wait => Outcome::Quiet,
                Overdue::Resend(datagrams) => Outcome::Send(datagrams.to_vec()),
                Overdue::GiveUp(silence) => Outcome::Closed(Vec::new(), silence),
            };
        }
        if now >= self.heard + patience.liveness {
            return Outcome::Send(self.ask(now, random, patience, Chain::new()));
        }
        Outcome::Quiet
    }

    /// When our request, or else the next liveness check, is due.
    pub(crate) fn due(&self, patience: &Patience) -> (Instant, bool) {
        match &self.request {
            Some(request) => (request.due(), true),
            None => (self.heard + patience.liveness, false),
        }
    }

    /// When the NAT wants to see something of us.
    pub(crate) fn keepalive_due(&self, patience: &Patience) -> Instant {
        self.spoke + patience.keepalive
    }
}
