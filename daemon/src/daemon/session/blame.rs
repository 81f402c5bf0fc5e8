//! Why there is no tunnel, in the words for the user.

use azike_control::{Code, Failure};
use azike_ike::CloseReason;
use azike_tunnel::course::{Stall, Trouble};
use azike_wire::NotifyType;

use crate::daemon::setup::Setup;
use crate::failing;

/// What went wrong since the tunnel was up, or since somebody wanted it.
#[derive(Debug, Default)]
pub(super) struct Blame {
    last: Option<Failure>,
    /// The login that was refused, by the way that told most.
    refused: Option<CloseReason>,
    /// The gateway lists the roots it accepts, and ours is not among them.
    pub(super) root_not_listed: bool,
}

impl Blame {
    /// A new attempt to get a tunnel.
    pub(super) fn start(&mut self) {
        self.refused = None;
    }

    /// A link ended for this reason.
    pub(super) fn closed(&mut self, reason: &CloseReason) {
        self.last = Some(failing::login(reason, self.root_not_listed));
        if Trouble::of(reason) == Trouble::LoginRefused {
            self.refused = Some(better(self.refused.take(), reason.clone()));
        }
    }

    /// Something went wrong on this side.
    pub(super) fn failed(&mut self, failure: Failure) {
        self.last = Some(failure);
    }

    /// What went wrong last.
    pub(super) fn last(&self) -> Failure {
        self.last
            .clone()
            .unwrap_or_else(|| Code::GATEWAY_LOST.into())
    }

    /// What the user is told when it ends with `trouble`.
    pub(super) fn failure(&self, trouble: &Trouble, setup: &Setup) -> Failure {
        match (trouble, &self.refused) {
            (Trouble::TimedOut, _) => {
                let seconds = setup.options.timeout_ms / 1000;
                let what = format!("not connected after {seconds} s");
                Failure::new(Code::TIMEOUT, what)
            }
            (Trouble::LoginRefused, Some(reason)) => failing::login(reason, self.root_not_listed),
            _ => self.last(),
        }
    }
}

/// Why a tunnel does not count as connected.
pub(super) fn stalled(stall: Stall) -> Failure {
    match stall {
        Stall::GatewaySilent => {
            let what = "the gateway has not answered for some seconds; azike goes on asking";
            Failure::new(Code::GATEWAY_LOST, what)
        }
        Stall::NothingComesBack => {
            let what = "packets go out, and none comes back through the tunnel";
            Failure::new(Code::TUNNEL_SILENT, what)
        }
    }
}

/// Which of two refusals tells the user more: a reason beats the bare
/// `AUTHENTICATION_FAILED`, and otherwise the first one counts.
fn better(first: Option<CloseReason>, second: CloseReason) -> CloseReason {
    let bare = |reason: &CloseReason| {
        matches!(
            reason,
            CloseReason::Refused {
                notify: NotifyType::AUTHENTICATION_FAILED,
                root_not_listed: false,
                ms_status: None,
                ..
            }
        )
    };
    match first {
        Some(first) if !bare(&first) || bare(&second) => first,
        Some(_) | None => second,
    }
}
