//! One request of ours that waits for its response (RFC 7296, section 2.1).
//!
//! The only place that counts retransmissions. What is sent again is the same
//! octets; who calls knows what they mean.

use std::time::{Duration, Instant};

use azike_wire::{ExchangeType, MessageId};

use crate::config::Patience;
use crate::reason::CloseReason;
use crate::transmit::Transport;

/// How long an attempt may take that comes late because nobody looked at the clock: the machine
/// slept.
const GRACE: Duration = Duration::from_secs(5);

/// An outstanding request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) exchange: ExchangeType,
    pub(crate) message_id: MessageId,
    datagrams: Vec<Vec<u8>>,
    transport: Transport,
    sent: u32,
    first: Duration,
    limit: Duration,
    wait: Duration,
    since: Instant,
    due: Instant,
    give_up: Instant,
}

/// What a passed deadline means.
#[derive(Debug)]
pub(crate) enum Overdue<'r> {
    /// Not yet.
    Wait,
    /// Send these again.
    Resend(&'r [Vec<u8>]),
    /// Nobody answers.
    GiveUp(CloseReason),
}

impl Request {
    /// A request that is sent at `now`.
    pub(crate) fn new(
        now: Instant,
        (exchange, message_id): (ExchangeType, MessageId),
        datagrams: Vec<Vec<u8>>,
        transport: Transport,
        (patience, limit): (&Patience, Duration),
    ) -> Self {
        Self {
            exchange,
            message_id,
            datagrams,
            transport,
            sent: 1,
            first: patience.first,
            limit,
            wait: patience.first,
            since: now,
            due: now + patience.first,
            give_up: now + limit,
        }
    }

    /// What to send at once by another path. It has all the time of a new request.
    pub(crate) fn again(
        &mut self,
        now: Instant,
        (patience, limit): (&Patience, Duration),
    ) -> Vec<Vec<u8>> {
        self.sent += 1;
        self.wait = patience.first;
        self.due = now + patience.first;
        self.give_up = self.give_up.max(now + limit);
        self.datagrams.clone()
    }

    /// The datagrams.
    pub(crate) fn datagrams(&self) -> &[Vec<u8>] {
        &self.datagrams
    }

    /// By which port they go.
    pub(crate) fn transport(&self) -> Transport {
        self.transport
    }

    /// When it was sent first.
    pub(crate) const fn since(&self) -> Instant {
        self.since
    }

    /// How long its answer took, if it is clear which datagrams were answered.
    pub(crate) fn round_trip(&self, now: Instant) -> Option<Duration> {
        (self.sent == 1).then(|| now.saturating_duration_since(self.since))
    }

    /// When to look again.
    pub(crate) fn due(&self) -> Instant {
        self.due.min(self.give_up)
    }

    /// What to do at `now`.
    pub(crate) fn overdue(&mut self, now: Instant, longest: Duration) -> Overdue<'_> {
        if now < self.due() {
            return Overdue::Wait;
        }
        // An attempt that was due and never made says nothing about the gateway.
        if now > self.due() + longest {
            self.sent += 1;
            self.wait = self.first;
            self.due = now + self.first;
            self.give_up = self.give_up.max(now + GRACE.min(self.limit));
            return Overdue::Resend(&self.datagrams);
        }
        if now >= self.give_up {
            return Overdue::GiveUp(CloseReason::NoAnswer {
                exchange: self.exchange,
                sent: self.sent,
                transport: self.transport,
            });
        }
        self.sent += 1;
        self.wait = (self.wait * 2).min(longest);
        self.due = now + self.wait;
        Overdue::Resend(&self.datagrams)
    }
}
