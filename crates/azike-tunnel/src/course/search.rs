//! The way to one link: the gateway's name becomes addresses, each address is tried, and at each
//! every way to log in, until a gateway lets us in.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use azike_ike::{Authentication, RedirectTarget};

use super::{Action, Attempt, Desk, LinkId, Target, Trouble};

/// How long the resolver may take while the old link stands: it may ask a DNS server behind it.
const RESOLVE: Duration = Duration::from_secs(3);

/// A search.
#[derive(Debug)]
pub(super) struct Search {
    stage: Stage,
    started: Instant,
    deadline: Instant,
    target: Target,
    /// Who sent us to the target.
    from: Option<IpAddr>,
    addresses: VecDeque<IpAddr>,
    way: usize,
    /// An older link is still there.
    beside: bool,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
enum Stage {
    Resolving,
    Trying(LinkId, IpAddr, Instant),
    Configuring(LinkId, IpAddr),
}

/// How far a search is, for the display.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    Resolving,
    Trying,
    Configuring,
}

impl Search {
    /// Begins: with the resolver, or with the address that a redirection named.
    pub(super) fn start(
        desk: &mut Desk,
        now: Instant,
        target: Target,
        from: Option<IpAddr>,
        beside: bool,
    ) -> Self {
        let mut search = Self {
            stage: Stage::Resolving,
            started: now,
            deadline: now + desk.rules.timeout,
            target: target.clone(),
            from,
            addresses: VecDeque::new(),
            way: 0,
            beside,
        };
        match target {
            Target::Redirect(RedirectTarget::Address(address)) => {
                search.addresses.push_back(address);
                search.open(desk, now);
            }
            Target::Profile | Target::Redirect(RedirectTarget::Name(_)) => {
                desk.actions.push_back(Action::Resolve(target));
            }
        }
        search
    }

    /// The resolver's answer; none if it has none.
    pub(super) fn addresses(
        &mut self,
        desk: &mut Desk,
        now: Instant,
        found: &[IpAddr],
    ) -> Result<(), Trouble> {
        if !matches!(self.stage, Stage::Resolving) {
            return Ok(());
        }
        let found: Vec<IpAddr> = match &self.target {
            Target::Profile => found.to_vec(),
            // Whoever sends us elsewhere is not believed everything.
            Target::Redirect(_) => {
                let new = |address: &&IpAddr| RedirectTarget::may_be_at(**address);
                found.iter().filter(new).copied().collect()
            }
        };
        if self.target == Target::Profile && !found.is_empty() {
            desk.known.clone_from(&found);
        }
        // With the tunnel's own DNS server in force and the tunnel broken, no name resolves.
        let fallback = if self.beside && self.target == Target::Profile {
            desk.known.clone()
        } else {
            Vec::new()
        };
        self.addresses = if found.is_empty() {
            fallback.into()
        } else {
            found.into()
        };
        if self.addresses.is_empty() {
            return Err(Trouble::Silent);
        }
        self.open(desk, now);
        Ok(())
    }

    /// Tries the first address by the way that is due.
    fn open(&mut self, desk: &mut Desk, now: Instant) {
        let Some(address) = self.addresses.front().copied() else {
            return;
        };
        let left = u32::try_from(self.addresses.len()).unwrap_or(u32::MAX);
        let share = self.deadline.saturating_duration_since(now) / left;
        let link = desk.next_link();
        desk.redirects.visit(now, RedirectTarget::Address(address));
        self.stage = Stage::Trying(link, address, now + share);
        let way = self.way(desk);
        desk.actions.push_back(Action::Open(Attempt {
            link,
            address,
            way,
            share,
            group: desk.rules.group,
            beside: self.beside,
            redirected_from: self.from,
        }));
    }

    fn way(&self, desk: &Desk) -> Authentication {
        let ways = desk.ways();
        let way = ways.get(self.way).or(ways.first()).copied();
        way.unwrap_or(Authentication::Signature)
    }

