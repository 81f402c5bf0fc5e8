//! What we answer to requests of the gateway: `INFORMATIONAL` and `CREATE_CHILD_SA`
//! (RFC 7296, sections 1.3, 1.4, 2.25).
//!
//! Whether, is in the table of `ike_sa/collision.rs`; how, is here.

use azike_wire::{Chain, Delete, EspSpi, ExchangeType, Notify, NotifyType, Payload, ProtocolId};

use super::collision::{Asked, Known, Ours, Ruling, rule};
use super::task::{Rival, Task};
use super::{ChildEvent, IkeSa, Outcome, Place, SaFate, Step};
use crate::channel::Opened;
use crate::children::{Child, Fate, WAIT};
use crate::life::Life;
use crate::payload_set::PayloadSet;
use crate::reason::{CloseReason, DropReason};
use crate::rekey_child::{self, error_chain};
use crate::rekey_ike::{self, MadeIke};

/// More Child SAs than any honest gateway makes until the first rekey has settled.
const MOST_CHILDREN: usize = 8;

impl IkeSa {
    /// The payloads of the response, and what follows from the request.
    pub(super) fn answer(
        &mut self,
        step: &mut Step<'_>,
        opened: &Opened,
    ) -> Result<(Chain, Outcome), DropReason> {
        let set = match opened.payloads() {
            Ok(set) => set,
            Err(DropReason::Critical(kind)) => {
                let error = error_chain(NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD, &[kind.0]);
                return Ok((error, Outcome::default()));
            }
            Err(_) => return Ok(decline(NotifyType::INVALID_SYNTAX)),
        };
        match opened.header().exchange {
            ExchangeType::INFORMATIONAL => Ok(self.answer_informational(step, &set)),
            ExchangeType::CREATE_CHILD_SA => Ok(self.answer_create_child_sa(step, &set)),
            _ => Err(DropReason::NotExpected),
        }
    }

    fn answer_informational(&mut self, step: &Step<'_>, set: &PayloadSet<'_>) -> (Chain, Outcome) {
        if set.notify(NotifyType::AUTHENTICATION_FAILED).is_some() {
            return (Chain::new(), Outcome::closed(CloseReason::Deleted));
        }
        let of = |protocol| move |delete: &&Delete<'_>| delete.protocol == protocol;
        if set
            .deletes
            .iter()
            .any(|delete| of(ProtocolId::IKE)(&delete))
        {
            return (Chain::new(), self.answer_delete_ike());
        }
        let mut chain = Chain::new();
        let mut outcome = Outcome::default();
        self.take_notifies(step, set, &mut chain, &mut outcome);
        let mut ours = Vec::new();
        let deletes = set.deletes.iter().filter(of(ProtocolId::ESP));
        for spi_out in deletes.flat_map(Delete::esp_spis) {
            ours.extend(self.answer_delete_child(spi_out, &mut outcome));
        }
        if !ours.is_empty() {
            chain.push(&Payload::Delete(Delete::esp(&ours)));
        }
        (chain, outcome)
    }

    fn answer_delete_ike(&mut self) -> Outcome {
        let ruling = rule(self.ours(), Asked::DeleteIke);
        match self.take_rival_ike() {
            Some(rival) if ruling == Ruling::Succeed => {
                Outcome::fated(SaFate::ReplacedAndDeleted(rival))
            }
            Some(_) | None => Outcome::closed(CloseReason::Deleted),
        }
    }

    /// Gives the octets of our SPI, if the answer has to name it.
    fn answer_delete_child(&mut self, spi_out: EspSpi, outcome: &mut Outcome) -> Vec<u8> {
        let known = self.known(spi_out);
        let ruling = rule(self.ours(), Asked::DeleteChild(known));
        let Some(child) = self.children.by_out(spi_out) else {
            return Vec::new();
        };
        let spi_in = child.spi_in;
        match ruling {
            Ruling::Await => child.fate = Fate::Deleted,
            Ruling::Delete | Ruling::Quietly => outcome.append(self.forget_child(spi_in)),
            Ruling::Make
            | Ruling::Rival
            | Ruling::Decline(_)
            | Ruling::Nothing
            | Ruling::End
            | Ruling::Succeed => return Vec::new(),
        }
        if ruling == Ruling::Quietly {
            return Vec::new();
        }
        spi_in.octets().to_vec()
    }

    fn answer_create_child_sa(
        &mut self,
        step: &mut Step<'_>,
        set: &PayloadSet<'_>,
    ) -> (Chain, Outcome) {
        let is_ike = set.sa.as_ref().is_some_and(|sa| {
            let mut proposals = sa.proposals.iter();
            proposals.any(|proposal| proposal.protocol == ProtocolId::IKE)
        });
        let rekey = set.notify(NotifyType::REKEY_SA);
        let spi = rekey.filter(|rekey| rekey.protocol == ProtocolId::ESP);
        let spi_out = spi.and_then(|rekey| EspSpi::from_octets(rekey.spi));
        let asked = match (is_ike, rekey) {
            (true, _) => Asked::RekeyIke,
            (false, None) => Asked::NewChild,
            (false, Some(_)) => {
                Asked::RekeyChild(spi_out.map_or(Known::No, |spi_out| self.known(spi_out)))
            }
        };
        match (rule(self.ours(), asked), spi_out) {
            (Ruling::Make | Ruling::Rival, _) if is_ike => self.answer_rekey_ike(step, set),
            (Ruling::Make | Ruling::Rival, Some(spi_out)) => {
                self.answer_rekey_child(step, set, spi_out)
            }
            (Ruling::Decline(NotifyType::CHILD_SA_NOT_FOUND), _) => {
                (not_found(rekey), Outcome::default())
            }
            (Ruling::Decline(kind), _) => decline(kind),
            // The table has none of these for a CREATE_CHILD_SA.
            (
                Ruling::Make
                | Ruling::Rival
                | Ruling::Delete
                | Ruling::Quietly
                | Ruling::Await
                | Ruling::Nothing
                | Ruling::End
                | Ruling::Succeed,
                _,
            ) => decline(NotifyType::TEMPORARY_FAILURE),
        }
    }

