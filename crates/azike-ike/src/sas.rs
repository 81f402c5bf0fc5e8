//! The IKE SA in use, and those that a rekey left behind until both sides have forgotten them
//! (RFC 7296, sections 2.8 and 2.18).
//!
//! ```text
//!   our rekey:            new in use      old ─▶ Farewell (we delete it)
//!   the gateway's rekey:  new in use      old waits for the gateway's Delete
//!   both at once:         the one without the lowest nonce is in use; who made the other deletes it
//! ```

use std::time::{Duration, Instant};

use azike_wire::Message;

use crate::config::Config;
use crate::event::Event;
use crate::farewell::Farewell;
use crate::ike_sa::{Answer, ChildEvent, IkeSa, Outcome, SaFate, Step};
use crate::reason::{CloseReason, DropReason};
use crate::rekey_ike::MadeIke;

/// How long an IKE SA waits for the gateway's Delete.
const WAIT: Duration = Duration::from_mins(1);

/// All IKE SAs with a gateway.
#[derive(Debug)]
pub(crate) struct Sas {
    current: IkeSa,
    leaving: Vec<Farewell>,
    waiting: Vec<(Instant, IkeSa)>,
}

/// What came of a message or a deadline.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) answer: Option<Answer>,
    pub(crate) datagrams: Vec<Vec<u8>>,
    pub(crate) children: Vec<ChildEvent>,
    pub(crate) events: Vec<Event>,
    pub(crate) closed: Option<CloseReason>,
    /// We leave, and say goodbye.
    pub(crate) left: Option<CloseReason>,
}

impl Sas {
    /// The first IKE SA.
    pub(crate) const fn new(current: IkeSa) -> Self {
        Self {
            current,
            leaving: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// The IKE SA in use.
    pub(crate) const fn current(&mut self) -> &mut IkeSa {
        &mut self.current
    }

    /// Takes a message of the gateway.
    pub(crate) fn handle(
        &mut self,
        step: &mut Step<'_>,
        message: &Message<'_>,
    ) -> Result<Effects, DropReason> {
        let header = message.header();
        if self.current.owns(&header) {
            let outcome = self.current.handle(step, message)?;
            return Ok(self.settle(step, outcome));
        }
        if let Some(at) = self.leaving.iter().position(|sa| sa.owns(&header)) {
            let gone = self.leaving.get_mut(at).map(|sa| sa.handle(message));
            if gone.transpose()?.flatten().is_some() {
                self.leaving.swap_remove(at);
            }
            return Ok(Effects::default());
        }
        let mut waiting = self.waiting.iter_mut().enumerate();
        let found = waiting.find(|(_, (_, sa))| sa.owns(&header));
        let (at, (_, sa)) = found.ok_or(DropReason::UnknownSpi)?;
        let outcome = sa.handle(step, message)?;
        // What it says about our address is history: the IKE SA in use asked again.
        let lifetime = |event: &Event| matches!(event, Event::AuthLifetime(_));
        let mut effects = Effects {
            answer: outcome.answer,
            datagrams: outcome.datagrams,
            events: outcome.events.into_iter().filter(lifetime).collect(),
            ..Effects::default()
        };
        if let Some(fate) = outcome.fate {
            self.waiting.swap_remove(at);
            if let SaFate::Left(reason) = fate {
                effects.left = Some(reason);
            }
        }
        Ok(effects)
    }

    /// Our address has changed.
    pub(crate) fn handle_path_change(&mut self, step: &mut Step<'_>) -> Effects {
        let outcome = self.current.handle_path_change(step);
        let mut effects = self.settle(step, outcome);
        let leaving = self.leaving.iter_mut();
        let again = leaving.flat_map(|sa| sa.again(step.now, &step.config.patience));
        effects.datagrams.extend(again);
        effects
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, step: &mut Step<'_>) -> Effects {
        let mut datagrams = Vec::new();
        self.leaving.retain_mut(
            |sa| match sa.handle_timeout(step.now, &step.config.patience) {
                Ok(again) => {
                    datagrams.extend(again);
                    true
                }
                Err(_) => false,
            },
        );
        self.waiting.retain(|(until, _)| step.now < *until);
        let outcome = self.current.handle_timeout(step);
        let mut effects = self.settle(step, outcome);
        effects.datagrams.extend(datagrams);
        effects
    }

    /// When to call [`Sas::handle_timeout`], and whether it is for a request of ours.
    pub(crate) fn due(&self, config: &Config) -> (Instant, bool) {
        let (first, asked) = self.current.due(config);
        let leaving = self.leaving.iter().map(Farewell::due);
        let waiting = self.waiting.iter().map(|(until, _)| *until);
        match leaving.chain(waiting).min() {
            Some(other) if other < first => (other, true),
            Some(_) | None => (first, asked),
        }
    }

    /// When the NAT wants to see something of us.
    pub(crate) fn keepalive_due(&self, config: &Config) -> Instant {
        self.current.keepalive_due(config)
    }

    /// Says goodbye on the IKE SA in use; the others are forgotten.
    pub(crate) fn close(self, step: &mut Step<'_>, reason: CloseReason) -> Farewell {
        self.current.close(step, reason)
    }

    fn settle(&mut self, step: &mut Step<'_>, outcome: Outcome) -> Effects {
        let mut effects = Effects {
            answer: outcome.answer,
            datagrams: outcome.datagrams,
            children: outcome.children,
            events: outcome.events,
            ..Effects::default()
        };
        match outcome.fate {
            None => {}
            Some(SaFate::Closed(reason)) => effects.closed = Some(reason),
            Some(SaFate::Left(reason)) => effects.left = Some(reason),
            Some(SaFate::ReplacedByUs(made)) => {
                let old = self.replace(step, *made);
                self.delete(step, old, &mut effects);
            }
            Some(SaFate::ReplacedByGateway(made)) => {
                let old = self.replace(step, *made);
                self.waiting.push((step.now + WAIT, old));
            }
            Some(SaFate::Won(ours, theirs)) => {
                let mut old = self.replace(step, *ours);
                let theirs = old.succeed(step, *theirs);
                self.waiting.push((step.now + WAIT, theirs));
                self.delete(step, old, &mut effects);
            }
            Some(SaFate::Lost(theirs, ours)) => {
                let mut old = self.replace(step, *theirs);
                let ours = old.succeed(step, *ours);
                self.delete(step, ours, &mut effects);
                self.waiting.push((step.now + WAIT, old));
            }
        }
        effects
    }

    /// Puts a new IKE SA in use, with all Child SAs. Gives the old one.
    fn replace(&mut self, step: &mut Step<'_>, made: MadeIke) -> IkeSa {
        tracing::debug!(spi_i = %made.spi_i, spi_r = %made.spi_r, "new keys for the IKE SA");
        let new = self.current.succeed(step, made);
        std::mem::replace(&mut self.current, new)
    }

    fn delete(&mut self, step: &mut Step<'_>, sa: IkeSa, effects: &mut Effects) {
        let farewell = sa.close(step, CloseReason::Closed);
        effects.datagrams.extend(farewell.datagrams());
        self.leaving.push(farewell);
    }
}
