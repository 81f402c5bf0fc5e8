//! `IKE_SA_INIT` responses that somebody else made, repeated or changed: N-1, N-9, N-14,
//! N-16, N-21 to N-23, N-30.

use std::time::Duration;

use azike_gateway::lying::table::lie;
use azike_gateway::{IkeSuite, Refusal, Stage};
use azike_ike::{Authentication, CloseReason, DropReason, Transport, Verdict};
use azike_wire::{Chain, KeyExchangeMethod, Malformed, NotifyType, PayloadType};

use crate::support::{Setup, forge};

const SIGNATURE: Authentication = Authentication::Signature;
const MS: fn(u64) -> Duration = Duration::from_millis;

/// N-16: whoever answers first with a key of his own gets an `IKE_AUTH` request that he cannot use;
/// the gateway that answers later gets one as well.
#[test]
fn n16_forged_response_does_not_keep_the_gateway_out() {
    for forgeries in 1..=3 {
        let mut table = Setup::new(SIGNATURE).sit();
        let request = table.to_gateway[0].clone();
        for seed in 0..forgeries {
            let mut setup = Setup::new(SIGNATURE);
            setup.seed = 100 + seed;
            let mut attacker = setup.sit();
            attacker.to_gateway.clear();
            attacker.give_gateway(&request);
            let forged = attacker.to_client.pop_front().unwrap();
            assert_eq!(table.give_client(&forged), Verdict::Accepted);
        }
        table.settle();
        assert!(table.established().is_some(), "{forgeries} forged");
        let wait = table.now - crate::support::setup::start();
        assert!(wait < MS(1000), "{forgeries} forged cost {wait:?}");
    }
}

/// N-16: a forged acceptance comes first, and then the gateway wants another group or a cookie.
#[test]
fn n16_forged_acceptance_does_not_hide_what_the_gateway_wants() {
    let suite = IkeSuite::AES_256_GCM.with_group(KeyExchangeMethod::ECP_256);
    for (ike, cookie) in [(suite, false), (IkeSuite::AES_256_GCM, true), (suite, true)] {
        let mut setup = Setup::new(SIGNATURE);
        setup.gateway.policy.ike = vec![ike];
        setup.gateway.policy.cookie = cookie;
        let mut table = setup.sit();
        let mut setup = Setup::new(SIGNATURE);
        setup.seed = 100;
        let mut attacker = setup.sit();
        attacker.give_gateway(&table.to_gateway[0]);
        let forged = attacker.to_client.pop_front().unwrap();
        assert_eq!(table.give_client(&forged), Verdict::Accepted);
        table.settle();
        assert!(table.established().is_some(), "{ike:?} {cookie}");
    }
}

/// N-16: somebody wants another group or a cookie in the gateway's name, before it answers.
#[test]
fn n16_forged_wish_does_not_keep_the_gateway_out() {
    for (kind, data) in [
        (NotifyType::INVALID_KE_PAYLOAD, &[0, 19][..]),
        (NotifyType::COOKIE, &[7; 20]),
    ] {
        let mut table = Setup::new(SIGNATURE).sit();
        let forged = forge::notify(&table, kind, data);
        assert_eq!(
            table.give_octets(&forged, Transport::Udp500),
            Verdict::Accepted
        );

        //  HDR, SAi1, KEi(14), Ni              -->
        //                                      <--  HDR, N(..)                 forged
        //  HDR, [N(COOKIE),] SAi1, KEi(..), Ni -->
        //                                      <--  HDR, SAr1, KEr(14), Nr     to the first
        table.settle();
        assert!(table.established().is_some(), "{kind}");
    }
}

