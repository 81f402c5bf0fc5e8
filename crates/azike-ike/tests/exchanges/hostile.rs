//! Every lie of the gateway's table, and what it must lead to.
//!
//! A lie that is not listed here fails the test: whoever adds one says what it must do.

use azike_gateway::lying::table::lies;
use azike_gateway::{Event, Lie};
use azike_ike::{Authentication, CloseReason, DropReason, Verdict};
use azike_testkit::{KeyType, RsaKey, Subject};
use azike_wire::ExchangeType;

use self::outcome::{Outcome, outcome};
use crate::support::people::{self, NAME};
use crate::support::{Setup, Table};

mod outcome;

/// N-10 to N-13, N-15, N-17 to N-25, N-29, N-37, N-38, N-41 to N-50, N-53, N-76, N-78, N-80.
#[test]
fn every_lie_has_its_outcome() {
    for lie in lies() {
        let outcome = outcome(&lie);
        let mut table = table(lie);
        table.talk();
        match outcome {
            Outcome::Connects => {
                let seen = (table.closed(), &table.verdicts);
                assert!(table.established().is_some(), "{}: {seen:?}", lie.name);
            }
            Outcome::Drops(fits) => {
                let mut drops = table.verdicts.iter().filter_map(dropped);
                let first = drops
                    .next()
                    .unwrap_or_else(|| panic!("{}: {:?}", lie.name, table.closed()));
                assert!(fits(first), "{}: {first:?}", lie.name);
                let reason = table.end();
                let hint = matches!(reason, CloseReason::Refused { .. });
                let silence = matches!(reason, CloseReason::NoAnswer { .. });
                assert!(silence || hint, "{}: {reason}", lie.name);
            }
            Outcome::Ends(fits) => {
                let reason = table.end();
                assert!(fits(&reason), "{}: {reason:?}", lie.name);
                assert!(!told(&table), "{}: {:?}", lie.name, table.gateway_events);
            }
            Outcome::Leaves(fits) => {
                let reason = table.end();
                assert!(fits(&reason), "{}: {reason:?}", lie.name);
                assert!(told(&table), "{}: {:?}", lie.name, table.gateway_events);
            }
        }
    }
}

/// What is dropped leaves no trace: nothing to send, nothing to report, the same deadline.
#[test]
fn dropped_lies_change_nothing() {
    for lie in lies() {
        if !matches!(outcome(&lie), Outcome::Drops(_)) {
            continue;
        }
        let mut table = table(lie);
        let mut dropped = 0;
        loop {
            while !table.to_gateway.is_empty() {
                table.deliver_request();
            }
            if table.to_client.is_empty() {
                break;
            }
            let before = (table.client.poll_timeout(), table.events.len());
            if let Verdict::Dropped(reason) = table.deliver_response() {
                dropped += 1;
                let after = (table.client.poll_timeout(), table.events.len());
                let hint = matches!(reason, DropReason::Hint(_));
                assert!(before == after || hint, "{}", lie.name);
                assert!(table.to_gateway.is_empty(), "{}", lie.name);
            }
        }
        assert!(dropped > 0, "{}", lie.name);
    }
}

fn table(lie: Lie) -> Table {
    let eap = lie.name.contains("EAP") || lie.name.contains("MSK") || needs_eap(lie.name);
    let authentication = if eap {
        Authentication::EapTls
    } else {
        Authentication::Signature
    };
    let mut setup = Setup::new(authentication);
    let other = KeyType::Rsa(RsaKey::Client);
    if lie.name == "AUTH with another key" {
        let root = people::gateway_root();
        let identity = people::gateway(root, &Subject::gateway(NAME), other);
        setup.gateway.tls_identity = Some(identity);
    }
    setup.gateway.policy.lies = vec![lie];
    setup.sit()
}

fn needs_eap(name: &str) -> bool {
    matches!(name, "TLS of four gigabytes" | "start flag twice")
}

fn dropped(verdict: &Verdict) -> Option<DropReason> {
    match verdict {
        Verdict::Dropped(reason) => Some(*reason),
        Verdict::Accepted => None,
    }
}

/// Whether the gateway knows that the IKE SA is over.
fn told(table: &Table) -> bool {
    table
        .gateway_events
        .iter()
        .any(|event| matches!(event, Event::ClientRefused(..) | Event::IkeSaDeleted(_)))
}

/// A response to `IKE_AUTH` is lost for good when a lie spoils it each time it is sent again.
#[test]
fn spoiled_response_ends_in_silence() {
    let spoiled = azike_gateway::lying::table::lie("ICV changed by a bit");
    let reason = table(spoiled).end();
    let CloseReason::NoAnswer { exchange, sent, .. } = reason else {
        panic!("{reason}");
    };
    assert_eq!((exchange, sent), (ExchangeType::IKE_AUTH, 8));
}
