//! Names.

use azike_ike::trust::TrustError;
use rcgen::{CertificateParams, CustomExtension, DnType};

use super::authority::{Authority, gateway};
use super::profile::{SERVER, VNET, refusal, verify};

/// N-63: which names in a certificate stand for the gateway.
#[test]
fn n_63_names_match_as_a_whole() {
    let root = Authority::root("Root");
    for (name, good) in [
        (
            &b"c0680061-0c8b-4f16-b472-290c30f88491.vpn.azure.com"[..],
            true,
        ),
        (b"*.vpn.azure.com", true),
        (b"*", false),
        (b"*.com", false),
        (b"*.azure.com", false),
        (b"c*.vpn.azure.com", false),
        (b"*91.vpn.azure.com", false),
        (b"c0680061-0c8b-4f16-b472-290c30f88491.*.azure.com", false),
        (b"vpn.azure.com", false),
        (
            b"c0680061-0c8b-4f16-b472-290c30f88491.vpn.azure.com.evil.example",
            false,
        ),
        (
            b"c0680061-0c8b-4f16-b472-290c30f88491.vpn.azure.com\0.evil.example",
            false,
        ),
        (
            b"c0680061-0c8b-4f16-b472-290c30f88491.vpn.azure.com\0",
            false,
        ),
        (
            b"c0680061-0c8b-4f16-b472-290c30f88491.vpn.\xd0\xb0zure.com",
            false,
        ),
        (
            b"c0680061-0c8b-4f16-b472-290c30f88491.vpn.xn--zure-53d.com",
            false,
        ),
        (b"20.0.0.1", false),
        (b"", false),
    ] {
        let mut params = gateway(VNET);
        params.subject_alt_names.clear();
        params.custom_extensions.push(dns_names(&[name]));
        let leaf = root.issue(&params);
        let verdict = verify(&root, &[&leaf.der]);
        assert_eq!(verdict.is_ok(), good, "{}", name.escape_ascii());
    }
}

#[test]
fn n_63_the_names_that_were_found_are_shown_harmlessly() {
    let root = Authority::root("Root");
    let mut params = gateway(VNET);
    params.subject_alt_names.clear();
    let names = [&b"evil.example"[..], b"\x1b[2Jazure.com", b"a\nb"];
    params.custom_extensions.push(dns_names(&names));
    let error = refusal(&root, &[&root.issue(&params).der]);
    let TrustError::WrongName { expected, found } = &error else {
        unreachable!("{error:?}")
    };
    assert_eq!(expected, &[SERVER, VNET]);
    assert_eq!(found, &["evil.example", r"\u{1b}[2Jazure.com", r"a\u{a}b"]);
}

/// N-63: the common name counts only where there is no subject alternative name.
#[test]
fn n_63_common_name_is_the_last_resort() {
    let root = Authority::root("Root");
    let with = |change: fn(&mut CertificateParams)| {
        let mut params = gateway(VNET);
        params.subject_alt_names.clear();
        change(&mut params);
        verify(&root, &[&root.issue(&params).der])
    };
    assert_eq!(with(|_| ()).unwrap().name(), VNET);
    assert!(
        with(|params| params
            .distinguished_name
            .push(DnType::CommonName, "*.vpn.azure.com"))
        .is_err()
    );
    assert!(
        with(|params| params
            .distinguished_name
            .push(DnType::CommonName, "evil.example"))
        .is_err()
    );
    assert!(with(|params| params.custom_extensions.push(dns_names(&[b"evil.example"]))).is_err());
    let address = |params: &mut CertificateParams| {
        let address = std::net::IpAddr::from([20, 0, 0, 1]);
        params
            .subject_alt_names
            .push(rcgen::SanType::IpAddress(address));
    };
    assert!(with(address).is_err());
}

/// A subject alternative name with `names` as dNSNames, whatever is in them.
fn dns_names(names: &[&[u8]]) -> CustomExtension {
    let mut names: Vec<u8> = names.iter().flat_map(|name| tagged(0x82, name)).collect();
    names = tagged(0x30, &names);
    CustomExtension::from_oid_content(&[2, 5, 29, 17], names)
}

/// Contents behind their tag and their length, below 256.
fn tagged(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut octets = vec![tag];
    if contents.len() > 127 {
        octets.push(0x81);
    }
    octets.push(u8::try_from(contents.len()).unwrap());
    octets.extend_from_slice(contents);
    octets
}
