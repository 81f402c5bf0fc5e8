//! What the client asks, and the answer to it.
//!
//! ```text
//!                              │ rekey a Child SA    │ rekey the IKE SA
//!  ────────────────────────────┼─────────────────────┼──────────────────
//!  we rekey that Child SA      │ as usual; nonces    │ TEMPORARY_FAILURE
//!  we delete that Child SA     │ TEMPORARY_FAILURE   │ TEMPORARY_FAILURE
//!  we rekey the IKE SA         │ TEMPORARY_FAILURE   │ as usual; nonces
//!  we delete it, or it is old  │ TEMPORARY_FAILURE   │ TEMPORARY_FAILURE
//!  it has inherited nothing    │ TEMPORARY_FAILURE   │ TEMPORARY_FAILURE
//! ```
//!
//! RFC 7296, section 2.25.

use std::time::Instant;

use azike_wire::{EspSpi, ExchangeType, Notify, NotifyType, Payload, ProtocolId};

use super::task::Task;
use super::{IkeSa, Outcome};
use crate::children::{Children, Fate};
use crate::context::Context;
use crate::draft::Draft;
use crate::event::{Event, Maker};
use crate::incoming::Incoming;
use crate::informational::{self, Meaning};
use crate::login::{Desk, Login};
use crate::sa_init::{Peer, Start};
use crate::{rekey_child, rekey_ike, sa_init};

impl IkeSa {
    /// The payloads of the response.
    pub(super) fn answer(
        &mut self,
        context: &mut Context<'_>,
        (exchange, from): (ExchangeType, Peer),
        request: &Incoming<'_>,
        outcome: &mut Outcome,
    ) -> Draft {
        match exchange {
            ExchangeType::IKE_AUTH => self.answer_auth(context, request, outcome),
            ExchangeType::INFORMATIONAL => {
                let mut draft = self.answer_informational(context.now, request, outcome);
                let words = (request, &mut draft);
                self.answer_move(context, from, words, outcome);
                draft
            }
            ExchangeType::CREATE_CHILD_SA => {
                let answer = self.answer_create_child(context, request, outcome);
                answer.unwrap_or_else(|error| error)
            }
            _ => Draft::only(NotifyType::INVALID_SYNTAX, &[]),
        }
    }

    fn answer_auth(
        &mut self,
        context: &mut Context<'_>,
        request: &Incoming<'_>,
        outcome: &mut Outcome,
    ) -> Draft {
        // A login that is over cannot be lost by one message more.
        let over = matches!(self.login, Login::Done);
        let Some(init) = self.init.as_ref().filter(|_| !over) else {
            return Draft::only(NotifyType::INVALID_SYNTAX, &[]);
        };
        let login = std::mem::replace(&mut self.login, Login::Failed);
        let desk = Desk {
            config: context.config,
            trust: context.trust,
            start: Start {
                basis: &self.basis,
                transcript: &init.transcript,
            },
            lease: init.lease,
            now: context.config.wall_clock.read(context.now),
        };
        let answer = login.handle(desk, request);
        self.login = answer.next;
        if matches!(self.login, Login::Done) {
            self.clock.begin(context);
            self.clock.log_in(context);
            self.mobike = answer.mobike;
            self.id_i = answer.id_i;
            outcome.initial_contact = answer.initial_contact;
        }
        if answer.redirected {
            self.clock.replaced(context.now);
        }
        if let Some(first) = answer.child {
            self.addresses = first.addresses;
            self.adopt(context, first.made, (Maker::Client, None), outcome);
        }
        outcome.events.extend(answer.failed.map(Event::LoginFailed));
        answer.draft
    }

    fn answer_informational(
        &mut self,
        now: Instant,
        request: &Incoming<'_>,
        outcome: &mut Outcome,
    ) -> Draft {
        let closing = match self.task() {
            Some(Task::DeleteChild(spi_in)) => Some(*spi_in),
            Some(
                Task::Ask
                | Task::Check(_)
                | Task::RekeyChild(..)
                | Task::RekeyIke(_)
                | Task::DeleteIkeSa,
            )
            | None => None,
        };
        let (draft, meaning) = informational::answer(request, &self.children, closing);
        let spi_r = self.basis.spi_r;
        match meaning {
            Meaning::Alive => {}
            Meaning::ChildrenDeleted(deleted) => {
                for spi_in in deleted {
                    self.children.remove(spi_in);
                    outcome.events.push(Event::ChildSaDeleted(spi_in));
                }
            }
            Meaning::Deleted => self.end(now, Event::IkeSaDeleted(spi_r), outcome),
            Meaning::Refused(notify) => {
                self.end(now, Event::ClientRefused(spi_r, notify), outcome);
            }
        }
        draft
    }

