//! Validity periods.

use azike_ike::trust::TrustError;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use super::authority::{Authority, authority as authority_params, gateway};
use super::profile::{NOW, VNET, at, refusal, trust};

/// N-61: the first and the last second count, in each certificate of the path.
#[test]
fn n_61_dates_are_those_of_every_certificate() {
    let dated = |mut params: CertificateParams, from, to| {
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(to, 1, 1);
        params
    };
    let (y2026, y2030) = (1_767_225_600, 1_893_456_000);
    let root = Authority::root("Root");
    let short = root.below(dated(authority_params("Short"), 2026, 2030));
    let by_short = short.issue(&gateway(VNET));
    let by_root = root.issue(&dated(gateway(VNET), 2026, 2030));
    let chains = [
        (vec![&by_root.der], format!("CN={VNET}")),
        (vec![&by_short.der, &short.der], "CN=Short".to_owned()),
    ];
    let trust = trust(&root, &[]);
    for (chain, certificate) in chains {
        let chain: Vec<&[u8]> = chain.into_iter().map(AsRef::as_ref).collect();
        assert!(trust.verify(&chain, at(y2026)).is_ok());
        assert!(trust.verify(&chain, at(y2030)).is_ok());
        let early = TrustError::NotYetValid {
            certificate: certificate.clone(),
            not_before: at(y2026),
            now: at(y2026 - 1),
        };
        assert_eq!(trust.verify(&chain, at(y2026 - 1)), Err(early));
        let late = TrustError::Expired {
            certificate,
            not_after: at(y2030),
            now: at(y2030 + 1),
        };
        assert_eq!(trust.verify(&chain, at(y2030 + 1)), Err(late));
    }
}

#[test]
fn n_61_a_root_expires_too() {
    let key = KeyPair::generate().unwrap();
    let mut params = authority_params("Old root");
    params.not_after = date_time_ymd(2027, 1, 1);
    let root = Authority {
        der: params.self_signed(&key).unwrap().der().clone(),
        issuer: rcgen::Issuer::new(params, key),
    };
    let leaf = root.issue(&gateway(VNET));
    let error = refusal(&root, &[&leaf.der]);
    assert_eq!(
        error.to_string(),
        "the certificate of CN=Old root expired on 2027-01-01 00:00 UTC, and it is 2027-06-01 \
         00:00 UTC now"
    );
}

#[test]
fn n_61_dates_after_2038_and_2050_are_dates() {
    let root = Authority::root("Root");
    let mut params = gateway(VNET);
    params.not_before = date_time_ymd(2039, 1, 1);
    params.not_after = date_time_ymd(2051, 1, 1);
    let leaf = root.issue(&params);
    let trust = trust(&root, &[]);
    for (now, good) in [(NOW, false), (2_208_988_800, true), (2_556_144_001, false)] {
        assert_eq!(trust.verify(&[&leaf.der], at(now)).is_ok(), good, "{now}");
    }
}
