//! An established IKE SA: both windows of Message IDs (RFC 7296, sections 2.2 and 2.3), what we ask
//! and what we answer.
//!
//! ```text
//!   gateway's request ─▶ answer   (ike_sa/answer.rs)  ─▶ response, once; the same again on repeat
//!   our task          ─▶ request  (ike_sa/task.rs)    ─▶ its response decides what comes next
//! ```
//!
//! One request of ours is out at a time. What can change anything here was opened by the channel.

mod answer;
mod moves;
mod task;

use std::time::{Duration, Instant};

use azike_crypto::{IkeAlgorithms, Random, Secret};
use azike_wire::{
    Chain, EspSpi, ExchangeType, Header, KeyExchangeMethod, Message, MessageId, MessageKind,
};

use self::task::Task;
use crate::auth::{Auth, Proven};
use crate::channel::Channel;
use crate::children::{Child, Children};
use crate::config::{Config, Lifetimes};
use crate::event::{ChildSa, Established, Event};
use crate::farewell::Farewell;
use crate::payload_set::{PayloadSet, Protected};
use crate::reason::{CloseReason, DropReason};
use crate::rekey_child::Form;
use crate::rekey_ike::MadeIke;
use crate::request::{Overdue, Request};
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
    rekey_at: Instant,
    request: Option<(Request, Task)>,
    next_id: u32,
    expected: u32,
    answered: Option<Answered>,
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

/// What new keys are made from.
#[derive(Debug)]
pub(crate) struct Basis {
    pub(crate) algorithms: IkeAlgorithms,
    pub(crate) group: KeyExchangeMethod,
    pub(crate) sk_d: Secret,
}

/// The last request of the gateway, and our answer.
#[derive(Debug)]
struct Answered {
    request: Vec<u8>,
    response: Vec<Vec<u8>>,
}

/// Config, time and randomness of one step.
pub(crate) struct Step<'a> {
    pub(crate) config: &'a Config,
    pub(crate) now: Instant,
    pub(crate) random: &'a mut dyn Random,
}

/// What came of a message or a deadline.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What to say to a request of the gateway.
    pub(crate) answer: Option<Answer>,
    /// Send these.
    pub(crate) datagrams: Vec<Vec<u8>>,
    /// What the caller should know.
    pub(crate) events: Vec<Event>,
    /// Child SAs that came and went.
    pub(crate) children: Vec<ChildEvent>,
    /// What became of the IKE SA.
    pub(crate) fate: Option<SaFate>,
}

/// A response of ours. It goes where the request came from (RFC 7296, section 2.11).
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) datagrams: Vec<Vec<u8>>,
    /// The request is opened, and was never seen before. One that is repeated may be repeated by
    /// anybody.
    pub(crate) fresh: bool,
}

/// What became of a Child SA.
#[derive(Debug)]
pub(crate) enum ChildEvent {
    /// A new one that we made: the gateway can use it already.
    Ours(Box<ChildSa>),
    /// A new one that the gateway made: it may not know yet that we agreed.
    Theirs(Box<ChildSa>),
    /// The one with this SPI of ours is gone.
    Down(EspSpi),
}

/// What became of the IKE SA.
#[derive(Debug)]
pub(crate) enum SaFate {
    /// It is gone.
    Closed(CloseReason),
    /// We leave it, and tell the gateway.
    Left(CloseReason),
    /// There is a new one, and we delete this.
    ReplacedByUs(Box<MadeIke>),
    /// There is a new one, and the gateway is going to delete this.
    ReplacedByGateway(Box<MadeIke>),
    /// Both sides made one: use the first, delete the second (ours), await the gateway's Delete.
    Lost(Box<MadeIke>, Box<MadeIke>),
    /// Both sides made one: use the first (ours), delete this, await the Delete of the second.
    Won(Box<MadeIke>, Box<MadeIke>),
}

impl Outcome {
    pub(crate) fn send(datagrams: Vec<Vec<u8>>) -> Self {
        Self {
            datagrams,
            ..Self::default()
        }
    }

    fn answer(datagrams: Vec<Vec<u8>>, fresh: bool) -> Self {
        Self {
            answer: Some(Answer { datagrams, fresh }),
            ..Self::default()
        }
    }

