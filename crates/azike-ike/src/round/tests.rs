//! Every order in which a gateway can refuse.

use std::time::Duration;

use azike_wire::{KeyExchangeMethod, NotifyType};

use super::{Refusal, Round};
use crate::rekey_child::Form;

const G14: KeyExchangeMethod = KeyExchangeMethod::MODP_2048;
const G20: KeyExchangeMethod = KeyExchangeMethod::ECP_384;
const FORMS: [Form; 2] = [Form::With(G14), Form::Without];

fn asks(group: KeyExchangeMethod) -> Refusal {
    Refusal {
        notify: Some(NotifyType::INVALID_KE_PAYLOAD),
        group: Some(group),
        ms_status: None,
    }
}

/// A gateway that asks for another group each time is soon at the end.
#[test]
fn each_form_is_tried_once() {
    let mut round = Round::default();
    let offered = [G14, G20];
    assert_eq!(round.next(&FORMS), Some(Form::With(G14)));
    assert!(round.refused(asks(G20), &FORMS, &offered));
    assert_eq!(round.next(&FORMS), Some(Form::With(G20)));
    assert!(round.refused(asks(G14), &FORMS, &offered));
    assert_eq!(round.next(&FORMS), Some(Form::Without));
    assert!(!round.refused(asks(G20), &FORMS, &offered));
    assert_eq!(round.next(&FORMS), None);
    assert_eq!(round.end(), asks(G20));
    assert_eq!(round.next(&FORMS), Some(Form::With(G14)), "a new round");
}

#[test]
fn group_that_was_not_offered_is_not_tried() {
    let mut round = Round::default();
    round.next(&FORMS);
    assert!(round.refused(asks(KeyExchangeMethod::MODP_1024), &FORMS, &[G14, G20]));
    assert_eq!(round.next(&FORMS), Some(Form::Without));
}

/// The same form again, each time after a longer pause; minutes later it is a refusal.
#[test]
fn busy_gateway_has_some_minutes() {
    let mut round = Round::default();
    let mut waited = Duration::ZERO;
    loop {
        assert_eq!(round.next(&FORMS), Some(Form::With(G14)));
        let Some(pause) = round.busy(Form::With(G14)) else {
            break;
        };
        assert!(pause >= Duration::from_secs(2) && pause <= Duration::from_secs(30));
        waited += pause;
    }
    assert!(waited > Duration::from_mins(2) && waited < Duration::from_mins(5));
    assert_eq!(round.end().notify, Some(NotifyType::TEMPORARY_FAILURE));
}
