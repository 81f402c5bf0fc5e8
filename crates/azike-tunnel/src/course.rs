//! The course of a connection: what to do next, and what the tunnel is meanwhile. Decides and does
//! nothing itself, so that a week of it can be watched in seconds (tests/sim).
//!
//! ```text
//!          ┌─────────────── search ───────────────┐
//!  start ─▶│ resolve ─▶ each address × each login │─▶ configure ─▶ up ──▶ (wanted down) ─▶ over
//!          └──────▲───────────────────────────────┘                │
//!                 │  after a pause with full jitter;               │ lost
//!                 │  at once on wake or another path               ▼
//!                 └───────────────────────────────────────────  waiting
//!
//!  up, and the gateway stalls, refuses new keys or ends the login soon: a second search beside it,
//!  and its link takes over before the old one is closed
//! ```
//!
//! Drive it like the engine: call a `handle_…` method when something happened, do what
//! [`Course::poll_action`] says, and call [`Course::handle_timeout`] at [`Course::poll_timeout`].

mod action;
mod pause;
mod pulse;
mod search;
mod trouble;
mod up;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use azike_crypto::Random;
use azike_ike::{Authentication, RedirectLimit, RedirectTarget};
use azike_wire::KeyExchangeMethod;

pub use self::action::{Action, Attempt, LinkId, Rules, Standing};
use self::pause::Pauses;
pub use self::pulse::{Reading, Stall};
use self::search::{Search, Step};
pub use self::trouble::{Target, Trouble};
use self::up::Up;

/// A tunnel that was up for so long starts the next outage with short pauses again.
const STEADY: Duration = Duration::from_mins(1);
/// How long the host stays as it is when a link is lost whose successor is on the way.
const SUCCEEDED_SOON: Duration = Duration::from_secs(2);
/// The least time between two searches for a successor.
const STALLED_AGAIN: Duration = Duration::from_secs(2);
/// How much of a login's lifetime is used before the next login.
const RENEW: f64 = 0.85;
/// Before this, no lifetime of a login is acted on.
const RENEW_AT_LEAST: Duration = Duration::from_secs(5);

/// The course of a connection.
#[derive(Debug)]
pub struct Course {
    desk: Desk,
    phase: Phase,
    pauses: Pauses,
}

#[derive(Debug)]
enum Phase {
    /// The first search: it fails, and that is the end.
    First(Search),
    Up(Box<Up>),
    /// A search after a loss, when that was, and when the host is put back if it was not yet.
    Down(Search, Instant, Option<Instant>),
    Waiting {
        until: Instant,
        why: Trouble,
        lost: Instant,
    },
    Closing,
    Over(Option<Trouble>),
}

/// What all parts work with.
struct Desk {
    rules: Rules,
    actions: VecDeque<Action>,
    links: u32,
    /// The gateway's addresses as they were last.
    known: Vec<IpAddr>,
    redirects: RedirectLimit,
    /// Something came back through the tunnel, once.
    worked: bool,
    /// When a successor was looked for last because nothing came back, and how often before.
    in_vain: Option<(Instant, u32)>,
    /// When the login of a link ends that does not carry the traffic yet.
    renew: Option<(LinkId, Instant)>,
    random: Box<dyn Random>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk")
            .field("links", &self.links)
            .finish_non_exhaustive()
    }
}

impl Desk {
    const fn next_link(&mut self) -> LinkId {
        self.links = self.links.wrapping_add(1);
        LinkId(self.links)
    }

    fn ways(&self) -> &[Authentication] {
        &self.rules.ways
    }

    /// This way worked: it comes first next time.
    fn prefer(&mut self, way: Authentication) {
        let ways = &mut self.rules.ways;
        if let Some(at) = ways.iter().position(|other| *other == way) {
            ways.swap(0, at);
        }
    }
}

impl Course {
    /// Somebody wants the tunnel.
    pub fn new(rules: Rules, now: Instant, random: Box<dyn Random>) -> Self {
        let mut desk = Desk {
            rules,
            actions: VecDeque::new(),
            links: 0,
            known: Vec::new(),
            redirects: RedirectLimit::new(),
            worked: false,
            in_vain: None,
            renew: None,
            random,
        };
        let search = Search::start(&mut desk, now, Target::Profile, None, false);
        Self {
            desk,
            phase: Phase::First(search),
            pauses: Pauses::default(),
        }
    }

