//! Where the gateway takes its client to be, where it sends it, and when it forgets it
//! (RFC 7296, section 2.23; RFC 4478; RFC 4555; RFC 5685).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use azike_gateway::{
    AnswersFrom, Datagram, Event, Gone, Mobike, Redirect, RedirectAt, RedirectTarget, Transport,
    UnknownSpi,
};
use azike_ike::{Authentication, CloseReason};
use azike_wire::{Message, NotifyType, Payload};

use crate::support::setup::CLIENT;
use crate::support::{Setup, Table, connected, connected_by};

const SIGNATURE: Authentication = Authentication::Signature;
/// Where the client comes out after its NAT has forgotten it.
const ELSEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)), 61_234);

/// Gives the gateway the client's oldest datagram, as if it came from elsewhere.
fn from_elsewhere(table: &mut Table, change: impl FnOnce(&mut Vec<u8>)) {
    let mut octets = table.to_gateway.pop_front().unwrap().octets;
    change(&mut octets);
    let datagram = Datagram {
        octets: &octets,
        from: ELSEWHERE,
        transport: Transport::Udp4500,
    };
    table.gateway.handle_datagram(table.now, datagram);
    table.drain();
}

/// The client wants to know whether the gateway lives.
fn client_checks(table: &mut Table) {
    table.client.check_liveness();
    table.client.handle_timeout(table.now);
    table.drain();
    assert_eq!(table.to_gateway.len(), 1);
}

fn moved(table: &Table) -> Vec<SocketAddr> {
    let events = table.gateway_events.iter();
    let moved = events.filter_map(|event| {
        if let Event::Moved(_, to) = event {
            return Some(*to);
        }
        None
    });
    moved.collect()
}

/// A gateway of this kind, and a client that knows MOBIKE.
fn mobile(mobike: Mobike) -> (Table, azike_wire::Spi) {
    let mut setup = Setup::new(SIGNATURE);
    setup.client.mobike = true;
    setup.gateway.policy.mobike = mobike;
    setup.gateway.policy.follows_nat = false;
    connected_by(setup)
}

/// The client has another address, and its request is on the way from there.
fn roams(table: &mut Table) {
    let local = Some(([10, 7, 7, 7], 500).into());
    table.client.handle_path_change(table.now, local);
    table.drain();
    from_elsewhere(table, |_| {});
}

#[test]
fn gateway_follows_a_nat() {
    for follows_nat in [true, false] {
        let mut setup = Setup::new(SIGNATURE);
        setup.gateway.policy.follows_nat = follows_nat;
        let (mut table, spi_r) = connected_by(setup);
        client_checks(&mut table);
        from_elsewhere(&mut table, |_| {});
        // The answer goes to who asked, in any case.
        assert_eq!(table.to_client.pop_front().unwrap().to, ELSEWHERE);
        assert_eq!(!moved(&table).is_empty(), follows_nat);

        table.gateway.check_liveness(table.now, spi_r);
        table.drain();
        let to = table.to_client.pop_front().unwrap().to;
        assert_eq!(to == ELSEWHERE, follows_nat);
    }
}

/// Anybody can send anything from anywhere.
#[test]
fn gateway_follows_nothing_forged_and_nothing_old() {
    let (mut table, spi_r) = connected();
    client_checks(&mut table);
    let request = table.to_gateway[0].clone();
    from_elsewhere(&mut table, |octets| *octets.last_mut().unwrap() ^= 1);
    assert!(table.to_client.is_empty());
    table.give_gateway(&request);
    table.talk();
    table.to_gateway.push_back(request);
    from_elsewhere(&mut table, |_| {});
    assert!(moved(&table).is_empty());
    table.to_client.clear();
    table.gateway.check_liveness(table.now, spi_r);
    table.drain();
    assert_eq!(table.to_client.pop_front().unwrap().to.ip(), CLIENT);
}

