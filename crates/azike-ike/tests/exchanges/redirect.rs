//! REDIRECT (RFC 5685): in the `IKE_SA_INIT` response, in `IKE_AUTH`, and later.

use azike_gateway::{Draft, Event};
use azike_ike::{
    AuthFault, Authentication, CloseReason, DropReason, Patience, Redirect, RedirectSource,
    RedirectTarget, Transport, Verdict,
};
use azike_wire::{Message, NotifyType, Payload, PayloadType};

use crate::support::forge::{self, describe};
use crate::support::script::Script;
use crate::support::{Setup, Table, connected_by, saying};

const SIGNATURE: Authentication = Authentication::Signature;
const REDIRECT: NotifyType = NotifyType::REDIRECT;
/// 20.61.7.10, by its address.
const TARGET: [u8; 6] = [1, 4, 20, 61, 7, 10];

fn setup(authentication: Authentication) -> Setup {
    let mut setup = Setup::new(authentication);
    setup.client.redirect.accept = true;
    setup
}

fn redirected() -> CloseReason {
    CloseReason::Redirected(RedirectTarget::Address([20, 61, 7, 10].into()))
}

/// The client's nonce, from its first message.
fn nonce(table: &Table) -> Vec<u8> {
    let message = Message::decode(&table.to_gateway[0].octets).unwrap();
    let mut payloads = message.payloads().map(Result::unwrap);
    let found = payloads.find_map(|payload| {
        if let Payload::Nonce(nonce) = payload {
            Some(nonce.octets().to_vec())
        } else {
            None
        }
    });
    found.unwrap()
}

/// Whether the gateway knows that the IKE SA is over.
fn told(table: &Table) -> bool {
    let deleted = |event: &Event| matches!(event, Event::IkeSaDeleted(_));
    table.gateway_events.iter().any(deleted)
}

/// Sections 3 and 4: the client says that it may be sent on, or that it was.
#[test]
fn first_message_announces_redirects() {
    let v4 = RedirectSource([20, 61, 7, 9].into());
    let v6 = RedirectSource("2001:db8::9".parse().unwrap());
    for (accept, from, words, data) in [
        (false, None, "", vec![]),
        (true, None, " N(REDIRECT_SUPPORTED)", vec![]),
        (
            true,
            Some(v4),
            " N(REDIRECTED_FROM)",
            vec![1, 4, 20, 61, 7, 9],
        ),
        (
            false,
            Some(v4),
            " N(REDIRECTED_FROM)",
            vec![1, 4, 20, 61, 7, 9],
        ),
        (
            true,
            Some(v6),
            " N(REDIRECTED_FROM)",
            vec![
                2, 16, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
            ],
        ),
    ] {
        let mut setup = Setup::new(SIGNATURE);
        setup.client.redirect = Redirect { accept, from };
        let mut table = setup.sit();
        let octets = &table.to_gateway[0].octets;
        let usual = "N(SIGNATURE_HASH_ALGORITHMS)";
        assert!(describe(octets).ends_with(&format!("{usual}{words}")));
        assert!(octets.ends_with(&data));
        table.talk();
        assert!(table.established().is_some());
    }
}

/// Nobody signed it: something better may follow, as with other refusals.
#[test]
fn redirect_of_the_first_response_waits_for_something_better() {
    let give = || {
        let mut table = setup(SIGNATURE).sit();
        let data = [&TARGET[..], &nonce(&table)].concat();
        let octets = forge::notify(&table, REDIRECT, &data);
        let verdict = table.give_octets(&octets, Transport::Udp500);
        assert_eq!(verdict, Verdict::Dropped(DropReason::Hint(REDIRECT)));
        table
    };

    //  HDR, SAi1, KEi, Ni, N(REDIRECT_SUPPORTED)  -->
    //                            <--  HDR, N(REDIRECT, Ni)
    //  a moment later: the end
    let mut table = give();
    table.to_gateway.clear();
    let start = table.now;
    assert_eq!(table.end(), redirected());
    assert_eq!(table.now - start, Patience::default().refusal);

    //                            <--  HDR, N(REDIRECT, Ni)      forged
    //                            <--  HDR, SAr1, KEr, Nr
    let mut table = give();
    table.settle();
    assert!(table.established().is_some());
}

/// N-26: another nonce than ours, or a place where no gateway is. The client waits on.
#[test]
fn n26_redirect_that_nobody_can_follow_is_dropped() {
    let name = |name: &[u8]| [&[3, u8::try_from(name.len()).unwrap()], name].concat();
    for (target, shift) in [
        (TARGET.to_vec(), 1),
        (vec![1, 4, 0, 0, 0, 0], 0),
        (vec![1, 4, 127, 0, 0, 1], 0),
        (vec![1, 4, 224, 0, 0, 1], 0),
        ([&[2, 16], &[0; 16][..]].concat(), 0),
        (name(b"gw\x07.example"), 0),
        (name(&[b'a'; 255]), 0),
        (vec![9, 1, 1], 0),
    ] {
        let mut table = setup(SIGNATURE).sit();
        let mut nonce = nonce(&table);
        nonce[0] = nonce[0].wrapping_add(shift);
        let octets = forge::notify(&table, REDIRECT, &[&target[..], &nonce].concat());
        let verdict = table.give_octets(&octets, Transport::Udp500);
        assert_eq!(
            verdict,
            Verdict::Dropped(DropReason::Redirect),
            "{target:?}"
        );
        table.talk();
        assert!(table.established().is_some());
    }
}

