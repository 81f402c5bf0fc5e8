//! Our rekey of a Child SA, from the request to the end of the old one (RFC 7296, sections 1.3.3
//! and 2.8).
//!
//! ```text
//!   rekey ─▶ a new one             ─▶ Delete of the old one
//!        ├─▶ refused               ─▶ the next form, until all were tried; later again
//!        ├─▶ TEMPORARY_FAILURE     ─▶ the same form, soon
//!        ├─▶ CHILD_SA_NOT_FOUND    ─▶ the old one is down
//!        └─▶ one that we cannot use ─▶ Delete of that one; the next form
//! ```
//!
//! Whatever the gateway answers, the old Child SA works until the gateway ends it.

use std::time::Instant;

use azike_wire::ExchangeType;

use super::task::{LATER, Rival, Task};
use super::{ChildEvent, IkeSa, Outcome, Step};
use crate::channel::Opened;
use crate::children::{Child, Fate, WAIT};
use crate::event::{Event, Sa};
use crate::life::Life;
use crate::rekey_child::{Judgement, Made, RekeyChild};
use crate::round::Refusal;

impl IkeSa {
    /// Tries the next form, if a Child SA is due.
    pub(super) fn rekey_child(&mut self, step: &mut Step<'_>) -> Outcome {
        let Some(child) = self.children.next_rekey(step.now) else {
            return Outcome::default();
        };
        let form = child.round.next(&self.forms);
        let rekey = form.and_then(|form| RekeyChild::new(step.random, child, form));
        let Some(rekey) = rekey else {
            // Nothing left to try: a group that we do not have.
            child.round.end();
            child.life.postpone(step.now, LATER, step.random);
            return Outcome::default();
        };
        tracing::debug!(spi = %child.spi_in, ?form, "rekeying the Child SA");
        let chain = rekey.chain(&step.config.offer);
        let task = Task::RekeyChild(Box::new(rekey), None);
        Outcome::send(self.ask(step, ExchangeType::CREATE_CHILD_SA, chain, task))
    }

    /// Takes the response.
    pub(super) fn finish_child(
        &mut self,
        step: &mut Step<'_>,
        rekey: &RekeyChild,
        rival: Option<Rival>,
        opened: &Opened,
    ) -> Outcome {
        let judgement = match opened.payloads() {
            Ok(set) => rekey.judge(&step.config.offer, &self.basis, &set),
            Err(reason) => {
                tracing::debug!(%reason, "the answer to a rekey makes no sense");
                Judgement::Refused(Refusal::default())
            }
        };
        // A rival that is gone again is none.
        let rival = rival.filter(|rival| self.children.by_in(rival.spi_in).is_some());
        let mut outcome = match judgement {
            Judgement::Made(made) => self.made_child(step, rekey, *made, rival.as_ref()),
            Judgement::Refused(refusal) => {
                // Without an error the gateway has made something.
                let stray = refusal.notify.is_none().then_some(rekey.spi_in());
                self.strays.extend(stray);
                self.not_made(step, rekey, rival.as_ref(), Failure::Refused(refusal))
            }
            Judgement::Later => self.not_made(step, rekey, rival.as_ref(), Failure::Later),
            Judgement::Gone => self.not_made(step, rekey, rival.as_ref(), Failure::Gone),
        };
        outcome.append(self.next_task(step));
        outcome
    }

    /// Our rekey made a Child SA.
    fn made_child(
        &mut self,
        step: &mut Step<'_>,
        rekey: &RekeyChild,
        made: Made,
        rival: Option<&Rival>,
    ) -> Outcome {
        self.forms.retain(|form| *form != rekey.form);
        self.forms.insert(0, rekey.form);
        let life = Life::of_child(&step.config.lifetimes, step.now, step.random);
        let sa = made.sa;
        let mut child = Child::new(&sa, life);
        //= https://www.rfc-editor.org/rfc/rfc7296#section-2.8.1
        //# the SA created with the lowest of the four nonces used in the two
        //# exchanges SHOULD be closed by the endpoint that created it.
        if rival.is_some_and(|rival| made.lowest < rival.lowest) {
            // Nothing was ever sent with it, and nothing will be.
            tracing::debug!(spi = %child.spi_in, "lost against the gateway's rekey");
            child.fate = Fate::Leaving;
            child.told = false;
            self.children.push(child);
            return Outcome::default();
        }
        if rival.is_some() {
            // The gateway made one too, and is going to delete it.
            self.children.replace_used_by(child.spi_in, step.now + WAIT);
        }
        self.children.push(child);
        let mut outcome = Outcome::default();
        outcome.children.push(ChildEvent::Ours(Box::new(sa)));
        match self.children.by_in(rekey.old()) {
            Some(old) if old.fate == Fate::Deleted => {
                outcome.append(self.forget_child(rekey.old()));
            }
            Some(old) => old.fate = Fate::Leaving,
            None => {}
        }
        outcome
    }

    /// Our rekey made none.
    fn not_made(
        &mut self,
        step: &mut Step<'_>,
        rekey: &RekeyChild,
        rival: Option<&Rival>,
        failure: Failure,
    ) -> Outcome {
        let offered = step.config.offer.groups();
        let old = rekey.old();
        let Some(child) = self.children.by_in(old) else {
            return Outcome::default();
        };
        if child.fate == Fate::Deleted {
            return self.forget_child(old);
        }
        if rival.is_some() {
            // The gateway's own rekey has done it.
            return Outcome::default();
        }
        child.fate = Fate::Used;
        match failure {
            Failure::Gone => return self.forget_child(old),
            Failure::Later => {
                if let Some(pause) = child.round.busy(rekey.form) {
                    child.life.postpone(step.now, pause, step.random);
                    return Outcome::default();
                }
            }
            Failure::Refused(refusal) => {
                if child.round.refused(refusal, &self.forms, &offered) {
                    child.life.hurry(step.now);
                    return Outcome::default();
                }
            }
        }
        child.life.postpone(step.now, LATER, step.random);
        let refusal = child.round.end();
        Outcome::event(refused(Sa::Child(old), refusal, child.life.expires_at))
    }
}

/// Why there is no new Child SA.
#[derive(Clone, Copy)]
enum Failure {
    Refused(Refusal),
    Later,
    Gone,
}

/// Every form was refused.
pub(super) fn refused(what: Sa, refusal: Refusal, until: Instant) -> Event {
    tracing::debug!(?what, ?refusal, "the gateway refused every form of a rekey");
    Event::RekeyRefused {
        what,
        notify: refusal.notify,
        ms_status: refusal.ms_status,
        until,
    }
}
