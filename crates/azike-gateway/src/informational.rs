//! `INFORMATIONAL` from either side (RFC 7296, sections 1.4 and 3.11).

use azike_wire::{Delete, EspSpi, NotifyType, Payload, ProtocolId};

use crate::draft::Draft;
use crate::incoming::Incoming;

/// What a client's request means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Meaning {
    /// It wants to know whether we are here.
    Alive,
    /// It deleted the Child SA.
    ChildDeleted(EspSpi),
    /// It deleted the IKE SA.
    Deleted,
    /// It does not accept us.
    Refused(NotifyType),
}

/// The response to a client's request, and what it means; `child` is our SPI and the client's.
pub(crate) fn answer(request: &Incoming<'_>, child: Option<(EspSpi, EspSpi)>) -> (Draft, Meaning) {
    let mut draft = Draft::new();
    let error = request
        .notifies
        .iter()
        .find(|notify| notify.kind.is_error());
    if let Some(error) = error {
        return (draft, Meaning::Refused(error.kind));
    }
    let mut meaning = Meaning::Alive;
    for delete in &request.deletes {
        if delete.protocol == ProtocolId::IKE {
            return (draft, Meaning::Deleted);
        }
        if let Some((spi_in, spi_out)) = child
            && delete.esp_spis().any(|spi| spi == spi_out)
        {
            draft.push(&Payload::Delete(Delete::esp(&spi_in.octets())));
            meaning = Meaning::ChildDeleted(spi_in);
        }
    }
    (draft, meaning)
}

/// A request that deletes the Child SA with this SPI of ours.
pub(crate) fn delete_child(spi_in: EspSpi) -> Draft {
    let mut draft = Draft::new();
    draft.push(&Payload::Delete(Delete::esp(&spi_in.octets())));
    draft
}

/// A request that deletes the IKE SA.
pub(crate) fn delete_ike_sa() -> Draft {
    let mut draft = Draft::new();
    draft.push(&Payload::Delete(Delete::ike_sa()));
    draft
}