    /// Whether this link is tried now.
    pub(super) const fn tries(&self, link: LinkId) -> bool {
        match self.stage {
            Stage::Trying(tried, ..) | Stage::Configuring(tried, _) => tried.0 == link.0,
            Stage::Resolving => false,
        }
    }

    /// The link that is tried now.
    pub(super) const fn link(&self) -> Option<LinkId> {
        match self.stage {
            Stage::Trying(link, ..) | Stage::Configuring(link, _) => Some(link),
            Stage::Resolving => None,
        }
    }

    pub(super) const fn step(&self) -> Step {
        match self.stage {
            Stage::Resolving => Step::Resolving,
            Stage::Trying(..) => Step::Trying,
            Stage::Configuring(..) => Step::Configuring,
        }
    }

    /// The older link is gone.
    pub(super) const fn stand_alone(&mut self) {
        self.beside = false;
    }

    /// The gateway let us in.
    pub(super) fn established(&mut self, desk: &mut Desk, link: LinkId) {
        desk.prefer(self.way(desk));
        if let Some(address) = self.address() {
            self.stage = Stage::Configuring(link, address);
        }
        desk.actions.push_back(Action::Configure(link));
    }

    /// The link came to nothing: goes on with the next way or address, or says what it was.
    pub(super) fn closed(
        &mut self,
        desk: &mut Desk,
        now: Instant,
        trouble: Trouble,
    ) -> Result<(), Trouble> {
        match trouble {
            Trouble::LoginRefused if self.way + 1 < desk.ways().len() => self.way += 1,
            Trouble::Silent if self.addresses.len() > 1 => {
                self.addresses.pop_front();
                self.way = 0;
            }
            Trouble::Silent
            | Trouble::Busy
            | Trouble::Ended
            | Trouble::TimedOut
            | Trouble::Redirected(_)
            | Trouble::LoginRefused
            | Trouble::Final => return Err(trouble),
        }
        self.open(desk, now);
        Ok(())
    }

    /// The gateway's address, once one is tried.
    pub(super) const fn address(&self) -> Option<IpAddr> {
        match self.stage {
            Stage::Trying(_, address, _) | Stage::Configuring(_, address) => Some(address),
            Stage::Resolving => None,
        }
    }

    /// The gateway sends us to `target`; the time that was given goes on.
    pub(super) fn redirected(&self, desk: &mut Desk, now: Instant, target: Target) -> Self {
        let mut next = Self::start(desk, now, target, self.address(), self.beside);
        next.deadline = self.deadline;
        next
    }

    /// When to call [`Search::handle_timeout`].
    pub(super) fn due(&self) -> Option<Instant> {
        match self.stage {
            Stage::Resolving if self.beside => Some(self.deadline.min(self.started + RESOLVE)),
            Stage::Resolving => Some(self.deadline),
            Stage::Trying(_, _, until) => Some(self.deadline.min(until)),
            Stage::Configuring(..) => None,
        }
    }

    /// Goes on where something takes too long.
    pub(super) fn handle_timeout(&mut self, desk: &mut Desk, now: Instant) -> Result<(), Trouble> {
        if self.due().is_none_or(|due| now < due) {
            return Ok(());
        }
        let over = now >= self.deadline;
        match self.stage {
            Stage::Resolving if !over => self.addresses(desk, now, &[]),
            Stage::Trying(link, ..) => {
                desk.actions.push_back(Action::Drop(link));
                if over {
                    return Err(Trouble::TimedOut);
                }
                self.closed(desk, now, Trouble::Silent)
            }
            Stage::Resolving => Err(Trouble::TimedOut),
            Stage::Configuring(..) => Ok(()),
        }
    }

    /// Gives up.
    pub(super) fn cancel(&self, desk: &mut Desk) {
        match self.stage {
            Stage::Trying(link, ..) => desk.actions.push_back(Action::Drop(link)),
            Stage::Configuring(link, _) => desk.actions.push_back(Action::Close(link)),
            Stage::Resolving => {}
        }
    }
}
