//! One identity of many in a key store.

use std::sync::Arc;
use std::time::Duration;

use azike_profile::{
    Candidate, Certificate, Identity, IdentityError, PickFault, Selector, SelectorFault, pick,
    read_identity,
};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls_pki_types::UnixTime;

use crate::azure::NOW;

fn now() -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(NOW))
}

/// A certificate of `name` by `issuer`, valid for `years`, with or without its key.
fn candidate(name: &str, issuer: &str, years: std::ops::Range<i32>, has_key: bool) -> Candidate {
    let mut root = CertificateParams::default();
    root.distinguished_name.push(DnType::CommonName, issuer);
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name.push(DnType::CommonName, name);
    leaf.not_before = rcgen::date_time_ymd(years.start, 1, 1);
    leaf.not_after = rcgen::date_time_ymd(years.end, 1, 1);
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::from_params(&root, &root_key);
    let certificate = leaf.signed_by(&key, &issuer).unwrap();
    Candidate {
        certificate: Certificate::from_der(certificate.der()).unwrap(),
        has_key,
    }
}

fn by(text: &str, candidates: &[Candidate]) -> Result<usize, PickFault> {
    pick(&selector(text), candidates, now())
}

fn selector(text: &str) -> Selector {
    text.parse().unwrap()
}

#[test]
fn a_name_an_issuer_and_the_beginning_of_a_thumbprint_name_an_identity() {
    let store = [
        candidate("ada", "Root A", 2025..2028, true),
        candidate("Grace Hopper", "Root B", 2025..2028, true),
    ];
    let sha256 = store[1].certificate.sha256.to_string();
    let digits: Vec<_> = sha256.chars().take(9).collect();
    let lower: String = digits.iter().map(char::to_ascii_lowercase).collect();
    let pairs: Vec<String> = digits.chunks(2).map(|pair| pair.iter().collect()).collect();
    let colons = format!("sha256:{}", pairs.join(":"));
    for text in [
        "grace hopper",
        "cn:Grace Hopper",
        "cn: Grace Hopper ",
        "issuer:Root B",
        &format!("sha256:{sha256}"),
        &format!("sha256:{lower}"),
        &colons,
    ] {
        assert_eq!(by(text, &store), Ok(1), "{text}");
    }
}

#[test]
fn a_selector_that_names_nothing_is_refused() {
    let fault = |text: &str| text.parse::<Selector>().unwrap_err();
    assert_eq!(fault(""), SelectorFault::Empty);
    assert_eq!(fault("cn: "), SelectorFault::Empty);
    assert_eq!(fault("sha256:1A2B3C4"), SelectorFault::DigitCount(7));
    assert_eq!(fault("sha256:"), SelectorFault::DigitCount(0));
    let long = format!("sha256:{}", "A".repeat(65));
    assert_eq!(fault(&long), SelectorFault::DigitCount(65));
    assert_eq!(fault("sha256:GGGGGGGG"), SelectorFault::NoDigits);
    assert_eq!(fault(&"x".repeat(257)), SelectorFault::TooLong);
    assert_eq!(
        selector("urn:ada"),
        Selector::CommonName("urn:ada".to_owned())
    );
}

#[test]
fn two_that_fit_are_both_named_with_what_to_type() {
    let store = [
        candidate("ada", "Root A", 2025..2028, true),
        candidate("ada", "Root B", 2025..2028, true),
    ];
    let fault = by("cn:ada", &store).unwrap_err();
    let text = fault.to_string();
    let choices = fault.choices();
    assert!(text.starts_with("2 identities fit cn:ada: "), "{text}");
    for (place, candidate) in store.iter().enumerate() {
        assert!(text.contains(&candidate.certificate.sha256.to_string()));
        assert_eq!(by(&choices[place], &store), Ok(place), "{choices:?}");
    }
}

#[test]
fn of_a_certificate_and_its_renewal_the_newer_is_picked() {
    let store = [
        candidate("ada", "Root A", 2026..2028, true),
        candidate("ada", "Root A", 2025..2027, true),
    ];
    assert_eq!(by("ada", &store), Ok(0));
}

#[test]
fn one_that_is_over_does_not_compete_with_one_that_is_valid() {
    let store = [
        candidate("ada", "Root A", 2020..2021, true),
        candidate("ada", "Root B", 2025..2028, true),
    ];
    assert_eq!(by("ada", &store), Ok(1));
    let fault = by("issuer:Root A", &store).unwrap_err();
    assert!(matches!(fault, PickFault::Expired { .. }), "{fault}");
    assert!(
        fault.to_string().contains("expired on 2021-01-01"),
        "{fault}"
    );
    let early = [candidate("ada", "Root A", 2030..2031, true)];
    let fault = by("ada", &early).unwrap_err();
    assert!(
        fault.to_string().contains("not valid before 2030-01-01"),
        "{fault}"
    );
}

#[test]
fn a_certificate_alone_is_said_to_be_one() {
    let store = [
        candidate("ada", "Root A", 2025..2028, false),
        candidate("eve", "Root A", 2025..2028, true),
    ];
    let fault = by("ada", &store).unwrap_err();
    assert!(matches!(fault, PickFault::WithoutKey { .. }), "{fault}");
    assert_eq!(by("issuer:Root A", &store), Ok(1));
}

#[test]
fn when_none_fits_those_that_are_there_are_named() {
    let store = [
        candidate("eve", "Root A", 2025..2028, true),
        candidate("authority", "Root A", 2025..2028, false),
    ];
    let fault = by("ada", &store).unwrap_err();
    let text = fault.to_string();
    assert!(
        text.starts_with("no identity fits cn:ada; there is eve ("),
        "{text}"
    );
    assert!(!text.contains("authority"), "{text}");
    assert_eq!(by(&fault.choices()[0], &store), Ok(0));
    assert_eq!(by("ada", &[]), Err(PickFault::Empty));
    assert_eq!(by("ada", &store[1..]), Err(PickFault::Empty));
}

#[test]
fn a_name_that_acts_on_a_terminal_is_shown_escaped() {
    let store = [candidate("a\u{1b}[2Jda", "Root\nA", 2025..2028, true)];
    let text = by("\u{1b}]0;x", &store).unwrap_err().to_string();
    assert!(!text.contains(['\u{1b}', '\n']), "{text:?}");
}

#[test]
fn a_key_elsewhere_has_the_chain_of_its_store() {
    let mut root = CertificateParams::default();
    root.distinguished_name.push(DnType::CommonName, "Root A");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().unwrap();
    let root_certificate = root.self_signed(&root_key).unwrap();
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name.push(DnType::CommonName, "ada");
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::from_params(&root, &root_key);
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let file = key.serialize_pem() + &leaf.pem();
    let signer = read_identity(file.as_bytes(), None).unwrap().signer();

    let store = [b"no certificate".to_vec(), root_certificate.der().to_vec()];
    let identity = Identity::with_signer(Arc::clone(&signer), leaf.der(), &store).unwrap();
    assert_eq!(identity.common_name(), Some("ada"));
    assert_eq!(identity.root().unwrap().short_subject(), "Root A");
    let foreign = Identity::with_signer(signer, root_certificate.der(), &store);
    assert_eq!(foreign.unwrap_err(), IdentityError::KeyMismatch);
}
