//! `IKE_AUTH` with a signature: keys, certificates, and refusals.

use azike_crypto::SignatureScheme;
use azike_gateway::{Event, Refusal, Stage};
use azike_ike::trust::TrustError;
use azike_ike::{Authentication, CloseReason, Progress};
use azike_testkit::{Authority, KeyType, Purpose, RsaKey, Subject};
use azike_wire::{ExchangeType, NotifyType, SignatureHash};

use crate::support::people::{self, NAME, RSA};
use crate::support::{Setup, Table};

const SIGNATURE: Authentication = Authentication::Signature;
const KEYS: [KeyType; 3] = [RSA, KeyType::P256, KeyType::P384];
const SHA2: [SignatureHash; 3] = [
    SignatureHash::SHA2_256,
    SignatureHash::SHA2_384,
    SignatureHash::SHA2_512,
];

/// Methods 1, 9 and 10 without announced hashes, method 14 with them, each key with each.
#[test]
fn every_key_signs_in_the_old_way_and_in_the_new_way() {
    for client in KEYS {
        for gateway in KEYS {
            for hashes in [&[][..], &SHA2] {
                let mut setup = Setup::with_keys(SIGNATURE, client, gateway);
                setup.gateway.policy.hashes = hashes.to_vec();
                let mut table = setup.sit();
                table.talk();
                let context = format!("{client:?} {gateway:?} {hashes:?} {:?}", table.closed());
                assert!(table.established().is_some(), "{context}");
                let last = table.progress().last();
                assert!(matches!(last, Some(Progress::Authenticated)), "{context}");
            }
        }
    }
}

#[test]
fn every_rsa_scheme_of_rfc_7427_is_read() {
    for scheme in [
        SignatureScheme::RsaPkcs1Sha256,
        SignatureScheme::RsaPkcs1Sha384,
        SignatureScheme::RsaPkcs1Sha512,
        SignatureScheme::RsaPssSha256,
        SignatureScheme::RsaPssSha384,
        SignatureScheme::RsaPssSha512,
    ] {
        let mut setup = Setup::new(SIGNATURE);
        setup.gateway.policy.hashes = SHA2.to_vec();
        setup.gateway.policy.scheme = Some(scheme);
        let mut table = setup.sit();
        table.talk();
        assert!(table.established().is_some(), "{scheme:?}");
    }
}

/// The gateway is proven before anything of it is used, and named as its certificate names it.
#[test]
fn gateway_is_named_before_it_is_used() {
    let mut table = Setup::new(SIGNATURE).sit();
    table.talk();
    let steps: Vec<_> = table.progress().collect();
    let [
        Progress::Negotiated(_),
        Progress::GatewayVerified(gateway),
        Progress::Authenticated,
    ] = steps[..]
    else {
        panic!("{steps:?}");
    };
    assert_eq!(gateway.name(), NAME);
    assert_eq!(gateway.root(), "CN=Gateway Root");
}

/// Each certificate that must not be accepted, and that the gateway is told so
/// (RFC 7296, section 2.21.2).
#[test]
fn bad_certificate_ends_with_trust_and_the_gateway_is_told() {
    type Fits = fn(&TrustError) -> bool;
    let root = people::gateway_root();
    let stranger = Authority::root("Gateway Root", KeyType::P256);
    let middle = root.intermediate("Middle", KeyType::P256);
    let years = |first, last| Subject {
        years: (first, last),
        ..Subject::gateway(NAME)
    };
    let client = Subject::client(NAME);
    let cases: [(&str, &Authority, Subject, Fits); 6] = [
        ("expired", root, years(2020, 2021), |it| {
            matches!(it, TrustError::Expired { .. })
        }),
        ("not yet valid", root, years(2100, 2120), |it| {
            matches!(it, TrustError::NotYetValid { .. })
        }),
        ("of another root", &stranger, Subject::gateway(NAME), |_| {
            true
        }),
        (
            "of another name",
            root,
            Subject::gateway("evil.example"),
            |it| matches!(it, TrustError::WrongName { .. }),
        ),
        ("without serverAuth", root, client, |it| {
            matches!(it, TrustError::NotForServer { .. })
        }),
        ("leaf only", &middle, Subject::gateway(NAME), |it| {
            matches!(it, TrustError::UnknownIssuer { .. })
        }),
    ];
    for authentication in [SIGNATURE, Authentication::EapTls] {
        for (name, issuer, subject, fits) in &cases {
            let mut setup = Setup::new(authentication);
            setup.gateway.identity = people::gateway(issuer, subject, KeyType::P256);
            let mut table = setup.sit();
            let reason = table.end();
            let CloseReason::Trust(error) = &reason else {
                panic!("{name}: {reason}");
            };
            assert!(fits(error), "{name}: {error}");
            assert_told(&table, NotifyType::AUTHENTICATION_FAILED, name);
        }
    }
}

