//! An established IKE SA: both windows of Message IDs (RFC 7296, sections 2.2 and 2.3), what we ask
//! and what we answer.
//!
//! ```text
//!   gateway's request ─▶ answer   (ike_sa/answer.rs)  ─▶ response, once; the same again on repeat
//!   our task          ─▶ request  (ike_sa/task.rs)    ─▶ its response decides what comes next
//!   both at once      ─▶ a table  (ike_sa/collision.rs)
//! ```
//!
//! One request of ours is out at a time. What can change anything here was opened by the channel.

mod answer;
mod answered;
mod child;
mod collision;
mod ike;
mod moves;
mod outcome;
mod task;
mod window;

use std::time::{Duration, Instant};

use azike_crypto::{IkeAlgorithms, Random, Secret};
use azike_wire::{Chain, EspSpi, ExchangeType, Header, KeyExchangeMethod, Message, MessageKind};

use self::answered::Answered;
pub(crate) use self::outcome::{Answer, ChildEvent, Outcome, SaFate};
use self::task::Task;
use self::window::Window;
use crate::auth::{Auth, Proven};
use crate::channel::Channel;
use crate::children::{Child, Children, Fate};
use crate::config::Config;
use crate::event::Established;
use crate::farewell::Farewell;
use crate::life::{Life, Usage};
use crate::payload_set::{PayloadSet, Protected};
use crate::reason::{CloseReason, DropReason};
use crate::rekey_child::Form;
use crate::rekey_ike::MadeIke;
use crate::request::{Overdue, Request};
use crate::round::Round;
use crate::transmit::Transport;

/// An IKE SA whose gateway is proven.
#[derive(Debug)]
pub(crate) struct IkeSa {
    channel: Channel,
    proven: Proven,
    basis: Basis,
    children: Children,
    /// The forms of a Child SA's rekey, the one that worked last first.
    forms: Vec<Form>,
    /// Child SAs that the gateway may have made for a rekey whose answer we could not use.
    strays: Vec<EspSpi>,
    life: Life,
    /// What was tried to replace this IKE SA.
    round: Round,
    place: Place,
    request: Option<(Request, Task)>,
    window: Window,
    answered: Answered,
    /// How long the gateway took for its last answer.
    round_trip: Option<Duration>,
    heard: Instant,
    spoke: Instant,
    /// Somebody doubts that the gateway lives: ask as soon as nothing else is going on.
    doubted: bool,
    /// Both sides know MOBIKE.
    mobike: bool,
    /// Our address changed, and the gateway was not told yet: the `pending_update` of RFC 4555,
    /// section 3.5.
    moved: bool,
}

/// Whether an IKE SA is the one in use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    /// It is.
    InUse,
    /// Another one is in its place: it asks for nothing more than its end.
    Replaced,
}

/// What new keys are made from.
#[derive(Debug)]
pub(crate) struct Basis {
    pub(crate) algorithms: IkeAlgorithms,
    pub(crate) group: KeyExchangeMethod,
    pub(crate) sk_d: Secret,
}

/// Config, time and randomness of one step.
pub(crate) struct Step<'a> {
    pub(crate) config: &'a Config,
    pub(crate) now: Instant,
    pub(crate) random: &'a mut dyn Random,
}

impl IkeSa {
    /// The IKE SA that an authenticated candidate became, with its first Child SA.
    pub(crate) fn new(
        step: &mut Step<'_>,
        auth: Auth,
        proven: Proven,
        established: &Established,
    ) -> Self {
        let negotiated = &auth.candidate.negotiated;
        let basis = Basis {
            algorithms: negotiated.algorithms,
            group: negotiated.group,
            sk_d: auth.candidate.keys.sk_d,
        };
        let lifetimes = &step.config.lifetimes;
        let now = step.now;
        let life = Life::of_ike(lifetimes, now, step.random);
        let child_life = Life::of_child(lifetimes, now, step.random);
        let child = &established.child;
        let mut children = Children::default();
        children.push(Child::new(child, child_life));
        let forms = vec![Form::With(basis.group), Form::Without];
        Self {
            channel: auth.channel,
            proven,
            basis,
            children,
            forms,
            strays: Vec::new(),
            life,
            round: Round::default(),
            place: Place::InUse,
            request: None,
            window: Window::new(auth.next_id),
            answered: Answered::default(),
            round_trip: None,
            heard: now,
            spoke: now,
            doubted: false,
            mobike: established.mobike,
            moved: false,
        }
    }

