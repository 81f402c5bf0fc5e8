//! How often, and with what, a response may make the client start again: N-17, N-18.

use azike_gateway::{At, Lie};
use azike_ike::{Authentication, CloseReason, DropReason, Transport, Verdict};
use azike_wire::NotifyType;

use crate::support::forge::{self, describe};
use crate::support::{Setup, saying};

const SIGNATURE: Authentication = Authentication::Signature;

/// N-17: of no, one, 64 and 65 octets.
#[test]
fn n17_cookie_has_one_to_64_octets() {
    for (length, verdict) in [
        (0, Verdict::Dropped(DropReason::CookieLength(0))),
        (1, Verdict::Accepted),
        (64, Verdict::Accepted),
        (65, Verdict::Dropped(DropReason::CookieLength(65))),
    ] {
        let mut table = Setup::new(SIGNATURE).sit();
        let forged = forge::notify(&table, NotifyType::COOKIE, &vec![7; length]);
        assert_eq!(table.give_octets(&forged, Transport::Udp500), verdict);
    }
}

/// N-17: ten cookies in a row.
#[test]
fn n17_cookies_come_to_an_end() {
    let mut table = Setup::new(SIGNATURE).sit();
    for round in 0..10 {
        let forged = forge::notify(&table, NotifyType::COOKIE, &[round; 8]);
        let expected = if round < 3 {
            Verdict::Accepted
        } else {
            Verdict::Dropped(DropReason::TooManyRetries)
        };
        assert_eq!(table.give_octets(&forged, Transport::Udp500), expected);
    }
    assert_eq!(table.to_gateway.len(), 4);
}

/// N-17: a cookie beside a selection is a cookie; one that comes each time ends in silence.
#[test]
fn n17_cookie_counts_more_than_the_selection_beside_it() {
    let with_cookie = Lie {
        at: At::SaInit,
        ..saying(0, |it| it.notify(NotifyType::COOKIE, &[7; 20]))
    };
    let sit = || {
        let mut setup = Setup::new(SIGNATURE);
        setup.gateway.policy.lies = vec![with_cookie];
        setup.sit()
    };

    //  HDR, SAi1, KEi, Ni             -->
    //                                 <--  HDR, SAr1, KEr, Nr, N(COOKIE)
    //  HDR, N(COOKIE), SAi1, KEi, Ni  -->
    //                                 <--  HDR, SAr1, KEr, Nr
    let mut table = sit();
    table.deliver_request();
    assert_eq!(table.deliver_response(), Verdict::Accepted);
    let again = describe(&table.to_gateway[0].octets);
    assert!(
        again.starts_with("IKE_SA_INIT 0 N(COOKIE) SA KE"),
        "{again}"
    );
    table.gateway.policy().lies.clear();
    table.talk();
    assert!(table.established().is_some());

    let mut table = sit();
    let reason = table.end();
    assert!(matches!(reason, CloseReason::NoAnswer { .. }), "{reason}");
    let cookies = table.progress().count();
    assert_eq!(cookies, 3);
}

/// N-18: a group that was not offered, that was tried, that is none, and no number at all.
#[test]
fn n18_only_an_offered_group_is_tried_and_only_once() {
    let mut table = Setup::new(SIGNATURE).sit();
    for (group, reason) in [
        (&[0, 5][..], DropReason::GroupNotOffered(5)),
        (&[0, 0], DropReason::GroupNotOffered(0)),
        (&[0, 2], DropReason::GroupNotOffered(2)),
        (&[4, 1], DropReason::GroupNotOffered(1025)),
        (&[0, 14], DropReason::GroupAlreadyTried(14)),
        (&[], DropReason::GroupNotOffered(0)),
        (&[14], DropReason::GroupNotOffered(0)),
        (&[0, 19, 0], DropReason::GroupNotOffered(0)),
    ] {
        let forged = forge::notify(&table, NotifyType::INVALID_KE_PAYLOAD, group);
        let verdict = table.give_octets(&forged, Transport::Udp500);
        assert_eq!(verdict, Verdict::Dropped(reason), "{group:?}");
    }
    assert_eq!(table.to_gateway.len(), 1);
    for group in [20, 19, 24, 31] {
        let forged = forge::notify(&table, NotifyType::INVALID_KE_PAYLOAD, &[0, group]);
        assert_eq!(
            table.give_octets(&forged, Transport::Udp500),
            Verdict::Accepted
        );
        let again = table.give_octets(&forged, Transport::Udp500);
        let tried = DropReason::GroupAlreadyTried(u16::from(group));
        assert_eq!(again, Verdict::Dropped(tried));
    }
}
