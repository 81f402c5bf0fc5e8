//! New keys for the IKE SA, from either side.
//!
//! ```text
//!  HDR, SK { SA, Ni, KEi }  -->
//!                           <--  HDR, SK { SA, Nr, KEr } | N(error)
//!  HDR, SK { D(IKE) }  -->                (on the old one)
//!                      <--  HDR, SK { }
//! ```

use std::time::Duration;

use azike_gateway::{Pfs, RekeyRefusal};
use azike_ike::{Authentication, Event, Maker, Timer, Verdict};
use azike_wire::{ExchangeType, NotifyType, Spi};

use crate::support::ends::{newest, refused, rekey_child, rekey_ike, settled, tunnel};
use crate::support::{Setup, Table};

fn table() -> Table {
    tunnel(Setup::new(Authentication::Signature))
}

/// The IKE SAs that the client reported as new: who made each, and the SPI of the responder.
fn made(table: &Table) -> Vec<(Maker, Spi)> {
    let made = table.events.iter().filter_map(|event| {
        if let Event::IkeSaRekeyed { maker, spi_r, .. } = event {
            Some((*maker, *spi_r))
        } else {
            None
        }
    });
    made.collect()
}

/// The IKE SA in use at the gateway.
fn in_use(table: &Table) -> Spi {
    made(table).last().map_or_else(|| table.spi_r(), |it| it.1)
}

/// Both sides in turn, and a Child SA in between: its new keys come from the newest IKE SA.
#[test]
fn both_sides_rekey() {
    let mut table = table();
    let mut makers = Vec::new();
    for round in 0..6 {
        if round % 3 == 2 {
            let spi_r = in_use(&table);
            assert!(table.gateway.rekey_ike(table.now, spi_r));
            table.talk_after_drain();
            makers.push(Maker::Gateway);
        } else {
            rekey_ike(&mut table);
            makers.push(Maker::Us);
        }
        let said: Vec<_> = made(&table).iter().map(|it| it.0).collect();
        assert_eq!(said, makers);
        settled(&table);
        assert_eq!(table.gateway.ike_sas(), 1);
        rekey_child(&mut table);
        settled(&table);
        let spi_r = in_use(&table);
        assert!(table.gateway.rekey_child(table.now, spi_r));
        table.talk_after_drain();
        settled(&table);
    }
    assert!(refused(&table).is_empty());
}

/// What a rekey leaves behind is gone after a minute, and the client is still there.
#[test]
fn nothing_is_left_behind() {
    let mut table = table();
    rekey_ike(&mut table);
    let spi_r = in_use(&table);
    assert!(table.gateway.rekey_ike(table.now, spi_r));
    table.talk_after_drain();
    let end = table.now + Duration::from_secs(65);
    while table.now < end {
        table.wait();
        table.talk();
    }
    let load = table.client.load();
    assert_eq!((load.ike_sas, load.child_sas, load.requests), (1, 1, 0));
    settled(&table);
}

/// The answer to our Delete is lost: it goes out again, on the old IKE SA, until it is answered.
#[test]
fn delete_of_the_old_ike_sa_is_repeated() {
    let mut table = table();
    table.client.rekey_ike(table.now);
    table.wait();
    table.deliver_request();
    let _verdict = table.deliver_response();
    let delete = table.to_gateway.pop_front().unwrap();
    assert_eq!(table.client.load().ike_sas, 2);
    table.wait_for(Timer::Retransmit);
    assert_eq!(table.to_gateway.front(), Some(&delete));
    table.talk();
    assert_eq!(table.client.load().ike_sas, 1);
    settled(&table);
}

/// A gateway that does not delete the IKE SA it replaced is asked to.
#[test]
fn old_ike_sa_that_the_gateway_forgets_to_delete_is_deleted() {
    let mut table = table();
    let mut script = crate::support::script::Script::new(&table, table.spi_r());
    let _new = script.rekey_ike(&mut table);
    assert_eq!(table.client.load().ike_sas, 2);
    // The gateway of the table knows the old one only.
    let end = table.now + Duration::from_secs(61);
    while table.now < end {
        // The new one has nobody to talk to, and a tunnel that works.
        table.client.handle_traffic(Some(table.now), None);
        assert!(table.wait());
        table.to_gateway.retain(|it| {
            it.octets.len() > 12 && it.octets[12..20] == table_spi(&table.gateway_events)
        });
        table.talk();
        if table.client.load().ike_sas == 1 {
            return;
        }
    }
    panic!("{:?}", table.client.load());
}

/// Octets of the SPI of the first IKE SA.
fn table_spi(events: &[azike_gateway::Event]) -> [u8; 8] {
    let spi = events.iter().find_map(|event| {
        if let azike_gateway::Event::IkeSa(spi) = event {
            Some(spi.octets())
        } else {
            None
        }
    });
    spi.unwrap()
}

