//! Why a link came to nothing, as far as it decides what to do next.

use azike_ike::{CloseReason, RedirectTarget};
use azike_wire::{ExchangeType, NotifyType};

/// Where the gateway is looked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// Where the profile says.
    Profile,
    /// Where another gateway sends us (RFC 5685).
    Redirect(RedirectTarget),
}

/// Why a link came to nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Trouble {
    /// Nobody answers, or there is no way to ask.
    Silent,
    /// The gateway has no room for us, or says something that anybody could have said.
    Busy,
    /// The gateway ended what was there.
    Ended,
    /// The time is up.
    TimedOut,
    /// The gateway sends us elsewhere.
    Redirected(RedirectTarget),
    /// The gateway does not take this way to log in.
    LoginRefused,
    /// Time will not mend it.
    Final,
}

impl Trouble {
    /// What the end of an IKE SA means.
    pub fn of(reason: &CloseReason) -> Self {
        match reason {
            CloseReason::NoAnswer { .. } => Self::Silent,
            CloseReason::Deleted => Self::Ended,
            CloseReason::Redirected(target) => Self::Redirected(target.clone()),
            CloseReason::Refused { notify, .. } | CloseReason::NoChildSa { notify, .. }
                if may_change(*notify) =>
            {
                Self::Busy
            }
            CloseReason::Refused {
                exchange: ExchangeType::IKE_AUTH,
                ..
            }
            | CloseReason::NotSigned
            | CloseReason::Eap(_) => Self::LoginRefused,
            // Nobody signed it: a single forged answer must not end a tunnel for good.
            CloseReason::Refused { .. } => Self::Busy,
            CloseReason::NoChildSa { .. }
            | CloseReason::Trust(_)
            | CloseReason::Authentication(_)
            | CloseReason::Protocol(_)
            | CloseReason::Closed => Self::Final,
        }
    }

    /// Whether another try, later, may end otherwise. A rejected login, a wrong gateway or a bad
    /// profile stay what they are.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Silent | Self::Busy | Self::Ended | Self::TimedOut | Self::Redirected(_) => true,
            Self::LoginRefused | Self::Final => false,
        }
    }
}

/// Refusals that depend on how busy the gateway is.
fn may_change(notify: NotifyType) -> bool {
    const BUSY: [NotifyType; 3] = [
        NotifyType::NO_ADDITIONAL_SAS,
        NotifyType::TEMPORARY_FAILURE,
        NotifyType::INTERNAL_ADDRESS_FAILURE,
    ];
    BUSY.contains(&notify)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(exchange: ExchangeType, notify: NotifyType) -> Trouble {
        Trouble::of(&CloseReason::Refused {
            exchange,
            notify,
            ms_status: None,
            root_not_listed: false,
        })
    }

    #[test]
    fn a_rejected_login_is_not_tried_again() {
        let refused = refused(ExchangeType::IKE_AUTH, NotifyType::AUTHENTICATION_FAILED);
        assert_eq!(refused, Trouble::LoginRefused);
        assert!(!refused.may_pass());
        assert!(!Trouble::of(&CloseReason::NotSigned).may_pass());
    }

    #[test]
    fn what_nobody_signed_does_not_end_a_tunnel() {
        let notify = NotifyType::NO_PROPOSAL_CHOSEN;
        assert_eq!(refused(ExchangeType::IKE_SA_INIT, notify), Trouble::Busy);
    }

    #[test]
    fn a_full_pool_may_have_room_later() {
        let notify = NotifyType::INTERNAL_ADDRESS_FAILURE;
        let full = Trouble::of(&CloseReason::NoChildSa {
            notify,
            ms_status: None,
        });
        assert_eq!(full, Trouble::Busy);
    }
}
