//! A tunnel that is up, and the search for a successor beside it: make before break.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::pulse::{Pulse, Reading};
use super::search::Search;
use super::{Action, Desk, LinkId, Stall, Target, Trouble};

/// How often the counters are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// A look that comes so late was kept by sleep.
const SLEPT: Duration = Duration::from_secs(5);
/// So long after the network changed or the machine woke we are quick to look for a successor.
const UNSETTLED: Duration = Duration::from_secs(30);
/// How long a stall lasts before a successor is looked for.
const STALLED: Duration = Duration::from_secs(3);
/// The same right after the network changed or the machine woke.
const STALLED_UNSETTLED: Duration = Duration::ZERO;

/// The same where the gateway answers and only the tunnel brings nothing back: the host that we talk
/// to may be down.
const NOTHING_BACK: Duration = Duration::from_secs(15);
/// When the next one is looked for because of that; doubled each time, until something comes back.
const NOTHING_BACK_AGAIN: Duration = Duration::from_mins(1);
/// The longest of these.
const NOTHING_BACK_AT_LAST: Duration = Duration::from_mins(10);

/// A tunnel that is up.
#[derive(Debug)]
pub(super) struct Up {
    pub(super) link: LinkId,
    /// The gateway's address.
    pub(super) address: Option<IpAddr>,
    pub(super) since: Instant,
    pub(super) spare: Option<Spare>,
    /// Why it does not count as connected, and since when.
    pub(super) stall: Option<(Stall, Instant)>,
    pulse: Pulse,
    look_at: Instant,
    unsettled: Option<Instant>,
    /// When a successor is due, because the gateway ends this link one day.
    renew_at: Option<Instant>,
    /// The same, because the gateway refused new keys.
    keys_end_at: Option<Instant>,
    /// Not before this another search for a successor.
    not_before: Instant,
}

/// The search for a successor.
#[derive(Debug)]
pub(super) struct Spare {
    pub(super) search: Search,
    /// It is given up when the link works again.
    only_if_stalled: bool,
}

impl Up {
    pub(super) fn new(link: LinkId, address: Option<IpAddr>, now: Instant) -> Self {
        Self {
            link,
            address,
            since: now,
            spare: None,
            stall: None,
            pulse: Pulse::new(Reading::default()),
            look_at: now + LOOK,
            unsettled: None,
            renew_at: None,
            keys_end_at: None,
            not_before: now,
        }
    }

    /// The network changed, or the machine woke: nothing is sure any more.
    pub(super) fn unsettle(&mut self, desk: &mut Desk, now: Instant) {
        self.unsettled = Some(now);
        desk.actions.push_back(Action::Probe(self.link));
        if let Some(link) = self.spare.as_ref().and_then(|spare| spare.search.link()) {
            desk.actions.push_back(Action::Probe(link));
        }
    }

    /// The gateway ends the link at `end`, or new keys will not be had: a successor is due before.
    pub(super) fn renew_at(&mut self, at: Instant) {
        self.renew_at = self.renew_at.into_iter().chain([at]).min();
    }

    /// Without new keys a successor is due at `at`.
    pub(super) fn rekey_refused(&mut self, at: Instant) {
        self.keys_end_at = self.keys_end_at.into_iter().chain([at]).min();
    }

    /// There are new keys after all.
    pub(super) const fn rekeyed(&mut self) {
        self.keys_end_at = None;
    }

    /// When a successor is due, whatever the link does.
    fn renewal(&self) -> Option<Instant> {
        self.renew_at.into_iter().chain(self.keys_end_at).min()
    }

    /// The gateway does not follow to where we are. If packets come all the same, so be it.
    pub(super) fn not_followed(&mut self, desk: &mut Desk, now: Instant) {
        if self.is_unsettled(now) || self.stall.is_some() {
            self.needs_successor(desk, now);
        }
    }