/// The response of a gateway that has refused us, once more: followed again, it would get another
/// message under the same keys and the same IV.
#[test]
fn responder_is_followed_once_only() {
    let mut setup = Setup::new(SIGNATURE);
    setup.gateway.policy.refusal = Some(Refusal {
        stage: Stage::Auth,
        notify: NotifyType::AUTHENTICATION_FAILED,
        ms_status: None,
    });
    let mut table = setup.sit();
    table.deliver_request();
    let response = table.to_client[0].clone();
    table.talk();
    assert!(table.closed().is_none(), "it waits for something better");
    assert_eq!(
        table.give_client(&response),
        Verdict::Dropped(DropReason::NotExpected)
    );
    assert!(table.to_gateway.is_empty());
}

/// N-16: four are followed at once, and no fifth.
#[test]
fn n16_number_of_responders_is_bounded() {
    let mut table = Setup::new(SIGNATURE).sit();
    let request = table.to_gateway[0].clone();
    for seed in 0..5 {
        let mut setup = Setup::new(SIGNATURE);
        setup.seed = 100 + seed;
        let mut attacker = setup.sit();
        attacker.give_gateway(&request);
        let forged = attacker.to_client.pop_front().unwrap();
        let expected = if seed < 4 {
            Verdict::Accepted
        } else {
            Verdict::Dropped(DropReason::TooManyCandidates)
        };
        assert_eq!(table.give_client(&forged), expected);
    }
}

/// The second copy of a response does not begin a second login.
#[test]
fn duplicate_response_is_dropped() {
    let mut table = Setup::new(SIGNATURE).sit();
    table.deliver_request();
    let response = table.to_client[0].clone();
    assert_eq!(table.deliver_response(), Verdict::Accepted);
    let sent = table.to_gateway.len();
    assert_eq!(
        table.give_client(&response),
        Verdict::Dropped(DropReason::NotExpected)
    );
    assert_eq!(table.to_gateway.len(), sent);
}

/// N-1, N-9, N-14: too short, too long, too many.
#[test]
fn octets_of_any_number_are_dropped() {
    let mut table = Setup::new(SIGNATURE).sit();
    for length in [0, 1, 3, 4, 27, 28, 1500, 65_507] {
        for octet in [0, 0x20, 0xff] {
            let verdict = table.give_octets(&vec![octet; length], Transport::Udp500);
            let malformed = Verdict::Dropped(DropReason::Malformed(match length {
                0..28 => Malformed::NoHeader(length),
                _ if octet == 0x20 => Malformed::MessageLength {
                    field: 0x2020_2020,
                    octets: length,
                },
                _ => Malformed::MajorVersion(octet >> 4),
            }));
            assert_eq!(verdict, malformed, "{length} octets of {octet}");
        }
    }
    for (payloads, expected) in [
        (64, DropReason::Missing(PayloadType::SA)),
        (65, DropReason::Malformed(Malformed::TooManyPayloads)),
        (1000, DropReason::Malformed(Malformed::TooManyPayloads)),
    ] {
        let mut chain = Chain::new();
        (0..payloads).for_each(|_| chain.payload(PayloadType(200), |_| {}));
        let octets = forge::response(&table, 7, chain);
        let verdict = table.give_octets(&octets, Transport::Udp500);
        assert_eq!(verdict, Verdict::Dropped(expected), "{payloads} payloads");
    }
    table.talk();
    assert!(table.established().is_some());
}

/// N-21, for each kind of group.
#[test]
fn value_of_no_honest_gateway_is_dropped() {
    for (group, above) in [
        (KeyExchangeMethod::MODP_2048, true),
        (KeyExchangeMethod::MODP_2048_256, true),
        (KeyExchangeMethod::ECP_256, true),
        (KeyExchangeMethod::ECP_384, true),
        // Curve25519 has no values above the prime: they are reduced (RFC 7748, section 5).
        (KeyExchangeMethod::CURVE25519, false),
    ] {
        let mut names = vec!["KE of zeros", "KE one octet short", "KE one octet long"];
        names.extend(above.then_some("KE above the prime"));
        for name in names {
            let mut setup = Setup::new(SIGNATURE);
            let policy = &mut setup.gateway.policy;
            policy.ike = vec![IkeSuite::AES_256_GCM.with_group(group)];
            policy.lies = vec![lie(name)];
            let mut table = setup.sit();
            table.talk();
            assert_eq!(
                table.verdicts.last(),
                Some(&Verdict::Dropped(DropReason::KeyExchangeInvalid)),
                "{group} {name}"
            );
        }
    }
}

