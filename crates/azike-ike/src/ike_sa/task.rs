//! What we ask of the gateway, and what its responses lead to.

use std::time::Duration;

use azike_wire::{Chain, Delete, EspSpi, ExchangeType, KeyExchangeMethod, Payload};

use super::{ChildEvent, IkeSa, Outcome, SaFate, Step};
use crate::channel::Opened;
use crate::children::{Child, Fate};
use crate::mobike::Update;
use crate::rekey_child::{Form, Judgement, Made, RekeyChild};
use crate::rekey_ike::{self, MadeIke, RekeyIke};

/// How long to wait after a `TEMPORARY_FAILURE`.
const SOON: Duration = Duration::from_secs(2);
/// How long to wait after every form of a rekey was refused: the old keys still work.
const LATER: Duration = Duration::from_mins(1);

/// Why our request is out.
#[derive(Debug)]
pub(super) enum Task {
    /// Is the gateway alive?
    Liveness,
    /// Our new address.
    Update(Update),
    /// New keys for a Child SA; the forms that are left; the gateway's own rekey of the same, if it
    /// came meanwhile.
    RekeyChild(Box<RekeyChild>, Vec<Form>, Option<Box<Rival>>),
    /// The Child SA with this SPI of ours goes.
    DeleteChild(EspSpi),
    /// New keys for the IKE SA.
    RekeyIke(Box<RekeyIke>),
}

/// The gateway's rekey of the Child SA that we are rekeying.
#[derive(Debug)]
pub(super) struct Rival {
    pub(super) lowest: Vec<u8>,
}

impl IkeSa {
    /// Begins what is due, the most important first.
    pub(super) fn next_task(&mut self, step: &mut Step<'_>) -> Outcome {
        if self.moved {
            return Outcome::send(self.update_addresses(step));
        }
        if let Some(spi_in) = self.children.leaving() {
            return Outcome::send(self.delete_child(step, spi_in));
        }
        if self.children.rekey_due().is_some_and(|due| due <= step.now) {
            let forms = self.forms.clone();
            return Outcome::send(self.rekey_child(step, forms));
        }
        if self.rekey_at <= step.now {
            let group = self.basis.group;
            return Outcome::send(self.rekey_ike(step, group));
        }
        if step.now >= self.liveness_due(step.config) {
            let exchange = ExchangeType::INFORMATIONAL;
            return Outcome::send(self.ask(step, exchange, Chain::new(), Task::Liveness));
        }
        Outcome::default()
    }

    fn delete_child(&mut self, step: &mut Step<'_>, spi_in: EspSpi) -> Vec<Vec<u8>> {
        let mut chain = Chain::new();
        chain.push(&Payload::Delete(Delete::esp(&spi_in.octets())));
        let exchange = ExchangeType::INFORMATIONAL;
        self.ask(step, exchange, chain, Task::DeleteChild(spi_in))
    }

    /// Tries the first of `forms`.
    fn rekey_child(&mut self, step: &mut Step<'_>, mut forms: Vec<Form>) -> Vec<Vec<u8>> {
        let Some(child) = self.children.used() else {
            return Vec::new();
        };
        if forms.is_empty() {
            // Every form was refused. The old keys work until the gateway ends them.
            child.rekey_at = step.now + LATER;
            return Vec::new();
        }
        let form = forms.remove(0);
        let Some(rekey) = RekeyChild::new(step.random, child.spi_in, form) else {
            child.rekey_at = step.now + LATER;
            return Vec::new();
        };
        tracing::debug!(spi = %child.spi_in, ?form, "rekeying the Child SA");
        let chain = rekey.chain(&step.config.offer, child);
        let task = Task::RekeyChild(Box::new(rekey), forms, None);
        self.ask(step, ExchangeType::CREATE_CHILD_SA, chain, task)
    }

    fn rekey_ike(&mut self, step: &mut Step<'_>, group: KeyExchangeMethod) -> Vec<Vec<u8>> {
        let Some(rekey) = RekeyIke::new(step.random, group) else {
            self.rekey_at = step.now + LATER;
            return Vec::new();
        };
        let chain = rekey.chain(&step.config.offer);
        let task = Task::RekeyIke(Box::new(rekey));
        self.ask(step, ExchangeType::CREATE_CHILD_SA, chain, task)
    }

    /// Takes the response to `task`.
    pub(super) fn finish(&mut self, step: &mut Step<'_>, task: Task, opened: &Opened) -> Outcome {
        match task {
            Task::Liveness => self.next_task(step),
            Task::Update(update) => self.finish_update(step, &update, opened),
            Task::DeleteChild(spi_in) => {
                self.children.remove(spi_in);
                let mut outcome = self.next_task(step);
                outcome.children.push(ChildEvent::Down(spi_in));
                outcome
            }
            Task::RekeyChild(rekey, forms, rival) => {
                self.finish_child(step, (&rekey, forms, rival), opened)
            }
            Task::RekeyIke(rekey) => self.finish_ike(step, *rekey, opened),
        }
    }

