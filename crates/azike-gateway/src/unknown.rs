//! What is said of SAs that are not known, without any protection
//! (RFC 7296, sections 1.5 and 2.21.4).

use azike_crypto::Random;
use azike_wire::{EspSpi, ExchangeType, Header, MessageId, MessageKind, NotifyType, Role};

use crate::draft::Draft;
use crate::names::new_spi;

/// The answer to a request whose IKE SA is not known: its header comes back.
pub(crate) fn ike_spi(request: Header) -> Vec<u8> {
    let header = Header {
        sender: request.sender.peer(),
        kind: MessageKind::Response,
        ..request
    };
    write(&header, &Draft::only(NotifyType::INVALID_IKE_SPI, &[]))
}

/// What is sent for an ESP packet of nobody: an IKE message of no IKE SA.
pub(crate) fn esp_spi(random: &mut dyn Random, spi: EspSpi) -> Vec<u8> {
    let header = Header {
        spi_i: new_spi(random),
        spi_r: None,
        exchange: ExchangeType::INFORMATIONAL,
        sender: Role::Initiator,
        kind: MessageKind::Request,
        message_id: MessageId(0),
    };
    write(
        &header,
        &Draft::only(NotifyType::INVALID_SPI, &spi.octets()),
    )
}

fn write(header: &Header, draft: &Draft) -> Vec<u8> {
    let (first, chain) = draft.encode();
    azike_wire::write_message(header, first, &chain)
}
