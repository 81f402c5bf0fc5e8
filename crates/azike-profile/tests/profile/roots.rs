//! The roots of a package: where they are found, which ones are trusted, what the
//! date says about them.

use azike_profile::{CertificateFault, PackageError, RootFault, read_package};
use rcgen::IsCa;

use crate::azure::{certificate, root, settings_v2, zip};
use crate::package::{error, ids, now, read};

#[test]
fn all_roots_are_found_in_every_form_and_each_once() {
    let roots: Vec<Vec<u8>> = (0..6)
        .map(|n| root(&format!("Root {n}"), 2013..2038))
        .collect();
    let pem = |der: &[u8]| {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN CERTIFICATE-----\r\n{text}\r\n-----END CERTIFICATE-----\r\n")
    };
    let two = format!("{}\r\n{}", pem(&roots[2]), pem(&roots[3]));
    let bare = pem(&roots[4]).replace("-----BEGIN CERTIFICATE-----", "");
    let bare = bare.replace("-----END CERTIFICATE-----", "");
    let profile = read_package(&zip(&[
        (
            "Generic/VpnSettings.xml",
            settings_v2(&[&roots[0], &roots[5]]).as_bytes(),
        ),
        ("Generic/VpnServerRoot.cer", &roots[0]),
        ("Generic/VpnServerRoot.cer_0", &roots[1]),
        ("Generic/VpnServerRoot.cer_1", two.as_bytes()),
        ("Generic/vpnserverroot.cer_2", bare.as_bytes()),
        ("Generic/RadiusServerRoot.cer", &roots[1]),
    ]))
    .unwrap();
    let found: Vec<&[u8]> = profile
        .roots
        .iter()
        .map(|root| root.der().as_ref())
        .collect();
    let wanted: Vec<&[u8]> = roots.iter().map(Vec::as_slice).collect();
    assert_eq!(found, wanted);
    assert_eq!(profile.radius_roots.len(), 1);
    assert_eq!(profile.warnings, []);
}

#[test]
fn a_root_that_is_none_is_refused_or_left_out() {
    let good = root("Good", 2013..2038);
    let leaf = certificate("Leaf", IsCa::ExplicitNoCa, 2013..2038);
    let not_x509 = RootFault::NotACertificate(CertificateFault::NotX509);
    let settings = settings_v2(&[]);
    for (octets, fault) in [
        (leaf.as_slice(), RootFault::NotAnAuthority),
        (b"", RootFault::Empty),
        (b"<html>login</html>", not_x509),
        (
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            not_x509,
        ),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n", not_x509),
        (
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            not_x509,
        ),
    ] {
        let alone = read_package(&zip(&[
            ("Generic/VpnSettings.xml", settings.as_bytes()),
            ("Generic/VpnServerRoot.cer", octets),
        ]));
        let file = "Generic/VpnServerRoot.cer".to_owned();
        assert_eq!(alone.unwrap_err(), PackageError::BadRoot { file, fault });
        let beside = read_package(&zip(&[
            ("Generic/VpnSettings.xml", settings.as_bytes()),
            ("Generic/VpnServerRoot.cer", octets),
            ("Generic/VpnServerRoot.cer_0", &good),
        ]));
        let beside = beside.unwrap();
        assert_eq!(beside.roots.len(), 1);
        assert!(ids(&beside.warnings).contains(&"root-ignored"), "{fault:?}");
    }
    assert_eq!(error(&settings), PackageError::NoRoot);
    // Old self-signed roots do not say that they are authorities.
    let silent = certificate("Old", IsCa::NoCa, 2013..2038);
    assert_eq!(
        ids(&read(&settings_v2(&[&silent])).warnings),
        ["root-without-constraints"]
    );
}

#[test]
fn the_date_decides_what_is_said_about_roots() {
    for (years, id) in [
        (2013..2038, None),
        (2013..2027, Some("root-expires-soon")),
        (2013..2020, Some("root-expired")),
        (2030..2038, Some("root-not-yet-valid")),
    ] {
        let profile = read(&settings_v2(&[&root("Root", years)]));
        assert_eq!(ids(&profile.warnings), [""; 0]);
        assert_eq!(
            ids(&profile.warnings_at(now())),
            id.into_iter().collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_package_that_knows_only_a_retiring_root_says_so() {
    let retiring = root("DigiCert Global Root CA", 2006..2031);
    let profile = read(&settings_v2(&[&retiring]));
    assert_eq!(ids(&profile.warnings), ["roots-retiring"]);
    let both = read(&settings_v2(&[&retiring, &root("Other", 2006..2031)]));
    assert_eq!(both.warnings, []);
}
