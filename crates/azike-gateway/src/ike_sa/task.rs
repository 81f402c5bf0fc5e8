//! What the gateway asks, one request after the other, and what it makes of the answers.
//!
//! Two rekeys of the same SA may cross. Then there are two new ones, and the one whose exchange
//! had the lowest of the four nonces is one too many: who made it deletes it, and who made the
//! other deletes the old one (RFC 7296, sections 2.8.1 and 2.8.2).

use azike_wire::{EspSpi, ExchangeType, KeyExchangeMethod, MessageId, MessageKind};

use super::moves::Check;
use super::{IkeSa, Outcome};
use crate::children::{Child, Fate};
use crate::context::Context;
use crate::draft::Draft;
use crate::event::{Event, Gone, Maker};
use crate::incoming::Incoming;
use crate::informational;
use crate::login::Login;
use crate::rekey_child::{self, RekeyChild};
use crate::rekey_ike::{self, RekeyIke};
use crate::request::Request;
use crate::sa_init::Peer;

/// What is to be asked when the last request is answered.
#[derive(Debug)]
pub(crate) enum Wish {
    /// This, whatever it is.
    Ask(ExchangeType, Draft),
    /// The answer to this, which was sent too early.
    Sent(Box<Request>),
    /// Whether the client is where it says.
    Check(Check),
    /// A new Child SA in place of this one, in this group or in the best.
    RekeyChild(EspSpi, Option<KeyExchangeMethod>),
    /// A new IKE SA, in this group or in the present one.
    RekeyIke(Option<KeyExchangeMethod>),
    /// The end of a Child SA.
    DeleteChild(EspSpi),
    /// The end of the IKE SA.
    DeleteIkeSa,
}

/// What the request under way is about.
#[derive(Debug)]
pub(crate) enum Task {
    /// Whatever it is.
    Ask,
    /// Whether the client is where it says.
    Check(Check),
    /// A new Child SA, in place of this one as it was.
    RekeyChild(Box<RekeyChild>, Box<Child>),
    /// A new IKE SA.
    RekeyIke(Box<RekeyIke>),
    /// The end of a Child SA.
    DeleteChild(EspSpi),
    /// The end of the IKE SA.
    DeleteIkeSa,
}

impl IkeSa {
    /// What is asked at present.
    pub(super) fn task(&self) -> Option<&Task> {
        self.request.as_ref().map(|request| &request.task)
    }

    pub(super) fn task_mut(&mut self) -> Option<&mut Task> {
        self.request.as_mut().map(|request| &mut request.task)
    }

    /// Puts a wish behind the others.
    pub(crate) fn wish(&mut self, wish: Wish) {
        self.wishes.push_back(wish);
    }

    /// Wishes a new Child SA in place of the one in use; false if there is none.
    pub(crate) fn wish_child(&mut self) -> bool {
        let used = self.children.used().map(|child| child.spi_in);
        self.wishes
            .extend(used.map(|spi_in| Wish::RekeyChild(spi_in, None)));
        used.is_some()
    }

    /// Wishes a new IKE SA; false if this one is not in use.
    pub(crate) fn wish_ike(&mut self) -> bool {
        let used = matches!(self.login, Login::Done) && self.heir.is_none();
        self.wishes.extend(used.then_some(Wish::RekeyIke(None)));
        used
    }

    /// Wishes the end of the Child SA in use; false if there is none.
    pub(crate) fn wish_no_child(&mut self) -> bool {
        let used = self.children.used().map(|child| child.spi_in);
        self.wishes.extend(used.map(Wish::DeleteChild));
        used.is_some()
    }

    /// Sends the next request, if none is under way.
    pub(crate) fn advance(&mut self, context: &mut Context<'_>, outcome: &mut Outcome) {
        while self.request.is_none() && !outcome.over {
            let Some(wish) = self.wishes.pop_front() else {
                return;
            };
            if let Some((exchange, draft, task)) = self.begin(context, wish) {
                let request = self.request(context, exchange, draft, task);
                self.send(&request, outcome);
                self.request = Some(request);
            }
        }
    }

