//! Where the client is (RFC 7296, section 2.23; RFC 4555).
//!
//! ```text
//!  HDR, SK { N(UPDATE_SA_ADDRESSES), N(NAT_DETECTION_..), N(COOKIE2) }  -->
//!              <--  HDR, SK { N(NAT_DETECTION_..), N(COOKIE2) }  or  N(UNACCEPTABLE_ADDRESSES)
//!
//!              <--  HDR, SK { N(COOKIE2) }     to the new address, if that is checked
//!  HDR, SK { N(COOKIE2) }  -->
//! ```

use azike_wire::{ExchangeType, NotifyType};

use super::task::{Task, Wish};
use super::{IkeSa, Outcome};
use crate::context::Context;
use crate::draft::Draft;
use crate::event::Event;
use crate::incoming::Incoming;
use crate::login::Login;
use crate::policy::Mobike;
use crate::sa_init::{self, Peer};

/// Octets of our `COOKIE2`.
const COOKIE2: usize = 16;

/// Whether the client is at an address.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub(crate) at: Peer,
    cookie2: [u8; COOKIE2],
}

impl IkeSa {
    /// An authentic message came, for the first time.
    pub(super) fn hear(&mut self, context: &Context<'_>, from: Peer, outcome: &mut Outcome) {
        self.clock.heard = context.now;
        if self.heir.is_some() {
            self.clock.replaced(context.now);
        }
        let policy = context.policy();
        // From port 500 to 4500, at the latest with the first message that is protected.
        let logs_in = !matches!(self.login, Login::Done);
        let checks = self.mobike && policy.mobike == Mobike::Checks;
        if logs_in || (policy.follows_nat && !checks) {
            self.move_to(from, outcome);
        }
    }

    fn move_to(&mut self, peer: Peer, outcome: &mut Outcome) {
        if self.peer != peer {
            self.peer = peer;
            let moved = Event::Moved(self.basis.spi_r, peer.address);
            outcome.events.push(moved);
        }
    }

    /// What MOBIKE has to say to an `INFORMATIONAL` request.
    pub(super) fn answer_move(
        &mut self,
        context: &mut Context<'_>,
        from: Peer,
        (request, draft): (&Incoming<'_>, &mut Draft),
        outcome: &mut Outcome,
    ) {
        if !self.mobike {
            return;
        }
        let update = request.notify(NotifyType::UPDATE_SA_ADDRESSES).is_some();
        match context.policy().mobike {
            Mobike::Refuses if update => draft.notify(NotifyType::UNACCEPTABLE_ADDRESSES, &[]),
            Mobike::Follows if update => self.move_to(from, outcome),
            Mobike::Checks if update && self.peer != from => self.check(context, from),
            Mobike::Unknown | Mobike::Follows | Mobike::Checks | Mobike::Refuses => {}
        }
        if request
            .notify(NotifyType::NAT_DETECTION_SOURCE_IP)
            .is_some()
        {
            let spis = (self.basis.spi_i, self.basis.spi_r);
            sa_init::push_nat_detection(draft, context.config, spis, from);
        }
        if let Some(cookie2) = request.notify(NotifyType::COOKIE2) {
            draft.notify(NotifyType::COOKIE2, cookie2.data);
        }
    }

    fn check(&mut self, context: &mut Context<'_>, at: Peer) {
        let mut cookie2 = [0; COOKIE2];
        context.random.fill(&mut cookie2);
        self.wish(Wish::Check(Check { at, cookie2 }));
    }

    /// The client has answered from somewhere.
    pub(super) fn finish_check(
        &mut self,
        check: &Check,
        (from, answer): (Peer, &Incoming<'_>),
        outcome: &mut Outcome,
    ) {
        let same = |cookie2: &[u8]| cookie2 == check.cookie2;
        let echoed = answer.notify(NotifyType::COOKIE2);
        if echoed.is_some_and(|it| same(it.data)) && from == check.at {
            self.move_to(from, outcome);
        }
    }
}

impl Check {
    /// The request that asks.
    pub(super) fn request(self) -> (ExchangeType, Draft, Task) {
        let draft = Draft::only(NotifyType::COOKIE2, &self.cookie2);
        (ExchangeType::INFORMATIONAL, draft, Task::Check(self))
    }
}
