//! A gateway that botches `CREATE_CHILD_SA` and `INFORMATIONAL`: what was there before goes on,
//! whatever the lie, and the next rekey is a good one.

use std::time::{Duration, Instant};

use azike_gateway::lying::table::{informational_lies, rekey_lies, strange_rekeys};
use azike_gateway::{At, Event, Lie};
use azike_ike::Client;
use azike_wire::MessageKind;

use crate::support::{Table, connected};

const REQUEST: At = At::CreateChild(MessageKind::Request);

/// The client asks for a rekey, and the gateway lies when it answers.
fn botched(table: &mut Table, lie: Lie, rekey: fn(&mut Client, Instant)) {
    table.gateway.policy().lies = vec![lie];
    rekey(&mut table.client, table.now);
    table.client.handle_timeout(table.now);
    table.drain();
    table.talk();
    table.gateway.policy().lies.clear();
    assert!(table.closed().is_none(), "{}", lie.name);
}

/// Whether the client and the gateway agree on what there is, after some time at least.
#[track_caller]
fn recovers(table: &mut Table, rekey: fn(&mut Client, Instant), lie: Lie) {
    rekey(&mut table.client, table.now);
    let end = table.now + Duration::from_mins(30);
    table.gateway_events.clear();
    while table.now < end {
        table.wait();
        table.talk();
        assert!(
            table.closed().is_none(),
            "{}: {:?}",
            lie.name,
            table.closed()
        );
    }
    let sas = (table.gateway.ike_sas(), table.gateway.child_sas());
    assert_eq!(sas, (1, 1), "{}: {:?}", lie.name, table.gateway_events);
}

#[test]
fn n68_botched_rekey_of_the_child_sa_is_made_good() {
    for lie in rekey_lies(true).chain(strange_rekeys()) {
        let (mut table, _) = connected();
        botched(&mut table, lie, Client::rekey_child);
        recovers(&mut table, Client::rekey_child, lie);
        let made = |event: &Event| matches!(event, Event::ChildSa(_));
        assert!(table.gateway_events.iter().any(made), "{}", lie.name);
    }
}

#[test]
fn n68_botched_rekey_of_the_ike_sa_is_made_good() {
    for lie in rekey_lies(false) {
        let (mut table, _) = connected();
        botched(&mut table, lie, Client::rekey_ike);
        recovers(&mut table, Client::rekey_ike, lie);
    }
}

/// What the gateway asks in a botched way is refused, and changes nothing.
#[test]
fn botched_request_of_the_gateway_changes_nothing() {
    for lie in rekey_lies(true) {
        for child in [true, false] {
            let (mut table, spi_r) = connected();
            table.gateway.policy().lies = vec![lie.told_at(REQUEST)];
            if child {
                table.gateway.rekey_child(table.now, spi_r);
            } else {
                table.gateway.rekey_ike(table.now, spi_r);
            }
            table.talk_after_drain();
            table.gateway.policy().lies.clear();
            assert!(
                table.closed().is_none(),
                "{}: {:?}",
                lie.name,
                table.closed()
            );
            let sas = (table.gateway.ike_sas(), table.gateway.child_sas());
            assert_eq!(sas, (1, 1), "{}", lie.name);
        }
    }
}

/// An answer to a liveness check shows that the gateway lives, whatever it says besides.
#[test]
fn strange_answers_to_a_liveness_check_end_nothing() {
    for lie in informational_lies() {
        let (mut table, _) = connected();
        table.gateway.policy().lies = vec![lie];
        table.client.check_liveness();
        table.client.handle_timeout(table.now);
        table.drain();
        table.talk();
        table.gateway.policy().lies.clear();
        assert!(
            table.closed().is_none(),
            "{}: {:?}",
            lie.name,
            table.closed()
        );
    }
}
