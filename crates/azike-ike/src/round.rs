//! The forms of a rekey that were tried: each once, until one is accepted or all were refused.
//!
//! ```text
//!   what the gateway asked for (INVALID_KE_PAYLOAD) ─▶ the last accepted ─▶ the others ─▶ refused
//!   TEMPORARY_FAILURE: the same again, after a pause that doubles; for some minutes
//! ```

use std::time::Duration;

use azike_wire::{KeyExchangeMethod, NotifyType};

use crate::payload_set::PayloadSet;
use crate::rekey_child::Form;

/// How long to wait after the first `TEMPORARY_FAILURE`.
const SOON: Duration = Duration::from_secs(2);
/// The longest wait between two of them.
const LONGEST: Duration = Duration::from_secs(30);
/// How often it may be said in a row: RFC 7296, section 2.25, speaks of several minutes.
const MOST_PAUSES: u32 = 8;

/// What was tried to replace an SA.
#[derive(Clone, Debug, Default)]
pub(crate) struct Round {
    tried: Vec<Form>,
    wanted: Option<Form>,
    pauses: u32,
    last: Option<Refusal>,
}

/// What the gateway said in place of a new SA.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Refusal {
    /// The error; none if it agreed to something that we cannot use.
    pub(crate) notify: Option<NotifyType>,
    /// A Windows error that came with it.
    pub(crate) ms_status: Option<u32>,
    /// The group that it asks for.
    pub(crate) group: Option<KeyExchangeMethod>,
}

impl Refusal {
    /// What the message with this error says.
    pub(crate) fn of(error: NotifyType, set: &PayloadSet<'_>) -> Self {
        let asks = set.notify(NotifyType::INVALID_KE_PAYLOAD);
        let group = asks.and_then(|asks| <[u8; 2]>::try_from(asks.data).ok());
        Self {
            notify: Some(error),
            ms_status: set.ms_status(),
            group: group.map(|group| KeyExchangeMethod(u16::from_be_bytes(group))),
        }
    }
}

impl Round {
    /// The next form to try, which from now on was tried.
    pub(crate) fn next(&mut self, forms: &[Form]) -> Option<Form> {
        let form = self.peek(forms)?;
        self.wanted = None;
        self.tried.push(form);
        Some(form)
    }

    fn peek(&self, forms: &[Form]) -> Option<Form> {
        let mut candidates = self.wanted.iter().chain(forms);
        candidates.find(|form| !self.tried.contains(form)).copied()
    }

    /// A form was refused. Whether another is left to try; `offered` are the groups that may be.
    pub(crate) fn refused(
        &mut self,
        refusal: Refusal,
        forms: &[Form],
        offered: &[KeyExchangeMethod],
    ) -> bool {
        let group = refusal.group.filter(|group| offered.contains(group));
        self.wanted = group.map(Form::With);
        self.last = Some(refusal);
        self.peek(forms).is_some()
    }

    /// The gateway has no time for `form`. How long to wait before it is tried again; nothing if
    /// that was said too often.
    pub(crate) fn busy(&mut self, form: Form) -> Option<Duration> {
        self.tried.retain(|tried| *tried != form);
        self.wanted = Some(form);
        self.last = Some(Refusal {
            notify: Some(NotifyType::TEMPORARY_FAILURE),
            ..Refusal::default()
        });
        let pause = SOON * 2_u32.saturating_pow(self.pauses);
        self.pauses += 1;
        (self.pauses <= MOST_PAUSES).then_some(pause.min(LONGEST))
    }

    /// Begins anew. Gives what was said last.
    pub(crate) fn end(&mut self) -> Refusal {
        std::mem::take(self).last.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