/// The gateway's Delete of the old IKE SA comes twice, because our answer was lost.
#[test]
fn repeated_delete_of_the_old_ike_sa_is_answered_again() {
    let mut table = table();
    let spi_r = table.spi_r();
    assert!(table.gateway.rekey_ike(table.now, spi_r));
    table.drain();
    let _verdict = table.deliver_response();
    table.deliver_request();
    let delete = table.to_client.pop_front().unwrap();
    assert_eq!(table.give_client(&delete), Verdict::Accepted);
    let answer = table.to_gateway.pop_front().unwrap();
    assert_eq!(table.give_client(&delete), Verdict::Accepted);
    assert_eq!(table.to_gateway.pop_front(), Some(answer.clone()));
    table.give_gateway(&answer);
    assert_eq!(table.gateway.ike_sas(), 1);
    settled(&table);
}

/// Another group, if the gateway asks for one that is offered.
#[test]
fn every_refusal_leaves_the_old_ike_sa_in_use() {
    for (notify, ms_status, text) in [
        (
            Some(NotifyType::NO_PROPOSAL_CHOSEN),
            None,
            "Ike NO_PROPOSAL_CHOSEN None",
        ),
        (
            Some(NotifyType::INVALID_SYNTAX),
            Some(5),
            "Ike INVALID_SYNTAX Some(5)",
        ),
        (
            Some(NotifyType::NO_ADDITIONAL_SAS),
            None,
            "Ike NO_ADDITIONAL_SAS None",
        ),
        (
            Some(NotifyType::INVALID_KE_PAYLOAD),
            None,
            "Ike INVALID_KE_PAYLOAD None",
        ),
        (None, Some(13_816), "Ike MS_STATUS Some(13816)"),
    ] {
        let mut table = table();
        table.gateway.policy().rekey_refusal = Some(RekeyRefusal { notify, ms_status });
        rekey_ike(&mut table);
        assert_eq!(refused(&table), [text]);
        settled(&table);
        table.gateway.policy().rekey_refusal = None;
        let at = table.client.rekeys_at().unwrap().0;
        while made(&table).is_empty() {
            table.wait();
            table.talk();
        }
        assert_eq!(table.now, at);
        settled(&table);
    }
}

/// A gateway that makes an IKE SA and says something else about it: the old one is still there.
#[test]
fn botched_answer_leaves_the_old_ike_sa_in_use() {
    let mut lies = super::rekey_lies::common();
    lies.extend(super::rekey_lies::key_exchange());
    for lie in lies {
        let mut table = table();
        table.gateway.policy().lies = vec![lie];
        rekey_ike(&mut table);
        assert_eq!(refused(&table), ["Ike nothing None"], "{}", lie.name);
        table.gateway.policy().lies.clear();
        assert!(made(&table).is_empty());
        settled(&table);
        let spi_r = table.spi_r();
        table.gateway.check_liveness(table.now, spi_r);
        table.drain();
        assert_eq!(table.deliver_response(), Verdict::Accepted);
    }
}

/// Requests of the gateway on an IKE SA that was replaced: it is still asked whether it lives, and
/// makes nothing new.
#[test]
fn old_ike_sa_answers() {
    let mut table = table();
    let mut script = crate::support::script::Script::new(&table, table.spi_r());
    let _new = script.rekey_ike(&mut table);
    assert_eq!(script.ask(&mut table, &[]).words, "");
    let again = script.ask_to_create(&mut table, &[]);
    assert_eq!(again.header.exchange, ExchangeType::CREATE_CHILD_SA);
    assert_eq!(again.words, "N(NO_ADDITIONAL_SAS)");
    let rekey: [(NotifyType, &[u8]); 1] = [(NotifyType::REKEY_SA, &[])];
    let again = script.ask_to_create(&mut table, &rekey);
    assert_eq!(again.words, "N(TEMPORARY_FAILURE)");
    let child = newest(&table).spi_out.octets();
    let again = script.ask_to_delete(&mut table, &child);
    assert_eq!(again.words, "DELETE");
    assert_eq!(table.client.load().child_sas, 0);
}

/// A key exchange in a Child SA's rekey that cannot be used.
#[test]
fn botched_key_exchange_is_followed_by_the_next_form() {
    for lie in super::rekey_lies::key_exchange() {
        let mut setup = Setup::new(Authentication::Signature);
        setup.gateway.policy.pfs = Pfs::Optional;
        let mut table = tunnel(setup);
        table.gateway.policy().lies = vec![lie];
        rekey_child(&mut table);
        assert!(refused(&table).is_empty(), "{}", lie.name);
        settled(&table);
    }
}