    /// The resolver's answer to [`Action::Resolve`]: empty if there is none.
    pub fn handle_addresses(&mut self, now: Instant, addresses: &[IpAddr]) {
        let desk = &mut self.desk;
        let failed = match &mut self.phase {
            Phase::First(search) | Phase::Down(search, ..) => {
                search.addresses(desk, now, addresses)
            }
            Phase::Up(up) => match &mut up.spare {
                Some(spare) => spare.search.addresses(desk, now, addresses),
                None => Ok(()),
            },
            Phase::Waiting { .. } | Phase::Closing | Phase::Over(_) => Ok(()),
        };
        self.searched(now, failed);
    }

    /// The gateway of this link let us in; it accepted `group`.
    pub fn handle_established(&mut self, link: LinkId, group: Option<KeyExchangeMethod>) {
        self.desk.rules.group = group.or(self.desk.rules.group);
        let desk = &mut self.desk;
        match &mut self.phase {
            Phase::First(search) | Phase::Down(search, ..) if search.tries(link) => {
                search.established(desk, link);
            }
            Phase::Up(up) => match &mut up.spare {
                Some(spare) if spare.search.tries(link) => spare.search.established(desk, link),
                Some(_) | None => desk.actions.push_back(Action::Close(link)),
            },
            Phase::First(_)
            | Phase::Down(..)
            | Phase::Waiting { .. }
            | Phase::Closing
            | Phase::Over(_) => desk.actions.push_back(Action::Close(link)),
        }
    }

    /// The host carries the traffic of this link.
    pub fn handle_configured(&mut self, now: Instant, link: LinkId) {
        let (old, address) = match &self.phase {
            Phase::First(search) | Phase::Down(search, ..) if search.tries(link) => {
                (None, search.address())
            }
            Phase::Up(up) => match &up.spare {
                Some(spare) if spare.search.tries(link) => (Some(up.link), spare.search.address()),
                Some(_) | None => return,
            },
            Phase::First(_)
            | Phase::Down(..)
            | Phase::Waiting { .. }
            | Phase::Closing
            | Phase::Over(_) => return,
        };
        self.desk.actions.extend(old.map(Action::Close));
        let mut up = Up::new(link, address, now);
        if let Some((_, at)) = self.desk.renew.take_if(|(of, _)| *of == link) {
            up.renew_at(at);
        }
        self.phase = Phase::Up(Box::new(up));
    }

    /// A link came to nothing, or is over.
    pub fn handle_closed(&mut self, now: Instant, link: LinkId, trouble: Trouble) {
        let desk = &mut self.desk;
        let failed = match &mut self.phase {
            Phase::First(search) | Phase::Down(search, ..) if search.tries(link) => {
                search.closed(desk, now, trouble)
            }
            Phase::Up(up) if up.link == link => {
                self.lose(now, trouble);
                return;
            }
            Phase::Up(up) => match &mut up.spare {
                Some(spare) if spare.search.tries(link) => spare.search.closed(desk, now, trouble),
                Some(_) | None => Ok(()),
            },
            Phase::First(_)
            | Phase::Down(..)
            | Phase::Waiting { .. }
            | Phase::Closing
            | Phase::Over(_) => Ok(()),
        };
        self.searched(now, failed);
    }

    /// The gateway ends the login of this link after `lifetime` (RFC 4478).
    pub fn handle_auth_lifetime(&mut self, now: Instant, link: LinkId, lifetime: Duration) {
        let at = now + lifetime.mul_f64(RENEW).max(RENEW_AT_LEAST);
        match &mut self.phase {
            Phase::Up(up) if up.link == link => up.renew_at(at),
            Phase::First(_)
            | Phase::Up(_)
            | Phase::Down(..)
            | Phase::Waiting { .. }
            | Phase::Closing
            | Phase::Over(_) => self.desk.renew = Some((link, at)),
        }
    }

