//! Messages in the clear, made by hand: what anybody on the way can send.

use azike_wire::{
    Chain, ExchangeType, Header, Message, MessageId, MessageKind, Notify, NotifyType, Payload,
    Role, Spi, write_message,
};

use super::Table;

/// A response to the client's oldest `IKE_SA_INIT` request on the wire, with these payloads.
pub(crate) fn response(table: &Table, spi_r: u64, chain: Chain) -> Vec<u8> {
    let request = &table.to_gateway.front().unwrap().octets;
    let header = Header {
        spi_r: Spi::new(spi_r),
        sender: Role::Responder,
        kind: MessageKind::Response,
        ..Message::decode(request).unwrap().header()
    };
    let (first, chain) = chain.finish();
    write_message(&header, first, &chain)
}

/// The same with one notify.
pub(crate) fn notify(table: &Table, kind: NotifyType, data: &[u8]) -> Vec<u8> {
    let mut chain = Chain::new();
    chain.push(&Payload::Notify(Notify::new(kind, data)));
    response(table, 0, chain)
}

/// What is in a datagram, without the Non-ESP Marker: exchange, Message ID and payloads.
pub(crate) fn describe(octets: &[u8]) -> String {
    let octets = octets.strip_prefix(&[0; 4]).unwrap_or(octets);
    let message = Message::decode(octets).unwrap();
    let header = message.header();
    let words = message.payloads().map(|payload| {
        let payload = payload.unwrap();
        if let Payload::Notify(notify) = &payload {
            format!("N({})", notify.kind)
        } else if let Payload::KeyExchange(ke) = &payload {
            format!("KE({})", ke.method.0)
        } else {
            payload.kind().to_string()
        }
    });
    let words: Vec<String> = words.collect();
    let (exchange, id) = (header.exchange, header.message_id.0);
    format!("{exchange} {id} {}", words.join(" "))
}

/// A header that belongs to no exchange of ours, but has the right SPIs.
pub(crate) fn header(request: &[u8], exchange: ExchangeType, id: u32) -> Header {
    let octets = request.strip_prefix(&[0; 4]).unwrap_or(request);
    Header {
        exchange,
        message_id: MessageId(id),
        sender: Role::Responder,
        kind: MessageKind::Response,
        ..Message::decode(octets).unwrap().header()
    }
}