    /// The request that fulfils a wish, unless time has passed over it.
    fn begin(
        &mut self,
        context: &mut Context<'_>,
        wish: Wish,
    ) -> Option<(ExchangeType, Draft, Task)> {
        let policy = context.policy();
        match wish {
            Wish::Sent(request) => {
                self.request = Some(*request);
                None
            }
            Wish::Ask(exchange, draft) => Some((exchange, draft, Task::Ask)),
            Wish::Check(check) => Some(check.request()),
            Wish::RekeyChild(spi_in, group) => {
                let old = self.children.get(spi_in)?.clone();
                if old.fate != Fate::Used {
                    return None;
                }
                let rekey = RekeyChild::new(context, spi_in, group)?;
                let draft = rekey.draft(policy, &old);
                let task = Task::RekeyChild(Box::new(rekey), Box::new(old));
                Some((ExchangeType::CREATE_CHILD_SA, draft, task))
            }
            Wish::RekeyIke(group) => {
                if self.heir.is_some() {
                    return None;
                }
                let rekey = RekeyIke::new(context, group.unwrap_or(self.basis.group))?;
                let draft = rekey.draft(policy);
                let task = Task::RekeyIke(Box::new(rekey));
                Some((ExchangeType::CREATE_CHILD_SA, draft, task))
            }
            Wish::DeleteChild(spi_in) => {
                self.children.get_mut(spi_in)?.fate = Fate::Leaving;
                let draft = informational::delete_child(spi_in);
                let task = Task::DeleteChild(spi_in);
                Some((ExchangeType::INFORMATIONAL, draft, task))
            }
            Wish::DeleteIkeSa => {
                let draft = informational::delete_ike_sa();
                Some((ExchangeType::INFORMATIONAL, draft, Task::DeleteIkeSa))
            }
        }
    }

    /// Asks at once, even if the last request is not answered.
    pub(crate) fn ask(
        &mut self,
        context: &mut Context<'_>,
        (exchange, draft): (ExchangeType, Draft),
        outcome: &mut Outcome,
    ) {
        let request = self.request(context, exchange, draft, Task::Ask);
        self.send(&request, outcome);
        if self.request.is_none() {
            self.request = Some(request);
        } else {
            let sent = |wish: &Wish| matches!(wish, Wish::Sent(_));
            let first = self.wishes.iter().take_while(|wish| sent(wish)).count();
            self.wishes.insert(first, Wish::Sent(Box::new(request)));
        }
    }

    /// The next request.
    fn request(
        &mut self,
        context: &mut Context<'_>,
        exchange: ExchangeType,
        draft: Draft,
        task: Task,
    ) -> Request {
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        let header = (exchange, MessageKind::Request, id);
        let datagrams = self.seal(context, header, draft);
        let wait = context.policy().retransmit;
        let names = (exchange, MessageId(id));
        Request::new(context.now, names, (datagrams, wait), task)
    }

    /// Sends a request, also for the second time.
    pub(super) fn send(&self, request: &Request, outcome: &mut Outcome) {
        let to = match &request.task {
            Task::Check(check) => check.at,
            Task::Ask
            | Task::RekeyChild(..)
            | Task::RekeyIke(_)
            | Task::DeleteChild(_)
            | Task::DeleteIkeSa => self.peer,
        };
        let datagrams = request.datagrams.iter();
        outcome
            .requests
            .extend(datagrams.map(|it| (to, it.clone())));
    }

