//! What an IKE SA does by itself, and when.

use std::time::{Duration, Instant};

use azike_wire::{EspSpi, ExchangeType};

use super::task::Wish;
use super::{IkeSa, Outcome};
use crate::context::Context;
use crate::draft::Draft;
use crate::event::{Event, Gone};
use crate::login::Login;
use crate::policy::Policy;
use crate::request::Resend;

/// How long a login may make no progress.
const HALF_OPEN: Duration = Duration::from_secs(30);

/// How long an IKE SA that has no part in anything any more waits to be deleted.
const REPLACED: Duration = Duration::from_mins(2);

/// When to try again after a rekey that came to nothing.
const RETRY: Duration = Duration::from_secs(30);

/// The times of an IKE SA.
#[derive(Debug)]
pub(crate) struct Clock {
    /// When the last new message of the client came.
    pub(super) heard: Instant,
    rekey_at: Option<Instant>,
    /// When it is forgotten, and why.
    expires: Option<(Instant, Gone)>,
    /// When the client must have logged in again.
    pub(super) login_ends: Option<Instant>,
}

impl Clock {
    /// Of one whose client has not logged in.
    pub(super) fn half_open(now: Instant) -> Self {
        Self {
            heard: now,
            rekey_at: None,
            expires: Some((now + HALF_OPEN, Gone::Unfinished)),
            login_ends: None,
        }
    }

    /// Of one that has inherited nothing yet.
    pub(super) fn waiting(now: Instant) -> Self {
        Self {
            heard: now,
            rekey_at: None,
            expires: Some((now + REPLACED, Gone::Replaced)),
            login_ends: None,
        }
    }

    /// It is in use from now on.
    pub(super) fn begin(&mut self, context: &mut Context<'_>) {
        self.expires = None;
        let life = context.policy().lifetimes.map(|lifetimes| lifetimes.ike);
        self.rekey_at = life.map(|life| context.now + context.a_little_less(life));
    }

    /// Whether it is to be forgotten: it has not inherited yet, or another one took its place.
    pub(super) const fn expires(&self) -> bool {
        self.expires.is_some()
    }

    /// The client has logged in.
    pub(super) fn log_in(&mut self, context: &Context<'_>) {
        let life = context.policy().auth_lifetime;
        self.login_ends = life.map(|life| context.now + Duration::from_secs(life.into()));
    }

    /// Another one takes its place.
    pub(super) fn replaced(&mut self, now: Instant) {
        self.rekey_at = None;
        self.expires = Some((now + REPLACED, Gone::Replaced));
    }
}

/// When to rekey a new Child SA.
pub(super) fn child_rekey(context: &mut Context<'_>) -> Option<Instant> {
    let life = context.policy().lifetimes?.child;
    Some(context.now + context.a_little_less(life))
}

/// When to try again.
fn retry(context: &mut Context<'_>) -> Option<Instant> {
    context.policy().lifetimes?;
    Some(context.now + context.a_little_less(RETRY))
}

/// When there is something to do.
pub(super) fn due(sa: &IkeSa, policy: &Policy) -> Option<Instant> {
    let children = sa.children.iter().filter_map(|child| child.rekey_at);
    let expires = sa.clock.expires.map(|(at, _)| at);
    let request = sa.request.as_ref().map(|request| request.due);
    let clock = [sa.clock.rekey_at, sa.clock.login_ends, expires];
    let others = clock.into_iter().chain([request, liveness(sa, policy)]);
    children.chain(others.flatten()).min()
}

/// When to ask whether the client lives: not while it has something else to answer, and not on an
/// IKE SA that is to be forgotten.
fn liveness(sa: &IkeSa, policy: &Policy) -> Option<Instant> {
    let used = matches!(sa.login, Login::Done) && !sa.clock.expires();
    let idle = sa.request.is_none() && used;
    let patience = policy.liveness.filter(|_| idle)?;
    Some(sa.clock.heard + patience)
}

impl IkeSa {
    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, context: &mut Context<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        let now = context.now;
        if let Some(mut request) = self.request.take() {
            let resend = request.resend(now);
            match resend {
                Resend::Again => self.send(&request, &mut outcome),
                Resend::GiveUp | Resend::Wait => {}
            }
            self.request = Some(request);
            if matches!(resend, Resend::GiveUp) {
                self.expire(Gone::Silent, now, &mut outcome);
            }
        }
        let expired = self.clock.expires.filter(|(at, _)| *at <= now);
        if let Some((_, why)) = expired
            && !outcome.over
        {
            self.expire(why, now, &mut outcome);
        }
        self.wish_what_is_due(now);
        if liveness(self, context.policy()).is_some_and(|at| at <= now) && self.wishes.is_empty() {
            let check = Wish::Ask(ExchangeType::INFORMATIONAL, Draft::new());
            self.wishes.push_back(check);
        }
        self.advance(context, &mut outcome);
        outcome
    }

    fn wish_what_is_due(&mut self, now: Instant) {
        for child in self.children.iter_mut() {
            if child.rekey_at.is_some_and(|at| at <= now) {
                child.rekey_at = None;
                self.wishes.push_back(Wish::RekeyChild(child.spi_in, None));
            }
        }
        if self.clock.rekey_at.is_some_and(|at| at <= now) {
            self.clock.rekey_at = None;
            self.wishes.push_back(Wish::RekeyIke(None));
        }
        if self.clock.login_ends.is_some_and(|at| at <= now) {
            self.clock.login_ends = None;
            self.wishes.push_back(Wish::DeleteIkeSa);
        }
    }

    /// It is forgotten. What the client has made of it lives on.
    fn expire(&mut self, why: Gone, now: Instant, outcome: &mut Outcome) {
        self.bequeath_to_rival(now, outcome);
        let gone = Event::IkeSaGone(self.basis.spi_r, why);
        outcome.events.push(gone);
        outcome.over = true;
    }

    /// The rekey of a Child SA came to nothing; it is tried again.
    pub(super) fn retry_child(&mut self, context: &mut Context<'_>, spi_in: EspSpi) {
        if let Some(child) = self.children.get_mut(spi_in) {
            child.rekey_at = retry(context);
        }
    }

    /// The rekey of the IKE SA came to nothing; it is tried again.
    pub(super) fn retry_ike(&mut self, context: &mut Context<'_>) {
        self.clock.rekey_at = retry(context);
    }
}
