//! From the first request to a proven gateway: `IKE_SA_INIT` and the candidates it led to.
//!
//! ```text
//!   SaInit ──▶ Auth ──▶ (IKE SA)
//!    ▲  │      Auth
//!    └──┘      (at most four; the first that is proven wins)
//! ```
//!
//! RFC 7296, section 2.4 lets an initiator follow several `IKE_SA_INIT` responses: a forged one
//! that arrives first must not keep the real gateway out. So a failure counts only
//! when no candidate is left and nothing better arrived for a short while.

use std::time::Instant;

use azike_crypto::Random;
use azike_wire::{Chain, ExchangeType, Message, MessageId, MessageKind, NotifyType, Spi};

use crate::auth::{Auth, Next, Proven};
use crate::channel::Channel;
use crate::config::{Authentication, Config};
use crate::event::{Established, Event, Progress};
use crate::payload_set::PayloadSet;
use crate::reason::{CloseReason, DropReason};
use crate::request::{Overdue, Request};
use crate::sa_init::{Candidate, Judgement, SaInit, new_esp_spi};
use crate::transmit::Transport;

/// How many responders are followed at once.
const MAX_CANDIDATES: usize = 4;
/// How many are followed in all.
const MAX_FOLLOWED: usize = 16;

/// The handshake.
#[derive(Debug)]
pub(crate) struct Handshake {
    sa_init: SaInit,
    request: Option<Request>,
    candidates: Vec<(u64, Auth)>,
    /// SPIs of all responders that were ever followed. Never the same again: the keys would be the
    /// same, and so would the IVs of other messages.
    followed: Vec<Spi>,
    refusal: Option<(Instant, CloseReason)>,
}

/// What the engine has to do after a step.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(crate) transmits: Vec<(Transport, Vec<Vec<u8>>)>,
    pub(crate) events: Vec<Event>,
    pub(crate) end: Option<End>,
}

/// How a handshake ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The IKE SA is there, and a Child SA.
    Done(Box<Auth>, Proven, Box<Established>),
    /// The gateway holds an IKE SA that must be closed.
    Abandon(Box<Auth>, CloseReason),
    /// Nothing came of it.
    Failed(CloseReason),
}

impl Handshake {
    /// Sends the first request.
    pub(crate) fn start(
        config: &Config,
        now: Instant,
        random: &mut dyn Random,
    ) -> Option<(Self, Step)> {
        let sa_init = SaInit::new(config, random)?;
        let mut handshake = Self {
            sa_init,
            request: None,
            candidates: Vec::new(),
            followed: Vec::new(),
            refusal: None,
        };
        let mut step = Step::default();
        handshake.ask(config, now, &mut step);
        Some((handshake, step))
    }

    fn ask(&mut self, config: &Config, now: Instant, step: &mut Step) {
        let datagrams = vec![self.sa_init.request().to_vec()];
        step.transmits.push((config.first, datagrams.clone()));
        let patience = (&config.patience, config.patience.handshake);
        let id = (ExchangeType::IKE_SA_INIT, MessageId(0));
        self.request = Some(Request::new(now, id, datagrams, config.first, patience));
    }

    /// Our SPI.
    pub(crate) fn spi_i(&self) -> Spi {
        self.sa_init.spi_i()
    }

    /// Takes a message with our SPI.
    pub(crate) fn handle(
        &mut self,
        config: &Config,
        now: Instant,
        random: &mut dyn Random,
        message: &Message<'_>,
    ) -> Result<Step, DropReason> {
        let header = message.header();
        if header.kind == MessageKind::Request {
            return Err(DropReason::NotExpected);
        }
        if header.exchange == ExchangeType::IKE_SA_INIT {
            if header.message_id != MessageId(0) {
                return Err(DropReason::WrongMessageId);
            }
            return self.handle_sa_init(config, now, random, message);
        }
        let spi_r = header.spi_r.ok_or(DropReason::UnknownSpi)?;
        let mut candidates = self.candidates.iter();
        let found = candidates.position(|(_, auth)| auth.channel.spi_r() == spi_r);
        let at = found.ok_or(DropReason::UnknownSpi)?;
        self.handle_auth(config, now, random, (at, message))
    }

