//! The gateway's side of `CREATE_CHILD_SA`, seen through a client that keeps to the rules
//! (RFC 7296, sections 1.3, 2.8, 2.18).

use std::time::{Duration, Instant};

use azike_gateway::{ChildSa, Event, Lifetimes, Maker, Pfs, RekeyRefusal};
use azike_ike::{Authentication, Client};
use azike_wire::{EspSpi, KeyExchangeMethod, NotifyType, Spi};

use crate::support::{Setup, Table, connected, connected_by};

const MODP_2048: KeyExchangeMethod = KeyExchangeMethod::MODP_2048;
const ECP_256: KeyExchangeMethod = KeyExchangeMethod::ECP_256;

/// The client asks for a rekey: its request lies on the wire.
#[track_caller]
fn client_asks(table: &mut Table, rekey: fn(&mut Client, Instant)) {
    rekey(&mut table.client, table.now);
    table.client.handle_timeout(table.now);
    table.drain();
    assert!(!table.to_gateway.is_empty());
}

/// What the gateway reported, and `pick` takes.
fn reported<'t, T>(table: &'t Table, pick: impl Fn(&'t Event) -> Option<T>) -> Vec<T> {
    table.gateway_events.iter().filter_map(pick).collect()
}

fn child(event: &Event) -> Option<&ChildSa> {
    if let Event::ChildSa(child) = event {
        return Some(child);
    }
    None
}

/// The Child SAs that the gateway reported: who made each, and in place of which.
fn children(table: &Table) -> Vec<(Maker, EspSpi, Option<EspSpi>)> {
    let made = reported(table, child);
    let made = made.into_iter();
    made.map(|it| (it.maker, it.spi_in, it.replaces)).collect()
}

fn deleted(table: &Table) -> Vec<EspSpi> {
    reported(table, |event| {
        if let Event::ChildSaDeleted(spi_in) = event {
            return Some(*spi_in);
        }
        None
    })
}

fn replaced(table: &Table) -> Vec<(Maker, Spi, Spi)> {
    reported(table, |event| {
        if let Event::IkeSaRekeyed { old, new, maker } = event {
            return Some((*maker, *old, *new));
        }
        None
    })
}

fn sas(table: &Table) -> (usize, usize) {
    (table.gateway.ike_sas(), table.gateway.child_sas())
}

/// One Child SA in place of the first, and the keys of both ends are the same.
#[track_caller]
fn one_new_child(table: &Table, maker: Maker) {
    let made = children(table);
    let [(by, _, Some(old))] = made[..] else {
        panic!("{made:?}");
    };
    assert_eq!((by, deleted(table)), (maker, vec![old]));
    assert_eq!(sas(table), (1, 1));
    assert!(table.closed().is_none());
    same_keys(table);
}

/// Each Child SA that both reported has the same keys at both ends.
#[track_caller]
fn same_keys(table: &Table) {
    let mut compared = 0;
    for theirs in reported(table, child) {
        let ours = table.events.iter().find_map(|event| {
            if let azike_ike::Event::ChildSaUp(ours, _) = event
                && ours.spi_in == theirs.spi_out
            {
                return Some(ours);
            }
            None
        });
        let Some(ours) = ours else { continue };
        let key = |keys: &azike_crypto::DirectionKeys| keys.encryption_key().expose().to_vec();
        assert_eq!(ours.spi_out, theirs.spi_in);
        assert_eq!(key(&ours.inbound), key(&theirs.outbound));
        assert_eq!(key(&ours.outbound), key(&theirs.inbound));
        compared += 1;
    }
    assert_ne!(compared, 0);
}

/// An IKE SA in place of the first, which still carries messages both ways.
#[track_caller]
fn one_new_ike_sa(table: &mut Table, maker: Maker) {
    let made = replaced(table);
    let [(by, old, new)] = made[..] else {
        panic!("{made:?}");
    };
    assert_eq!(by, maker);
    assert_ne!(old, new);
    assert_eq!(sas(table), (1, 1));
    assert!(table.gateway.ike_keys(new).is_some() && table.gateway.ike_keys(old).is_none());

    table.gateway_events.clear();
    assert!(table.gateway.check_liveness(table.now, new));
    table.talk_after_drain();
    assert!(matches!(table.gateway_events[..], [Event::Answered(_)]));
    table.gateway_events.clear();
    client_asks(table, Client::rekey_child);
    table.talk_after_drain();
    one_new_child(table, Maker::Client);
}

#[test]
fn client_rekeys_the_child_sa() {
    let (mut table, _) = connected();
    client_asks(&mut table, Client::rekey_child);
    table.talk_after_drain();
    one_new_child(&table, Maker::Client);
}

#[test]
fn gateway_rekeys_the_child_sa() {
    for pfs in [
        Pfs::Optional,
        Pfs::Forbidden,
        Pfs::Required(vec![MODP_2048]),
        Pfs::Required(vec![ECP_256, MODP_2048]),
        Pfs::Only(MODP_2048),
    ] {
        let (mut table, spi_r) = connected();
        table.gateway.policy().pfs = pfs;
        assert!(table.gateway.rekey_child(table.now, spi_r));
        table.talk_after_drain();
        one_new_child(&table, Maker::Gateway);
    }
}

#[test]
fn client_rekeys_the_ike_sa() {
    let (mut table, _) = connected();
    client_asks(&mut table, Client::rekey_ike);
    table.talk_after_drain();
    one_new_ike_sa(&mut table, Maker::Client);
}

/// The gateway is the original initiator then.
#[test]
fn gateway_rekeys_the_ike_sa() {
    let (mut table, spi_r) = connected();
    assert!(table.gateway.rekey_ike(table.now, spi_r));
    table.talk_after_drain();
    one_new_ike_sa(&mut table, Maker::Gateway);
}