/// N-60 and the intermediate that the leaf alone lacked.
#[test]
fn certificate_without_usage_and_one_with_an_intermediate_are_accepted() {
    let root = people::gateway_root();
    let middle = root.intermediate("Middle", KeyType::P384);
    let any = Subject {
        purpose: Purpose::Any,
        ..Subject::gateway(NAME)
    };
    let plain = people::gateway(root, &any, RSA);
    let certified = middle.issue(&Subject::gateway(NAME), RSA);
    let chain = people::identity(&certified, vec![middle.certificate().to_vec().into()]);
    for identity in [plain, chain] {
        let mut setup = Setup::new(SIGNATURE);
        setup.gateway.identity = identity;
        let mut table = setup.sit();
        table.talk();
        assert!(table.established().is_some(), "{:?}", table.closed());
    }
}

/// N-57: one refusal, one end; nothing is tried again.
#[test]
fn refused_login_ends_at_once() {
    for notify in [
        NotifyType::AUTHENTICATION_FAILED,
        NotifyType::AUTHORIZATION_FAILED,
        NotifyType::NO_PROPOSAL_CHOSEN,
        NotifyType::INVALID_SYNTAX,
    ] {
        for ms_status in [None, Some(13_801)] {
            let mut setup = Setup::new(SIGNATURE);
            let stage = Stage::Auth;
            setup.gateway.policy.refusal = Some(Refusal {
                stage,
                notify,
                ms_status,
            });
            let mut table = setup.sit();
            let refused = CloseReason::Refused {
                exchange: ExchangeType::IKE_AUTH,
                notify,
                ms_status,
                root_not_listed: false,
            };
            assert_eq!(table.end(), refused);
            assert!(table.to_gateway.is_empty());
        }
    }
}

/// A Windows gateway that says no more than its own number.
#[test]
fn windows_error_alone_is_a_refusal() {
    let mut setup = Setup::new(SIGNATURE);
    setup.gateway.policy.refusal = Some(Refusal {
        stage: Stage::Auth,
        notify: NotifyType(40_960),
        ms_status: Some(87),
    });
    let reason = setup.sit().end();
    let CloseReason::Refused {
        notify, ms_status, ..
    } = reason
    else {
        panic!("{reason}");
    };
    assert_eq!((notify, ms_status), (NotifyType::MS_STATUS, Some(87)));
}

/// The gateway lists the roots it accepts; the user hears at once that his is not among them.
#[test]
fn root_that_is_not_listed_is_told_before_the_login() {
    let mut setup = Setup::new(SIGNATURE);
    let other = Authority::root("Somebody Else", KeyType::P256);
    setup.client.identity = people::client(&other, KeyType::P256);
    let mut table = setup.sit();
    table.deliver_request();
    let _verdict = table.deliver_response();
    assert!(matches!(
        table.progress().last(),
        Some(Progress::RootNotListed)
    ));
    let refused = CloseReason::Refused {
        exchange: ExchangeType::IKE_AUTH,
        notify: NotifyType::AUTHENTICATION_FAILED,
        ms_status: None,
        root_not_listed: true,
    };
    assert_eq!(table.end(), refused);
}

/// The key is on a token that was pulled out.
#[test]
fn refused_signature_ends_with_not_signed() {
    let mut table = Setup::new(SIGNATURE).sit();
    table.lose_key();
    assert_eq!(table.end(), CloseReason::NotSigned);
}

/// A second client gets another address and other keys.
#[test]
fn rsa_key_of_another_client_is_refused() {
    let mut setup = Setup::new(SIGNATURE);
    let thief = people::client(people::client_root(), KeyType::Rsa(RsaKey::Client));
    let victim = people::client(people::client_root(), KeyType::P256);
    setup.client.identity = azike_ike::ClientIdentity {
        certificates: victim.certificates,
        ..thief
    };
    let mut table = setup.sit();
    let reason = table.end();
    assert!(matches!(reason, CloseReason::Refused { .. }), "{reason}");
}

fn assert_told(table: &Table, notify: NotifyType, context: &str) {
    let told = table
        .gateway_events
        .iter()
        .any(|event| matches!(event, Event::ClientRefused(_, refused) if *refused == notify));
    assert!(told, "{context}: {:?}", table.gateway_events);
}