    fn handle_sa_init(
        &mut self,
        config: &Config,
        now: Instant,
        random: &mut dyn Random,
        message: &Message<'_>,
    ) -> Result<Step, DropReason> {
        let spi_r = message.header().spi_r;
        if spi_r.is_some_and(|spi_r| self.followed.contains(&spi_r)) {
            return Err(DropReason::NotExpected);
        }
        let mut step = Step::default();
        match self.sa_init.judge(config, message)? {
            // Also when a responder is followed: it may be the forged one. SaInit counts.
            Judgement::Cookie(cookie) => {
                self.sa_init.retry_with_cookie(config, cookie);
                step.events.push(Event::Progress(Progress::Cookie));
                self.ask(config, now, &mut step);
            }
            Judgement::OtherGroup(group) => {
                if !self.sa_init.retry_with_group(config, random, group) {
                    return Err(DropReason::GroupNotOffered(group.0));
                }
                step.events
                    .push(Event::Progress(Progress::OtherGroup(group)));
                self.ask(config, now, &mut step);
            }
            Judgement::Refused(notify, ms_status) => {
                self.refuse(config, now, sa_init_refused(notify, ms_status));
                return Err(DropReason::Hint(notify));
            }
            Judgement::Redirected(target) => {
                self.refuse(config, now, CloseReason::Redirected(target));
                return Err(DropReason::Hint(NotifyType::REDIRECT));
            }
            Judgement::Follow(candidate) => {
                self.follow(config, now, random, *candidate, &mut step)?;
            }
        }
        Ok(step)
    }

    /// Begins `IKE_AUTH` with one more responder.
    fn follow(
        &mut self,
        config: &Config,
        now: Instant,
        random: &mut dyn Random,
        candidate: Candidate,
        step: &mut Step,
    ) -> Result<(), DropReason> {
        if self.candidates.len() >= MAX_CANDIDATES || self.followed.len() >= MAX_FOLLOWED {
            return Err(DropReason::TooManyCandidates);
        }
        let negotiated = &candidate.negotiated;
        let fragment_size = negotiated.fragmentation.then_some(config.fragment_size);
        let channel = Channel::new(
            azike_wire::Role::Initiator,
            (negotiated.spi_i, negotiated.spi_r),
            &candidate.keys,
            fragment_size,
        );
        step.events
            .push(Event::Progress(Progress::Negotiated(negotiated.clone())));
        let id = u64::try_from(self.followed.len()).unwrap_or(u64::MAX);
        self.followed.push(negotiated.spi_r);
        self.request = None;
        self.refusal = None;
        let spi_in = new_esp_spi(random);
        let (auth, next) = Auth::start(config, candidate, channel, (id, spi_in));
        if auth.root_not_listed(config) {
            step.events.push(Event::Progress(Progress::RootNotListed));
        }
        self.candidates.push((id, auth));
        let at = self.candidates.len() - 1;
        self.advance(config, now, random, (at, next), step);
        Ok(())
    }