    fn finish_child(
        &mut self,
        step: &mut Step<'_>,
        (rekey, forms, rival): (&RekeyChild, Vec<Form>, Option<Box<Rival>>),
        opened: &Opened,
    ) -> Outcome {
        let judgement = match (opened.payloads(), self.children.by_in(rekey.old)) {
            (Ok(set), Some(child)) => rekey.judge(&step.config.offer, child, &self.basis, &set),
            // The gateway deleted the old one meanwhile; whatever it made now is not for us.
            (Ok(_) | Err(_), _) => Judgement::Gone,
        };
        match judgement {
            Judgement::Made(made) => self.made_child(step, rekey, *made, rival.as_deref()),
            Judgement::Other(group) => {
                let asked = group.map(Form::With).filter(|form| *form != rekey.form);
                let offered = group.is_none_or(|group| step.config.offer.groups().contains(&group));
                let mut forms = forms;
                if offered {
                    forms.splice(0..0, asked);
                }
                forms.truncate(4);
                Outcome::send(self.rekey_child(step, forms))
            }
            Judgement::Later => {
                if let Some(child) = self.children.by_in(rekey.old) {
                    child.rekey_at = step.now + SOON;
                }
                Outcome::default()
            }
            Judgement::Gone => self.lost_child(rekey.old),
        }
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
        let rekey_at = Self::child_rekey_at(&step.config.lifetimes, step.now, step.random);
        let sa = made.sa;
        let mut child = Child::new(&sa, rekey_at);
        //= https://www.rfc-editor.org/rfc/rfc7296#section-2.8.1
        //# the SA created with the lowest of the four nonces used in the two
        //# exchanges SHOULD be closed by the endpoint that created it.
        if rival.is_some_and(|rival| made.lowest < rival.lowest) {
            // Nothing was ever sent with it, and nothing will be.
            tracing::debug!(spi = %child.spi_in, "lost against the gateway's rekey");
            child.fate = Fate::Leaving;
            self.children.push(child);
            return self.next_task(step);
        }
        if let Some(old) = self.children.by_in(rekey.old) {
            old.fate = Fate::Leaving;
        }
        if rival.is_some() {
            // The gateway made one too, and is going to delete it.
            self.children.replace_used_by(child.spi_in);
        }
        self.children.push(child);
        let mut outcome = self.next_task(step);
        outcome.children.insert(0, ChildEvent::Ours(Box::new(sa)));
        outcome
    }

    /// The gateway does not have the old Child SA.
    fn lost_child(&mut self, old: EspSpi) -> Outcome {
        let mut outcome = Outcome::default();
        if self
            .children
            .by_in(old)
            .is_some_and(|child| child.fate == Fate::Used)
        {
            self.children.remove(old);
            outcome.children.push(ChildEvent::Down(old));
        }
        outcome
    }

    fn finish_ike(&mut self, step: &mut Step<'_>, mut rekey: RekeyIke, opened: &Opened) -> Outcome {
        let set = opened.payloads();
        let judgement = match &set {
            Ok(set) => rekey.judge(&step.config.offer, &self.basis, set),
            Err(reason) => {
                tracing::debug!(%reason, "the answer to an IKE rekey makes no sense");
                rekey_ike::Judgement::Later
            }
        };
        let rival = rekey.rival.take();
        match (judgement, rival) {
            (rekey_ike::Judgement::Made(made), None) => Self::fated(SaFate::ReplacedByUs(made)),
            (rekey_ike::Judgement::Made(made), Some(rival)) => {
                Self::fated(if made.lowest < rival.lowest {
                    SaFate::Lost(rival, made)
                } else {
                    SaFate::Won(made, rival)
                })
            }
            (_, Some(rival)) => Self::fated(SaFate::ReplacedByGateway(rival)),
            (rekey_ike::Judgement::Other(group), None) => {
                Outcome::send(self.rekey_ike(step, group))
            }
            (rekey_ike::Judgement::Later, None) => {
                self.rekey_at = step.now + SOON * 5;
                Outcome::default()
            }
        }
    }

    fn fated(fate: SaFate) -> Outcome {
        Outcome {
            fate: Some(fate),
            ..Outcome::default()
        }
    }

    /// What is going on, for the answers to the gateway's requests.
    pub(super) fn rekeying_child(&mut self, spi_in: EspSpi) -> Option<&mut Option<Box<Rival>>> {
        match &mut self.request {
            Some((_, Task::RekeyChild(rekey, _, rival))) if rekey.old == spi_in => Some(rival),
            _ => None,
        }
    }

    /// Our request for a new IKE SA, if one is out.
    pub(super) fn rekeying_ike(&mut self) -> Option<&mut Option<Box<MadeIke>>> {
        match &mut self.request {
            Some((_, Task::RekeyIke(rekey))) => Some(&mut rekey.rival),
            _ => None,
        }
    }

    /// Whether a request of ours about a Child SA is out.
    pub(super) fn busy_with_children(&self) -> bool {
        matches!(
            self.request,
            Some((_, Task::RekeyChild(..) | Task::DeleteChild(_)))
        )
    }
}
