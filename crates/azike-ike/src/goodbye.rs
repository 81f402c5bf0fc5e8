//! The last request of an IKE SA (RFC 7296, sections 1.4.1 and 2.21.2).

use azike_wire::{Chain, Delete, NotifyType, Payload};

use crate::reason::CloseReason;
use crate::sa_init::notify;

/// Delete, or the error that ends it.
pub(crate) fn goodbye(reason: &CloseReason) -> Chain {
    let mut chain = Chain::new();
    match reason {
        CloseReason::Trust(_) | CloseReason::Authentication(_) => {
            chain.push(&notify(NotifyType::AUTHENTICATION_FAILED, &[]));
        }
        CloseReason::NoAnswer { .. }
        | CloseReason::Refused { .. }
        | CloseReason::NoChildSa { .. }
        | CloseReason::Eap(_)
        | CloseReason::NotSigned
        | CloseReason::Protocol(_)
        | CloseReason::Redirected(_)
        | CloseReason::Deleted
        | CloseReason::Closed => chain.push(&Payload::Delete(Delete::ike_sa())),
    }
    chain
}
