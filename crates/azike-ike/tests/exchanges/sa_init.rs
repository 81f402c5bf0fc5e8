//! `IKE_SA_INIT`: cookies, groups, refusals, forgeries, silence.

use std::time::Duration;

use azike_crypto::{Encryption, Prf};
use azike_gateway::{IkeSuite, Refusal, Stage};
use azike_ike::{
    Authentication, CloseReason, DropReason, NatStatus, Offer, Patience, Progress, Strength, Timer,
    Transport, Verdict,
};
use azike_wire::{ExchangeType, KeyExchangeMethod, NotifyType};

use crate::support::Setup;
use crate::support::forge::{self, describe};

const SIGNATURE: Authentication = Authentication::Signature;
const MS: fn(u64) -> Duration = Duration::from_millis;

/// The shape of an Azure gateway (docs/protocol.md).
#[test]
fn first_messages_are_those_of_azure() {
    let mut table = Setup::new(SIGNATURE).sit();

    //  HDR, SAi1, KEi, Ni, N(..)  -->
    assert_eq!(
        describe(&table.to_gateway[0].octets),
        "IKE_SA_INIT 0 SA KE(14) NONCE N(NAT_DETECTION_SOURCE_IP) N(NAT_DETECTION_DESTINATION_IP) \
         N(IKEV2_FRAGMENTATION_SUPPORTED) N(SIGNATURE_HASH_ALGORITHMS)"
    );
    table.deliver_request();

    //                             <--  HDR, SAr1, KEr, Nr, N(..), V, V, CERTREQ
    assert_eq!(
        describe(&table.to_client[0].octets),
        "IKE_SA_INIT 0 SA KE(14) NONCE N(IKEV2_FRAGMENTATION_SUPPORTED) N(NAT_DETECTION_SOURCE_IP) \
         N(NAT_DETECTION_DESTINATION_IP) VENDOR_ID VENDOR_ID CERTREQ"
    );
    assert_eq!(table.deliver_response(), Verdict::Accepted);

    //  HDR, SKF..  -->  by port 4500
    assert_eq!(describe(&table.to_gateway[0].octets), "IKE_AUTH 1 SKF");
    assert_eq!(table.to_gateway[0].transport, Transport::Udp4500);
    table.talk();
    assert!(table.established().is_some());
}

#[test]
fn gateway_wants_a_cookie() {
    let mut setup = Setup::new(SIGNATURE);
    setup.gateway.policy.cookie = true;
    let mut table = setup.sit();

    //  HDR, SAi1, KEi, Ni  -->
    let first = table.to_gateway[0].octets.clone();
    table.deliver_request();

    //                      <--  HDR, N(COOKIE)
    assert_eq!(
        describe(&table.to_client[0].octets),
        "IKE_SA_INIT 0 N(COOKIE)"
    );
    assert_eq!(table.deliver_response(), Verdict::Accepted);
    assert!(matches!(table.progress().last(), Some(Progress::Cookie)));

    //  HDR, N(COOKIE), SAi1, KEi, Ni  -->     the rest unchanged (RFC 7296, section 2.6)
    let second = &table.to_gateway[0].octets;
    assert!(describe(second).starts_with("IKE_SA_INIT 0 N(COOKIE) SA KE(14) NONCE"));
    assert_eq!(second[28 + 28..], first[28..]);
    table.talk();
    assert!(table.established().is_some());
}

#[test]
fn gateway_wants_another_group() {
    let mut setup = Setup::new(SIGNATURE);
    let suite = IkeSuite::AES_256_GCM.with_group(KeyExchangeMethod::ECP_384);
    setup.gateway.policy.ike = vec![suite];
    let mut table = setup.sit();

    //  HDR, SAi1, KEi(14), Ni  -->
    table.deliver_request();

    //                          <--  HDR, N(INVALID_KE_PAYLOAD, 20)
    assert_eq!(table.deliver_response(), Verdict::Accepted);

    //  HDR, SAi1, KEi(20), Ni  -->
    assert!(describe(&table.to_gateway[0].octets).starts_with("IKE_SA_INIT 0 SA KE(20)"));
    table.talk();
    assert!(table.established().is_some());
}

