//! `INFORMATIONAL` from either side (RFC 7296, sections 1.4 and 3.11).

use azike_wire::{Delete, EspSpi, NotifyType, Payload, ProtocolId};

use crate::children::Children;
use crate::draft::Draft;
use crate::incoming::Incoming;

/// What a client's request means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Meaning {
    /// It wants to know whether we are here.
    Alive,
    /// It deleted these Child SAs, by our SPIs.
    ChildrenDeleted(Vec<EspSpi>),
    /// It deleted the IKE SA.
    Deleted,
    /// It does not accept us.
    Refused(NotifyType),
}

/// The response to a client's request, and what it means; `closing` is the Child SA that we have
/// asked the client to delete ourselves.
pub(crate) fn answer(
    request: &Incoming<'_>,
    children: &Children,
    closing: Option<EspSpi>,
) -> (Draft, Meaning) {
    let mut draft = Draft::new();
    let error = request
        .notifies
        .iter()
        .find(|notify| notify.kind.is_error());
    if let Some(error) = error {
        return (draft, Meaning::Refused(error.kind));
    }
    let mut deletes = request.deletes.iter();
    if deletes.any(|delete| delete.protocol == ProtocolId::IKE) {
        return (draft, Meaning::Deleted);
    }
    let named = request.deletes.iter().flat_map(Delete::esp_spis);
    let named = named.filter_map(|spi_out| children.of_client(spi_out));
    let deleted: Vec<EspSpi> = named.map(|child| child.spi_in).collect();
    if deleted.is_empty() {
        return (draft, Meaning::Alive);
    }
    // RFC 7296, section 1.4.1: when both deletes cross, neither is named in the answer.
    let ours = deleted.iter().filter(|spi_in| Some(**spi_in) != closing);
    let ours: Vec<u8> = ours.flat_map(|spi_in| spi_in.octets()).collect();
    if !ours.is_empty() {
        draft.push(&Payload::Delete(Delete::esp(&ours)));
    }
    (draft, Meaning::ChildrenDeleted(deleted))
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