    fn answer_rekey_child(
        &mut self,
        step: &mut Step<'_>,
        set: &PayloadSet<'_>,
        spi_out: EspSpi,
    ) -> (Chain, Outcome) {
        if self.children.count() >= MOST_CHILDREN {
            return decline(NotifyType::TEMPORARY_FAILURE);
        }
        let Some(child) = self.children.by_out(spi_out) else {
            return decline(NotifyType::CHILD_SA_NOT_FOUND);
        };
        let answer = rekey_child::answer(&step.config.offer, child, &self.basis, step.random, set);
        let (chain, made) = match answer {
            Ok(made) => made,
            Err(error) => return (error, Outcome::default()),
        };
        let old = child.spi_in;
        let life = Life::of_child(&step.config.lifetimes, step.now, step.random);
        let sa = made.sa;
        self.children.push(Child::new(&sa, life));
        self.children.replace_used_by(sa.spi_in, step.now + WAIT);
        if let Some((_, Task::RekeyChild(rekey, rival))) = &mut self.request
            && rekey.old() == old
        {
            *rival = Some(Rival {
                spi_in: sa.spi_in,
                lowest: made.lowest,
            });
        }
        tracing::debug!(old = %old, new = %sa.spi_in, "the gateway rekeyed the Child SA");
        let mut outcome = Outcome::default();
        outcome.children.push(ChildEvent::Theirs(Box::new(sa)));
        (chain, outcome)
    }

    fn answer_rekey_ike(&mut self, step: &mut Step<'_>, set: &PayloadSet<'_>) -> (Chain, Outcome) {
        let answer = rekey_ike::answer(&step.config.offer, &self.basis, step.random, set);
        let (chain, made) = match answer {
            Ok(made) => made,
            Err(error) => return (error, Outcome::default()),
        };
        let made = Box::new(made);
        if let Some((_, Task::RekeyIke(_, rival))) = &mut self.request {
            *rival = Some(made);
            return (chain, Outcome::default());
        }
        (chain, Outcome::fated(SaFate::ReplacedByGateway(made)))
    }

    /// What of ours is out.
    fn ours(&self) -> Ours {
        if self.place == Place::Replaced {
            return Ours::Replaced;
        }
        match &self.request {
            Some((_, Task::RekeyIke(_, rival))) => Ours::RekeyIke {
                rival: rival.is_some(),
            },
            Some((_, Task::RekeyChild(..) | Task::DeleteChild(_))) => Ours::Child,
            Some((_, Task::Liveness | Task::Update(_) | Task::DeleteIke)) | None => Ours::Nothing,
        }
    }

    /// What we know of the Child SA with this SPI of the gateway's.
    fn known(&mut self, spi_out: EspSpi) -> Known {
        let Some(child) = self.children.by_out(spi_out) else {
            return Known::No;
        };
        let (spi_in, fate) = (child.spi_in, child.fate);
        if fate == Fate::Deleted {
            return Known::No;
        }
        match &self.request {
            Some((_, Task::RekeyChild(rekey, rival))) if rekey.old() == spi_in => {
                return Known::Rekeying {
                    rival: rival.is_some(),
                };
            }
            Some((_, Task::DeleteChild(deleting))) if *deleting == spi_in => {
                return Known::Deleting;
            }
            Some(_) | None => {}
        }
        match fate {
            Fate::Used => Known::Used,
            Fate::Replaced(_) => Known::Replaced,
            Fate::Leaving => Known::Leaving,
            Fate::Deleted => Known::No,
        }
    }

    fn take_rival_ike(&mut self) -> Option<Box<MadeIke>> {
        match &mut self.request {
            Some((_, Task::RekeyIke(_, rival))) => rival.take(),
            Some(_) | None => None,
        }
    }
}

fn decline(kind: NotifyType) -> (Chain, Outcome) {
    (error_chain(kind, &[]), Outcome::default())
}

/// RFC 7296, section 2.25: the SPI is that of the `REKEY_SA`.
fn not_found(rekey: Option<&Notify<'_>>) -> Chain {
    let mut chain = Chain::new();
    chain.push(&Payload::Notify(Notify {
        protocol: rekey.map_or(ProtocolId::NONE, |rekey| rekey.protocol),
        spi: rekey.map_or(&[], |rekey| rekey.spi),
        kind: NotifyType::CHILD_SA_NOT_FOUND,
        data: &[],
    }));
    chain
}