    /// The gateway refuses new keys, and those in use may be used `until` then: if no later rekey
    /// succeeds, a new IKE SA is made in time.
    pub fn handle_rekey_refused(&mut self, now: Instant, link: LinkId, until: Instant) {
        if let Phase::Up(up) = &mut self.phase
            && up.link == link
        {
            up.rekey_refused(now + until.saturating_duration_since(now) / 2);
        }
    }

    /// There are new keys.
    pub fn handle_rekeyed(&mut self, link: LinkId) {
        if let Phase::Up(up) = &mut self.phase
            && up.link == link
        {
            up.rekeyed();
        }
    }

    /// The gateway does not follow to another address: only a new IKE SA will do.
    pub fn handle_refused(&mut self, now: Instant, link: LinkId) {
        if let Phase::Up(up) = &mut self.phase
            && up.link == link
        {
            up.not_followed(&mut self.desk, now);
        }
    }

    /// The network changed, or the machine woke.
    pub fn handle_path_change(&mut self, now: Instant) {
        match &mut self.phase {
            Phase::Up(up) => up.unsettle(&mut self.desk, now),
            Phase::First(search) | Phase::Down(search, ..) => {
                self.desk.actions.extend(search.link().map(Action::Probe));
            }
            Phase::Waiting { lost, .. } => {
                let lost = *lost;
                self.pauses = Pauses::default();
                self.search_again(now, lost);
            }
            Phase::Closing | Phase::Over(_) => {}
        }
    }

    /// Nobody wants the tunnel any more. [`Course::handle_gone`] when all links are.
    pub fn close(&mut self) {
        match &self.phase {
            Phase::First(search) | Phase::Down(search, ..) => search.cancel(&mut self.desk),
            Phase::Up(up) => {
                if let Some(spare) = &up.spare {
                    spare.search.cancel(&mut self.desk);
                }
                self.desk.actions.push_back(Action::Close(up.link));
            }
            Phase::Waiting { .. } => {}
            Phase::Closing | Phase::Over(_) => return,
        }
        self.phase = Phase::Closing;
    }

    /// All links said goodbye.
    pub fn handle_gone(&mut self) {
        if matches!(self.phase, Phase::Closing) {
            self.phase = Phase::Over(None);
        }
    }

    /// Does what is due. `reading` is that of the link which carries the traffic.
    pub fn handle_timeout(&mut self, now: Instant, reading: Reading) {
        let desk = &mut self.desk;
        let failed = match &mut self.phase {
            Phase::First(search) => search.handle_timeout(desk, now),
            Phase::Down(search, _, restore) => {
                let due = restore.take_if(|at| now >= *at);
                desk.actions.extend(due.map(|_| Action::Restore));
                search.handle_timeout(desk, now)
            }
            Phase::Up(up) => up.handle_timeout(desk, now, reading),
            Phase::Waiting { until, lost, .. } => {
                if now >= *until {
                    let lost = *lost;
                    self.search_again(now, lost);
                }
                Ok(())
            }
            Phase::Closing | Phase::Over(_) => Ok(()),
        };
        self.searched(now, failed);
    }

    /// When to call [`Course::handle_timeout`].
    pub fn poll_timeout(&self) -> Option<Instant> {
        match &self.phase {
            Phase::First(search) => search.due(),
            Phase::Down(search, _, restore) => search.due().into_iter().chain(*restore).min(),
            Phase::Up(up) => Some(up.due()),
            Phase::Waiting { until, .. } => Some(*until),
            Phase::Closing | Phase::Over(_) => None,
        }
    }

