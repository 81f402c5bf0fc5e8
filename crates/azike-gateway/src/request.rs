//! A request of the gateway that waits for its response: sent again, unchanged, until it comes
//! (RFC 7296, section 2.4).

use std::time::{Duration, Instant};

use azike_wire::{ExchangeType, MessageId};

use crate::ike_sa::task::Task;

/// How often a request is sent before the client is taken for gone.
const TRIES: u32 = 6;

/// An outstanding request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) exchange: ExchangeType,
    pub(crate) message_id: MessageId,
    pub(crate) task: Task,
    /// When to look again.
    pub(crate) due: Instant,
    pub(crate) datagrams: Vec<Vec<u8>>,
    sent: u32,
    wait: Duration,
}

/// What to do with a request that is not answered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Resend {
    /// It is too early.
    Wait,
    /// Send it again.
    Again,
    /// It was sent often enough.
    GiveUp,
}

impl Request {
    /// A request that is sent at `now`.
    pub(crate) fn new(
        now: Instant,
        (exchange, message_id): (ExchangeType, MessageId),
        (datagrams, wait): (Vec<Vec<u8>>, Duration),
        task: Task,
    ) -> Self {
        Self {
            exchange,
            message_id,
            task,
            due: now + wait,
            datagrams,
            sent: 1,
            wait,
        }
    }

    /// What to do at `now`.
    pub(crate) fn resend(&mut self, now: Instant) -> Resend {
        if now < self.due {
            return Resend::Wait;
        }
        if self.sent >= TRIES {
            return Resend::GiveUp;
        }
        self.sent += 1;
        self.wait *= 2;
        self.due = now + self.wait;
        Resend::Again
    }
}
