//! What we ask of the gateway, and what its responses lead to. Rekeys have a file each:
//! `ike_sa/child.rs` and `ike_sa/ike.rs`.

use std::time::Duration;

use azike_wire::{Chain, Delete, EspSpi, ExchangeType, Payload};

use super::{ChildEvent, IkeSa, Outcome, Place, Step};
use crate::channel::Opened;
use crate::mobike::Update;
use crate::reason::{CloseReason, DropReason, ProtocolFault};
use crate::rekey_child::RekeyChild;
use crate::rekey_ike::{MadeIke, RekeyIke};

/// How long to wait after every form of a rekey was refused: the old keys still work.
pub(super) const LATER: Duration = Duration::from_mins(1);

/// Why our request is out.
#[derive(Debug)]
pub(super) enum Task {
    /// Is the gateway alive?
    Liveness,
    /// Our new address.
    Update(Update),
    /// New keys for a Child SA; the gateway's own rekey of the same, if it came meanwhile.
    RekeyChild(Box<RekeyChild>, Option<Rival>),
    /// The Child SA with this SPI of ours goes.
    DeleteChild(EspSpi),
    /// New keys for the IKE SA; the gateway's own, if they came meanwhile.
    RekeyIke(Box<RekeyIke>, Option<Box<MadeIke>>),
    /// This IKE SA has a successor and goes.
    DeleteIke,
}

/// The gateway's rekey of the Child SA that we are rekeying.
#[derive(Debug)]
pub(super) struct Rival {
    /// What it made.
    pub(super) spi_in: EspSpi,
    /// The lower of its nonces.
    pub(super) lowest: Vec<u8>,
}

impl IkeSa {
    /// Begins what is due, the most important first.
    pub(super) fn next_task(&mut self, step: &mut Step<'_>) -> Outcome {
        if self.place == Place::Replaced || self.request.is_some() {
            return Outcome::default();
        }
        if self.window.spent() {
            let fault = ProtocolFault::Message(DropReason::WrongMessageId);
            return Outcome::left(CloseReason::Protocol(fault));
        }
        if self.moved {
            return Outcome::send(self.update_addresses(step));
        }
        let leaving = self.children.next_delete(step.now);
        if let Some(spi_in) = leaving.or_else(|| self.strays.pop()) {
            return Outcome::send(self.delete_child(step, spi_in));
        }
        let mut outcome = self.rekey_child(step);
        if self.request.is_none() && self.life.rekey_at <= step.now {
            outcome.append(self.rekey_ike(step));
        }
        if self.request.is_none() && step.now >= self.liveness_due(step.config) {
            let exchange = ExchangeType::INFORMATIONAL;
            let datagrams = self.ask(step, exchange, Chain::new(), Task::Liveness);
            outcome.append(Outcome::send(datagrams));
        }
        outcome
    }

    fn delete_child(&mut self, step: &mut Step<'_>, spi_in: EspSpi) -> Vec<Vec<u8>> {
        let mut chain = Chain::new();
        chain.push(&Payload::Delete(Delete::esp(&spi_in.octets())));
        let exchange = ExchangeType::INFORMATIONAL;
        self.ask(step, exchange, chain, Task::DeleteChild(spi_in))
    }

    /// Tells the gateway that this IKE SA, which has a successor, goes.
    pub(crate) fn delete(&mut self, step: &mut Step<'_>) -> Vec<Vec<u8>> {
        let mut chain = Chain::new();
        chain.push(&Payload::Delete(Delete::ike_sa()));
        self.ask(step, ExchangeType::INFORMATIONAL, chain, Task::DeleteIke)
    }

    /// Takes the response to `task`.
    pub(super) fn finish(&mut self, step: &mut Step<'_>, task: Task, opened: &Opened) -> Outcome {
        match task {
            Task::DeleteIke => Outcome::closed(CloseReason::Closed),
            // What was out when the gateway replaced this IKE SA is history.
            _ if self.place == Place::Replaced => Outcome::default(),
            Task::Liveness => self.next_task(step),
            Task::Update(update) => self.finish_update(step, &update, opened),
            Task::DeleteChild(spi_in) => {
                let mut outcome = self.forget_child(spi_in);
                outcome.append(self.next_task(step));
                outcome
            }
            Task::RekeyChild(rekey, rival) => self.finish_child(step, &rekey, rival, opened),
            Task::RekeyIke(rekey, rival) => self.finish_ike(step, &rekey, rival, opened),
        }
    }

    /// A Child SA is gone. The caller hears of it if it ever heard that it came.
    pub(super) fn forget_child(&mut self, spi_in: EspSpi) -> Outcome {
        let told = self.children.by_in(spi_in).is_some_and(|child| child.told);
        self.children.remove(spi_in);
        let mut outcome = Outcome::default();
        outcome
            .children
            .extend(told.then_some(ChildEvent::Down(spi_in)));
        outcome
    }
}