/// Who did not announce it is not sent anywhere.
#[test]
fn unwanted_redirect_is_nothing() {
    let mut table = Setup::new(SIGNATURE).sit();
    let data = [&TARGET[..], &nonce(&table)].concat();
    let octets = forge::notify(&table, REDIRECT, &data);
    // It has no responder SPI, as little as a selection.
    let missing = DropReason::UnknownSpi;
    let verdict = table.give_octets(&octets, Transport::Udp500);
    assert_eq!(verdict, Verdict::Dropped(missing));
    table.talk();
    let mut script = Script::new(&table, table.spi_r());
    assert_eq!(script.ask(&mut table, &[(REDIRECT, &TARGET)]).words, "");
    assert!(table.closed().is_none());
}

/// Section 6: in place of the Child SA, by a gateway that proved who it is.
#[test]
fn redirect_of_a_proven_gateway_counts() {
    let go = |it: &mut Draft| {
        for kind in [
            PayloadType::SA,
            PayloadType::CP,
            PayloadType::TS_I,
            PayloadType::TS_R,
        ] {
            it.remove(kind);
        }
        it.notify(REDIRECT, &TARGET);
    };
    let later = |from| (from..20).map(|number| saying(number, go)).collect();
    for (authentication, lies) in [
        (SIGNATURE, vec![saying(1, go)]),
        (Authentication::EapTls, vec![saying(1, go)]),
        (Authentication::EapTls, later(2)),
    ] {
        let mut setup = setup(authentication);
        setup.gateway.policy.lies = lies;
        let mut table = setup.sit();
        assert_eq!(table.end(), redirected());
        assert!(told(&table));
        assert_eq!(table.gateway.ike_sas(), 0);
    }
}

/// Without the proof it does not.
#[test]
fn redirect_of_an_unproven_gateway_does_not_count() {
    let mut setup = setup(SIGNATURE);
    let go = |it: &mut Draft| {
        it.body(PayloadType::AUTH).truncate(4);
        it.body(PayloadType::AUTH).extend([0; 256]);
        it.notify(REDIRECT, &TARGET);
    };
    setup.gateway.policy.lies = vec![saying(1, go)];
    let fault = CloseReason::Authentication(AuthFault::Signature);
    assert_eq!(setup.sit().end(), fault);
}

/// Section 5: the answer, the goodbye, the end.
#[test]
fn gateway_may_send_us_away_at_any_time() {
    let (mut table, spi_r) = connected_by(setup(SIGNATURE));
    let mut script = Script::new(&table, spi_r);

    //                 <--  HDR, SK { N(REDIRECT) }
    //  HDR, SK { }    -->
    //  HDR, SK { D }  -->
    let name = [&[3, 15], &b"GW2.example.com"[..]].concat();
    let answer = script.ask(&mut table, &[(REDIRECT, &name)]);
    assert_eq!(answer.words, "");
    assert!(table.closed().is_none());
    let goodbye = script.next(&mut table);
    assert_eq!(goodbye.words, "DELETE");

    //                 <--  HDR, SK { }
    let _verdict = script.answer(&mut table, &goodbye, &[]);
    let target = RedirectTarget::Name("gw2.example.com".to_owned());
    assert_eq!(table.closed(), Some(&CloseReason::Redirected(target)));
}

/// The same on the IKE SA that the gateway has just replaced: the goodbye goes to the new one.
#[test]
fn gateway_may_send_us_away_on_an_old_ike_sa() {
    let (mut table, spi_r) = connected_by(setup(SIGNATURE));
    let mut old = Script::new(&table, spi_r);
    let mut new = old.rekey_ike(&mut table);
    let hour = 3600_u32.to_be_bytes();
    let words: [(NotifyType, &[u8]); 2] = [(NotifyType::AUTH_LIFETIME, &hour), (REDIRECT, &TARGET)];
    assert_eq!(old.ask(&mut table, &words).words, "");
    let goodbye = new.next(&mut table);
    assert_eq!(goodbye.words, "DELETE");
    let _verdict = new.answer(&mut table, &goodbye, &[]);
    assert_eq!(table.news(), ["AuthLifetime(3600s)"]);
    assert_eq!(table.closed(), Some(&redirected()));
}

/// N-26: a gateway that sends us to nowhere keeps us.
#[test]
fn n26_nowhere_is_no_target() {
    let (mut table, spi_r) = connected_by(setup(SIGNATURE));
    let mut script = Script::new(&table, spi_r);
    for data in [&[1, 4, 0, 0, 0, 0][..], &[1, 4, 127, 0, 0, 1], &[3, 0], &[]] {
        assert_eq!(script.ask(&mut table, &[(REDIRECT, data)]).words, "");
        assert!(table.to_gateway.is_empty(), "{data:?}");
    }
    let with_nonce = [&TARGET[..], &[7; 32]].concat();
    assert_eq!(script.ask(&mut table, &[(REDIRECT, &with_nonce)]).words, "");
    assert!(table.to_gateway.is_empty() && table.closed().is_none());
}
