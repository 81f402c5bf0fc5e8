//! The established IKE SA: what the gateway asks, deletes and repeats.

use azike_gateway::{Draft, Event, Piece};
use azike_ike::{Authentication, CloseReason, DropReason, Transport, Verdict};
use azike_wire::{Delete, ExchangeType, MessageId, NotifyType, Payload, PayloadType, ProtocolId};

use crate::support::forge::describe;
use crate::support::script::Script;
use crate::support::{Setup, Table, connected};

const INFORMATIONAL: ExchangeType = ExchangeType::INFORMATIONAL;

/// The gateway sends a request with these payloads, and gets this answer.
fn asked(exchange: ExchangeType, draft: &Draft) -> (Table, String) {
    let (mut table, spi_r) = connected();
    assert!(table.gateway.ask(table.now, spi_r, exchange, draft));
    table.drain();
    assert_eq!(table.deliver_response(), Verdict::Accepted);
    let inside = table.to_gateway.front().map(|it| describe(&it.octets));
    table.talk();
    (table, inside.unwrap())
}

#[test]
fn gateway_asks_whether_the_client_lives() {
    let (mut table, spi_r) = connected();

    //                <--  HDR, SK { }
    table.gateway.check_liveness(table.now, spi_r);
    table.drain();
    assert_eq!(table.deliver_response(), Verdict::Accepted);

    //  HDR, SK { }  -->
    assert_eq!(describe(&table.to_gateway[0].octets), "INFORMATIONAL 0 SK");
    table.deliver_request();
    assert!(matches!(
        table.gateway_events[..],
        [Event::Answered(MessageId(0))]
    ));
}

/// N-39, N-70: the same request again gets the same octets again.
#[test]
fn n70_repeated_request_gets_the_same_answer() {
    let (mut table, spi_r) = connected();
    table.gateway.check_liveness(table.now, spi_r);
    table.drain();
    let request = table.to_client.pop_front().unwrap();
    for _ in 0..3 {
        assert_eq!(table.give_client(&request), Verdict::Accepted);
    }
    let answers: Vec<_> = table.to_gateway.drain(..).collect();
    assert_eq!(answers, vec![answers[0].clone(); 3]);

    // The next one is answered as well, and then the old one is history.
    table.give_gateway(&answers[0]);
    table.gateway.check_liveness(table.now, spi_r);
    table.drain();
    assert_eq!(table.deliver_response(), Verdict::Accepted);
    assert_eq!(
        table.give_client(&request),
        Verdict::Dropped(DropReason::WrongMessageId)
    );
}

/// N-70, N-71: other octets under an old Message ID, and one from the future.
#[test]
fn n71_message_ids_come_one_after_the_other() {
    let (mut table, spi_r) = connected();
    let mut script = Script::new(&table, spi_r);
    let requests: Vec<_> = (0..3).map(|_| script.request(&[])).collect();
    let mut give = |octets: &[u8]| table.give_octets(octets, Transport::Udp4500);
    let wrong = Verdict::Dropped(DropReason::WrongMessageId);
    assert_eq!(give(&requests[1]), wrong);
    assert_eq!(give(&requests[2]), wrong);
    assert_eq!(give(&requests[0]), Verdict::Accepted);
    let mut changed = requests[0].clone();
    changed[50] ^= 1;
    assert_eq!(give(&changed), wrong);
    assert_eq!(give(&requests[1]), Verdict::Accepted);
}

/// Our own request comes back (two tables of one seed have the same keys), under the very Message ID that the gateway would use next.
#[test]
fn reflected_request_is_dropped() {
    let (mut table, spi_r) = connected();
    for _ in 0..2 {
        table.gateway.check_liveness(table.now, spi_r);
        table.talk_after_drain();
    }
    table.client.close(table.now);
    table.drain();
    let ours = table.to_gateway[0].octets[4..].to_vec();
    let (mut other, spi_r) = connected();
    for _ in 0..2 {
        other.gateway.check_liveness(other.now, spi_r);
        other.talk_after_drain();
    }
    assert_eq!(
        other.give_octets(&ours, Transport::Udp4500),
        Verdict::Dropped(DropReason::Reflected)
    );
}

