//! A request of the gateway that waits for its response: sent again, unchanged, until it comes.

use std::time::{Duration, Instant};

use azike_wire::{ExchangeType, MessageId};

/// How often a request is sent before the gateway stops asking.
const TRIES: u32 = 6;

/// An outstanding request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) exchange: ExchangeType,
    pub(crate) message_id: MessageId,
    datagrams: Vec<Vec<u8>>,
    sent: u32,
    wait: Duration,
    due: Instant,
}

impl Request {
    /// A request that is sent at `now`.
    pub(crate) fn new(
        now: Instant,
        (exchange, message_id): (ExchangeType, MessageId),
        datagrams: Vec<Vec<u8>>,
        wait: Duration,
    ) -> Self {
        Self {
            exchange,
            message_id,
            datagrams,
            sent: 1,
            wait,
            due: now + wait,
        }
    }

    /// When to look again.
    pub(crate) const fn due(&self) -> Option<Instant> {
        if self.sent < TRIES {
            Some(self.due)
        } else {
            None
        }
    }

    /// What to send again at `now`.
    pub(crate) fn resend(&mut self, now: Instant) -> Option<&[Vec<u8>]> {
        if self.due().is_none_or(|due| now < due) {
            return None;
        }
        self.sent += 1;
        self.wait *= 2;
        self.due = now + self.wait;
        Some(&self.datagrams)
    }
}