#[test]
fn mobike_moves_the_client() {
    let (mut table, _) = mobile(Mobike::Follows);
    assert!(table.established().unwrap().mobike);
    roams(&mut table);
    assert_eq!(moved(&table), [ELSEWHERE]);
    table.talk();
    assert_eq!(table.news(), ["Moved"]);
}

/// RFC 4555, section 3.7.
#[test]
fn mobike_moves_the_client_when_it_was_reached() {
    let (mut table, spi_r) = mobile(Mobike::Checks);
    roams(&mut table);
    assert!(moved(&table).is_empty());
    // The answer, and the check: both to the new address.
    assert_eq!(table.to_client.len(), 2);
    assert!(table.to_client.iter().all(|it| it.to == ELSEWHERE));
    table.talk_to_client();
    // An answer from where it was before is no answer.
    assert_eq!(table.to_gateway.len(), 1);
    let answer = table.to_gateway[0].clone();
    from_elsewhere(&mut table, |_| {});
    assert_eq!(moved(&table), [ELSEWHERE]);
    table.give_gateway(&answer);
    table.gateway.check_liveness(table.now, spi_r);
    table.drain();
    assert_eq!(table.to_client.pop_front().unwrap().to, ELSEWHERE);
}

#[test]
fn mobike_may_be_refused_or_unknown() {
    let (mut table, _) = mobile(Mobike::Refuses);
    roams(&mut table);
    table.talk();
    assert!(moved(&table).is_empty());
    assert!(!table.news().is_empty());
    assert_ne!(table.news(), ["Moved"]);

    let (table, _) = mobile(Mobike::Unknown);
    assert!(!table.established().unwrap().mobike);
}

/// It goes over to the next IKE SA.
#[test]
fn mobike_lives_on_after_a_rekey() {
    let (mut table, spi_r) = mobile(Mobike::Follows);
    table.gateway.rekey_ike(table.now, spi_r);
    table.talk_after_drain();
    roams(&mut table);
    assert_eq!(moved(&table), [ELSEWHERE]);
}

#[test]
fn login_ends_after_its_time() {
    let mut setup = Setup::new(SIGNATURE);
    setup.gateway.policy.auth_lifetime = Some(3600);
    let (mut table, spi_r) = connected_by(setup);
    assert_eq!(table.news(), ["AuthLifetime(3600s)"]);
    let start = table.now;
    table.gateway.rekey_ike(table.now, spi_r);
    table.talk_after_drain();
    while table.gateway.ike_sas() > 0 {
        assert!(table.wait());
        table.talk();
    }
    assert_eq!(table.now - start, Duration::from_hours(1));
    let last = table.gateway_events.last();
    assert!(matches!(last, Some(Event::IkeSaGone(_, Gone::Deleted))));
}

#[test]
fn clients_that_know_redirect_are_sent_away() {
    for at in [RedirectAt::SaInit, RedirectAt::Auth] {
        for target in [
            RedirectTarget::Address([20, 61, 7, 10].into()),
            RedirectTarget::Name("other.vpn.azure.com".to_owned()),
        ] {
            for accept in [true, false] {
                let mut setup = Setup::new(SIGNATURE);
                setup.client.redirect.accept = accept;
                let target = target.clone();
                setup.gateway.policy.redirect = Some(Redirect { at, target });
                let mut table = setup.sit();
                table.settle();
                assert_eq!(table.established().is_some(), !accept);
                if accept {
                    let closed = table.end();
                    assert!(matches!(closed, CloseReason::Redirected(_)), "{closed:?}");
                }
            }
        }
    }
}

/// The first notify in a message without protection.
fn said(octets: &[u8]) -> (NotifyType, Vec<u8>) {
    let message = Message::decode(&octets[4..]).unwrap();
    let Some(Ok(Payload::Notify(notify))) = message.payloads().next() else {
        panic!("{message:?}");
    };
    (notify.kind, notify.data.to_vec())
}

