//! How often, and with what, a response may make the client start again: N-17, N-18.

use azike_ike::{Authentication, DropReason, Transport, Verdict};
use azike_wire::NotifyType;

use crate::support::{Setup, forge};

const SIGNATURE: Authentication = Authentication::Signature;

/// N-17
#[test]
fn cookie_has_one_to_64_octets() {
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
fn cookies_come_to_an_end() {
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

/// N-18
#[test]
fn only_an_offered_group_is_tried_and_only_once() {
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
