//! What goes over from an IKE SA to the one that takes its place (RFC 7296, sections 2.8 and 2.18):
//! the Child SAs, the addresses, and what was still to be asked.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Instant;

use azike_wire::Spi;

use super::task::{Task, Wish};
use super::{IkeSa, Outcome};
use crate::basis::Basis;
use crate::children::Children;
use crate::context::Context;
use crate::event::{Event, Maker};
use crate::sa_init::Peer;

/// What a new IKE SA inherits.
#[derive(Debug)]
pub(crate) struct Estate {
    children: Children,
    addresses: Vec<IpAddr>,
    wishes: VecDeque<Wish>,
    id_i: Vec<u8>,
    mobike: bool,
    login_ends: Option<Instant>,
    first: Peer,
}

impl IkeSa {
    /// A new IKE SA is there. Whether it inherits anything is another question.
    pub(super) fn make_ike_sa(&self, context: &Context<'_>, basis: Basis, outcome: &mut Outcome) {
        outcome.events.push(Event::IkeSa(basis.spi_r));
        let made = Self::rekeyed(context, basis, self.peer);
        outcome.made = Some(Box::new(made));
    }

    /// The IKE SA of `heir` takes the place of this one, which stays until somebody deletes it.
    pub(super) fn bequeath(
        &mut self,
        (heir, maker): (Spi, Maker),
        now: Instant,
        outcome: &mut Outcome,
    ) {
        self.heir = Some((heir, maker));
        self.clock.replaced(now);
        let estate = self.give_up();
        outcome.events.push(Event::IkeSaRekeyed {
            old: self.basis.spi_r,
            new: heir,
            maker,
        });
        outcome.legacy = Some((heir, estate));
    }

    /// Leaves everything to another one.
    pub(crate) fn give_up(&mut self) -> Estate {
        // What was sent already stays with the keys that it was sent with.
        let wishes = std::mem::take(&mut self.wishes).into_iter();
        let (stay, go) = wishes.partition(|wish| matches!(wish, Wish::Sent(_)));
        self.wishes = stay;
        Estate {
            children: std::mem::take(&mut self.children),
            addresses: std::mem::take(&mut self.addresses),
            wishes: go,
            id_i: std::mem::take(&mut self.id_i),
            mobike: self.mobike,
            login_ends: self.clock.login_ends.take(),
            first: self.first,
        }
    }

    /// It ends before the client has answered our wish for another one. If the client made one
    /// itself meanwhile, that takes its place.
    pub(super) fn bequeath_to_rival(&mut self, now: Instant, outcome: &mut Outcome) {
        if let Some(Task::RekeyIke(rekey)) = self.task()
            && let Some(rival) = rekey.rival.clone()
        {
            self.bequeath((rival.spi_r, Maker::Client), now, outcome);
        }
    }

    /// Takes the place of another one.
    pub(crate) fn inherit(&mut self, context: &mut Context<'_>, estate: Estate) {
        self.children = estate.children;
        self.addresses = estate.addresses;
        self.wishes.extend(estate.wishes);
        self.id_i = estate.id_i;
        self.mobike = estate.mobike;
        self.first = estate.first;
        self.clock.begin(context);
        self.clock.login_ends = estate.login_ends;
    }
}