/// The group that the gateway took the last time saves a round trip, if it is still offered.
#[test]
fn known_group_is_tried_first() {
    for (strength, first, expected) in [
        (Strength::Strong, None, 14),
        (Strength::Strong, Some(KeyExchangeMethod::ECP_384), 20),
        (Strength::Strong, Some(KeyExchangeMethod::MODP_1024), 14),
        (Strength::AllowWeak, Some(KeyExchangeMethod::MODP_1024), 2),
        (Strength::Strong, Some(KeyExchangeMethod(9999)), 14),
    ] {
        let mut setup = Setup::new(SIGNATURE);
        setup.client.offer = Offer::azure(strength);
        setup.client.first_group = first;
        let suite = IkeSuite::AES_256_GCM.with_group(KeyExchangeMethod::ECP_384);
        setup.gateway.policy.ike = vec![suite];
        let mut table = setup.sit();
        let request = describe(&table.to_gateway[0].octets);
        let ke = format!("IKE_SA_INIT 0 SA KE({expected}) ");
        assert!(request.starts_with(&ke), "{request}");
        table.talk();
        assert!(table.established().is_some());
        let asked = |step: &Progress| matches!(step, Progress::OtherGroup(_));
        assert_eq!(table.progress().any(asked), expected != 20);
    }
}

#[test]
fn gateway_wants_a_cookie_and_another_group() {
    let mut setup = Setup::new(SIGNATURE);
    setup.gateway.policy.cookie = true;
    let suite = IkeSuite::AES_256_GCM.with_group(KeyExchangeMethod::MODP_2048_256);
    setup.gateway.policy.ike = vec![suite];
    let mut table = setup.sit();
    table.talk();
    let steps: Vec<_> = table.progress().take(3).collect();
    assert!(
        matches!(
            steps[..],
            [
                Progress::Cookie,
                Progress::OtherGroup(_),
                Progress::Negotiated(_)
            ]
        ),
        "{steps:?}"
    );
    assert!(table.established().is_some());
}

/// Group 2 is refused unless the user allows it.
#[test]
fn weak_group_is_only_taken_when_allowed() {
    for (strength, connects) in [(Strength::Strong, false), (Strength::AllowWeak, true)] {
        let mut setup = Setup::new(SIGNATURE);
        setup.client.offer = Offer::azure(strength);
        let suite = IkeSuite::AES_256_CBC.with_group(KeyExchangeMethod::MODP_1024);
        setup.gateway.policy.ike = vec![suite];
        let mut table = setup.sit();
        table.settle();
        assert_eq!(table.established().is_some(), connects, "{strength:?}");
    }
}

/// Nobody answers: the same octets, each wait twice as long up to four seconds, then an end.
#[test]
fn silence_ends_after_twenty_seconds() {
    let mut table = Setup::new(SIGNATURE).sit();
    let start = table.now;
    let mut octets = vec![table.to_gateway.pop_front().unwrap()];
    let mut waits = Vec::new();
    while let Some(deadline) = table.client.poll_timeout() {
        assert_eq!(deadline.timer, Timer::Retransmit);
        waits.push((deadline.at - table.now).as_millis());
        table.wait();
        octets.extend(table.to_gateway.drain(..));
    }
    assert_eq!(waits, [500, 1000, 2000, 4000, 4000, 4000, 4000, 500]);
    assert_eq!(table.now - start, Duration::from_secs(20));
    assert_eq!(octets, vec![octets[0].clone(); 8]);
    let silence = CloseReason::NoAnswer {
        exchange: ExchangeType::IKE_SA_INIT,
        sent: 8,
        transport: Transport::Udp500,
    };
    assert_eq!(table.closed(), Some(&silence));
}

/// Starting on port 4500 needs no port 500 at all.
#[test]
fn first_message_may_go_to_port_4500() {
    let mut setup = Setup::new(SIGNATURE);
    setup.client.first = Transport::Udp4500;
    let mut table = setup.sit();
    assert_eq!(table.to_gateway[0].octets[..4], [0; 4]);
    assert_eq!(table.to_gateway[0].to.port(), 4500);
    table.talk();
    assert!(table.established().is_some());
}

/// A request or a response that is lost once costs half a second.
#[test]
fn loss_costs_one_retransmission() {
    let mut table = Setup::new(SIGNATURE).sit();
    let start = table.now;

    //  HDR, SAi1, KEi, Ni  -->  lost
    table.to_gateway.clear();
    table.wait();

    //  HDR, SAi1, KEi, Ni  -->
    //                lost  <--  HDR, SAr1, KEr, Nr
    table.deliver_request();
    let lost = table.to_client.pop_front().unwrap();
    table.wait();

    //  HDR, SAi1, KEi, Ni  -->
    //                      <--  HDR, SAr1, KEr, Nr     the same octets
    table.deliver_request();
    assert_eq!(table.to_client[0], lost);
    table.talk();
    assert!(table.established().is_some());
    assert_eq!(table.now - start, MS(1500));
}

