//! The end of an IKE SA that the gateway still holds (RFC 7296, sections 1.4.1 and 2.21.2).
//!
//! ```text
//!  HDR, SK { D | N(AUTHENTICATION_FAILED) }  -->
//!                                            <--  HDR, SK { }
//! ```
//!
//! Short: the user waits for it.

use std::time::{Duration, Instant};

use azike_crypto::Random;
use azike_wire::{ExchangeType, Header, Message, MessageId, MessageKind};

use crate::channel::Channel;
use crate::config::Patience;
use crate::goodbye::goodbye;
use crate::payload_set::PayloadSet;
use crate::reason::{CloseReason, DropReason};
use crate::request::{Overdue, Request};
use crate::transmit::Transport;

/// How long a goodbye may take.
const LIMIT: Duration = Duration::from_secs(2);

/// An IKE SA that said goodbye.
#[derive(Debug)]
pub(crate) struct Farewell {
    channel: Channel,
    request: Request,
    reason: CloseReason,
}

impl Farewell {
    /// Says goodbye for `reason` with the next free Message ID.
    pub(crate) fn start(
        mut channel: Channel,
        next_id: u32,
        now: Instant,
        random: &mut dyn Random,
        (patience, reason): (&Patience, CloseReason),
    ) -> Self {
        let chain = goodbye(&reason);
        let (exchange, id) = (ExchangeType::INFORMATIONAL, MessageId(next_id));
        let datagrams = channel.seal(random, exchange, MessageKind::Request, id, chain);
        let transport = Transport::Udp4500;
        let limit = (patience, LIMIT);
        Self {
            channel,
            request: Request::new(now, (exchange, id), datagrams, transport, limit),
            reason,
        }
    }

    /// Whether a message with this header belongs here.
    pub(crate) fn owns(&self, header: &Header) -> bool {
        self.channel.owns(header)
    }

    /// What to send at the start.
    pub(crate) fn datagrams(&self) -> Vec<Vec<u8>> {
        self.request.datagrams().to_vec()
    }

    /// Takes a message; the reason for the end once the gateway has answered.
    pub(crate) fn handle(
        &mut self,
        message: &Message<'_>,
    ) -> Result<Option<CloseReason>, DropReason> {
        let header = message.header();
        if header.kind == MessageKind::Request {
            return Err(DropReason::NotExpected);
        }
        if header.message_id != self.request.message_id {
            return Err(DropReason::WrongMessageId);
        }
        let protected = PayloadSet::collect(message.payloads())?.protected()?;
        let opened = self.channel.open(message, &protected)?;
        Ok(opened.map(|_| self.reason.clone()))
    }

    /// What to send again, or the end.
    pub(crate) fn handle_timeout(
        &mut self,
        now: Instant,
        patience: &Patience,
    ) -> Result<Vec<Vec<u8>>, CloseReason> {
        match self.request.overdue(now, patience.longest) {
            Overdue::Wait => Ok(Vec::new()),
            Overdue::Resend(datagrams) => Ok(datagrams.to_vec()),
            Overdue::GiveUp(_) => Err(self.reason.clone()),
        }
    }

    /// What to send at once by another path.
    pub(crate) fn again(&mut self, now: Instant, patience: &Patience) -> Vec<Vec<u8>> {
        self.request.again(now, (patience, LIMIT))
    }

    /// When to look again.
    pub(crate) fn due(&self) -> Instant {
        self.request.due()
    }
}