    /// The IKE SA that takes the place of this one: the Child SAs go over.
    pub(crate) fn succeed(&mut self, step: &mut Step<'_>, made: MadeIke) -> Self {
        Self {
            children: std::mem::take(&mut self.children),
            strays: std::mem::take(&mut self.strays),
            moved: self.take_move(),
            ..self.sibling(step, made)
        }
    }

    /// An IKE SA made from this one, or beside it, that has no Child SAs.
    pub(crate) fn sibling(&self, step: &mut Step<'_>, made: MadeIke) -> Self {
        let fragment_size = self.channel.fragment_size();
        let spis = (made.spi_i, made.spi_r);
        Self {
            channel: Channel::new(made.role, spis, &made.keys, fragment_size),
            proven: self.proven.clone(),
            basis: Basis {
                algorithms: made.keys.algorithms(),
                group: made.group,
                sk_d: made.keys.sk_d,
            },
            children: Children::default(),
            forms: self.forms.clone(),
            strays: Vec::new(),
            life: Life::of_ike(&step.config.lifetimes, step.now, step.random),
            round: Round::default(),
            place: Place::InUse,
            request: None,
            window: Window::new(0),
            answered: Answered::default(),
            round_trip: self.round_trip,
            heard: step.now,
            spoke: step.now,
            doubted: false,
            mobike: self.mobike,
            moved: false,
        }
    }

    /// Another IKE SA is in its place. What is out is answered in vain.
    pub(crate) fn retire(&mut self) {
        self.place = Place::Replaced;
    }

    /// Lends the Child SAs to an IKE SA that was in use before, or takes them back: the gateway may
    /// still speak of them there.
    pub(crate) fn lend_children(&mut self, old: &mut Self) {
        std::mem::swap(&mut self.children, &mut old.children);
    }

    /// Whether a message with this header belongs here.
    pub(crate) fn owns(&self, header: &Header) -> bool {
        self.channel.owns(header)
    }

