//! Whom we take for the gateway: every reason of `TrustError`, and the cases N-50 and N-60 to N-63.
#![expect(clippy::unwrap_used, reason = "test code")]

use azike_ike::trust::{GatewayTrust, TrustConfigError, TrustError};
use rcgen::PublicKeyData as _;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};

use self::authority::{Authority, authority as authority_params, gateway};
use self::profile::{NOW, SERVER, VNET, at, list, refusal, trust, verify};

#[path = "pki/authority.rs"]
mod authority;
#[path = "trust/date.rs"]
mod date;
#[path = "trust/name.rs"]
mod name;
#[path = "trust/profile.rs"]
mod profile;
#[path = "trust/purpose.rs"]
mod purpose;
#[path = "trust/signature.rs"]
mod signature;

#[test]
fn intermediates_may_come_in_any_order() {
    let root = Authority::root("Root");
    let upper = root.below(authority_params("Upper"));
    let lower = upper.below(authority_params("Lower"));
    let stranger = Authority::root("Stranger");
    let leaf = lower.issue(&gateway(VNET));
    let rest = [&root.der, &lower.der, &stranger.der, &upper.der];
    for turn in 0..4 {
        let mut rest = rest;
        rest.rotate_left(turn);
        let chain: Vec<_> = [&leaf.der].into_iter().chain(rest).collect();
        let verified = verify(&root, &chain).unwrap();
        assert_eq!(verified.name(), VNET);
        assert_eq!(verified.names(), [VNET]);
        assert_eq!(verified.subject(), format!("CN={VNET}"));
        assert_eq!(verified.issuer(), "CN=Lower");
        assert_eq!(verified.root(), "CN=Root");
        assert_eq!(verified.public_key(), leaf.key.subject_public_key_info());
    }
}

#[test]
fn either_name_of_the_profile_is_enough() {
    let root = Authority::root("Root");
    for name in [SERVER, VNET, &VNET.to_uppercase()] {
        let leaf = root.issue(&gateway(name));
        assert!(verify(&root, &[&leaf.der]).is_ok(), "{name}");
    }
}

#[test]
fn two_certificates_have_two_fingerprints() {
    let root = Authority::root("Root");
    let verified = [0, 1].map(|_| verify(&root, &[&root.issue(&gateway(VNET)).der]).unwrap());
    assert_ne!(verified[0].fingerprint(), verified[1].fingerprint());
}

/// N-50: too many, too large, not certificates at all.
#[test]
fn n_50_what_is_no_chain_is_refused() {
    let root = Authority::root("Root");
    let leaf = root.issue(&gateway(VNET));
    let mut trailing = leaf.der.to_vec();
    trailing.push(0);
    let trust = trust(&root, &[]);
    for (chain, error) in [
        (vec![], TrustError::NoCertificate),
        (vec![&leaf.der[..]; 11], TrustError::TooMany(11)),
        (vec![&leaf.der, &[0; 16_385]], TrustError::TooLarge(16_385)),
        (vec![&[]], TrustError::Malformed),
        (vec![&trailing], TrustError::Malformed),
        (vec![b"http://example.com/a.der"], TrustError::Malformed),
        (vec![&list(&root, &[], 2028)], TrustError::Malformed),
    ] {
        assert_eq!(trust.verify(&chain, at(NOW)), Err(error));
    }
    // Among the others a stranger does no harm.
    let junk = list(&root, &[], 2028);
    assert!(trust.verify(&[&leaf.der, &junk, &[]], at(NOW)).is_ok());
}

#[test]
fn a_damaged_certificate_is_never_trusted() {
    let root = Authority::root("Root");
    let leaf = root.issue(&gateway(VNET)).der.to_vec();
    let trust = trust(&root, &[]);
    for at_octet in 0..leaf.len() {
        for flip in [1, 0x80, 0xff] {
            let mut damaged = leaf.clone();
            damaged[at_octet] ^= flip;
            let verdict = trust.verify(&[&damaged], at(NOW));
            assert!(verdict.is_err(), "octet {at_octet} xor {flip}");
        }
        assert!(trust.verify(&[&leaf[..at_octet]], at(NOW)).is_err());
    }
}

#[test]
fn the_missing_issuer_is_named() {
    let root = Authority::root("Root");
    let upper = root.below(authority_params("Upper"));
    let lower = upper.below(authority_params("Lower"));
    let leaf = lower.issue(&gateway(VNET));
    let missing = |certificate: &str, issuer: &str| TrustError::UnknownIssuer {
        certificate: certificate.to_owned(),
        issuer: issuer.to_owned(),
    };
    let without_lower = refusal(&root, &[&leaf.der, &upper.der]);
    assert_eq!(without_lower, missing(&format!("CN={VNET}"), "CN=Lower"));
    let without_upper = refusal(&root, &[&leaf.der, &lower.der]);
    assert_eq!(without_upper, missing("CN=Lower", "CN=Upper"));
    let other = Authority::root("Other");
    let other_root = refusal(&other, &[&leaf.der, &lower.der, &upper.der]);
    assert_eq!(other_root, missing("CN=Upper", "CN=Root"));
    assert_eq!(
        other_root.to_string(),
        "the certificate of CN=Upper was issued by CN=Root, which the profile does not trust"
    );
}

#[test]
fn a_trust_without_contents_cannot_be_made() {
    let root = Authority::root("Root");
    let leaf = root.issue(&gateway(VNET));
    let names = [VNET.to_owned()];
    let make = |roots: &[&CertificateDer<'static>], names: &[String], lists: &[&[u8]]| {
        let roots = roots.iter().copied().cloned().collect();
        let lists: Vec<_> = lists
            .iter()
            .map(|&der| CertificateRevocationListDer::from(der))
            .collect();
        GatewayTrust::new(roots, names, &lists).err()
    };
    let good = &root.der;
    assert_eq!(make(&[good], &names, &[]), None);
    assert_eq!(make(&[], &names, &[]), Some(TrustConfigError::NoRoot));
    assert_eq!(make(&[good], &[], &[]), Some(TrustConfigError::NoName));
    let second = Some(TrustConfigError::Root { index: 1 });
    assert_eq!(make(&[good, &leaf.der], &names, &[]), second);
    assert_eq!(make(&[good, &vec![1, 2, 3].into()], &names, &[]), second);
    let list = Some(TrustConfigError::RevocationList { index: 0 });
    assert_eq!(make(&[good], &names, &[b"nonsense"]), list);
    for name in ["", "20.0.0.1", "*.vpn.azure.com", "a b", "gw/..", "a..b"] {
        let error = Some(TrustConfigError::Name(name.to_owned()));
        assert_eq!(make(&[good], &[name.to_owned()], &[]), error, "{name}");
    }
    assert_eq!(make(&[good], &[format!("{VNET}.")], &[]), None);
}