    /// The next thing to be done.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.desk.actions.pop_front()
    }

    /// What the tunnel is.
    pub fn standing(&self) -> Standing {
        match &self.phase {
            Phase::First(search) => match search.step() {
                Step::Resolving => Standing::Resolving,
                Step::Trying => Standing::Connecting,
                Step::Configuring => Standing::Configuring,
            },
            Phase::Up(up) => up
                .stall
                .map_or(Standing::Connected, |(stall, _)| Standing::Stalled(stall)),
            Phase::Down(..) => Standing::Reconnecting,
            Phase::Waiting { until, why, .. } => Standing::Waiting(*until, why.clone()),
            Phase::Closing => Standing::Closing,
            Phase::Over(why) => Standing::Over(why.clone()),
        }
    }

    /// The link that carries the traffic.
    pub fn carrier(&self) -> Option<LinkId> {
        match &self.phase {
            Phase::Up(up) => Some(up.link),
            Phase::First(_)
            | Phase::Down(..)
            | Phase::Waiting { .. }
            | Phase::Closing
            | Phase::Over(_) => None,
        }
    }

    /// The group that the gateway accepted last.
    pub const fn group(&self) -> Option<KeyExchangeMethod> {
        self.desk.rules.group
    }

    /// The link that carried the traffic is gone.
    fn lose(&mut self, now: Instant, trouble: Trouble) {
        let Phase::Up(up) = std::mem::replace(&mut self.phase, Phase::Closing) else {
            return;
        };
        if now.saturating_duration_since(up.since) >= STEADY {
            self.pauses = Pauses::default();
        }
        if let Some(mut spare) = up.spare {
            // Often the gateway ends the old link because it has just let its successor in.
            spare.search.stand_alone();
            self.phase = Phase::Down(spare.search, now, Some(now + SUCCEEDED_SOON));
            return;
        }
        self.desk.actions.push_back(Action::Restore);
        if let Trouble::Redirected(target) = &trouble {
            let redirects = &mut self.desk.redirects;
            if let Some(address) = up.address {
                redirects.visit(now, RedirectTarget::Address(address));
            }
            if redirects.follow(now, target).is_ok() {
                let target = Target::Redirect(target.clone());
                let search = Search::start(&mut self.desk, now, target, up.address, false);
                self.phase = Phase::Down(search, now, None);
                return;
            }
        }
        self.fail(now, trouble, now);
    }

    /// A search is over without a link, if it `failed`.
    fn searched(&mut self, now: Instant, failed: Result<(), Trouble>) {
        let Err(trouble) = failed else {
            return;
        };
        if self.is_sent_on(now, &trouble) {
            return;
        }
        match &mut self.phase {
            Phase::First(_) => self.phase = Phase::Over(Some(trouble)),
            Phase::Down(_, lost, restore) => {
                let (lost, restore) = (*lost, restore.take());
                self.desk.actions.extend(restore.map(|_| Action::Restore));
                self.fail(now, trouble, lost);
            }
            Phase::Up(up) => {
                let pause = self
                    .pauses
                    .next(&trouble, Duration::ZERO, self.desk.random.as_mut());
                up.no_successor(now, pause + STALLED_AGAIN);
            }
            Phase::Waiting { .. } | Phase::Closing | Phase::Over(_) => {}
        }
    }

    /// Whether a search goes on at another gateway, within limits (RFC 5685, section 4).
    fn is_sent_on(&mut self, now: Instant, trouble: &Trouble) -> bool {
        let Trouble::Redirected(target) = trouble else {
            return false;
        };
        let desk = &mut self.desk;
        let search = match &mut self.phase {
            Phase::First(search) | Phase::Down(search, ..) => Some(search),
            Phase::Up(up) => up.spare.as_mut().map(|spare| &mut spare.search),
            Phase::Waiting { .. } | Phase::Closing | Phase::Over(_) => None,
        };
        match (search, desk.redirects.follow(now, target)) {
            (Some(search), Ok(())) => {
                *search = search.redirected(desk, now, Target::Redirect(target.clone()));
                true
            }
            (Some(_), Err(fault)) => {
                tracing::warn!(%fault, "not followed");
                false
            }
            (None, _) => false,
        }
    }

    /// There is no tunnel: waits, or gives up.
    fn fail(&mut self, now: Instant, trouble: Trouble, lost: Instant) {
        if !trouble.may_pass() {
            self.phase = Phase::Over(Some(trouble));
            return;
        }
        let since = now.saturating_duration_since(lost);
        let random = self.desk.random.as_mut();
        let pause = self.pauses.next(&trouble, since, random);
        self.phase = Phase::Waiting {
            until: now + pause,
            why: trouble,
            lost,
        };
    }

    fn search_again(&mut self, now: Instant, lost: Instant) {
        let search = Search::start(&mut self.desk, now, Target::Profile, None, false);
        self.phase = Phase::Down(search, lost, None);
    }
}
