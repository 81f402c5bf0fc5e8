//! What a gateway says though nobody asked: vendor IDs, private notifies, session tickets.

use azike_gateway::Draft;
use azike_gateway::lying::table::lie;
use azike_ike::Authentication;
use azike_wire::{ExchangeType, NotifyType, PayloadType};

use crate::support::script::Script;
use crate::support::{Setup, connected, saying};

/// A client that is asked this is still there, and has no more to say than "yes".
fn shrugs(draft: &Draft) {
    let (mut table, spi_r) = connected();
    let exchange = ExchangeType::INFORMATIONAL;
    table.gateway.ask(table.now, spi_r, exchange, draft);
    table.drain();
    table.talk_to_client();
    let answer = Script::new(&table, spi_r).next(&mut table);
    assert_eq!(answer.words, "");
    assert!(table.to_gateway.is_empty());
    assert!(table.closed().is_none() && table.news().is_empty());
}

/// A gateway that says this while the client logs in loses nothing.
fn connects(more: fn(&mut Draft)) {
    for authentication in [Authentication::Signature, Authentication::EapTls] {
        let mut setup = Setup::new(authentication);
        setup.gateway.policy.lies = (1..20).map(|number| saying(number, more)).collect();
        let mut table = setup.sit();
        table.talk();
        assert!(table.established().is_some(), "{:?}", table.closed());
        assert!(table.news().is_empty());
    }
}

/// N-80: vendor IDs of any length, and notifies of nobody.
#[test]
fn n80_private_words_are_ignored() {
    for name in [
        "vendor ID of no octets",
        "vendor ID of 60000 octets",
        "private notifies",
        "33 notifies",
    ] {
        let mut setup = Setup::new(Authentication::Signature);
        setup.gateway.policy.lies = vec![lie(name)];
        let mut table = setup.sit();
        table.talk();
        assert!(table.established().is_some(), "{name}");
    }
    let more = |it: &mut Draft| {
        it.piece(PayloadType::VENDOR_ID, &[]);
        it.piece(PayloadType::VENDOR_ID, &vec![7; 20_000]);
        for number in (40_960..=u16::MAX).step_by(200) {
            it.notify(NotifyType(number), &[1; 9]);
        }
    };
    connects(more);
    let mut draft = Draft::new();
    more(&mut draft);
    shrugs(&draft);
}

/// N-82: tickets that we never asked for (RFC 5723), of no lifetime, of any length, twice, and
/// the refusal of one that we never showed.
#[test]
fn n82_session_tickets_are_ignored() {
    let more = |it: &mut Draft| {
        for _ in 0..2 {
            it.notify(NotifyType::TICKET_LT_OPAQUE, &[0; 40]);
            it.notify(NotifyType::TICKET_LT_OPAQUE, &vec![0xff; 20_000]);
            it.notify(NotifyType::TICKET_LT_OPAQUE, &[]);
            it.notify(NotifyType::TICKET_OPAQUE, &[9; 64]);
            it.notify(NotifyType::TICKET_ACK, &[]);
            it.notify(NotifyType::TICKET_NACK, &[]);
        }
    };
    connects(more);
    let mut draft = Draft::new();
    more(&mut draft);
    shrugs(&draft);
}

/// N-82: the same in the clear, before anything is agreed.
#[test]
fn n82_refused_ticket_in_the_first_response_is_ignored() {
    let mut setup = Setup::new(Authentication::Signature);
    setup.gateway.policy.lies = vec![azike_gateway::Lie {
        at: azike_gateway::At::SaInit,
        ..saying(0, |it| {
            it.notify(NotifyType::TICKET_NACK, &[]);
            it.notify(NotifyType::TICKET_OPAQUE, &[1; 64]);
        })
    }];
    let mut table = setup.sit();
    table.talk();
    assert!(table.established().is_some());
}
