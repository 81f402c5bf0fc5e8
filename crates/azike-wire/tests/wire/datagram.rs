//! Datagrams that are no message (field tests N-1 to N-14).

use azike_wire::{
    Chain, ExchangeType, Header, Malformed, Message, MessageId, MessageKind, Payload, PayloadType,
    Role, Spi, write_message,
};

/// A message with one payload of a private type and `length` octets in it.
fn message(length: usize) -> Vec<u8> {
    let header = Header {
        spi_i: Spi::new(1).unwrap(),
        spi_r: Spi::new(2),
        exchange: ExchangeType::IKE_SA_INIT,
        sender: Role::Responder,
        kind: MessageKind::Response,
        message_id: MessageId(0),
    };
    let mut chain = Chain::new();
    chain.payload(PayloadType(200), |body| body.resize(body.len() + length, 0));
    let (first, chain) = chain.finish();
    write_message(&header, first, &chain)
}

fn refused(octets: &[u8]) -> Option<Malformed> {
    Message::decode(octets).err()
}

/// N-1
#[test]
fn datagram_shorter_than_a_header_is_refused() {
    let octets = message(0);
    for length in [0, 1, 3, 27] {
        assert_eq!(
            refused(&octets[..length]),
            Some(Malformed::NoHeader(length))
        );
    }
}

/// N-3
#[test]
fn length_field_must_be_the_length_of_the_datagram() {
    let mut octets = message(8);
    let real = u32::try_from(octets.len()).unwrap();
    for field in [0, 27, 28, real - 1, real + 1, 0xffff, u32::MAX] {
        octets[24..28].copy_from_slice(&field.to_be_bytes());
        let malformed = Malformed::MessageLength {
            field,
            octets: octets.len(),
        };
        assert_eq!(refused(&octets), Some(malformed));
    }
}

/// N-3
#[test]
fn octets_behind_the_message_are_refused() {
    let mut octets = message(8);
    let field = u32::try_from(octets.len()).unwrap();
    octets.push(0);
    let malformed = Malformed::MessageLength {
        field,
        octets: octets.len(),
    };
    assert_eq!(refused(&octets), Some(malformed));
}

/// N-4
#[test]
fn other_major_versions_are_refused() {
    let mut octets = message(0);
    for major in [0, 1, 3, 15] {
        octets[17] = major << 4;
        assert_eq!(refused(&octets), Some(Malformed::MajorVersion(major)));
    }
    octets[17] = 0x21;
    assert_eq!(refused(&octets), None);
}

/// N-5, N-6: flags and SPIs are reported as they are; the one who knows the IKE SA compares.
#[test]
fn flags_and_spis_are_carried() {
    let mut octets = message(0);
    octets[8..16].fill(0);
    octets[19] = 0x28;
    let header = Message::decode(&octets).unwrap().header();
    assert_eq!(
        (header.sender, header.kind),
        (Role::Initiator, MessageKind::Response)
    );
    assert_eq!(header.spi_r, None);
}

/// N-6
#[test]
fn message_without_an_initiator_spi_is_refused() {
    let mut octets = message(0);
    octets[..8].fill(0);
    assert_eq!(refused(&octets), Some(Malformed::NoInitiatorSpi));
}

/// N-7: any exchange type is carried.
#[test]
fn exchange_type_is_a_number() {
    let mut octets = message(0);
    for number in [0, 33, 34, 255] {
        octets[18] = number;
        assert_eq!(
            Message::decode(&octets).unwrap().header().exchange,
            ExchangeType(number)
        );
    }
}

/// N-11
#[test]
fn reserved_bits_of_header_and_payload_are_ignored() {
    let mut octets = message(4);
    let header = Message::decode(&octets).unwrap().header();
    octets[19] |= 0b1101_0111;
    octets[29] = 0x7f;
    let message = Message::decode(&octets).unwrap();
    assert_eq!(message.header(), header);
    let payloads: Vec<_> = message.payloads().collect();
    let unknown = Payload::Unknown {
        kind: PayloadType(200),
        critical: false,
        body: &[0; 4],
    };
    assert_eq!(payloads, [Ok(unknown)]);
}

/// N-14, N-80: the largest datagram of UDP, full of one payload that nobody knows.
#[test]
fn largest_datagram_is_read() {
    let octets = message(65_507 - 32);
    assert_eq!(octets.len(), 65_507);
    let payloads: Vec<_> = Message::decode(&octets).unwrap().payloads().collect();
    assert!(matches!(payloads[..], [Ok(Payload::Unknown { body, .. })] if body.len() == 65_475));
}

/// N-9: the largest datagram of UDP, full of the smallest payloads.
#[test]
fn largest_datagram_of_small_payloads_ends_at_the_budget() {
    let mut octets = message(65_507 - 32);
    for at in (28..octets.len() - 4).step_by(4) {
        octets[at..at + 4].copy_from_slice(&[43, 0, 0, 4]);
    }
    octets[16] = 43;
    let payloads: Vec<_> = Message::decode(&octets).unwrap().payloads().collect();
    assert_eq!(payloads.len(), 65);
    assert_eq!(payloads[64], Err(Malformed::TooManyPayloads));
}