    fn left(reason: CloseReason) -> Self {
        Self {
            fate: Some(SaFate::Left(reason)),
            ..Self::default()
        }
    }

    fn closed(reason: CloseReason) -> Self {
        Self {
            fate: Some(SaFate::Closed(reason)),
            ..Self::default()
        }
    }
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
        let rekey_at = now + jittered(lifetimes.ike, step.random);
        let child_at = Self::child_rekey_at(lifetimes, now, step.random);
        let child = &established.child;
        let mut children = Children::default();
        children.push(Child::new(child, child_at));
        let forms = vec![Form::With(basis.group), Form::Without];
        Self {
            channel: auth.channel,
            proven,
            basis,
            children,
            forms,
            rekey_at,
            request: None,
            next_id: auth.next_id,
            expected: 0,
            answered: None,
            heard: now,
            spoke: now,
            doubted: false,
            mobike: established.mobike,
            moved: false,
        }
    }

    /// The IKE SA that takes the place of this one: the Child SAs go over.
    pub(crate) fn succeed(&mut self, step: &mut Step<'_>, made: MadeIke) -> Self {
        let fragment_size = self.channel.fragment_size();
        let spis = (made.spi_i, made.spi_r);
        let channel = Channel::new(made.role, spis, &made.keys, fragment_size);
        Self {
            channel,
            proven: self.proven.clone(),
            basis: Basis {
                algorithms: made.keys.algorithms(),
                group: made.group,
                sk_d: made.keys.sk_d,
            },
            children: std::mem::take(&mut self.children),
            forms: self.forms.clone(),
            rekey_at: step.now + jittered(step.config.lifetimes.ike, step.random),
            request: None,
            next_id: 0,
            expected: 0,
            answered: None,
            heard: step.now,
            spoke: step.now,
            doubted: false,
            mobike: self.mobike,
            moved: self.take_move(),
        }
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
            child.rekey_at = child.rekey_at.min(now);
        }
    }

    /// New keys for the IKE SA as soon as nothing else is going on.
    pub(crate) fn rekey_ike_now(&mut self, now: Instant) {
        self.rekey_at = self.rekey_at.min(now);
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
        let id = message.header().message_id.0;
        // RFC 7296, section 2.1: a request that comes again is answered with the same octets again.
        if let Some(answered) = &self.answered
            && id.checked_add(1) == Some(self.expected)
            && answered.request == message.octets()
        {
            return Ok(Outcome::answer(answered.response.clone(), false));
        }
        if id != self.expected {
            return Err(DropReason::WrongMessageId);
        }
        let Some(opened) = self.channel.open(message, protected)? else {
            return Ok(Outcome::default());
        };
        let (chain, mut outcome) = self.answer(step, &opened)?;
        self.heard(step.now);
        let header = opened.header();
        let (exchange, id) = (header.exchange, header.message_id);
        let kind = MessageKind::Response;
        let response = self.channel.seal(step.random, exchange, kind, id, chain);
        self.expected = self.expected.wrapping_add(1);
        self.answered = Some(Answered {
            request: message.octets().to_vec(),
            response: response.clone(),
        });
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
            Some((_, task)) => Ok(self.finish(step, task, &opened)),
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
        let id = MessageId(self.next_id);
        self.next_id = self.next_id.wrapping_add(1);
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
        Farewell::start(self.channel, self.next_id, step.now, step.random, why)
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
        let child = self.children.rekey_due();
        let first = child.map_or(self.rekey_at, |child| child.min(self.rekey_at));
        (first.min(liveness), false)
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

    /// When the new Child SA of a rekey is to be replaced in its turn.
    fn child_rekey_at(lifetimes: &Lifetimes, now: Instant, random: &mut dyn Random) -> Instant {
        now + jittered(lifetimes.child, random)
    }
}

/// Between 85 and 95 hundredths of `lifetime`: the two ends shall not rekey at the same moment
/// (RFC 7296, section 2.8).
fn jittered(lifetime: Duration, random: &mut dyn Random) -> Duration {
    let mut octet = [0];
    random.fill(&mut octet);
    let part = 0.85 + f64::from(octet[0]) / 255.0 / 10.0;
    lifetime.mul_f64(part)
}
