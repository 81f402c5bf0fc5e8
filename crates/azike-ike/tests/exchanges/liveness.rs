//! What the client does of its own accord: liveness checks, keepalives, the goodbye.

use std::time::Duration;

use azike_gateway::Event;
use azike_ike::{CloseReason, DropReason, Patience, Timer, Transport, Verdict};
use azike_wire::ExchangeType;

use crate::support::connected;
use crate::support::forge::describe;

const INFORMATIONAL: ExchangeType = ExchangeType::INFORMATIONAL;

/// After half a minute of silence the client asks; an answer resets the clock.
#[test]
fn client_asks_whether_the_gateway_lives() {
    let (mut table, _) = connected();
    let patience = Patience::default();
    let start = table.now;
    table.wait_for(Timer::Liveness);
    assert_eq!(table.now - start, patience.liveness);

    //  HDR, SK { }  -->
    //               <--  HDR, SK { }
    let asked: Vec<_> = table.to_gateway.iter().map(|it| it.octets.len()).collect();
    assert!(asked.iter().any(|length| *length > 1), "{asked:?}");
    table.talk();
    assert_eq!(table.verdicts, [Verdict::Accepted]);
    let start = table.now;
    table.wait_for(Timer::Liveness);
    assert_eq!(table.now - start, patience.liveness);
}

/// N-81: the answer comes after the third attempt, and has things in it that nobody asked for.
#[test]
fn n81_late_answer_is_an_answer() {
    let (mut table, _) = connected();
    table.wait_for(Timer::Liveness);
    for _ in 0..3 {
        table.to_gateway.clear();
        table.wait_for(Timer::Retransmit);
    }
    table.talk();
    assert!(table.closed().is_none());
    assert_eq!(table.client.poll_timeout().unwrap().timer, Timer::Keepalive);
}

/// N-81: the gateway has restarted and knows nothing of us.
#[test]
fn n81_gateway_that_forgot_us_is_gone_after_half_a_minute() {
    let (mut table, _) = connected();
    table.gateway.forget();
    let start = table.now;
    let reason = table.end();
    let CloseReason::NoAnswer { exchange, .. } = reason else {
        panic!("{reason}");
    };
    assert_eq!(exchange, INFORMATIONAL);
    let patience = Patience::default();
    assert_eq!(table.now - start, patience.liveness + patience.established);
}

/// Traffic of the tunnel is a sign of life.
#[test]
fn traffic_is_as_good_as_an_answer() {
    let (mut table, _) = connected();
    let later = table.now + Duration::from_secs(20);
    table.client.handle_traffic(Some(later), Some(later));
    let deadline = table.client.poll_timeout().unwrap();
    assert!(
        deadline.at >= later + Duration::from_secs(20),
        "{deadline:?}"
    );
}

/// RFC 3948, section 4: one octet each twenty seconds keeps the NAT awake.
#[test]
fn keepalives_keep_the_nat_awake() {
    let (mut table, _) = connected();
    let start = table.now;
    table.wait_for(Timer::Keepalive);
    assert_eq!(table.now - start, Patience::default().keepalive);
    let keepalive = table.to_gateway.pop_front().unwrap();
    assert_eq!(keepalive.octets, [0xff]);
    assert_eq!(keepalive.transport, Transport::Udp4500);
}

#[test]
fn client_says_goodbye() {
    let (mut table, _) = connected();

    //  HDR, SK { D(IKE) }  -->
    table.client.close(table.now);
    table.drain();
    assert_eq!(describe(&table.to_gateway[0].octets), "INFORMATIONAL 2 SK");
    assert!(table.closed().is_none());

    //                      <--  HDR, SK { }
    table.deliver_request();
    assert!(matches!(table.gateway_events[..], [Event::IkeSaDeleted(_)]));
    assert_eq!(table.deliver_response(), Verdict::Accepted);
    assert_eq!(table.closed(), Some(&CloseReason::Closed));
    assert_eq!(table.gateway.ike_sas(), 0);
}

/// Nobody waits longer than two seconds for a goodbye.
#[test]
fn goodbye_that_nobody_hears_takes_two_seconds() {
    let (mut table, _) = connected();
    table.gateway.forget();
    let start = table.now;
    table.client.close(table.now);
    assert_eq!(table.end(), CloseReason::Closed);
    assert_eq!(table.now - start, Duration::from_secs(2));
}

/// While it says goodbye it takes no requests, and no answers to other questions.
#[test]
fn goodbye_is_not_disturbed() {
    let (mut table, spi_r) = connected();
    table.client.close(table.now);
    table.gateway.check_liveness(table.now, spi_r);
    table.drain();
    assert_eq!(
        table.deliver_response(),
        Verdict::Dropped(DropReason::NotExpected)
    );
    table.deliver_request();
    let answer = table.to_client.pop_front().unwrap();
    for (at, reason) in [
        (4 + 8, DropReason::UnknownSpi),
        (4 + 23, DropReason::WrongMessageId),
        (answer.octets.len() - 1, DropReason::NotAuthentic),
    ] {
        let mut forged = answer.clone();
        forged.octets[at] ^= 1;
        assert_eq!(table.give_client(&forged), Verdict::Dropped(reason));
    }
    assert_eq!(table.give_client(&answer), Verdict::Accepted);
    assert_eq!(table.closed(), Some(&CloseReason::Closed));
}