/// N-22, N-23: our own request, nonce, key exchange value or SPI in a response.
#[test]
fn reflections_are_dropped() {
    let reflected = Verdict::Dropped(DropReason::Reflected);
    let mut table = Setup::new(SIGNATURE).sit();
    let request = table.to_gateway[0].octets.clone();
    assert_eq!(table.give_octets(&request, Transport::Udp500), reflected);

    // Our request, with the flags and the SPI of a response, and a selection of one suite.
    table.deliver_request();
    let honest = table.to_client[0].octets.clone();
    let body = |octets: &[u8], kind: u8| position(octets, kind);
    for kind in [34, 40] {
        let mut forged = honest.clone();
        let (from, to) = (body(&request, kind), body(&forged, kind));
        if kind == 40 {
            // Nonces differ in length: 32 here, 48 there.
            replace(&mut forged, to, &request[from]);
        } else {
            forged[to].copy_from_slice(&request[from]);
        }
        assert_eq!(
            table.give_octets(&forged, Transport::Udp500),
            reflected,
            "payload {kind}"
        );
    }
    let mut forged = honest;
    forged.copy_within(0..8, 8);
    assert_eq!(table.give_octets(&forged, Transport::Udp500), reflected);
}

/// N-30: somebody takes the better group out of the offer. The gateway chooses what is left, and
/// signs an exchange that the client never had.
#[test]
fn changed_offer_is_seen_in_auth() {
    let mut table = Setup::new(SIGNATURE).sit();
    let mut request = table.to_gateway.pop_front().unwrap();
    let last = request.octets.len() - 1;
    // The last hash of SIGNATURE_HASH_ALGORITHMS: nothing that the gateway would mind.
    request.octets[last] = 9;
    table.give_gateway(&request);
    table.settle();
    let reason = table.end();
    let refused = matches!(
        reason,
        CloseReason::Refused {
            notify: NotifyType::AUTHENTICATION_FAILED,
            ..
        }
    );
    assert!(refused, "{reason}");
}

/// The same on the way back: here it is the client that sees it.
#[test]
fn changed_answer_is_seen_in_auth() {
    let mut table = Setup::new(SIGNATURE).sit();
    table.deliver_request();
    let mut response = table.to_client.pop_front().unwrap();
    let last = response.octets.len() - 1;
    // The last octet of CERTREQ.
    response.octets[last] ^= 1;
    assert_eq!(table.give_client(&response), Verdict::Accepted);
    let reason = table.end();
    let fault = azike_ike::AuthFault::Signature;
    assert_eq!(reason, CloseReason::Authentication(fault));
}

/// Where the body of the first payload of this type is.
fn position(octets: &[u8], wanted: u8) -> std::ops::Range<usize> {
    let (mut kind, mut at) = (octets[16], 28);
    while kind != wanted {
        kind = octets[at];
        at += usize::from(u16::from_be_bytes([octets[at + 2], octets[at + 3]]));
    }
    at + 4..at + usize::from(u16::from_be_bytes([octets[at + 2], octets[at + 3]]))
}

/// Replaces the body of a payload by another one, lengths included.
fn replace(octets: &mut Vec<u8>, place: std::ops::Range<usize>, body: &[u8]) {
    let length = u16::try_from(body.len() + 4).unwrap().to_be_bytes();
    octets[place.start - 2..place.start].copy_from_slice(&length);
    octets.splice(place, body.iter().copied());
    let total = u32::try_from(octets.len()).unwrap().to_be_bytes();
    octets[24..28].copy_from_slice(&total);
}
