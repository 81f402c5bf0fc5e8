//! Signatures that are wrong or weak, and certificates that were revoked.

use azike_ike::trust::{GatewayTrust, ListFault, TrustError};
use rcgen::SerialNumber;
use rustls_pki_types::CertificateDer;

use super::authority::{Authority, authority as authority_params, gateway};
use super::profile::{NOW, VNET, at, list, refusal, trust};

/// N-62: another authority with the name of ours.
#[test]
fn n_62_a_look_alike_root_signs_nothing() {
    let (root, look_alike) = (Authority::root("Root"), Authority::root("Root"));
    let leaf = look_alike.issue(&gateway(VNET));
    let certificate = format!("CN={VNET}");
    let issuer = "CN=Root".to_owned();
    let error = TrustError::BadSignature {
        certificate,
        issuer,
    };
    assert_eq!(refusal(&root, &[&leaf.der]), error);
    assert_eq!(refusal(&root, &[&leaf.der, &look_alike.der]), error);
}

/// N-62: two authorities that sign each other end nowhere, and quickly.
#[test]
fn n_62_loops_end() {
    let root = Authority::root("Root");
    let (a, b) = (Authority::root("A"), Authority::root("B"));
    let a_by_b = authority_params("A")
        .signed_by(a.issuer.key(), &b.issuer)
        .unwrap();
    let b_by_a = authority_params("B")
        .signed_by(b.issuer.key(), &a.issuer)
        .unwrap();
    let leaf = a.issue(&gateway(VNET));
    let error = refusal(&root, &[&leaf.der, a_by_b.der(), b_by_a.der()]);
    assert!(matches!(error, TrustError::UnknownIssuer { .. }), "{error}");
}

/// N-62: ten certificates can form thousands of paths.
#[test]
fn n_62_a_maze_is_left() {
    let (root, maker) = (Authority::root("Maze"), Authority::root("Maze"));
    let leaf = maker.issue(&gateway(VNET));
    let walls: Vec<_> = (0..9)
        .map(|_| maker.below(authority_params("Maze")))
        .collect();
    let chain: Vec<_> = [&leaf.der]
        .into_iter()
        .chain(walls.iter().map(|wall| &wall.der))
        .collect();
    assert_eq!(refusal(&root, &chain), TrustError::TooComplex);
}

#[test]
fn weak_keys_and_signatures_are_named() {
    let strong = include_bytes!("../data-trust/root-rsa-2048.der");
    let weak = include_bytes!("../data-trust/root-rsa-1024.der");
    let trust = |root: &'static [u8]| {
        let root = CertificateDer::from(root);
        GatewayTrust::new(vec![root], &["gw.vpn.azure.com".to_owned()], &[]).unwrap()
    };
    let good = include_bytes!("../data-trust/gateway-rsa.der");
    assert!(trust(strong).verify(&[good], at(NOW)).is_ok());

    let certificate = "CN=gw.vpn.azure.com".to_owned();
    let sha1 = include_bytes!("../data-trust/gateway-sha1.der");
    let error = TrustError::WeakSignature {
        certificate: certificate.clone(),
        algorithm: "RSA with SHA-1".to_owned(),
    };
    assert_eq!(trust(strong).verify(&[sha1], at(NOW)), Err(error));

    let short = include_bytes!("../data-trust/gateway-rsa-1024.der");
    let key = "RSA with 1024 bit".to_owned();
    let error = TrustError::WeakKey {
        certificate,
        key: key.clone(),
    };
    assert_eq!(trust(strong).verify(&[short], at(NOW)), Err(error));

    let below_weak = include_bytes!("../data-trust/gateway-weak-root.der");
    let certificate = "CN=Test weak root".to_owned();
    let error = TrustError::WeakKey { certificate, key };
    assert_eq!(trust(weak).verify(&[below_weak], at(NOW)), Err(error));
}

#[test]
fn revoked_certificates_are_refused() {
    let root = Authority::root("Root");
    let mut params = authority_params("Lower");
    params.serial_number = Some(SerialNumber::from(40));
    let lower = root.below(params);
    let mut params = gateway(VNET);
    params.serial_number = Some(SerialNumber::from(41));
    let leaf = lower.issue(&params);
    let look_alike = Authority::root("Root");
    let revoked = |certificate: &str| {
        let certificate = certificate.to_owned();
        Some(TrustError::Revoked { certificate })
    };
    let fault = |fault| Some(TrustError::RevocationList(fault));
    let expired = ListFault::Expired(at(1_798_761_600));
    for (lists, error) in [
        (vec![], None),
        (vec![list(&root, &[41], 2028)], None),
        (vec![list(&lower, &[40], 2028)], None),
        (
            vec![list(&lower, &[41], 2028)],
            revoked(&format!("CN={VNET}")),
        ),
        (
            vec![list(&lower, &[], 2028), list(&root, &[40], 2028)],
            revoked("CN=Lower"),
        ),
        (vec![list(&lower, &[], 2027)], fault(expired)),
        (
            vec![list(&look_alike, &[], 2028)],
            fault(ListFault::NotGenuine),
        ),
    ] {
        let trust = trust(&root, &lists);
        let verdict = trust.verify(&[&leaf.der, &lower.der], at(NOW));
        assert_eq!(verdict.err(), error);
    }
}
