//! Our certificate: settings that are wrong, and gateways that do not want it.

use std::sync::Arc;

use azike_crypto::SignatureScheme;
use azike_ike::eap::{EapConfigError, EapFailure, EapOutcome, EapPeer, EapTlsConfig, Refusal};
use rustls::version::{TLS12, TLS13};
use rustls::{CertificateError, DistinguishedName};

use super::gateway::{Gateway, Now, Refuses};
use super::world::{
    Client, VERSIONS, World, advance, alert, converse, failed_as, plain, rsa_client,
};

/// The gateway refuses our certificate: the reason reaches the user, with the issuers that it wants.
#[test]
fn a_refused_client_certificate_says_why() {
    let world = World::new();
    let wanted = "CN=Wanted root";
    // A name with one attribute, the common name, as a UTF8String.
    let hint = [
        &b"\x30\x16\x31\x14\x30\x12\x06\x03\x55\x04\x03\x0c\x0b"[..],
        b"Wanted root",
    ]
    .concat();
    for (reason, refusal) in [
        (CertificateError::UnknownIssuer, Refusal::UnknownAuthority),
        (CertificateError::Expired, Refusal::Expired),
        (CertificateError::NotValidYet, Refusal::Expired),
        (CertificateError::Revoked, Refusal::Revoked),
        (CertificateError::BadEncoding, Refusal::Bad),
        (CertificateError::InvalidPurpose, Refusal::Unsupported),
        (
            CertificateError::ApplicationVerificationFailure,
            Refusal::AccessDenied,
        ),
        (CertificateError::BadSignature, Refusal::Signature),
    ] {
        for version in VERSIONS {
            let refuses = Refuses {
                reason: reason.clone(),
                hints: vec![DistinguishedName::from(hint.clone())],
            };
            let config = world.config(version, Arc::new(refuses));
            let mut gateway = Gateway::new(config, plain(version));
            let mut peer = EapPeer::new(world.ecdsa_client().config(world.trust()));
            let first = gateway.start();
            let outcome = converse(&mut peer, &mut gateway, first);
            let failure = EapFailure::CertificateRefused {
                reason: refusal,
                accepted: vec![wanted.to_owned()],
            };
            assert!(failed_as(outcome, &failure), "{reason:?}");
            // RFC 5216, section 2.1.3: the alert is acknowledged, the gateway ends it.
            let farewell = peer.take_farewell().unwrap();
            assert_eq!(farewell[4..], [13, 0]);
            assert_eq!(gateway.answer(&farewell), gateway.end(4));
        }
    }
}

/// The alerts that `rustls` does not send, as octets, while the gateway's Finished is awaited.
#[test]
fn every_alert_about_a_certificate_has_a_meaning() {
    let world = World::new();
    for (number, refusal) in [
        (40, Some(Refusal::Unspecified)),
        (41, Some(Refusal::Missing)),
        (46, Some(Refusal::Unspecified)),
        (116, Some(Refusal::Missing)),
        (80, None),
        (200, None),
    ] {
        let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(&TLS12));
        advance(&mut peer, &mut gateway, 2);
        let outcome = peer.handle(Now::TIME, &gateway.request(13, &alert(number)));
        let accepted = vec!["CN=Root".to_owned()];
        let failure = refusal.map_or(EapFailure::Alert(number), |reason| {
            EapFailure::CertificateRefused { reason, accepted }
        });
        assert!(failed_as(outcome, &failure), "alert {number}");
    }
}

/// N-64: a key that does not fit is noticed before anything is sent.
#[test]
fn n_64_a_config_is_checked() {
    let world = World::new();
    let make = |identity: &str, client: &Client, signer: &Client| {
        let trust = Arc::new(world.trust());
        let certificates = client.certificates.clone();
        let signer = Arc::clone(&signer.signer);
        EapTlsConfig::new(identity.to_owned(), certificates, signer, trust).err()
    };
    let (one, two) = (world.ecdsa_client(), world.ecdsa_client());
    assert_eq!(make("client", &one, &one), None);
    assert_eq!(
        make("client", &one, &two),
        Some(EapConfigError::KeyMismatch)
    );
    assert_eq!(make("", &one, &one), Some(EapConfigError::Identity));
    assert_eq!(
        make(&"a".repeat(254), &one, &one),
        Some(EapConfigError::Identity)
    );
    let none = Client {
        certificates: vec![],
        ..one.clone()
    };
    assert_eq!(
        make("client", &none, &one),
        Some(EapConfigError::Certificate)
    );
    let junk = Client {
        certificates: vec![vec![1, 2].into()],
        ..one.clone()
    };
    assert_eq!(
        make("client", &junk, &one),
        Some(EapConfigError::Certificate)
    );
    let sha1 = one.limited(vec![SignatureScheme::RsaPkcs1Sha1], false);
    assert_eq!(make("client", &one, &sha1), Some(EapConfigError::NoScheme));
    for size in [0, 63, 32_769] {
        let sized = one.config(world.trust()).with_fragment_size(size);
        assert_eq!(sized.err(), Some(EapConfigError::FragmentSize));
    }
}

#[test]
fn a_key_that_cannot_sign_for_this_gateway_is_a_failure_of_ours() {
    let world = World::new();
    // TLS 1.3 has no PKCS #1.
    let old = rsa_client().limited(vec![SignatureScheme::RsaPkcs1Sha256], false);
    let broken = rsa_client().limited(vec![SignatureScheme::RsaPssSha256], true);
    for (client, version, failure) in [
        (&old, &TLS13, Some(EapFailure::NoSignatureInCommon)),
        (&old, &TLS12, None),
        (&broken, &TLS12, Some(EapFailure::Signing)),
        (&broken, &TLS13, Some(EapFailure::Signing)),
    ] {
        let (mut peer, mut gateway) = world.meet(client, plain(version));
        let first = gateway.start();
        let outcome = converse(&mut peer, &mut gateway, first);
        match failure {
            Some(failure) => assert!(failed_as(outcome, &failure)),
            None => assert!(matches!(outcome, EapOutcome::Success)),
        }
    }
}
