//! What we answer to requests of the gateway: `INFORMATIONAL` and `CREATE_CHILD_SA`
//! (RFC 7296, sections 1.3, 1.4, 2.25).

use azike_wire::{Chain, Delete, EspSpi, ExchangeType, NotifyType, Payload, ProtocolId};

use super::task::Rival;
use super::{ChildEvent, IkeSa, Outcome, SaFate, Step};
use crate::channel::Opened;
use crate::children::{Child, Fate};
use crate::payload_set::PayloadSet;
use crate::reason::{CloseReason, DropReason};
use crate::rekey_child::{self, error_chain};
use crate::rekey_ike;

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
        let gone = set.notify(NotifyType::AUTHENTICATION_FAILED).is_some()
            || set
                .deletes
                .iter()
                .any(|delete| delete.protocol == ProtocolId::IKE);
        if gone {
            return (Chain::new(), Outcome::closed(CloseReason::Deleted));
        }
        let mut chain = Chain::new();
        let mut outcome = Outcome::default();
        self.take_notifies(step, set, &mut chain, &mut outcome);
        let mut ours = Vec::new();
        let deletes = set
            .deletes
            .iter()
            .filter(|delete| delete.protocol == ProtocolId::ESP);
        for spi_out in deletes.flat_map(Delete::esp_spis) {
            let Some(child) = self.children.by_out(spi_out) else {
                continue;
            };
            let (spi_in, fate) = (child.spi_in, child.fate);
            // RFC 7296, section 1.4.1: when both sides delete the same SA at once, neither answers with a
            // Delete for it.
            if fate != Fate::Leaving {
                ours.extend(spi_in.octets());
            }
            self.children.remove(spi_in);
            outcome.children.push(ChildEvent::Down(spi_in));
        }
        if !ours.is_empty() {
            chain.push(&Payload::Delete(Delete::esp(&ours)));
        }
        (chain, outcome)
    }

    fn answer_create_child_sa(
        &mut self,
        step: &mut Step<'_>,
        set: &PayloadSet<'_>,
    ) -> (Chain, Outcome) {
        let is_ike = set.sa.as_ref().is_some_and(|sa| {
            sa.proposals
                .iter()
                .any(|proposal| proposal.protocol == ProtocolId::IKE)
        });
        if is_ike {
            return self.answer_rekey_ike(step, set);
        }
        let Some(rekey) = set.notify(NotifyType::REKEY_SA) else {
            // One tunnel has one Child SA.
            return decline(NotifyType::NO_ADDITIONAL_SAS);
        };
        // RFC 7296, section 2.25.2: nothing about Child SAs while we rekey the IKE SA.
        if self.rekeying_ike().is_some() {
            return decline(NotifyType::TEMPORARY_FAILURE);
        }
        let spi_out = Some(rekey.spi).filter(|_| rekey.protocol == ProtocolId::ESP);
        match spi_out.and_then(EspSpi::from_octets) {
            Some(spi_out) => self.answer_rekey_child(step, set, spi_out),
            None => decline(NotifyType::CHILD_SA_NOT_FOUND),
        }
    }

    fn answer_rekey_child(
        &mut self,
        step: &mut Step<'_>,
        set: &PayloadSet<'_>,
        spi_out: EspSpi,
    ) -> (Chain, Outcome) {
        let Some(child) = self.children.by_out(spi_out) else {
            return decline(NotifyType::CHILD_SA_NOT_FOUND);
        };
        //= https://www.rfc-editor.org/rfc/rfc7296#section-2.25.1
        //# If a peer receives a request to rekey a Child SA that it is currently
        //# trying to close, it SHOULD reply with TEMPORARY_FAILURE.
        if child.fate == Fate::Leaving {
            return decline(NotifyType::TEMPORARY_FAILURE);
        }
        let answer = rekey_child::answer(&step.config.offer, child, &self.basis, step.random, set);
        let (chain, made) = match answer {
            Ok(made) => made,
            Err(error) => return (error, Outcome::default()),
        };
        child.fate = Fate::Replaced;
        let old = child.spi_in;
        let rekey_at = Self::child_rekey_at(&step.config.lifetimes, step.now, step.random);
        let sa = made.sa;
        self.children.push(Child::new(&sa, rekey_at));
        if let Some(rival) = self.rekeying_child(old) {
            let lowest = made.lowest;
            *rival = Some(Box::new(Rival { lowest }));
        }
        tracing::debug!(old = %old, new = %sa.spi_in, "the gateway rekeyed the Child SA");
        let mut outcome = Outcome::default();
        outcome.children.push(ChildEvent::Theirs(Box::new(sa)));
        (chain, outcome)
    }

    fn answer_rekey_ike(&mut self, step: &mut Step<'_>, set: &PayloadSet<'_>) -> (Chain, Outcome) {
        // RFC 7296, section 2.25.2: no new IKE SA while we rekey or delete a Child SA.
        if self.busy_with_children() {
            return decline(NotifyType::TEMPORARY_FAILURE);
        }
        let answer = rekey_ike::answer(&step.config.offer, &self.basis, step.random, set);
        let (chain, made) = match answer {
            Ok(made) => made,
            Err(error) => return (error, Outcome::default()),
        };
        let mut outcome = Outcome::default();
        match self.rekeying_ike() {
            Some(rival) => *rival = Some(Box::new(made)),
            None => outcome.fate = Some(SaFate::ReplacedByGateway(Box::new(made))),
        }
        (chain, outcome)
    }
}

fn decline(kind: NotifyType) -> (Chain, Outcome) {
    (error_chain(kind, &[]), Outcome::default())
}
