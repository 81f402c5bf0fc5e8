//! The established IKE SA against odd requests, hints, and a clock that jumps.

use std::time::Duration;

use azike_gateway::Draft;
use azike_ike::{Authentication, CloseReason, DropReason, Timer, Transport, Verdict};
use azike_wire::{
    Chain, ExchangeType, Header, MessageId, MessageKind, Notify, NotifyType, Payload, PayloadType,
    ProtocolId, Role, Spi, write_message,
};

use crate::support::ends::newest;
use crate::support::script::Script;
use crate::support::{Setup, Table, connected, connected_by};

/// A `CREATE_CHILD_SA` request of the gateway with this notify and no more, and the answer to it.
fn asked_to_rekey(protocol: ProtocolId, spi: impl Fn(&Table) -> Vec<u8>) -> String {
    let (mut table, spi_r) = connected();
    let mut draft = Draft::new();
    draft.push(&Payload::Notify(Notify {
        protocol,
        spi: &spi(&table),
        kind: NotifyType::REKEY_SA,
        data: &[],
    }));
    let exchange = ExchangeType::CREATE_CHILD_SA;
    table.gateway.ask(table.now, spi_r, exchange, &draft);
    table.drain();
    table.talk_to_client();
    assert!(table.closed().is_none());
    assert_eq!(table.client.load().child_sas, 1);
    Script::new(&table, spi_r).next(&mut table).words
}

/// N-67: a rekey of what is not there (CVE-2023-38710).
#[test]
fn n67_rekey_of_an_unknown_child_sa() {
    const NOT_FOUND: &str = "N(CHILD_SA_NOT_FOUND)";
    let theirs = |table: &Table| table.established().unwrap().child.spi_out.octets().to_vec();
    let ours = |table: &Table| table.established().unwrap().child.spi_in.octets().to_vec();
    assert_eq!(asked_to_rekey(ProtocolId::NONE, |_| vec![]), NOT_FOUND);
    assert_eq!(asked_to_rekey(ProtocolId::IKE, theirs), NOT_FOUND);
    assert_eq!(asked_to_rekey(ProtocolId::AH, theirs), NOT_FOUND);
    assert_eq!(asked_to_rekey(ProtocolId::ESP, ours), NOT_FOUND);
    assert_eq!(asked_to_rekey(ProtocolId::ESP, |_| vec![1; 4]), NOT_FOUND);
    // The right one, and nothing to make a new one from.
    assert_eq!(asked_to_rekey(ProtocolId::ESP, theirs), "N(INVALID_SYNTAX)");
}

/// N-68: the gateway rekeys with fewer addresses than there were, or with more.
#[test]
fn n68_rekey_with_other_selectors() {
    let any = [7, 0, 0, 16, 0, 0, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255];
    let one = [7, 0, 0, 16, 0, 0, 255, 255, 9, 9, 9, 9, 9, 9, 9, 9];
    for (ts_i, ts_r, answer) in [
        (any, any, "SA NONCE TS_I TS_R"),
        (one, any, "N(TS_UNACCEPTABLE)"),
        (any, one, "N(TS_UNACCEPTABLE)"),
    ] {
        let (mut table, spi_r) = connected();
        let (spi, ours, theirs) = {
            let child = &table.established().unwrap().child;
            (
                child.spi_out.octets(),
                child.ts_i.clone(),
                child.ts_r.clone(),
            )
        };
        let mut draft = Draft::new();
        draft.push(&Payload::Notify(Notify {
            protocol: ProtocolId::ESP,
            spi: &spi,
            kind: NotifyType::REKEY_SA,
            data: &[],
        }));
        // AES-256-GCM, 32-bit sequence numbers.
        let sa = [
            0, 0, 0, 32, 1, 3, 4, 2, 5, 5, 5, 5, 3, 0, 0, 12, 1, 0, 0, 20, 0x80, 14, 1, 0, 0, 0, 0,
            8, 5, 0, 0, 0,
        ];
        draft.piece(PayloadType::SA, &sa);
        draft.piece(PayloadType::NONCE, &[3; 32]);
        draft.piece(PayloadType::TS_I, &[&[1, 0, 0, 0], &ts_i[..]].concat());
        draft.piece(PayloadType::TS_R, &[&[1, 0, 0, 0], &ts_r[..]].concat());
        let exchange = ExchangeType::CREATE_CHILD_SA;
        table.gateway.ask(table.now, spi_r, exchange, &draft);
        table.drain();
        table.talk_to_client();
        let said = Script::new(&table, spi_r).next(&mut table);
        assert_eq!(said.words, answer);
        let children = 1 + usize::from(answer.starts_with("SA"));
        assert_eq!(table.client.load().child_sas, children);
        // What passes is what passed before.
        let newest = newest(&table);
        assert!(newest.ts_r == theirs);
        assert!(
            newest
                .ts_i
                .0
                .iter()
                .all(|selector| ours.0.contains(selector))
        );
    }
}