    fn needs_successor(&mut self, desk: &mut Desk, now: Instant) {
        match &mut self.spare {
            Some(spare) => spare.only_if_stalled = false,
            None => self.look_for_successor(desk, now, false),
        }
    }

    fn look_for_successor(&mut self, desk: &mut Desk, now: Instant, only_if_stalled: bool) {
        let search = Search::start(desk, now, Target::Profile, None, true);
        self.spare = Some(Spare {
            search,
            only_if_stalled,
        });
    }

    /// The search for a successor came to nothing: another one after `pause`.
    pub(super) fn no_successor(&mut self, now: Instant, pause: Duration) {
        self.spare = None;
        self.not_before = now + pause;
    }

    /// When to call [`Up::handle_timeout`].
    pub(super) fn due(&self) -> Instant {
        let spare = self.spare.as_ref().and_then(|spare| spare.search.due());
        let renew = self.renewal().filter(|_| self.spare.is_none());
        let renew = renew.map(|at| at.max(self.not_before));
        let others = spare.into_iter().chain(renew);
        others.fold(self.look_at, Instant::min)
    }

    /// Looks at the counters, and after the successor. What became of its search if that is over.
    pub(super) fn handle_timeout(
        &mut self,
        desk: &mut Desk,
        now: Instant,
        reading: Reading,
    ) -> Result<(), Trouble> {
        if now >= self.look_at {
            let slept = now.saturating_duration_since(self.look_at) >= SLEPT;
            self.look_at = now + LOOK;
            if slept {
                self.unsettle(desk, now);
            }
            self.look(desk, now, reading);
        }
        let wanted = self.renewal().is_some_and(|at| at <= now);
        if wanted && self.spare.is_none() && now >= self.not_before {
            self.needs_successor(desk, now);
        }
        match &mut self.spare {
            Some(spare) => spare.search.handle_timeout(desk, now),
            None => Ok(()),
        }
    }

    fn is_unsettled(&self, now: Instant) -> bool {
        self.unsettled
            .is_some_and(|at| now.saturating_duration_since(at) < UNSETTLED)
    }

    fn look(&mut self, desk: &mut Desk, now: Instant, reading: Reading) {
        let unsettled = self.is_unsettled(now);
        if self.pulse.is_news(reading) {
            desk.worked = true;
            desk.in_vain = None;
        }
        let look = self.pulse.look(now, reading, unsettled);
        if look.ask {
            desk.actions.push_back(Action::Ask(self.link));
        }
        let Some(stall) = look.stall else {
            self.stall = None;
            if let Some(spare) = self.spare.take_if(|spare| spare.only_if_stalled) {
                spare.search.cancel(desk);
            }
            return;
        };
        let since = match self.stall {
            Some((same, since)) if same == stall => since,
            Some(_) | None => {
                if stall == Stall::NothingComesBack {
                    desk.actions.push_back(Action::Ask(self.link));
                    desk.actions.push_back(Action::NewKeys(self.link));
                }
                now
            }
        };
        self.stall = Some((stall, since));
        let silent = stall == Stall::GatewaySilent;
        let patience = match (unsettled, silent) {
            (true, _) => STALLED_UNSETTLED,
            (false, true) => STALLED,
            // Where nothing ever came back, nothing will.
            (false, false) if desk.worked => NOTHING_BACK,
            (false, false) => return,
        };
        let passed = |at: Instant| now.saturating_duration_since(at);
        let lately = desk.in_vain.is_some_and(|(at, times)| {
            let again = NOTHING_BACK_AGAIN * (1 << times.min(8));
            !silent && passed(at) < again.min(NOTHING_BACK_AT_LAST)
        });
        let waited = passed(since) >= patience && !lately;
        if waited && self.spare.is_none() && now >= self.not_before {
            self.look_for_successor(desk, now, true);
            if !silent {
                let times = desk.in_vain.map_or(0, |(_, times)| times + 1);
                desk.in_vain = Some((now, times));
            }
        }
    }
}
