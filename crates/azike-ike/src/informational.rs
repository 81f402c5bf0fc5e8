//! `INFORMATIONAL`, and what we answer to requests of the gateway
//! (RFC 7296, sections 1.4, 2.4, 3.11).

use azike_wire::{Chain, Delete, EspSpi, ExchangeType, NotifyType, Payload, ProtocolId};

use crate::channel::Opened;
use crate::reason::{CloseReason, DropReason};
use crate::sa_init::notify;

/// How we answer a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    /// We are here.
    Alive,
    /// We do not do that.
    Decline(NotifyType),
    /// The gateway deleted our Child SA; so do we.
    ChildDeleted {
        /// Our half of it.
        spi_in: EspSpi,
    },
    /// The gateway deleted the IKE SA.
    Deleted,
}

impl Answer {
    /// The payloads of the response.
    pub(crate) fn chain(self) -> Chain {
        let mut chain = Chain::new();
        match self {
            Self::Alive | Self::Deleted => {}
            Self::Decline(kind) => chain.push(&notify(kind, &[])),
            Self::ChildDeleted { spi_in } => {
                chain.push(&Payload::Delete(Delete::esp(&spi_in.octets())));
            }
        }
        chain
    }
}

/// Decides how to answer; `child` is our SPI and the gateway's.
pub(crate) fn answer(
    opened: &Opened,
    child: Option<(EspSpi, EspSpi)>,
) -> Result<Answer, DropReason> {
    let set = match opened.payloads() {
        Ok(set) => set,
        Err(DropReason::Critical(_)) => {
            return Ok(Answer::Decline(NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD));
        }
        Err(_) => return Ok(Answer::Decline(NotifyType::INVALID_SYNTAX)),
    };
    match opened.header().exchange {
        ExchangeType::INFORMATIONAL => {}
        ExchangeType::CREATE_CHILD_SA => {
            return Ok(Answer::Decline(NotifyType::NO_ADDITIONAL_SAS));
        }
        _ => return Err(DropReason::NotExpected),
    }
    if set.notify(NotifyType::AUTHENTICATION_FAILED).is_some() {
        return Ok(Answer::Deleted);
    }
    let mut answer = Answer::Alive;
    for delete in &set.deletes {
        match (delete.protocol, child) {
            (ProtocolId::IKE, _) => return Ok(Answer::Deleted),
            (ProtocolId::ESP, Some((spi_in, spi_out)))
                if delete.esp_spis().any(|spi| spi == spi_out) =>
            {
                answer = Answer::ChildDeleted { spi_in };
            }
            _ => {}
        }
    }
    Ok(answer)
}

/// The last request of an IKE SA: Delete, or the error that ends it (section 2.21.2).
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
        | CloseReason::Deleted
        | CloseReason::Closed => chain.push(&Payload::Delete(Delete::ike_sa())),
    }
    chain
}
