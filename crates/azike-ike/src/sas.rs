//! The IKE SA in use, and those that a rekey left behind until both sides have forgotten them
//! (RFC 7296, sections 2.8 and 2.18).
//!
//! ```text
//!   our rekey:            new in use      we delete the old
//!   the gateway's rekey:  new in use      the gateway deletes the old; if not, we do
//!   both at once:         the one without the lowest nonce is in use; who made the other deletes it
//! ```
//!
//! All Child SAs are with the IKE SA in use. An old one answers, too: what it is told about a Child
//! SA counts, and what was asked and answered already is answered with the same octets.

use std::time::{Duration, Instant};

use azike_wire::Message;

use crate::config::{Config, Patience};
use crate::event::{Event, Load, Maker};
use crate::farewell::Farewell;
use crate::hint::Hint;
use crate::ike_sa::{Answer, ChildEvent, IkeSa, Outcome, SaFate, Step};
use crate::life::Usage;
use crate::reason::{CloseReason, DropReason};
use crate::rekey_ike::MadeIke;

/// How long an IKE SA waits for the gateway's Delete, and for the gateway to repeat it.
const WAIT: Duration = Duration::from_mins(1);
/// More old IKE SAs than any honest gateway leaves.
const MOST_OLD: usize = 4;

/// All IKE SAs with a gateway.
#[derive(Debug)]
pub(crate) struct Sas {
    current: IkeSa,
    old: Vec<Old>,
    /// When a hint led to a question.
    hinted: Option<Instant>,
}

