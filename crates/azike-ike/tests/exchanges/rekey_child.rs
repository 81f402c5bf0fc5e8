//! New keys for the Child SA, from either side, and all that a gateway may have against it.
//!
//! ```text
//!  HDR, SK { N(REKEY_SA), SA, Ni, [KEi,] TSi, TSr }  -->
//!                                    <--  HDR, SK { SA, Nr, [KEr,] TSi, TSr } | N(error)
//!  HDR, SK { D(old) }  -->
//!                      <--  HDR, SK { D(old) }
//! ```

use std::time::Duration;

use azike_gateway::{Lie, Pfs, RekeyRefusal};
use azike_ike::{Authentication, Lifetimes, Timer, Usage};
use azike_wire::{KeyExchangeMethod, NotifyType};

use crate::support::ends::{crosses, down, newest, refused, rekey_child, settled, tunnel};
use crate::support::script::Script;
use crate::support::{Setup, Table};

const G14: KeyExchangeMethod = KeyExchangeMethod::MODP_2048;
const G20: KeyExchangeMethod = KeyExchangeMethod::ECP_384;
const G19: KeyExchangeMethod = KeyExchangeMethod::ECP_256;

fn table(pfs: Pfs) -> Table {
    let mut setup = Setup::new(Authentication::Signature);
    setup.gateway.policy.pfs = pfs;
    tunnel(setup)
}

const fn refusal(notify: Option<NotifyType>, ms_status: Option<u32>) -> RekeyRefusal {
    RekeyRefusal { notify, ms_status }
}

/// What the client asks, each datagram as its payloads; the gateway answers.
fn requests(table: &mut Table) -> Vec<String> {
    let spi_r = table.spi_r();
    table.client.rekey_child(table.now);
    table.wait();
    let mut said = Vec::new();
    while let Some(transmit) = table.to_gateway.front() {
        said.push(Script::new(table, spi_r).open(transmit).words);
        table.deliver_request();
        table.talk_to_client();
    }
    said
}

/// Whatever key exchange the gateway wants, the client gets there.
#[test]
fn client_rekeys_in_the_form_that_the_gateway_takes() {
    for pfs in [
        Pfs::Optional,
        Pfs::Required(vec![G14]),
        Pfs::Required(vec![G19, G20]),
        Pfs::Forbidden,
        Pfs::Only(G20),
    ] {
        let mut table = table(pfs.clone());
        for _ in 0..3 {
            rekey_child(&mut table);
            settled(&table);
        }
        assert_eq!(down(&table).len(), 3, "{pfs:?}");
        assert!(refused(&table).is_empty(), "{pfs:?}");
        assert!(!table.client.is_rekeying());
    }
}

/// The form that worked is the first the next time.
#[test]
fn form_that_worked_comes_first() {
    const WITH: &str = "N(REKEY_SA) SA NONCE KE TS_I TS_R";
    const WITHOUT: &str = "N(REKEY_SA) SA NONCE TS_I TS_R";
    let mut it = table(Pfs::Forbidden);
    assert_eq!(requests(&mut it), [WITH, WITHOUT, "DELETE"]);
    assert_eq!(requests(&mut it), [WITHOUT, "DELETE"]);

    let mut it = table(Pfs::Only(G19));
    assert_eq!(requests(&mut it), [WITH, WITH, "DELETE"]);
    assert_eq!(requests(&mut it), [WITH, "DELETE"]);
    settled(&it);
}

#[test]
fn gateway_rekeys() {
    for pfs in [Pfs::Optional, Pfs::Required(vec![G14]), Pfs::Only(G20)] {
        let mut table = table(pfs);
        for _ in 0..3 {
            let spi_r = table.spi_r();
            assert!(table.gateway.rekey_child(table.now, spi_r));
            table.talk_after_drain();
            settled(&table);
        }
        rekey_child(&mut table);
        settled(&table);
    }
}

/// Every refusal leaves the old SA as it is, is reported once with all that the gateway said, and
/// the rekey is tried again a minute or so later.
#[test]
fn refusal_of_every_form_changes_nothing() {
    for (notify, ms_status, text) in [
        (
            Some(NotifyType::NO_PROPOSAL_CHOSEN),
            None,
            "Child NO_PROPOSAL_CHOSEN None",
        ),
        (
            Some(NotifyType::INVALID_SYNTAX),
            None,
            "Child INVALID_SYNTAX None",
        ),
        (
            Some(NotifyType::TS_UNACCEPTABLE),
            Some(13_816),
            "Child TS_UNACCEPTABLE Some(13816)",
        ),
        (
            Some(NotifyType::NO_ADDITIONAL_SAS),
            None,
            "Child NO_ADDITIONAL_SAS None",
        ),
        (
            Some(NotifyType::INVALID_KE_PAYLOAD),
            None,
            "Child INVALID_KE_PAYLOAD None",
        ),
        (None, Some(13_816), "Child MS_STATUS Some(13816)"),
        (Some(NotifyType(9999)), None, "Child NotifyType(9999) None"),
    ] {
        let mut table = table(Pfs::Optional);
        table.gateway.policy().rekey_refusal = Some(refusal(notify, ms_status));
        rekey_child(&mut table);
        assert_eq!(refused(&table), [text]);
        settled(&table);
        let at = table.client.rekeys_at().unwrap().1.unwrap();
        let wait = at.duration_since(table.now);
        assert!((60..=90).contains(&wait.as_secs()), "{wait:?}");

        table.gateway.policy().rekey_refusal = None;
        while down(&table).is_empty() {
            table.wait();
            table.talk();
        }
        assert!(table.now < at + Duration::from_secs(1));
        settled(&table);
    }
}