/// After another instance took over.
#[test]
fn unknown_spis_are_told_or_not() {
    for unknown_spi in [UnknownSpi::Silent, UnknownSpi::Told] {
        let (mut table, _) = connected();
        table.gateway.policy().unknown_spi = unknown_spi;
        let known = table.established().unwrap().child.spi_out;
        let esp = [&known.octets()[..], &[0; 40]].concat();
        let datagram = |table: &mut Table| {
            let datagram = Datagram {
                octets: &esp,
                from: ELSEWHERE,
                transport: Transport::Udp4500,
            };
            table.gateway.handle_datagram(table.now, datagram);
            table.drain();
            table.to_client.pop_front()
        };
        assert!(datagram(&mut table).is_none());

        table.gateway.fail_over([172, 16, 202, 1].into());
        client_checks(&mut table);
        table.deliver_request();
        let answer = table.to_client.pop_front().map(|it| said(&it.octets));
        let about_esp = datagram(&mut table).map(|it| said(&it.octets));
        if unknown_spi == UnknownSpi::Silent {
            assert_eq!((answer, about_esp), (None, None));
        } else {
            assert_eq!(answer, Some((NotifyType::INVALID_IKE_SPI, vec![])));
            let spi = known.octets().to_vec();
            assert_eq!(about_esp, Some((NotifyType::INVALID_SPI, spi)));
        }
    }
}

#[test]
fn instance_that_takes_over_has_another_pool() {
    let setup = Setup::new(SIGNATURE);
    let mut table = setup.sit();
    table.gateway.fail_over([172, 16, 202, 1].into());
    table.talk();
    let addresses = &table.gateway_child().unwrap().addresses;
    assert_eq!(addresses[..], [IpAddr::from([172, 16, 202, 1])]);
}

#[test]
fn gateway_answers_from_the_port_of_its_policy() {
    for (answers_from, port) in [
        (AnswersFrom::SamePort, 4500),
        (AnswersFrom::OtherPort(1024), 1024),
        (AnswersFrom::InitPort, 500),
    ] {
        let (mut table, spi_r) = connected();
        table.gateway.policy().answers_from = answers_from;
        table.gateway.check_liveness(table.now, spi_r);
        table.drain();
        let request = table.to_client.pop_front().unwrap();
        assert_eq!(request.from.port(), port);
        let bare = request.transport == Transport::Udp500;
        assert_eq!(bare, port == 500);
        assert_eq!(request.to.port(), if bare { 1500 } else { 14_500 });
    }
}

/// A client that begins and does not go on.
#[test]
fn half_open_ike_sa_is_forgotten() {
    let mut table = Setup::new(SIGNATURE).sit();
    table.deliver_request();
    assert_eq!(table.gateway.ike_sas(), 1);
    let due = table.gateway.poll_timeout().unwrap();
    assert_eq!(due - table.now, Duration::from_secs(30));
    table.gateway.handle_timeout(due);
    table.drain();
    assert_eq!(table.gateway.ike_sas(), 0);
    let last = table.gateway_events.last();
    assert!(matches!(last, Some(Event::IkeSaGone(_, Gone::Unfinished))));
}

/// RFC 7296, section 2.4: only a client that says so, and only its own.
#[test]
fn client_that_comes_back_replaces_what_it_had() {
    for initial_contact in [true, false] {
        let (mut table, old) = connected();
        let mut setup = Setup::new(SIGNATURE);
        setup.seed = 9;
        setup.client.initial_contact = initial_contact;
        let mut other = setup.sit();
        std::mem::swap(&mut table.gateway, &mut other.gateway);
        other.talk();
        assert!(other.established().is_some());
        let gone = other
            .gateway_events
            .iter()
            .any(|event| matches!(event, Event::IkeSaGone(it, Gone::InitialContact) if *it == old));
        let left = other.gateway.ike_sas();
        assert_eq!(
            (gone, left),
            (initial_contact, 2 - usize::from(initial_contact))
        );
    }
}