/// An IKE SA that has a successor.
#[derive(Debug)]
struct Old {
    sa: IkeSa,
    /// When we stop to wait for the gateway.
    until: Instant,
    /// The gateway has deleted it: it is there to repeat itself.
    gone: bool,
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
            old: Vec::new(),
            hinted: None,
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
        let found = self.old.iter().position(|old| old.sa.owns(&header));
        let at = found.ok_or(DropReason::UnknownSpi)?;
        let old = self.old.get_mut(at).ok_or(DropReason::UnknownSpi)?;
        self.current.lend_children(&mut old.sa);
        let outcome = old.sa.handle(step, message);
        self.current.lend_children(&mut old.sa);
        let outcome = outcome?;
        // What it says about our address is history: the IKE SA in use asked again.
        let lifetime = |event: &Event| matches!(event, Event::AuthLifetime(_));
        let mut effects = Effects {
            datagrams: outcome.datagrams,
            children: outcome.children,
            events: outcome.events.into_iter().filter(lifetime).collect(),
            ..Effects::default()
        };
        match outcome.fate {
            None => {}
            Some(SaFate::Left(reason)) => effects.left = Some(reason),
            Some(SaFate::Closed(_)) if outcome.answer.is_some() => old.close(step.now + WAIT),
            Some(
                SaFate::Closed(_)
                | SaFate::ReplacedByUs(_)
                | SaFate::ReplacedByGateway(_)
                | SaFate::ReplacedAndDeleted(_)
                | SaFate::Lost(..)
                | SaFate::Won(..),
            ) => {
                self.old.remove(at);
            }
        }
        effects.answer = outcome.answer;
        Ok(effects)
    }

    /// Somebody says in the clear that the gateway does not know something. Whether it concerns us.
    pub(crate) fn hint(&mut self, now: Instant, patience: &Patience, hint: Hint) -> bool {
        let ours = match hint {
            Hint::IkeSa(header) => self.current.owns(&header),
            Hint::ChildSa(spi_out) => self.current.sends_with(spi_out),
        };
        if ours {
            self.doubt(now, patience);
        }
        ours
    }

    /// Asks whether the gateway lives, but not all the time.
    pub(crate) fn doubt(&mut self, now: Instant, patience: &Patience) {
        if self.hinted.is_none_or(|at| now >= at + patience.hint) {
            self.hinted = Some(now);
            self.current.doubt();
        }
    }

    /// What went through a Child SA.
    pub(crate) fn handle_usage(&mut self, now: Instant, usage: &Usage) {
        self.current.handle_usage(now, usage);
    }

    /// Our address has changed.
    pub(crate) fn handle_path_change(&mut self, step: &mut Step<'_>) -> Effects {
        let outcome = self.current.handle_path_change(step);
        let mut effects = self.settle(step, outcome);
        for old in self.old.iter_mut().filter(|old| old.sa.is_leaving()) {
            effects.datagrams.extend(old.sa.again(step));
        }
        effects
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, step: &mut Step<'_>) -> Effects {
        let mut datagrams = Vec::new();
        self.old
            .retain_mut(|old| old.handle_timeout(step, &mut datagrams));
        let outcome = self.current.handle_timeout(step);
        let mut effects = self.settle(step, outcome);
        effects.datagrams.extend(datagrams);
        effects
    }

    /// When to call [`Sas::handle_timeout`], and whether it is for a request of ours.
    pub(crate) fn due(&self, config: &Config) -> (Instant, bool) {
        let (first, asked) = self.current.due(config);
        match self.old.iter().map(|old| old.due(config)).min() {
            Some(other) if other < first => (other, true),
            Some(_) | None => (first, asked),
        }
    }

    /// When the NAT wants to see something of us.
    pub(crate) fn keepalive_due(&self, config: &Config) -> Instant {
        self.current.keepalive_due(config)
    }

    /// Whether new keys are being made, or the end of old ones is awaited.
    pub(crate) fn is_rekeying(&self) -> bool {
        self.current.is_rekeying() || self.old.iter().any(|old| !old.gone)
    }

    /// When new keys are due: for the IKE SA, for the Child SA.
    pub(crate) fn rekeys_at(&self) -> (Instant, Option<Instant>) {
        self.current.rekeys_at()
    }

    /// How long the gateway took for the last answer that needed one attempt.
    pub(crate) const fn round_trip(&self) -> Option<Duration> {
        self.current.round_trip()
    }

    /// What there is.
    pub(crate) fn load(&self) -> Load {
        let asking = self.old.iter().filter(|old| old.sa.is_leaving()).count();
        Load {
            ike_sas: 1 + self.old.len(),
            child_sas: self.current.child_sas(),
            requests: asking + usize::from(self.current.is_asking()),
        }
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
                let old = self.replace(step, (*made, Maker::Us), &mut effects);
                self.delete(step, old, &mut effects);
            }
            Some(SaFate::ReplacedByGateway(made)) => {
                let old = self.replace(step, (*made, Maker::Gateway), &mut effects);
                self.keep(Old::new(old, step.now + WAIT));
            }
            Some(SaFate::ReplacedAndDeleted(made)) => {
                let sa = self.replace(step, (*made, Maker::Gateway), &mut effects);
                let mut old = Old::new(sa, step.now);
                old.close(step.now + WAIT);
                self.keep(old);
            }
            Some(SaFate::Won(ours, theirs)) => {
                let old = self.replace(step, (*ours, Maker::Us), &mut effects);
                let mut theirs = self.current.sibling(step, *theirs);
                theirs.retire();
                self.keep(Old::new(theirs, step.now + WAIT));
                self.delete(step, old, &mut effects);
            }
            Some(SaFate::Lost(theirs, ours)) => {
                let old = self.replace(step, (*theirs, Maker::Gateway), &mut effects);
                let ours = self.current.sibling(step, *ours);
                self.delete(step, ours, &mut effects);
                self.keep(Old::new(old, step.now + WAIT));
            }
        }
        effects
    }

    /// Puts a new IKE SA in use, with all Child SAs. Gives the old one.
    fn replace(
        &mut self,
        step: &mut Step<'_>,
        (made, maker): (MadeIke, Maker),
        effects: &mut Effects,
    ) -> IkeSa {
        tracing::debug!(spi_i = %made.spi_i, spi_r = %made.spi_r, "new keys for the IKE SA");
        effects.events.push(Event::IkeSaRekeyed {
            spi_i: made.spi_i,
            spi_r: made.spi_r,
            algorithms: made.keys.algorithms(),
            group: made.group,
            maker,
        });
        let new = self.current.succeed(step, made);
        let mut old = std::mem::replace(&mut self.current, new);
        old.retire();
        old
    }

    fn delete(&mut self, step: &mut Step<'_>, mut sa: IkeSa, effects: &mut Effects) {
        sa.retire();
        effects.datagrams.extend(sa.delete(step));
        self.keep(Old::new(sa, step.now + WAIT));
    }

    fn keep(&mut self, old: Old) {
        if self.old.len() == MOST_OLD {
            self.old.remove(0);
        }
        self.old.push(old);
    }
}

impl Old {
    const fn new(sa: IkeSa, until: Instant) -> Self {
        Self {
            sa,
            until,
            gone: false,
        }
    }

    /// The gateway has deleted it.
    fn close(&mut self, until: Instant) {
        self.sa.retire();
        self.gone = true;
        self.until = until;
    }

    /// Whether it is still wanted.
    fn handle_timeout(&mut self, step: &mut Step<'_>, datagrams: &mut Vec<Vec<u8>>) -> bool {
        if self.sa.is_leaving() {
            let outcome = self.sa.handle_timeout(step);
            datagrams.extend(outcome.datagrams);
            return outcome.fate.is_none();
        }
        if step.now < self.until {
            return true;
        }
        if self.gone {
            return false;
        }
        // The gateway should have deleted it by now.
        datagrams.extend(self.sa.delete(step));
        self.sa.is_leaving()
    }

    fn due(&self, config: &Config) -> Instant {
        if self.sa.is_leaving() {
            self.sa.due(config).0
        } else {
            self.until
        }
    }
}