/// Each side in turn, many times: nothing is left behind.
#[test]
fn nothing_grows_with_the_number_of_rekeys() {
    let (mut table, mut spi_r) = connected();
    for round in 0..8 {
        table.gateway_events.clear();
        match round % 4 {
            0 => client_asks(&mut table, Client::rekey_ike),
            1 => assert!(table.gateway.rekey_ike(table.now, spi_r)),
            2 => client_asks(&mut table, Client::rekey_child),
            _ => assert!(table.gateway.rekey_child(table.now, spi_r)),
        }
        table.talk_after_drain();
        assert_eq!(sas(&table), (1, 1), "{round}");
        if let [(_, _, new)] = replaced(&table)[..] {
            spi_r = new;
        }
    }
    assert!(table.closed().is_none());
}

/// Section 2.8.1: both ask before either has heard the other.
#[test]
fn crossing_rekeys_of_the_child_sa_leave_one() {
    let mut winners = Vec::new();
    for seed in 1..9 {
        let mut setup = Setup::new(Authentication::Signature);
        setup.seed = seed;
        let (mut table, spi_r) = connected_by(setup);
        client_asks(&mut table, Client::rekey_child);
        assert!(table.gateway.rekey_child(table.now, spi_r));
        table.talk_after_drain();
        assert_eq!(children(&table).len(), 2);
        assert_eq!(deleted(&table).len(), 2);
        assert_eq!(sas(&table), (1, 1));
        assert!(table.closed().is_none());
        same_keys(&table);
        let gone = deleted(&table);
        let left = children(&table)
            .into_iter()
            .find(|it| !gone.contains(&it.1));
        winners.push(left.unwrap().0);
    }
    assert!(winners.contains(&Maker::Client) && winners.contains(&Maker::Gateway));
}

/// Section 2.8.2: the same with the IKE SA.
#[test]
fn crossing_rekeys_of_the_ike_sa_leave_one() {
    let mut winners = Vec::new();
    for seed in 1..9 {
        let mut setup = Setup::new(Authentication::Signature);
        setup.seed = seed;
        let (mut table, spi_r) = connected_by(setup);
        client_asks(&mut table, Client::rekey_ike);
        assert!(table.gateway.rekey_ike(table.now, spi_r));
        table.talk_after_drain();
        let made = replaced(&table);
        let [(maker, _, _)] = made[..] else {
            panic!("{made:?}");
        };
        winners.push(maker);
        one_new_ike_sa(&mut table, maker);
    }
    assert!(winners.contains(&Maker::Client) && winners.contains(&Maker::Gateway));
}

/// The client tries one form after the other until the gateway takes it.
#[test]
fn client_finds_the_form_that_the_gateway_takes() {
    for pfs in [
        Pfs::Forbidden,
        Pfs::Required(vec![MODP_2048]),
        Pfs::Only(MODP_2048),
    ] {
        let (mut table, _) = connected();
        table.gateway.policy().pfs = pfs.clone();
        client_asks(&mut table, Client::rekey_child);
        table.talk_after_drain();
        for _ in 0..40 {
            if !children(&table).is_empty() {
                break;
            }
            table.wait();
            table.talk();
        }
        assert!(!children(&table).is_empty(), "{pfs:?}");
        assert!(table.closed().is_none());
    }
}

/// A refused rekey leaves the Child SA as it was.
#[test]
fn refused_rekey_changes_nothing() {
    for notify in [None, Some(NotifyType::NO_PROPOSAL_CHOSEN)] {
        let (mut table, _) = connected();
        table.gateway.policy().rekey_refusal = Some(RekeyRefusal {
            notify,
            ms_status: Some(13816),
        });
        client_asks(&mut table, Client::rekey_child);
        table.talk_after_drain();
        assert!(children(&table).is_empty() && deleted(&table).is_empty());
        assert_eq!(sas(&table), (1, 1));
    }
}

/// A day of a gateway with short lifetimes, and a client that has longer ones.
#[test]
fn gateway_rekeys_when_the_time_has_come() {
    let mut setup = Setup::new(Authentication::Signature);
    setup.gateway.policy.lifetimes = Some(Lifetimes {
        child: Duration::from_mins(20),
        ike: Duration::from_mins(50),
    });
    let (mut table, _) = connected_by(setup);
    let start = table.now;
    while table.now < start + Duration::from_hours(4) {
        table.wait();
        table.talk();
        assert!(table.closed().is_none());
        assert_eq!(sas(&table), (1, 1));
    }
    let gateway_made = children(&table)
        .iter()
        .filter(|it| it.0 == Maker::Gateway)
        .count();
    assert!((11..=14).contains(&gateway_made), "{gateway_made}");
    assert!((4..=6).contains(&replaced(&table).len()));
}

/// A client that says nothing any more is asked, and forgotten.
#[test]
fn silent_client_is_forgotten() {
    let mut setup = Setup::new(Authentication::Signature);
    setup.gateway.policy.liveness = Some(Duration::from_mins(2));
    let (mut table, spi_r) = connected_by(setup);
    for _ in 0..8 {
        let Some(at) = table.gateway.poll_timeout() else {
            break;
        };
        table.now = at;
        table.gateway.handle_timeout(at);
        table.drain();
    }
    assert_eq!(sas(&table), (0, 0));
    let gone = &table.gateway_events[..];
    let silent = azike_gateway::Gone::Silent;
    assert!(matches!(gone, [Event::IkeSaGone(it, why)] if *it == spi_r && *why == silent));
}
