//! `IKE_AUTH` with EAP-TLS: both versions of TLS, rounds, fragments, and the key at the end.

use azike_gateway::{EapPolicy, Login, TlsVersion};
use azike_ike::eap::{EapFailure, Refusal};
use azike_ike::{Authentication, CloseReason, Progress};
use azike_testkit::{Authority, KeyType, Subject};
use azike_wire::NotifyType;

use crate::support::forge::describe;
use crate::support::people::{self, NAME, RSA};
use crate::support::{Setup, Table};

const EAP: Authentication = Authentication::EapTls;
const VERSIONS: [TlsVersion; 2] = [TlsVersion::V12, TlsVersion::V13];

#[test]
fn every_key_logs_in_with_both_versions_of_tls() {
    for version in VERSIONS {
        for client in [RSA, KeyType::P256, KeyType::P384] {
            for gateway in [RSA, KeyType::P256, KeyType::P384] {
                let mut setup = Setup::with_keys(EAP, client, gateway);
                setup.gateway.policy.eap.version = version;
                let table = login(setup);
                let context = format!("{version:?} {client:?} {gateway:?} {:?}", table.closed());
                assert!(table.established().is_some(), "{context}");
            }
        }
    }
}

/// The identity round may be left out; TLS may come in pieces of any size.
#[test]
fn rounds_may_be_few_or_many() {
    let mut rounds = Vec::new();
    for identity_round in [true, false] {
        for fragment in [100, 1024, 8192] {
            for version in VERSIONS {
                let mut setup = Setup::new(EAP);
                setup.gateway.policy.eap = EapPolicy {
                    identity_round,
                    version,
                    fragment,
                };
                let table = login(setup);
                assert!(table.established().is_some(), "{:?}", table.closed());
                rounds.push(table.verdicts.len());
            }
        }
    }
    assert!(rounds.iter().max() > Some(&18), "{rounds:?}");
    assert!(rounds.iter().min() < Some(&12), "{rounds:?}");
}

/// Announced hashes change the gateway's first AUTH, and nothing about the key.
#[test]
fn gateway_may_sign_in_the_new_way() {
    let mut setup = Setup::new(EAP);
    setup.gateway.policy.hashes = vec![azike_wire::SignatureHash::SHA2_256];
    assert!(login(setup).established().is_some());
}

/// The gateway is proven in IKE before the client says its EAP identity.
#[test]
fn gateway_is_proven_before_the_identity_is_said() {
    let mut table = Setup::new(EAP).sit();

    //  HDR, SAi1, KEi, Ni  -->
    //                      <--  HDR, SAr1, KEr, Nr
    table.deliver_request();
    let _verdict = table.deliver_response();

    //  HDR, SK { IDi, CERTREQ, CP, SA, TSi, TSr }  -->     no AUTH
    assert!(describe(&table.to_gateway[0].octets).starts_with("IKE_AUTH 1 SK"));
    while !table.to_gateway.is_empty() {
        table.deliver_request();
    }
    let proven = |table: &Table| {
        let mut steps = table.progress();
        steps.any(|step| matches!(step, Progress::GatewayVerified(_)))
    };
    assert!(!proven(&table));

    //                      <--  HDR, SK { IDr, CERT, AUTH, EAP }
    while !table.to_client.is_empty() {
        let _verdict = table.deliver_response();
    }
    assert!(proven(&table));

    //  HDR, SK { EAP }  -->
    assert_eq!(describe(&table.to_gateway[0].octets), "IKE_AUTH 2 SK");
    table.talk();
    let steps: Vec<_> = table.progress().collect();
    assert!(
        matches!(
            steps[..],
            [
                Progress::Negotiated(_),
                Progress::GatewayVerified(_),
                Progress::EapStarted,
                Progress::Authenticated
            ]
        ),
        "{steps:?}"
    );
}

/// IKE has a good certificate, EAP-TLS one of another root.
#[test]
fn tls_certificate_of_another_root_is_refused() {
    for version in VERSIONS {
        let mut setup = Setup::new(EAP);
        setup.gateway.policy.eap.version = version;
        let stranger = Authority::root("Stranger", KeyType::P256);
        let identity = people::gateway(&stranger, &Subject::gateway(NAME), KeyType::P256);
        setup.gateway.tls_identity = Some(identity);
        let reason = setup.sit().end();
        let refused = matches!(reason, CloseReason::Eap(EapFailure::GatewayNotTrusted(_)));
        assert!(refused, "{version:?} {reason}");
    }
}

/// The root of the client is not the gateway's: TLS says so by its alert.
#[test]
fn client_of_another_root_is_refused_with_the_reason() {
    for version in VERSIONS {
        let mut setup = Setup::new(EAP);
        setup.gateway.policy.eap.version = version;
        let stranger = Authority::root("Stranger", KeyType::P256);
        setup.client.identity = people::client(&stranger, KeyType::P256);
        let reason = setup.sit().end();
        let CloseReason::Eap(EapFailure::CertificateRefused { reason, .. }) = reason else {
            panic!("{version:?} {reason}");
        };
        assert_eq!(reason, Refusal::UnknownAuthority);
    }
}

/// A gateway that allows one login refuses the other.
#[test]
fn login_of_the_other_kind_is_refused() {
    for (asked, allowed) in [
        (EAP, Login::Signature),
        (Authentication::Signature, Login::EapTls),
    ] {
        let mut setup = Setup::new(asked);
        setup.gateway.policy.login = allowed;
        let reason = setup.sit().end();
        let CloseReason::Refused { notify, .. } = reason else {
            panic!("{reason}");
        };
        assert_eq!(notify, NotifyType::AUTHENTICATION_FAILED);
    }
}

/// Each message is lost once: the login takes longer and is the same.
#[test]
fn every_message_may_be_lost_once() {
    let mut table = Setup::new(EAP).sit();
    let mut delivered = Vec::new();
    while table.established().is_none() {
        while let Some(transmit) = table.to_gateway.pop_front() {
            if delivered.contains(&transmit.octets) {
                table.give_gateway(&transmit);
            } else {
                delivered.push(transmit.octets);
            }
        }
        while let Some(transmit) = table.to_client.pop_front() {
            if delivered.contains(&transmit.octets) {
                let _verdict = table.give_client(&transmit);
            } else {
                delivered.push(transmit.octets);
            }
        }
        assert!(table.closed().is_none(), "{:?}", table.closed());
        if table.to_gateway.is_empty() && table.to_client.is_empty() {
            assert!(table.wait());
        }
    }
}

/// N-59: a gateway that asks for the identity for ever.
#[test]
fn login_that_does_not_end_is_ended() {
    let mut setup = Setup::new(EAP);
    setup.gateway.policy.eap.fragment = 1;
    let reason = setup.sit().end();
    assert_eq!(reason, CloseReason::Eap(EapFailure::TooManyRounds));
}

fn login(setup: Setup) -> Table {
    let mut table = setup.sit();
    table.talk();
    table
}
