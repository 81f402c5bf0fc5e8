//! Our rekey of the IKE SA (RFC 7296, sections 1.3.2, 2.8.2 and 2.18).
//!
//! ```text
//!   rekey ─▶ a new one          ─▶ it is in use; Delete of the old one (sas.rs)
//!        ├─▶ INVALID_KE_PAYLOAD ─▶ the group that the gateway asks for, if it is offered
//!        ├─▶ TEMPORARY_FAILURE  ─▶ the same group, soon
//!        └─▶ refused            ─▶ later again
//! ```

use azike_wire::ExchangeType;

use super::child::refused;
use super::task::{LATER, Task};
use super::{IkeSa, Outcome, SaFate, Step};
use crate::channel::Opened;
use crate::event::Sa;
use crate::rekey_child::Form;
use crate::rekey_ike::{Judgement, MadeIke, RekeyIke};
use crate::round::Refusal;

impl IkeSa {
    /// Tries the next group.
    pub(super) fn rekey_ike(&mut self, step: &mut Step<'_>) -> Outcome {
        let form = self.round.next(&[Form::With(self.basis.group)]);
        let group = form.and_then(Form::group);
        let rekey = group.and_then(|group| RekeyIke::new(step.random, group));
        let Some(rekey) = rekey else {
            self.round.end();
            self.life.postpone(step.now, LATER, step.random);
            return Outcome::default();
        };
        tracing::debug!(?group, "rekeying the IKE SA");
        let chain = rekey.chain(&step.config.offer);
        let task = Task::RekeyIke(Box::new(rekey), None);
        Outcome::send(self.ask(step, ExchangeType::CREATE_CHILD_SA, chain, task))
    }

    /// Takes the response.
    pub(super) fn finish_ike(
        &mut self,
        step: &mut Step<'_>,
        rekey: &RekeyIke,
        rival: Option<Box<MadeIke>>,
        opened: &Opened,
    ) -> Outcome {
        let judgement = match opened.payloads() {
            Ok(set) => rekey.judge(&step.config.offer, &self.basis, &set),
            Err(reason) => {
                tracing::debug!(%reason, "the answer to an IKE rekey makes no sense");
                Judgement::Refused(Refusal::default())
            }
        };
        match (judgement, rival) {
            (Judgement::Made(made), None) => Outcome::fated(SaFate::ReplacedByUs(made)),
            //= https://www.rfc-editor.org/rfc/rfc7296#section-2.8.2
            //# The new IKE SA containing the lowest nonce SHOULD be deleted by the
            //# node that created it, and the other surviving new IKE SA MUST
            //# inherit all the Child SAs.
            (Judgement::Made(made), Some(rival)) => Outcome::fated(if made.lowest < rival.lowest {
                SaFate::Lost(rival, made)
            } else {
                SaFate::Won(made, rival)
            }),
            (Judgement::Refused(_) | Judgement::Later, Some(rival)) => {
                Outcome::fated(SaFate::ReplacedByGateway(rival))
            }
            (Judgement::Refused(refusal), None) => {
                let (forms, offered) = ([Form::With(self.basis.group)], step.config.offer.groups());
                if self.round.refused(refusal, &forms, &offered) {
                    self.life.hurry(step.now);
                    return self.next_task(step);
                }
                self.ike_refused(step)
            }
            (Judgement::Later, None) => {
                let Some(pause) = self.round.busy(Form::With(rekey.group())) else {
                    return self.ike_refused(step);
                };
                self.life.postpone(step.now, pause, step.random);
                self.next_task(step)
            }
        }
    }

    fn ike_refused(&mut self, step: &mut Step<'_>) -> Outcome {
        self.life.postpone(step.now, LATER, step.random);
        let refusal = self.round.end();
        let mut outcome = Outcome::event(refused(Sa::Ike, refusal, self.life.expires_at));
        outcome.append(self.next_task(step));
        outcome
    }
}
