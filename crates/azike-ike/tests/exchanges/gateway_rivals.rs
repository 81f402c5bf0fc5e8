//! A client that uses its new IKE SA before the gateway knows which one of two it is going to be
//! (RFC 7296, section 2.8.2).
//!
//! ```text
//!  client                                gateway
//!                     lost  <--  rekey of the old IKE SA
//!  rekey of the old IKE SA  -->
//!                           <--  a new one: the rival of what the gateway asked for
//!  D(old)  --> lost
//!  rekey of the Child SA, on the new one  -->
//! ```

use std::time::{Duration, Instant};

use azike_gateway::{Event, Gone};
use azike_ike::{Client, Transmit, Transport};
use azike_testkit::SeededRandom;
use azike_wire::{
    ExchangeType, Header, MessageId, MessageKind, NON_ESP_MARKER, PayloadType, Role,
    protected_prefix,
};

use crate::support::{Table, connected};

/// Up to the last message of the drawing, which lies on the wire.
fn rival() -> Table {
    let (mut table, spi_r) = connected();
    assert!(table.gateway.rekey_ike(table.now, spi_r));
    table.drain();
    table.to_client.clear();
    client_asks(&mut table, Client::rekey_ike);
    table.deliver_request();
    let _verdict = table.deliver_response();
    table.to_gateway.clear();
    client_asks(&mut table, Client::rekey_child);
    table
}

fn client_asks(table: &mut Table, rekey: fn(&mut Client, Instant)) {
    rekey(&mut table.client, table.now);
    table.client.handle_timeout(table.now);
    table.drain();
    assert!(!table.to_gateway.is_empty());
}

#[test]
fn rekey_on_an_ike_sa_that_has_not_inherited_yet_costs_nothing() {
    let mut table = rival();
    let before = table.events.len();
    table.talk();
    let news = format!("{:?}", &table.events[before..]);
    assert!(!news.contains("ChildSaDown"), "{news}");
    assert_eq!(table.gateway.child_sas(), 1);

    // The Delete comes again, the gateway knows, and the rekey is repeated.
    for _ in 0..20 {
        table.wait();
        table.talk();
    }
    assert!(table.closed().is_none());
    let sas = (table.gateway.ike_sas(), table.gateway.child_sas());
    assert_eq!(sas, (1, 1));
    let made = |event: &&Event| matches!(event, Event::ChildSa(_));
    assert_eq!(table.gateway_events.iter().filter(made).count(), 1);
}

/// The client's Delete is lost for good. The gateway does not ask on the old IKE SA whether the
/// client lives: the client is not to be blamed for silence there.
#[test]
fn old_ike_sa_is_forgotten_without_a_question() {
    let (mut table, _) = connected();
    table.gateway.policy().liveness = Some(Duration::from_secs(10));
    client_asks(&mut table, Client::rekey_ike);
    table.deliver_request();
    let _verdict = table.deliver_response();
    table.to_gateway.clear();

    let end = table.now + Duration::from_mins(3);
    while table.now < end && table.gateway.ike_sas() > 1 {
        table.wait();
        table.to_gateway.clear();
        table.talk_to_client();
        // What the client says on the new one arrives, all but its Delete of the old one.
        let new = table.gateway_events.iter().find_map(rekeyed);
        let on_new = |it: &Transmit| it.octets.get(12..20) == new.as_ref().map(|it| &it[..]);
        table.to_gateway.retain(on_new);
        while !table.to_gateway.is_empty() {
            table.deliver_request();
        }
    }
    let gone: Vec<Gone> = table.gateway_events.iter().filter_map(gone).collect();
    assert_eq!(gone, [Gone::Replaced]);
    assert_eq!(table.gateway.child_sas(), 1);
}

/// A login that is over does not fail because of an `IKE_AUTH` request that comes after it.
#[test]
fn login_after_the_login_changes_nothing() {
    let (mut table, spi_r) = connected();
    let (spi_i, keys) = table.gateway.ike_keys(spi_r).unwrap();
    let (mut sealing, _) = keys.ciphers(Role::Initiator);
    let header = Header {
        spi_i,
        spi_r: Some(spi_r),
        exchange: ExchangeType::IKE_AUTH,
        sender: Role::Initiator,
        kind: MessageKind::Request,
        message_id: MessageId(2),
    };
    let prefix = protected_prefix(&header, PayloadType::NONE, sealing.body_length(0));
    let octets = sealing.seal(&mut SeededRandom::new(1), prefix, &[]);
    table.give_gateway(&Transmit {
        octets: [&NON_ESP_MARKER[..], &octets].concat(),
        to: "20.61.7.9:4500".parse().unwrap(),
        transport: Transport::Udp4500,
    });
    assert_eq!(table.to_client.len(), 1, "answered");
    assert!(table.gateway_events.is_empty(), "and nothing happened");
    table.to_client.clear();

    // Who is logged in may rekey.
    assert!(table.gateway.rekey_ike(table.now, spi_r));
}

fn rekeyed(event: &Event) -> Option<[u8; 8]> {
    if let Event::IkeSaRekeyed { new, .. } = event {
        return Some(new.octets());
    }
    None
}

fn gone(event: &Event) -> Option<Gone> {
    if let Event::IkeSaGone(_, why) = event {
        return Some(*why);
    }
    None
}