/// N-19: nobody signed the refusal, so something better may follow; if nothing does, it counts.
#[test]
fn refusal_is_a_hint_until_nothing_better_comes() {
    let refuse = || {
        let mut setup = Setup::new(SIGNATURE);
        setup.gateway.policy.refusal = Some(Refusal {
            stage: Stage::SaInit,
            notify: NotifyType::NO_PROPOSAL_CHOSEN,
            ms_status: Some(13_868),
        });
        let mut table = setup.sit();
        let request = table.to_gateway[0].clone();
        table.deliver_request();
        let hint = DropReason::Hint(NotifyType::NO_PROPOSAL_CHOSEN);
        assert_eq!(table.deliver_response(), Verdict::Dropped(hint));
        (table, request)
    };

    //  HDR, SAi1, KEi, Ni  -->
    //                      <--  HDR, N(NO_PROPOSAL_CHOSEN)      forged
    //                      <--  HDR, SAr1, KEr, Nr
    let (mut table, request) = refuse();
    table.gateway.policy().refusal = None;
    table.give_gateway(&request);
    table.settle();
    assert!(table.established().is_some());

    //                      <--  HDR, N(NO_PROPOSAL_CHOSEN)
    //  a moment later: the end
    let (mut table, _) = refuse();
    let refused = CloseReason::Refused {
        exchange: ExchangeType::IKE_SA_INIT,
        notify: NotifyType::NO_PROPOSAL_CHOSEN,
        ms_status: Some(13_868),
        root_not_listed: false,
    };
    let start = table.now;
    assert_eq!(table.end(), refused);
    assert_eq!(table.now - start, Patience::default().refusal);
}

/// What a forger said before the gateway came is not why the gateway refuses.
#[test]
fn overtaken_hint_is_forgotten() {
    let mut setup = Setup::new(SIGNATURE);
    setup.gateway.policy.refusal = Some(Refusal {
        stage: Stage::Auth,
        notify: NotifyType::AUTHENTICATION_FAILED,
        ms_status: None,
    });
    let mut table = setup.sit();
    let hint = forge::notify(&table, NotifyType::NO_PROPOSAL_CHOSEN, &[]);
    let _verdict = table.give_octets(&hint, Transport::Udp500);
    let reason = table.end();
    let CloseReason::Refused { notify, .. } = reason else {
        panic!("{reason}");
    };
    assert_eq!(notify, NotifyType::AUTHENTICATION_FAILED);
}

/// N-24: what the gateway's hashes say.
#[test]
fn nat_is_seen_when_there_is_one() {
    use crate::support::setup::CLIENT;
    for (local, detection, expected) in [
        ((CLIENT, 1500), true, NatStatus::None),
        ((CLIENT, 1501), true, NatStatus::BehindNat),
        (([192, 168, 1, 5].into(), 1500), true, NatStatus::BehindNat),
        ((CLIENT, 1500), false, NatStatus::Unknown),
    ] {
        let mut setup = Setup::new(SIGNATURE);
        setup.client.local = Some(local.into());
        setup.gateway.policy.nat_detection = detection;
        let mut table = setup.sit();
        table.talk();
        let mut steps = table.progress();
        let negotiated = steps.find_map(|step| {
            if let Progress::Negotiated(negotiated) = step {
                Some(negotiated.clone())
            } else {
                None
            }
        });
        let negotiated = negotiated.unwrap();
        assert_eq!(negotiated.nat, expected);
        assert_eq!(negotiated.algorithms.encryption(), Encryption::Aes256Gcm16);
        assert_eq!(negotiated.algorithms.prf(), Prf::HmacSha384);
        assert_eq!(negotiated.listed_roots, 1);
        assert!(negotiated.fragmentation && !negotiated.signature_hashes);
    }
}

/// What is closed stays closed.
#[test]
fn nothing_is_taken_after_the_end() {
    let mut table = Setup::new(SIGNATURE).sit();
    table.deliver_request();
    table.client.close(table.now);
    table.drain();
    assert_eq!(table.closed(), Some(&CloseReason::Closed));
    assert_eq!(
        table.deliver_response(),
        Verdict::Dropped(DropReason::NotExpected)
    );
    assert_eq!(table.client.poll_timeout(), None);
}