    fn answer_create_child(
        &mut self,
        context: &mut Context<'_>,
        request: &Incoming<'_>,
        outcome: &mut Outcome,
    ) -> Result<Draft, Draft> {
        let no_more = Draft::only(NotifyType::NO_ADDITIONAL_SAS, &[]);
        if !matches!(self.login, Login::Done) {
            return Err(no_more);
        }
        if let Some(refusal) = context.policy().rekey_refusal {
            let mut draft = Draft::new();
            sa_init::push_error(&mut draft, refusal.notify, refusal.ms_status);
            return Err(draft);
        }
        if let Some(old) = request.notify(NotifyType::REKEY_SA) {
            return self.answer_rekey_child(context, old, request, outcome);
        }
        let sa = request.sa.as_ref();
        let ike = sa.and_then(|sa| sa.proposals.first());
        if ike.is_some_and(|proposal| proposal.protocol == ProtocolId::IKE) {
            return self.answer_rekey_ike(context, request, outcome);
        }
        Err(no_more)
    }

    fn answer_rekey_child(
        &mut self,
        context: &mut Context<'_>,
        named: &Notify<'_>,
        request: &Incoming<'_>,
        outcome: &mut Outcome,
    ) -> Result<Draft, Draft> {
        if self.ike_sa_is_busy() {
            return Err(not_now());
        }
        let old = EspSpi::from_octets(named.spi);
        let old = old.and_then(|spi_out| self.children.of_client(spi_out));
        let Some(old) = old.filter(|_| named.protocol == ProtocolId::ESP).cloned() else {
            return Err(not_found(named));
        };
        if old.fate == Fate::Leaving {
            return Err(not_now());
        }
        if self.children.len() >= Children::MOST {
            return Err(Draft::only(NotifyType::NO_ADDITIONAL_SAS, &[]));
        }
        let (draft, made) = rekey_child::answer(context, &self.basis, &old, request)?;
        // A client that asks again did not take what it got.
        if let Some(untaken) = self.children.in_place_of(old.spi_in) {
            self.drop_child(untaken, outcome);
        }
        if let Some(child) = self.children.get_mut(old.spi_in) {
            child.fate = Fate::Replaced;
            child.rekey_at = None;
        }
        if let Some(Task::RekeyChild(rekey, _)) = self.task_mut()
            && rekey.old == old.spi_in
        {
            rekey.rival = Some(rekey_child::Rival {
                spi_in: made.spi_in,
                lowest: made.lowest.clone(),
            });
        }
        let origin = (Maker::Client, Some(old.spi_in));
        self.adopt(context, made, origin, outcome);
        Ok(draft)
    }

    fn answer_rekey_ike(
        &mut self,
        context: &mut Context<'_>,
        request: &Incoming<'_>,
        outcome: &mut Outcome,
    ) -> Result<Draft, Draft> {
        let rekeying = match self.task() {
            Some(Task::RekeyIke(rekey)) if rekey.rival.is_none() => true,
            Some(Task::Ask | Task::Check(_)) | None => false,
            Some(
                Task::RekeyIke(_) | Task::RekeyChild(..) | Task::DeleteChild(_) | Task::DeleteIkeSa,
            ) => return Err(not_now()),
        };
        // A client that asks again did not take what it got.
        let reclaimed = match self.heir {
            Some((_, Maker::Gateway)) => return Err(not_now()),
            Some((heir, Maker::Client)) => Some(heir),
            None if self.clock.expires() => return Err(not_now()),
            None => None,
        };
        let (draft, made) = rekey_ike::answer(context, &self.basis, request)?;
        let spi_r = made.basis.spi_r;
        self.make_ike_sa(context, made.basis, outcome);
        if rekeying && let Some(Task::RekeyIke(rekey)) = self.task_mut() {
            rekey.rival = Some(rekey_ike::Rival {
                spi_r,
                lowest: made.lowest,
            });
        } else {
            self.bequeath((spi_r, Maker::Client), context.now, outcome);
            outcome.reclaimed = reclaimed;
        }
        Ok(draft)
    }

    /// We rekey it or delete it, another one took its place, or it may yet take the place of one
    /// whose Child SAs it does not have.
    fn ike_sa_is_busy(&self) -> bool {
        let busy = match self.task() {
            Some(Task::RekeyIke(_) | Task::DeleteIkeSa) => true,
            Some(Task::Ask | Task::Check(_) | Task::RekeyChild(..) | Task::DeleteChild(_))
            | None => false,
        };
        busy || self.clock.expires()
    }

    /// The client ended it. What it had made of it meanwhile lives on.
    fn end(&mut self, now: Instant, event: Event, outcome: &mut Outcome) {
        self.bequeath_to_rival(now, outcome);
        outcome.events.push(event);
        outcome.over = true;
    }
}

fn not_now() -> Draft {
    Draft::only(NotifyType::TEMPORARY_FAILURE, &[])
}

/// Says which Child SA is not known, in the words of who asked.
fn not_found(named: &Notify<'_>) -> Draft {
    let mut draft = Draft::new();
    draft.push(&Payload::Notify(Notify {
        kind: NotifyType::CHILD_SA_NOT_FOUND,
        data: &[],
        ..*named
    }));
    draft
}