    /// The client has answered.
    pub(super) fn finish(
        &mut self,
        context: &mut Context<'_>,
        task: Task,
        (from, answer): (Peer, &Incoming<'_>),
        outcome: &mut Outcome,
    ) {
        match task {
            Task::Ask => {}
            Task::Check(check) => self.finish_check(&check, (from, answer), outcome),
            Task::RekeyChild(rekey, old) => {
                self.finish_child(context, (&rekey, &old), answer, outcome);
            }
            Task::RekeyIke(rekey) => self.finish_ike(context, *rekey, answer, outcome),
            Task::DeleteChild(spi_in) => self.drop_child(spi_in, outcome),
            Task::DeleteIkeSa => {
                let gone = Event::IkeSaGone(self.basis.spi_r, Gone::Deleted);
                outcome.events.push(gone);
                outcome.over = true;
            }
        }
    }

    fn finish_child(
        &mut self,
        context: &mut Context<'_>,
        (rekey, old): (&RekeyChild, &Child),
        answer: &Incoming<'_>,
        outcome: &mut Outcome,
    ) {
        match rekey.judge(context.policy(), (&self.basis, old), answer) {
            rekey_child::Judgement::Made(made) => {
                let rival = rekey.rival.as_ref();
                let one_too_many = rival.is_some_and(|rival| made.lowest < rival.lowest);
                let spi_in = made.spi_in;
                self.adopt(context, *made, (Maker::Gateway, Some(old.spi_in)), outcome);
                let (leaving, replaced) = if one_too_many {
                    (spi_in, Some(old.spi_in))
                } else {
                    (old.spi_in, rival.map(|rival| rival.spi_in))
                };
                self.set_fate(leaving, Fate::Leaving);
                if let Some(replaced) = replaced {
                    self.set_fate(replaced, Fate::Replaced);
                }
                self.wishes.push_front(Wish::DeleteChild(leaving));
            }
            rekey_child::Judgement::Other(group) => {
                let again = Wish::RekeyChild(old.spi_in, Some(group));
                self.wishes.push_front(again);
            }
            rekey_child::Judgement::Gone | rekey_child::Judgement::Refused
                if rekey.rival.is_some() => {}
            rekey_child::Judgement::Gone => self.drop_child(old.spi_in, outcome),
            rekey_child::Judgement::Refused => self.retry_child(context, old.spi_in),
        }
    }

    fn finish_ike(
        &mut self,
        context: &mut Context<'_>,
        rekey: RekeyIke,
        answer: &Incoming<'_>,
        outcome: &mut Outcome,
    ) {
        let judgement = rekey.judge(context.policy(), &self.basis, answer);
        let now = context.now;
        match (judgement, rekey.rival) {
            (rekey_ike::Judgement::Made(made), rival) => {
                let one_too_many = rival.filter(|rival| made.lowest < rival.lowest);
                let spi_r = made.basis.spi_r;
                self.make_ike_sa(context, made.basis, outcome);
                if let Some(rival) = one_too_many {
                    if let Some(made) = &mut outcome.made {
                        made.wish(Wish::DeleteIkeSa);
                    }
                    self.bequeath((rival.spi_r, Maker::Client), now, outcome);
                } else {
                    self.bequeath((spi_r, Maker::Gateway), now, outcome);
                    self.wish(Wish::DeleteIkeSa);
                }
            }
            (_, Some(rival)) => self.bequeath((rival.spi_r, Maker::Client), now, outcome),
            (rekey_ike::Judgement::Other(group), None) => {
                self.wishes.push_front(Wish::RekeyIke(Some(group)));
            }
            (rekey_ike::Judgement::Refused, None) => self.retry_ike(context),
        }
    }

    fn set_fate(&mut self, spi_in: EspSpi, fate: Fate) {
        if let Some(child) = self.children.get_mut(spi_in) {
            child.fate = fate;
            child.rekey_at = None;
        }
    }

    pub(super) fn drop_child(&mut self, spi_in: EspSpi, outcome: &mut Outcome) {
        if self.children.remove(spi_in).is_some() {
            outcome.events.push(Event::ChildSaDeleted(spi_in));
        }
    }
}