    /// ESP of the gateway was authentic: it lives.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.heard = self.heard.max(now);
    }

    /// Asks the gateway whether it lives, unless a question is out already.
    pub(crate) fn doubt(&mut self) {
        self.doubted = self.request.is_none();
    }

    /// Since when a request of ours waits for its response.
    pub(crate) fn unanswered_since(&self) -> Option<Instant> {
        self.request.as_ref().map(|(request, _)| request.since())
    }

    /// Something of ours kept the NAT mapping alive.
    pub(crate) fn spoke(&mut self, now: Instant) {
        self.spoke = self.spoke.max(now);
    }

    /// New keys for the Child SA as soon as nothing else is going on.
    pub(crate) fn rekey_child_now(&mut self, now: Instant) {
        if let Some(child) = self.children.used() {
            child.life.hurry(now);
        }
    }

    /// New keys for the IKE SA as soon as nothing else is going on.
    pub(crate) fn rekey_ike_now(&mut self, now: Instant) {
        self.life.hurry(now);
    }

    /// What went through a Child SA.
    pub(crate) fn handle_usage(&mut self, now: Instant, usage: &Usage) {
        self.children.wear(now, usage);
    }

    /// Whether a Child SA in use sends with this SPI.
    pub(crate) fn sends_with(&mut self, spi_out: EspSpi) -> bool {
        let child = self.children.by_out(spi_out);
        child.is_some_and(|child| child.fate == Fate::Used)
    }

    /// Whether a request of ours is out.
    pub(crate) const fn is_asking(&self) -> bool {
        self.request.is_some()
    }

    /// Whether our Delete of this IKE SA is out.
    pub(crate) const fn is_leaving(&self) -> bool {
        matches!(self.request, Some((_, Task::DeleteIke)))
    }

    /// Whether new keys are being made, or the end of old ones is awaited.
    pub(crate) fn is_rekeying(&self) -> bool {
        let task = self.request.as_ref().map(|(_, task)| task);
        matches!(task, Some(Task::RekeyChild(..) | Task::RekeyIke(..))) || self.children.count() > 1
    }

    /// How many Child SAs there are.
    pub(crate) fn child_sas(&self) -> usize {
        self.children.count()
    }

    /// When new keys are due: for the IKE SA, for the Child SA.
    pub(crate) fn rekeys_at(&self) -> (Instant, Option<Instant>) {
        (self.life.rekey_at, self.children.rekey_due())
    }

    /// How long the gateway took for the last answer that needed one attempt.
    pub(crate) const fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// Takes a message of the gateway.
    pub(crate) fn handle(
        &mut self,
        step: &mut Step<'_>,
        message: &Message<'_>,
    ) -> Result<Outcome, DropReason> {
        let protected = PayloadSet::collect(message.payloads())?.protected()?;
        match message.header().kind {
            MessageKind::Request => self.handle_request(step, message, &protected),
            MessageKind::Response => self.handle_response(step, message, &protected),
        }
    }

    fn handle_request(
        &mut self,
        step: &mut Step<'_>,
        message: &Message<'_>,
        protected: &Protected<'_>,
    ) -> Result<Outcome, DropReason> {
        let id = message.header().message_id;
        // RFC 7296, section 2.1: a request that comes again is answered with the same octets again.
        if self.window.answered(id)
            && let Some(response) = self.answered.again(message.octets())
        {
            return Ok(Outcome::answer(response, false));
        }
        if !self.window.awaits(id) {
            return Err(DropReason::WrongMessageId);
        }
        let opened = self.channel.open(message, protected)?;
        self.answered.piece(protected, message.octets());
        let Some(opened) = opened else {
            return Ok(Outcome::default());
        };
        let (chain, mut outcome) = self.answer(step, &opened)?;
        self.heard(step.now);
        let exchange = opened.header().exchange;
        let kind = MessageKind::Response;
        let response = self.channel.seal(step.random, exchange, kind, id, chain);
        self.window.advance();
        self.answered.with(response.clone());
        if self.window.worn() {
            self.rekey_ike_now(step.now);
        }
        outcome.answer = Some(Answer {
            datagrams: response,
            fresh: true,
        });
        Ok(outcome)
    }

    fn handle_response(
        &mut self,
        step: &mut Step<'_>,
        message: &Message<'_>,
        protected: &Protected<'_>,
    ) -> Result<Outcome, DropReason> {
        let header = message.header();
        let (request, _) = self.request.as_ref().ok_or(DropReason::NotExpected)?;
        if request.message_id != header.message_id || request.exchange != header.exchange {
            return Err(DropReason::WrongMessageId);
        }
        let Some(opened) = self.channel.open(message, protected)? else {
            return Ok(Outcome::default());
        };
        self.heard(step.now);
        match self.request.take() {
            Some((request, task)) => {
                self.round_trip = request.round_trip(step.now).or(self.round_trip);
                Ok(self.finish(step, task, &opened))
            }
            None => Err(DropReason::NotExpected),
        }
    }

    /// Sends the request of a task.
    fn ask(
        &mut self,
        step: &mut Step<'_>,
        exchange: ExchangeType,
        chain: Chain,
        task: Task,
    ) -> Vec<Vec<u8>> {
        self.doubted = false;
        let Some(id) = self.window.take() else {
            return Vec::new();
        };
        if self.window.worn() {
            self.rekey_ike_now(step.now);
        }
        let kind = MessageKind::Request;
        let datagrams = self.channel.seal(step.random, exchange, kind, id, chain);
        let sent = datagrams.clone();
        let patience = &step.config.patience;
        let limit = (patience, patience.established);
        let transport = Transport::Udp4500;
        let request = Request::new(step.now, (exchange, id), datagrams, transport, limit);
        self.request = Some((request, task));
        self.spoke = step.now;
        sent
    }

    /// Says goodbye for `reason`. A request that is still out is given up.
    pub(crate) fn close(self, step: &mut Step<'_>, reason: CloseReason) -> Farewell {
        let why = (&step.config.patience, reason);
        Farewell::start(
            self.channel,
            self.window.goodbye(),
            step.now,
            step.random,
            why,
        )
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, step: &mut Step<'_>) -> Outcome {
        let patience = &step.config.patience;
        if let Some((request, _)) = &mut self.request {
            return match request.overdue(step.now, patience.longest) {
                Overdue::Wait => Outcome::default(),
                Overdue::Resend(datagrams) => Outcome::send(datagrams.to_vec()),
                Overdue::GiveUp(silence) => Outcome::closed(silence),
            };
        }
        self.next_task(step)
    }

    /// When to call [`IkeSa::handle_timeout`], and whether it is for a request of ours.
    pub(crate) fn due(&self, config: &Config) -> (Instant, bool) {
        if let Some((request, _)) = &self.request {
            return (request.due(), true);
        }
        let liveness = self.liveness_due(config);
        let children = self.children.due();
        let first = liveness.min(self.life.rekey_at);
        (children.map_or(first, |due| due.min(first)), false)
    }

    fn liveness_due(&self, config: &Config) -> Instant {
        if self.doubted || self.moved {
            return self.heard;
        }
        self.heard + config.patience.liveness
    }

    /// When the NAT wants to see something of us.
    pub(crate) fn keepalive_due(&self, config: &Config) -> Instant {
        self.spoke + config.patience.keepalive
    }
}