/// N-72, and a response to `IKE_AUTH` that comes late.
#[test]
fn n72_answer_that_nobody_asked_for_is_dropped() {
    let mut table = Setup::new(Authentication::Signature).sit();
    table.deliver_request();
    let _verdict = table.deliver_response();
    while !table.to_gateway.is_empty() {
        table.deliver_request();
    }
    let responses = table.to_client.clone();
    table.talk();
    for response in responses {
        assert_eq!(
            table.give_client(&response),
            Verdict::Dropped(DropReason::NotExpected)
        );
    }
}

#[test]
fn gateway_deletes_the_child_sa() {
    let (mut table, spi_r) = connected();

    //                     <--  HDR, SK { D(ESP) }
    let child = table.established().unwrap().child.spi_in;
    assert!(table.gateway.delete_child(table.now, spi_r));
    table.drain();
    assert_eq!(table.deliver_response(), Verdict::Accepted);

    //  HDR, SK { D(ESP) }  -->
    table.talk();
    let down = azike_ike::Event::ChildSaDown(child);
    let said = table.events.last().map(|event| format!("{event:?}"));
    assert_eq!(said, Some(format!("{down:?}")));

    // N-73: deleted twice. The second time there is nothing left to say.
    let esp = [0, 0, 1, 2];
    let mut draft = Draft::new();
    draft.push(&Payload::Delete(Delete::esp(&esp)));
    table.gateway.ask(table.now, spi_r, INFORMATIONAL, &draft);
    let events = table.events.len();
    table.talk_after_drain();
    assert_eq!(table.events.len(), events);
    assert!(table.closed().is_none());
}

#[test]
fn gateway_deletes_the_ike_sa() {
    let (mut table, spi_r) = connected();
    table.gateway.delete_ike_sa(table.now, spi_r);
    table.drain();
    assert_eq!(table.deliver_response(), Verdict::Accepted);
    assert_eq!(describe(&table.to_gateway[0].octets), "INFORMATIONAL 0 SK");
    assert_eq!(table.closed(), Some(&CloseReason::Deleted));
    assert_eq!(table.client.poll_timeout(), None);
}

/// N-73: deletes that delete nothing of ours.
#[test]
fn n73_odd_deletes_delete_nothing() {
    let protocol = |protocol: ProtocolId, size: u8, spis: &[u8]| {
        let count = u16::try_from(spis.len() / usize::from(size.max(1))).unwrap();
        let mut body = vec![protocol.0, size];
        body.extend(count.to_be_bytes());
        body.extend(spis);
        body
    };
    for body in [
        protocol(ProtocolId::ESP, 4, &[1, 2, 3, 4]),
        protocol(ProtocolId::ESP, 8, &[1; 8]),
        protocol(ProtocolId::AH, 4, &[1, 2, 3, 4]),
        protocol(ProtocolId::NONE, 0, &[]),
        protocol(ProtocolId(9), 2, &[1, 2]),
        vec![3, 4, 0xff, 0xff, 1, 2, 3, 4],
        vec![3],
    ] {
        let mut draft = Draft::new();
        draft.piece(PayloadType::DELETE, &body);
        let (table, _) = asked(INFORMATIONAL, &draft);
        assert!(table.closed().is_none(), "{body:?}");
        let down = |event: &azike_ike::Event| matches!(event, azike_ike::Event::ChildSaDown(_));
        assert!(!table.events.iter().any(down), "{body:?}");
    }
}

