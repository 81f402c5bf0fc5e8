//! Where messages may come from, and where answers go (RFC 7296, sections 2.11 and 2.23).
//!
//! Some gateways answer from the port of `IKE_SA_INIT`, or from any other. What counts is the ICV.

use std::net::SocketAddr;

use azike_ike::{Authentication, DropReason, Transport, Verdict};

use crate::support::script::Script;
use crate::support::setup::GATEWAY;
use crate::support::{Setup, connected};

const PLACES: [(&str, Transport); 5] = [
    ("20.61.7.9:4500", Transport::Udp4500),
    ("20.61.7.9:500", Transport::Udp500),
    ("20.61.7.9:500", Transport::Udp4500),
    ("20.61.7.9:61234", Transport::Udp4500),
    ("20.61.7.10:4500", Transport::Udp500),
];

/// Each response of a login comes from another port, by another socket.
#[test]
fn responses_may_come_from_anywhere() {
    for authentication in [Authentication::Signature, Authentication::EapTls] {
        let mut table = Setup::new(authentication).sit();
        let mut places = PLACES.into_iter().cycle();
        while !(table.to_gateway.is_empty() && table.to_client.is_empty()) {
            while !table.to_gateway.is_empty() {
                let port = table.to_gateway[0].to.port();
                assert!([500, 4500].contains(&port) && table.to_gateway[0].to.ip() == GATEWAY);
                table.deliver_request();
            }
            while let Some(transmit) = table.to_client.pop_front() {
                let octets = match transmit.transport {
                    azike_gateway::Transport::Udp500 => &transmit.octets[..],
                    azike_gateway::Transport::Udp4500 => &transmit.octets[4..],
                };
                let (from, transport) = places.next().unwrap();
                let verdict = table.give_from(octets, (from.parse().unwrap(), transport));
                assert_eq!(verdict, Verdict::Accepted);
            }
        }
        assert!(table.established().is_some());
    }
}

/// An answer goes where the request came from, in the form of that port.
#[test]
fn answers_go_where_the_request_came_from() {
    let (mut table, spi_r) = connected();
    let mut script = Script::new(&table, spi_r);
    for (from, transport) in PLACES {
        let from: SocketAddr = from.parse().unwrap();
        let request = script.request(&[]);
        let verdict = table.give_from(&request, (from, transport));
        assert_eq!(verdict, Verdict::Accepted);
        let answer = table.to_gateway.pop_front().unwrap();
        assert_eq!((answer.to, answer.transport), (from, transport));
        assert_eq!(script.open(&answer).words, "");

        // Our own requests go where they always went.
        table.client.check_liveness();
        table.wait();
        let check = table.to_gateway.pop_front().unwrap();
        let usual = (SocketAddr::new(GATEWAY, 4500), Transport::Udp4500);
        assert_eq!((check.to, check.transport), usual);
        let check = script.open(&check);
        let _verdict = script.answer(&mut table, &check, &[]);
        table.to_gateway.clear();
    }
}

/// Who repeats, changes or invents a request gets nothing sent to a place of his choice.
#[test]
fn answers_go_nowhere_else() {
    let (mut table, spi_r) = connected();
    let mut script = Script::new(&table, spi_r);
    let usual = (SocketAddr::new(GATEWAY, 4500), Transport::Udp4500);
    let elsewhere = (SocketAddr::from(([203, 0, 113, 66], 53)), Transport::Udp500);
    let request = script.request(&[]);
    let mut changed = request.clone();
    *changed.last_mut().unwrap() ^= 1;
    let forged = Verdict::Dropped(DropReason::NotAuthentic);
    assert_eq!(table.give_from(&changed, elsewhere), forged);
    assert!(table.to_gateway.is_empty());

    assert_eq!(table.give_from(&request, usual), Verdict::Accepted);
    let answer = table.to_gateway.pop_front().unwrap();
    assert_eq!((answer.to, answer.transport), usual);
    for _ in 0..3 {
        assert_eq!(table.give_from(&request, elsewhere), Verdict::Accepted);
        assert_eq!(table.to_gateway.pop_front().unwrap(), answer);
    }
    let next = script.request(&[]);
    let early = script.request(&[]);
    let wrong = Verdict::Dropped(DropReason::WrongMessageId);
    assert_eq!(table.give_from(&early, elsewhere), wrong);
    assert_eq!(table.give_from(&next, usual), Verdict::Accepted);
    assert_eq!(table.give_from(&request, elsewhere), wrong);
    assert_eq!(table.to_gateway.len(), 1);
}
