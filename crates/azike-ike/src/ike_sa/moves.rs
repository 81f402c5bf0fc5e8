//! What comes from outside the SAs: a new address of ours, and what the gateway says about its own
//! plans (RFC 4555, RFC 4478, RFC 5685).
//!
//! ```text
//!   path change ─▶ what is out, again at once ─▶ UPDATE_SA_ADDRESSES ─▶ Moved | MoveRefused
//!                                            └▶ a liveness check, without MOBIKE
//! ```
//!
//! Without MOBIKE a gateway that follows NAT rebindings learns the new address from the check.

use azike_wire::{Chain, ExchangeType};

use super::task::Task;
use super::{IkeSa, Outcome, SaFate, Step};
use crate::auth_lifetime::auth_lifetime;
use crate::channel::Opened;
use crate::event::Event;
use crate::mobike::{self, Judgement, Update};
use crate::payload_set::PayloadSet;
use crate::reason::{CloseReason, ProtocolFault};
use crate::redirect::{self, Said};
use crate::transmit::Transport;

impl IkeSa {
    /// Our address has changed: the newest counts.
    pub(crate) fn handle_path_change(&mut self, step: &mut Step<'_>) -> Outcome {
        self.moved = self.mobike;
        if self.request.is_some() {
            return Outcome::send(self.again(step));
        }
        self.doubted = !self.mobike;
        self.next_task(step)
    }

    /// What is out, once more.
    pub(crate) fn again(&mut self, step: &Step<'_>) -> Vec<Vec<u8>> {
        let patience = &step.config.patience;
        let Some((request, _)) = &mut self.request else {
            return Vec::new();
        };
        self.spoke = step.now;
        request.again(step.now, (patience, patience.established))
    }

    /// Tells the gateway where we are now.
    pub(super) fn update_addresses(&mut self, step: &mut Step<'_>) -> Vec<Vec<u8>> {
        self.moved = false;
        let update = Update::new(step.random);
        let gateway = step.config.gateway.socket(Transport::Udp4500);
        let chain = update.chain(step.random, self.channel.spis(), gateway);
        let task = Task::Update(update);
        self.ask(step, ExchangeType::INFORMATIONAL, chain, task)
    }

    /// Takes the response to an update.
    pub(super) fn finish_update(
        &mut self,
        step: &mut Step<'_>,
        update: &Update,
        opened: &Opened,
    ) -> Outcome {
        // RFC 4555, section 3.5: an answer about an older address says nothing.
        if self.moved {
            return self.next_task(step);
        }
        let judgement = match opened.payloads() {
            Ok(set) => update.judge(&set),
            Err(_) => Judgement::Refused(None),
        };
        let event = match judgement {
            Judgement::Accepted => Event::Moved,
            Judgement::Refused(error) => Event::MoveRefused(error),
            Judgement::NotReachable => {
                return Outcome::left(CloseReason::Protocol(ProtocolFault::Cookie2));
            }
        };
        let mut outcome = self.next_task(step);
        outcome.events.push(event);
        outcome
    }

    /// Whether the gateway still has to hear of our newest address, on the IKE SA that takes the
    /// place of this one.
    pub(super) fn take_move(&mut self) -> bool {
        let telling = matches!(self.request, Some((_, Task::Update(_))));
        std::mem::take(&mut self.moved) || telling
    }

    /// Takes the notifies of an `INFORMATIONAL` request. `UPDATE_SA_ADDRESSES` is none of them: the
    /// gateway does not move (RFC 4555, section 3.5).
    pub(super) fn take_notifies(
        &self,
        step: &Step<'_>,
        set: &PayloadSet<'_>,
        chain: &mut Chain,
        outcome: &mut Outcome,
    ) {
        if self.mobike {
            mobike::echo(set, chain);
        }
        let lifetime = auth_lifetime(set);
        outcome.events.extend(lifetime.map(Event::AuthLifetime));
        match redirect::said(&step.config.redirect, set, None) {
            Said::Nothing => {}
            Said::Nonsense => tracing::debug!("redirected to where no gateway can be"),
            Said::Go(target) => {
                outcome.fate = Some(SaFate::Left(CloseReason::Redirected(target)));
            }
        }
    }
}
