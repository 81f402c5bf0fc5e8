//! Chains of payloads that must be refused (field tests N-8 to N-13, N-38, N-80).

use azike_wire::{
    Chain, Encrypted, ExchangeType, Header, Malformed, Message, MessageId, MessageKind, Nonce,
    Notify, NotifyType, Payload, PayloadType, Payloads, Role, Spi, write_message,
};

const VENDOR_ID: u8 = 43;

fn inner(first: u8, octets: &[u8]) -> Vec<Result<Payload<'_>, Malformed>> {
    Payloads::new(PayloadType(first), octets).collect()
}

fn message(first: u8, chain: &[u8]) -> Vec<u8> {
    let header = Header {
        spi_i: Spi::new(1).unwrap(),
        spi_r: Spi::new(2),
        exchange: ExchangeType::IKE_AUTH,
        sender: Role::Responder,
        kind: MessageKind::Response,
        message_id: MessageId(1),
    };
    write_message(&header, PayloadType(first), chain)
}

/// What is found in a message with this chain, as text, the error last.
fn outer(first: u8, chain: &[u8]) -> (Vec<PayloadType>, Option<Malformed>) {
    let octets = message(first, chain);
    let read: Vec<_> = Message::decode(&octets).unwrap().payloads().collect();
    let kinds = read.iter().flatten().map(Payload::kind).collect();
    (
        kinds,
        read.last().and_then(|last| last.as_ref().err().copied()),
    )
}

/// N-8
#[test]
fn payload_length_below_its_header_or_past_the_end_is_refused() {
    for length in [0_u16, 1, 3, 7, 0xffff] {
        let [high, low] = length.to_be_bytes();
        let chain = [0, 0, high, low, 9, 9];
        let malformed = Malformed::PayloadLength(PayloadType::VENDOR_ID, length);
        assert_eq!(inner(VENDOR_ID, &chain), [Err(malformed)]);
        assert_eq!(outer(VENDOR_ID, &chain), (vec![], Some(malformed)));
    }
}

/// N-8: the last payload announces one that is not there.
#[test]
fn announced_payload_that_is_missing_is_refused() {
    let truncated = Some(Malformed::Truncated(PayloadType::NOTIFY));
    assert_eq!(
        outer(VENDOR_ID, &[41, 0, 0, 4]),
        (vec![PayloadType::VENDOR_ID], truncated)
    );
    assert_eq!(outer(41, &[]), (vec![], truncated));
    assert_eq!(outer(41, &[0, 0, 0]), (vec![], truncated));
}

/// N-38
#[test]
fn octets_behind_the_last_payload_are_refused() {
    let first = (vec![PayloadType::VENDOR_ID], Some(Malformed::Trailing(3)));
    assert_eq!(outer(VENDOR_ID, &[0, 0, 0, 4, 1, 2, 3]), first);
    assert_eq!(
        outer(0, &[0, 0, 0, 4]),
        (vec![], Some(Malformed::Trailing(4)))
    );
}

/// N-38: a liveness check has nothing inside.
#[test]
fn empty_chain_is_legal() {
    assert_eq!(inner(0, &[]), []);
    assert_eq!(outer(0, &[]), (vec![], None));
}

/// N-9
#[test]
fn sixty_four_payloads_are_read_and_the_next_one_is_refused() {
    for count in [63, 64, 65, 1000] {
        let mut chain = Chain::new();
        for _ in 0..count {
            chain.payload(PayloadType(200), |_| ());
        }
        let (first, octets) = chain.finish();
        let read: Vec<_> = Payloads::new(first, &octets).collect();
        assert_eq!(read.len(), count.min(65));
        let refused = read.last() == Some(&Err(Malformed::TooManyPayloads));
        assert_eq!(refused, count > 64, "{count} payloads");
    }
}

/// N-9: types that name themselves do not loop, for a chain only moves forward.
#[test]
fn chain_of_payloads_that_name_their_own_type_ends() {
    let octets = [VENDOR_ID, 0, 0, 4].repeat(10);
    let read = inner(VENDOR_ID, &octets);
    assert_eq!(read.len(), 11);
    assert_eq!(read[10], Err(Malformed::Truncated(PayloadType::VENDOR_ID)));
}

/// N-10: whoever reads the chain decides what an unknown critical payload means there.
#[test]
fn critical_bit_of_an_unknown_payload_is_reported() {
    let kind = PayloadType(250);
    for (flags, critical) in [(0x80, true), (0xff, true), (0, false), (0x7f, false)] {
        let octets = [0, flags, 0, 5, 7];
        assert_eq!(
            inner(250, &octets),
            [Ok(Payload::Unknown {
                kind,
                critical,
                body: &[7]
            })]
        );
    }
}

/// N-10: payload types of version 1 and of extensions that we do not use are unknown too.
#[test]
fn types_that_are_not_used_are_unknown() {
    for number in (1..=32).chain([49, 50, 51, 52, 54, 255]) {
        let octets = [0, 0x80, 0, 4];
        let unknown = Payload::Unknown {
            kind: PayloadType(number),
            critical: true,
            body: &[],
        };
        assert_eq!(inner(number, &octets), [Ok(unknown)]);
    }
}