/// N-69: one tunnel has one Child SA.
#[test]
fn n69_one_more_child_sa_is_declined() {
    let (mut table, spi_r) = connected();
    let mut script = Script::new(&table, spi_r);
    assert_eq!(
        script.ask_to_create(&mut table, &[]).words,
        "N(NO_ADDITIONAL_SAS)"
    );
}

/// N-74: a word against an SPI of the gateway's, from anybody, with an IKE header of zeros
/// (RFC 7296, section 1.5): one question in ten seconds, however often it is said.
#[test]
fn n74_flood_of_hints_is_one_question_in_ten_seconds() {
    let (mut table, _) = connected();
    let spi = table.established().unwrap().child.spi_out.octets();
    let header = Header {
        spi_i: Spi::new(1).unwrap(),
        spi_r: None,
        exchange: ExchangeType::INFORMATIONAL,
        sender: Role::Initiator,
        kind: MessageKind::Request,
        message_id: MessageId(0),
    };
    let said = |spi: &[u8]| {
        let mut chain = Chain::new();
        let notify = Notify::new(NotifyType::INVALID_SPI, spi);
        chain.push(&Payload::Notify(notify));
        let (first, chain) = chain.finish();
        let mut octets = write_message(&header, first, &chain);
        octets[..16].fill(0);
        octets
    };
    let hint = Verdict::Dropped(DropReason::Hint(NotifyType::INVALID_SPI));
    let (ours, other) = (said(&spi), said(&[1; 4]));
    let mut questions = 0;
    for second in 0..20 {
        for _ in 0..50 {
            assert_eq!(table.give_octets(&ours, Transport::Udp4500), hint);
            assert_ne!(table.give_octets(&other, Transport::Udp4500), hint);
        }
        table.client.handle_hint(table.now);
        table.client.handle_timeout(table.now);
        table.drain();
        questions += table
            .to_gateway
            .iter()
            .filter(|it| it.octets.len() > 1)
            .count();
        table.talk();
        table.now += Duration::from_secs(1);
        assert!(questions <= 1 + second / 10, "{questions} in {second} s");
    }
    assert_eq!(questions, 2);
    assert!(table.closed().is_none());
}

/// The machine sleeps for a day while a question is out: it is asked once more before the gateway
/// is given up, and an answer to that is an answer.
#[test]
fn sleep_is_no_silence() {
    for answered in [true, false] {
        let (mut table, _) = connected();
        table.wait_for(Timer::Liveness);
        table.to_gateway.clear();
        table.now += Duration::from_hours(24);
        table.client.handle_timeout(table.now);
        table.drain();
        assert!(table.closed().is_none());
        assert!(table.to_gateway.iter().any(|it| it.octets.len() > 1));
        let woke = table.now;
        if answered {
            table.talk();
            assert_eq!(table.client.load().requests, 0);
            continue;
        }
        let reason = table.end_in_silence();
        assert!(matches!(reason, CloseReason::NoAnswer { .. }));
        assert_eq!(table.now.duration_since(woke), Duration::from_secs(5));
    }
}

/// How long an answer took is known if it is clear which attempt it answers.
#[test]
fn round_trip_is_of_one_attempt() {
    let (mut table, _) = connected();
    assert_eq!(table.client.round_trip(), None);
    table.wait_for(Timer::Liveness);
    table.now += Duration::from_millis(70);
    table.talk();
    assert_eq!(table.client.round_trip(), Some(Duration::from_millis(70)));
    table.wait_for(Timer::Liveness);
    table.to_gateway.clear();
    table.wait_for(Timer::Retransmit);
    table.talk();
    assert_eq!(table.client.round_trip(), Some(Duration::from_millis(70)));
}

/// N-70: a request in fragments that comes again is answered again, once for all of its fragments.
#[test]
fn n70_repeated_request_in_fragments_gets_the_same_answer() {
    let mut setup = Setup::new(Authentication::Signature);
    setup.gateway.policy.fragment_size = Some(300);
    let (mut table, spi_r) = connected_by(setup);
    let mut draft = Draft::new();
    draft.piece(PayloadType::VENDOR_ID, &[7; 900]);
    table
        .gateway
        .ask(table.now, spi_r, ExchangeType::INFORMATIONAL, &draft);
    table.drain();
    let request: Vec<_> = table.to_client.drain(..).collect();
    assert!(request.len() > 2);
    let mut answers = Vec::new();
    for _ in 0..3 {
        for piece in &request {
            let _verdict = table.give_client(piece);
        }
        answers.push(table.to_gateway.drain(..).collect::<Vec<_>>());
    }
    assert_eq!(answers[0].len(), 1);
    assert_eq!(answers, vec![answers[0].clone(); 3]);
}