/// A gateway that has no time is asked the same again, but not at once.
#[test]
fn busy_gateway_is_asked_again() {
    let mut table = table(Pfs::Optional);
    table.gateway.policy().rekey_refusal = Some(refusal(Some(NotifyType::TEMPORARY_FAILURE), None));
    assert_eq!(requests(&mut table).len(), 1);
    let at = table.client.rekeys_at().unwrap().1.unwrap();
    assert!(at >= table.now + Duration::from_secs(2) && at <= table.now + Duration::from_secs(3));
    table.gateway.policy().rekey_refusal = None;
    table.wait();
    table.talk();
    settled(&table);
    assert_eq!(table.now, at);
    assert!(refused(&table).is_empty());
}

/// One that has no time for minutes refuses (RFC 7296, section 2.25).
#[test]
fn gateway_that_is_busy_for_minutes_refuses() {
    let mut table = table(Pfs::Optional);
    table.gateway.policy().rekey_refusal = Some(refusal(Some(NotifyType::TEMPORARY_FAILURE), None));
    let start = table.now;
    table.client.rekey_child(table.now);
    while refused(&table).is_empty() {
        table.wait();
        table.talk();
    }
    assert_eq!(refused(&table), ["Child TEMPORARY_FAILURE None"]);
    let passed = table.now.duration_since(start);
    assert!(passed > Duration::from_mins(2) && passed < Duration::from_mins(6));
    settled(&table);
}

/// The gateway has lost the Child SA: the caller hears that it is down.
#[test]
fn child_sa_that_the_gateway_does_not_have_is_down() {
    let mut table = table(Pfs::Optional);
    table.gateway.policy().rekey_refusal =
        Some(refusal(Some(NotifyType::CHILD_SA_NOT_FOUND), None));
    let old = newest(&table).spi_in;
    rekey_child(&mut table);
    assert_eq!(down(&table), [old]);
    assert_eq!(table.client.load().child_sas, 0);
    assert!(table.closed().is_none());
    assert_eq!(table.client.rekeys_at().unwrap().1, None);
}

/// Octets, packets and sequence numbers wear keys out; the caller may say so as often as it likes.
#[test]
fn worn_keys_are_replaced() {
    for (octets, packets, sequence_left) in [(950, 0, None), (0, 95, None), (0, 0, Some(1000))] {
        let mut setup = Setup::new(Authentication::Signature);
        setup.client.lifetimes = Lifetimes {
            child_octets: Some(1000),
            child_packets: Some(100),
            ..Lifetimes::default()
        };
        let mut table = tunnel(setup);
        let old = newest(&table).spi_in;
        for (octets, packets, sequence_left) in [(1, 1, None), (octets, packets, sequence_left)] {
            for _ in 0..5 {
                let usage = Usage {
                    spi_in: old,
                    octets,
                    packets,
                    sequence_left,
                };
                table.client.handle_usage(table.now, usage);
            }
            let due = table.client.rekeys_at().unwrap().1;
            assert_eq!(due == Some(table.now), octets != 1);
        }
        table.wait();
        table.talk();
        settled(&table);
        assert_eq!(down(&table), [old]);
    }
}

/// Time wears them out as well, and the old keys work until the new ones do.
#[test]
fn old_keys_have_their_time() {
    let mut table = table(Pfs::Optional);
    let (start, old) = (table.now, newest(&table).spi_in);
    while down(&table).is_empty() {
        table.wait_for(Timer::Liveness);
        assert!(crosses(&table, old));
        table.talk();
    }
    let passed = table.now.duration_since(start);
    let lifetime = Lifetimes::default().child;
    assert!(passed >= lifetime * 85 / 100 && passed <= lifetime * 95 / 100);
    settled(&table);
}

/// A gateway that makes an SA and says something else about it.
#[test]
fn botched_answer_leaves_the_old_sa_working() {
    for lie in super::rekey_lies::lies() {
        let mut table = table(Pfs::Optional);
        botched(&mut table, lie);
        table.gateway.policy().lies.clear();
        rekey_child(&mut table);
        settled(&table);
    }
}

fn botched(table: &mut Table, lie: Lie) {
    let old = newest(table).spi_in;
    table.gateway.policy().lies = vec![lie];
    rekey_child(table);
    // Another form cannot do better, and what the gateway made is deleted again.
    assert_eq!(refused(table), ["Child nothing None"], "{}", lie.name);
    assert_eq!(newest(table).spi_in, old, "{}", lie.name);
    assert_eq!(table.gateway.child_sas(), 1, "{}", lie.name);
    settled(table);
}