//= https://www.rfc-editor.org/rfc/rfc7296#section-3.2
//= type=test
//# MUST be ignored by the recipient if the recipient
//# understands the payload type code.
/// N-11
#[test]
fn critical_bit_of_a_known_payload_is_ignored() {
    assert_eq!(
        inner(VENDOR_ID, &[0, 0xff, 0, 5, 7]),
        [Ok(Payload::VendorId(&[7]))]
    );
}

//= https://www.rfc-editor.org/rfc/rfc7296#section-3.2
//= type=test
//# MUST be set to zero for
//# payload types defined in this document.
#[test]
fn own_payloads_are_not_critical() {
    let mut chain = Chain::new();
    chain.push(&Payload::Nonce(Nonce::new(&[1; 16]).unwrap()));
    chain.push(&Payload::Notify(Notify::new(
        NotifyType::INITIAL_CONTACT,
        &[],
    )));
    chain.push(&Payload::Unknown {
        kind: PayloadType(200),
        critical: false,
        body: &[],
    });
    let (_, octets) = chain.finish();
    assert_eq!((octets[1], octets[21], octets[29]), (0, 0, 0));
}

/// N-12: the same payload twice is two payloads here; each exchange has its own rule.
#[test]
fn payloads_that_come_twice_are_both_read() {
    let octets = [40, 0, 0, 20]
        .into_iter()
        .chain([1; 16])
        .chain([0, 0, 0, 20])
        .chain([2; 16]);
    let octets: Vec<u8> = octets.collect();
    let nonces = [&[1; 16], &[2; 16]].map(|nonce| Ok(Payload::Nonce(Nonce::new(nonce).unwrap())));
    assert_eq!(inner(40, &octets), nonces);
}

//= https://www.rfc-editor.org/rfc/rfc7296#section-3.14
//= type=test
//# The Encrypted payload, if present
//# in a message, MUST be the last payload in the message.
/// N-13, CVE-2026-12413: unknown payloads around encrypted ones.
#[test]
fn nothing_follows_an_encrypted_payload() {
    let sk = Some(Malformed::NotLast(PayloadType::SK));
    let skf = Some(Malformed::NotLast(PayloadType::SKF));
    // A payload, one more octet, an SKF payload, an SK payload behind SK.
    assert_eq!(outer(46, &[43, 0, 0, 6, 1, 2, 0, 0, 0, 4]), (vec![], sk));
    assert_eq!(outer(46, &[43, 0, 0, 6, 1, 2, 9]), (vec![], sk));
    assert_eq!(
        outer(46, &[53, 0, 0, 4, 0, 0, 0, 9, 0, 1, 0, 1, 7]),
        (vec![], sk)
    );
    assert_eq!(outer(46, &[46, 0, 0, 4, 0, 0, 0, 4]), (vec![], sk));
    assert_eq!(
        outer(53, &[0, 0, 0, 8, 0, 1, 0, 1, 0, 0, 0, 4]),
        (vec![], skf)
    );
}

/// N-13: a payload *before* it is carried; the message types of an exchange refuse it.
#[test]
fn payload_in_front_of_an_encrypted_one_is_read() {
    let chain = [46, 0, 0, 4, 41, 0, 0, 6, 8, 9];
    assert_eq!(
        outer(VENDOR_ID, &chain).0,
        [PayloadType::VENDOR_ID, PayloadType::SK]
    );

    let octets = message(VENDOR_ID, &chain);
    let last = Message::decode(&octets).unwrap().payloads().last();
    let encrypted = Encrypted {
        first: PayloadType::NOTIFY,
        aad: &octets[..36],
        body: &octets[36..],
    };
    assert_eq!(last, Some(Ok(Payload::Encrypted(encrypted))));
}

//= https://www.rfc-editor.org/rfc/rfc7296#section-3.1
//= type=test
//# an Encrypted payload MUST NOT contain another
//# Encrypted payload.
/// N-13
#[test]
fn encrypted_payload_inside_another_one_is_refused() {
    for kind in [PayloadType::SK, PayloadType::SKF] {
        assert_eq!(
            inner(kind.0, &[0, 0, 0, 8, 0, 1, 0, 1]),
            [Err(Malformed::Nested(kind))]
        );
    }
}

/// N-80
#[test]
fn vendor_id_may_be_empty_or_as_long_as_a_payload() {
    for length in [0, 1, 64, 65_531] {
        let mut chain = Chain::new();
        chain.payload(PayloadType::VENDOR_ID, |body| {
            body.resize(body.len() + length, 7);
        });
        let (first, octets) = chain.finish();
        let read: Vec<_> = Payloads::new(first, &octets).collect();
        assert_eq!(read, [Ok(Payload::VendorId(&vec![7; length]))]);
    }
}

#[test]
fn nothing_is_read_after_an_error() {
    let mut payloads = Payloads::new(PayloadType::NONCE, &[43, 0, 0, 4, 0, 0, 0, 4]);
    assert_eq!(payloads.next(), Some(Err(Malformed::NonceLength(0))));
    assert_eq!(payloads.next(), None);
    assert_eq!(payloads.next(), None);
}

/// A payload longer than its length field can say is a mistake of the program.
#[test]
#[should_panic(expected = "fits 16 bits")]
fn payload_that_is_too_long_is_not_written() {
    let mut chain = Chain::new();
    chain.payload(PayloadType::VENDOR_ID, |body| {
        body.resize(body.len() + 65_532, 7);
    });
}