/// N-73: our own SPI is not the gateway's to delete; with the IKE SA beside it, all is gone.
#[test]
fn n73_delete_names_the_spi_of_its_sender() {
    let (mut table, spi_r) = connected();
    let (ours, theirs) = {
        let child = &table.established().unwrap().child;
        (child.spi_in.octets(), child.spi_out.octets())
    };
    let mut draft = Draft::new();
    draft.push(&Payload::Delete(Delete::esp(&ours)));
    table.gateway.ask(table.now, spi_r, INFORMATIONAL, &draft);
    let before = table.events.len();
    table.talk_after_drain();
    assert_eq!(table.events.len(), before);

    let mut draft = Draft::new();
    draft.push(&Payload::Delete(Delete::esp(&theirs)));
    draft.push(&Payload::Delete(Delete::ike_sa()));
    table.gateway.ask(table.now, spi_r, INFORMATIONAL, &draft);
    table.talk_after_drain();
    assert_eq!(table.closed(), Some(&CloseReason::Deleted));
}

/// What a gateway may ask and the client does not do, or does not know.
#[test]
fn requests_that_make_no_sense_are_answered_and_change_nothing() {
    let unknown = |critical| {
        let (kind, body) = (PayloadType(200), vec![1]);
        Draft(vec![Piece {
            kind,
            critical,
            body,
        }])
    };
    let mut notifies = Draft::new();
    notifies.notify(NotifyType(40_960), &[1, 2, 3]);
    notifies.piece(PayloadType::VENDOR_ID, &[7; 60]);
    let mut twice = Draft::new();
    twice.piece(PayloadType::NONCE, &[1; 16]);
    twice.repeat(PayloadType::NONCE);
    for (exchange, draft) in [
        (INFORMATIONAL, unknown(true)),
        (INFORMATIONAL, unknown(false)),
        (INFORMATIONAL, notifies),
        (INFORMATIONAL, twice),
        (ExchangeType::CREATE_CHILD_SA, Draft::new()),
    ] {
        let (table, answer) = asked(exchange, &draft);
        assert_eq!(answer, format!("{exchange} 0 SK"));
        assert!(table.closed().is_none());
        assert!(matches!(table.gateway_events[..], [Event::Answered(_)]));
    }
}

/// An `IKE_AUTH` request from a gateway is nothing that could be answered.
#[test]
fn request_of_the_wrong_exchange_is_dropped() {
    let (mut table, spi_r) = connected();
    let exchange = ExchangeType::IKE_AUTH;
    table.gateway.ask(table.now, spi_r, exchange, &Draft::new());
    table.drain();
    assert_eq!(
        table.deliver_response(),
        Verdict::Dropped(DropReason::NotExpected)
    );
    assert!(table.to_gateway.is_empty());
}

/// A gateway that changes its mind says so under its ICV.
#[test]
fn gateway_takes_the_login_back() {
    let mut draft = Draft::new();
    draft.notify(NotifyType::AUTHENTICATION_FAILED, &[]);
    let (table, _) = asked(INFORMATIONAL, &draft);
    assert_eq!(table.closed(), Some(&CloseReason::Deleted));
}

/// N-74: what anybody can say in the clear ends nothing. A word against our IKE SA is a hint.
#[test]
fn n74_errors_in_the_clear_are_dropped() {
    let (mut table, spi_r) = connected();
    table.gateway.check_liveness(table.now, spi_r);
    table.drain();
    let like = table.to_client.pop_front().unwrap();
    for (kind, reason) in [
        (
            NotifyType::INVALID_IKE_SPI,
            DropReason::Hint(NotifyType::INVALID_IKE_SPI),
        ),
        (NotifyType::INVALID_SPI, DropReason::NotProtected),
    ] {
        let header = azike_wire::Header {
            kind: azike_wire::MessageKind::Request,
            ..crate::support::forge::header(&like.octets, INFORMATIONAL, 0)
        };
        let mut chain = azike_wire::Chain::new();
        chain.push(&Payload::Notify(azike_wire::Notify::new(kind, &[])));
        let (first, chain) = chain.finish();
        let octets = azike_wire::write_message(&header, first, &chain);
        for _ in 0..100 {
            assert_eq!(
                table.give_octets(&octets, Transport::Udp4500),
                Verdict::Dropped(reason)
            );
        }
    }
    assert!(table.to_gateway.is_empty());
    assert!(table.closed().is_none());
}