    fn handle_auth(
        &mut self,
        config: &Config,
        now: Instant,
        random: &mut dyn Random,
        (at, message): (usize, &Message<'_>),
    ) -> Result<Step, DropReason> {
        let header = message.header();
        let (_, auth) = self.candidates.get_mut(at).ok_or(DropReason::UnknownSpi)?;
        let request = auth.request.as_ref().ok_or(DropReason::NotExpected)?;
        if request.message_id != header.message_id || request.exchange != header.exchange {
            return Err(DropReason::WrongMessageId);
        }
        let protected = PayloadSet::collect(message.payloads())?.protected()?;
        let mut step = Step::default();
        let Some(opened) = auth.channel.open(message, &protected)? else {
            return Ok(step);
        };
        auth.request = None;
        let next = auth.handle_response(config, now, &opened);
        self.advance(config, now, random, (at, next), &mut step);
        Ok(step)
    }

    /// Takes the signature of the key holder for candidate `id`.
    pub(crate) fn handle_signature(
        &mut self,
        config: &Config,
        now: Instant,
        random: &mut dyn Random,
        (id, signature): (u64, Option<&[u8]>),
    ) -> Step {
        let mut step = Step::default();
        let mut candidates = self.candidates.iter_mut().enumerate();
        if let Some((at, (_, auth))) = candidates.find(|(_, (candidate, _))| *candidate == id) {
            let next = auth.handle_signature(config, signature);
            self.advance(config, now, random, (at, next), &mut step);
        }
        step
    }

    /// Does what a candidate wants done.
    fn advance(
        &mut self,
        config: &Config,
        now: Instant,
        random: &mut dyn Random,
        (at, next): (usize, Next),
        step: &mut Step,
    ) {
        match next {
            Next::Sign(request) => step.events.push(Event::Sign(request)),
            Next::Send(chain) => self.send(config, now, random, (at, chain), step),
            Next::SendProven(chain, proven) => {
                let gateway = proven.gateway().clone();
                step.events
                    .push(Event::Progress(Progress::GatewayVerified(gateway)));
                step.events.push(Event::Progress(Progress::EapStarted));
                self.send(config, now, random, (at, chain), step);
            }
            Next::Done(established, proven) => {
                let (_, auth) = self.candidates.swap_remove(at);
                if config.authentication == Authentication::Signature {
                    let gateway = proven.gateway().clone();
                    step.events
                        .push(Event::Progress(Progress::GatewayVerified(gateway)));
                }
                step.events.push(Event::Progress(Progress::Authenticated));
                step.end = Some(End::Done(Box::new(auth), proven, established));
            }
            Next::Farewell(chain, reason) => {
                self.send(config, now, random, (at, chain), step);
                self.candidates.swap_remove(at);
                self.refuse(config, now, reason);
            }
            // A proven gateway that sends us away is the one that we wanted to speak to.
            Next::Abandon(reason)
                if self.candidates.len() == 1 || matches!(reason, CloseReason::Redirected(_)) =>
            {
                let (_, auth) = self.candidates.swap_remove(at);
                step.end = Some(End::Abandon(Box::new(auth), reason));
            }
            Next::Abandon(reason) | Next::Failed(reason) => {
                self.candidates.swap_remove(at);
                self.refuse(config, now, reason);
            }
        }
    }

    fn send(
        &mut self,
        config: &Config,
        now: Instant,
        random: &mut dyn Random,
        (at, chain): (usize, Chain),
        step: &mut Step,
    ) {
        let Some((_, auth)) = self.candidates.get_mut(at) else {
            return;
        };
        let id = MessageId(auth.next_id);
        auth.next_id += 1;
        let exchange = ExchangeType::IKE_AUTH;
        let datagrams = auth
            .channel
            .seal(random, exchange, MessageKind::Request, id, chain);
        step.transmits.push((Transport::Udp4500, datagrams.clone()));
        let patience = (&config.patience, config.patience.handshake);
        let transport = Transport::Udp4500;
        auth.request = Some(Request::new(
            now,
            (exchange, id),
            datagrams,
            transport,
            patience,
        ));
    }

    /// Remembers why it would end, and waits a moment for something better.
    fn refuse(&mut self, config: &Config, now: Instant, reason: CloseReason) {
        if self.refusal.is_none() {
            self.refusal = Some((now + config.patience.refusal, reason));
        }
    }

    /// When the next request or the refusal is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        let requests = self
            .candidates
            .iter()
            .filter_map(|(_, auth)| auth.request.as_ref());
        let requests = requests.chain(&self.request).map(Request::due);
        let refusal = self
            .refusal_counts()
            .then_some(self.refusal.as_ref())
            .flatten();
        requests.chain(refusal.map(|(at, _)| *at)).min()
    }

    fn refusal_counts(&self) -> bool {
        self.candidates.is_empty()
    }

    /// Sends everything again that is out: our address has changed.
    pub(crate) fn handle_path_change(&mut self, config: &Config, now: Instant) -> Step {
        let patience = (&config.patience, config.patience.handshake);
        let candidates = self.candidates.iter_mut();
        let requests = candidates.filter_map(|(_, auth)| auth.request.as_mut());
        let mut step = Step::default();
        for request in requests.chain(&mut self.request) {
            let datagrams = request.again(now, patience);
            step.transmits.push((request.transport(), datagrams));
        }
        step
    }

    /// Sends again, gives up, or takes a refusal at its word.
    pub(crate) fn handle_timeout(&mut self, config: &Config, now: Instant) -> Step {
        let mut step = Step::default();
        let longest = config.patience.longest;
        let mut silence = None;
        if let Some(request) = &mut self.request {
            let transport = request.transport();
            match request.overdue(now, longest) {
                Overdue::Wait => {}
                Overdue::Resend(datagrams) => step.transmits.push((transport, datagrams.to_vec())),
                Overdue::GiveUp(reason) => silence = Some(reason),
            }
        }
        if silence.is_some() {
            self.request = None;
        }
        let mut failed = None;
        self.candidates.retain_mut(|(_, auth)| {
            let Some(request) = &mut auth.request else {
                return true;
            };
            match request.overdue(now, longest) {
                Overdue::Wait => true,
                Overdue::Resend(datagrams) => {
                    step.transmits
                        .push((Transport::Udp4500, datagrams.to_vec()));
                    true
                }
                Overdue::GiveUp(reason) => {
                    failed = Some(reason);
                    false
                }
            }
        });
        if self.refusal_counts() {
            let taken = self
                .refusal
                .take_if(|(at, _)| now >= *at || silence.is_some());
            let reason = taken.map(|(_, reason)| reason).or(silence);
            let reason = reason.or_else(|| failed.filter(|_| self.refusal.is_none()));
            step.end = reason.map(End::Failed);
        }
        step
    }
}

fn sa_init_refused(notify: NotifyType, ms_status: Option<u32>) -> CloseReason {
    CloseReason::Refused {
        exchange: ExchangeType::IKE_SA_INIT,
        notify,
        ms_status,
        root_not_listed: false,
    }
}
