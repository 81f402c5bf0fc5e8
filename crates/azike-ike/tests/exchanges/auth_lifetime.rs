//! `AUTH_LIFETIME` (RFC 4478), and the login that takes the place of one that ends.

use azike_gateway::Draft;
use azike_ike::{Authentication, Event};
use azike_wire::NotifyType;

use crate::support::script::Script;
use crate::support::{Setup, connected, connected_by, saying};

const KIND: NotifyType = NotifyType::AUTH_LIFETIME;

/// N-79: less than a minute is a minute, more than a month is a month, nothing is nothing.
#[test]
fn n79_lifetime_has_bounds() {
    let seconds = |it: u32| it.to_be_bytes().to_vec();
    for (data, wanted) in [
        (seconds(0), None),
        (seconds(1), Some(60)),
        (seconds(60), Some(60)),
        (seconds(3600), Some(3600)),
        (seconds(2_592_000), Some(2_592_000)),
        (seconds(2_592_001), Some(2_592_000)),
        (seconds(u32::MAX), Some(2_592_000)),
        (vec![], None),
        (vec![0, 14, 16], None),
        (vec![0, 0, 0, 14, 16], None),
    ] {
        let (mut table, spi_r) = connected();
        let answer = Script::new(&table, spi_r).ask(&mut table, &[(KIND, &data)]);
        assert_eq!(answer.words, "");
        let wanted = wanted.map(|it| format!("AuthLifetime({it}s)"));
        assert_eq!(table.news(), Vec::from_iter(wanted), "{data:?}");
    }
}

/// In the last response of a login, after the tunnel is up; in an earlier one it says nothing.
#[test]
fn n79_lifetime_comes_with_the_login() {
    let hour = |it: &mut Draft| it.notify(KIND, &3600_u32.to_be_bytes());
    for authentication in [Authentication::Signature, Authentication::EapTls] {
        let mut setup = Setup::new(authentication);
        setup.gateway.policy.lies = (1..20).map(|number| saying(number, hour)).collect();
        let (table, _) = connected_by(setup);
        assert_eq!(table.news(), ["AuthLifetime(3600s)"]);
        let last = &table.events[table.events.len() - 2..];
        assert!(matches!(
            last,
            [Event::Established(_), Event::AuthLifetime(_)]
        ));
    }
    let mut setup = Setup::new(Authentication::Signature);
    let zero = |it: &mut Draft| it.notify(KIND, &[0; 4]);
    setup.gateway.policy.lies = vec![saying(1, zero)];
    let (table, _) = connected_by(setup);
    assert!(table.news().is_empty());
}

/// A login beside a tunnel that still works must not end it (RFC 7296, section 2.4).
#[test]
fn first_contact_is_said_only_when_it_is_one() {
    for authentication in [Authentication::Signature, Authentication::EapTls] {
        for initial_contact in [true, false] {
            let mut setup = Setup::new(authentication);
            setup.client.initial_contact = initial_contact;
            setup.client.fragment_size = 9000;
            let mut table = setup.sit();
            table.deliver_request();
            let _verdict = table.deliver_response();
            let spi_r = table.half_open();
            let request = Script::new(&table, spi_r).open(&table.to_gateway[0]);
            let said = request.words.contains("N(INITIAL_CONTACT)");
            assert_eq!(said, initial_contact, "{}", request.words);
            table.talk();
            assert!(table.established().is_some());
        }
    }
}
