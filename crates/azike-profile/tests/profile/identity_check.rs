//! What speaks against an identity before the gateway is asked.

use azike_profile::{
    Identity, IdentityProblem, LocalId, Profile, Severity, Sha1Thumbprint, Timestamp,
    read_identity, read_package,
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls_pki_types::UnixTime;

use crate::azure::{NOW, package, root};

#[test]
fn a_good_identity_has_no_problems() {
    let (identity, root) = issued(|_| {});
    assert_eq!(identity.check(now(), &profile(&root)), []);
    assert_eq!(identity.check(now(), &profile("")), []);
}

#[test]
fn dates_are_checked_and_shown() {
    for (years, text) in [
        (2013..2020, "expired on 2020-01-01"),
        (2030..2040, "is not valid before 2030-01-01"),
    ] {
        let (identity, _) = issued(|leaf| {
            leaf.not_before = rcgen::date_time_ymd(years.start, 1, 1);
            leaf.not_after = rcgen::date_time_ymd(years.end, 1, 1);
        });
        let problems = identity.check(now(), &profile(""));
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].severity(), Severity::Fatal);
        assert!(problems[0].to_string().contains(text), "{}", problems[0]);
    }
    let (identity, _) = issued(|leaf| leaf.not_after = rcgen::date_time_ymd(2026, 12, 3));
    let problems = identity.check(now(), &profile(""));
    let not_after = Timestamp(i64::try_from(NOW).unwrap() + 10 * 86_400);
    let subject = "ada".to_owned();
    let soon = IdentityProblem::ExpiresSoon {
        subject,
        not_after,
        days: 10,
    };
    assert_eq!(problems, [soon]);
    assert_eq!(problems[0].severity(), Severity::Warning);
}

#[test]
fn a_certificate_for_servers_is_not_for_clients() {
    let (identity, _) = issued(|leaf| {
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    let problems = identity.check(now(), &profile(""));
    assert_eq!(ids(&problems), ["wrong-usage"]);
    assert!(
        problems[0]
            .to_string()
            .ends_with("only for server authentication")
    );
    for usages in [vec![], vec![ExtendedKeyUsagePurpose::Any]] {
        let (identity, _) = issued(|leaf| leaf.extended_key_usages.clone_from(&usages));
        assert_eq!(identity.check(now(), &profile("")), []);
    }
    let (identity, _) = issued(|leaf| leaf.key_usages = vec![KeyUsagePurpose::KeyEncipherment]);
    assert_eq!(
        ids(&identity.check(now(), &profile(""))),
        ["not-for-signatures"]
    );
    let authority = IsCa::Ca(BasicConstraints::Unconstrained);
    let (identity, _) = issued(|leaf| leaf.is_ca = authority);
    assert_eq!(ids(&identity.check(now(), &profile(""))), ["authority"]);
}

/// The gateway may have more roots than the package names, so this warns only.
#[test]
fn another_root_than_the_one_of_the_profile_is_a_warning() {
    let (identity, root) = issued(|_| {});
    let other = "0".repeat(40);
    let problems = identity.check(now(), &profile(&other));
    assert_eq!(ids(&problems), ["other-root"]);
    assert_eq!(problems[0].severity(), Severity::Warning);
    assert!(problems[0].to_string().contains(&root));
    // Without the root in the file nothing is known, so nothing is said.
    let (file, ..) = files(|_| {});
    let alone = read_identity(file.as_bytes(), None).unwrap();
    assert_eq!(alone.check(now(), &profile(&other)), []);
    // The administrator uploaded the intermediate authority.
    let direct = identity
        .intermediates()
        .first()
        .or(identity.root())
        .unwrap();
    assert_eq!(
        identity.check(now(), &profile(&direct.sha1.to_string())),
        []
    );
}

#[test]
fn the_worst_comes_first() {
    let (identity, _) = issued(|leaf| {
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    let problems = identity.check(now(), &profile(&"0".repeat(40)));
    assert_eq!(ids(&problems), ["wrong-usage", "other-root"]);
}

#[test]
fn names_are_found_where_they_are() {
    let name = |names: &[SanType], common_name: &str| {
        let (identity, _) = issued(|leaf| {
            leaf.distinguished_name = rcgen::DistinguishedName::new();
            if !common_name.is_empty() {
                leaf.distinguished_name
                    .push(DnType::CommonName, common_name);
            }
            leaf.subject_alt_names = names.to_vec();
        });
        (identity.local_id(), identity.eap_identity())
    };
    let dns = SanType::DnsName("host.example".try_into().unwrap());
    let email = SanType::Rfc822Name("ada@contoso.com".try_into().unwrap());
    let account = SanType::OtherName((
        vec![1, 3, 6, 1, 4, 1, 311, 20, 2, 3],
        "ada@corp.example".into(),
    ));
    let fqdn = |name: &str| Some(LocalId::Fqdn(name.to_owned()));
    let address = |name: &str| Some(LocalId::Email(name.to_owned()));
    for (names, common_name, id, eap) in [
        (&[][..], "ada", fqdn("ada"), Some("ada")),
        (std::slice::from_ref(&dns), "ada", fqdn("ada"), Some("ada")),
        (
            &[],
            "ada@contoso.com",
            address("ada@contoso.com"),
            Some("ada@contoso.com"),
        ),
        (
            &[dns.clone(), email.clone()],
            "",
            fqdn("host.example"),
            Some("host.example"),
        ),
        (
            &[email, dns.clone()],
            "",
            address("ada@contoso.com"),
            Some("ada@contoso.com"),
        ),
        (
            std::slice::from_ref(&account),
            "Ada",
            fqdn("Ada"),
            Some("ada@corp.example"),
        ),
        (
            std::slice::from_ref(&account),
            "",
            address("ada@corp.example"),
            Some("ada@corp.example"),
        ),
        (&[], "", None, None),
    ] {
        assert_eq!(
            name(names, common_name),
            (id, eap.map(str::to_owned)),
            "{common_name}"
        );
    }
}

#[test]
fn a_certificate_without_any_name_needs_the_option() {
    let (identity, _) = issued(|leaf| leaf.distinguished_name = rcgen::DistinguishedName::new());
    assert_eq!(ids(&identity.check(now(), &profile(""))), ["no-name"]);
    assert!(identity.local_id_from("ada").is_ok());
}

/// A renewed certificate with the old key: the newer one is used.
#[test]
fn of_two_certificates_for_one_key_the_newer_is_used() {
    let key = KeyPair::generate().unwrap();
    let mut file = key.serialize_pem();
    for year in [2026, 2024] {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, format!("of {year}"));
        params.not_before = rcgen::date_time_ymd(year, 1, 1);
        file += &params.self_signed(&key).unwrap().pem();
    }
    let identity = read_identity(file.as_bytes(), None).unwrap();
    assert_eq!(identity.common_name(), Some("of 2026"));
}

/// An identity with its root, and the root's thumbprint.
fn issued(change: impl Fn(&mut CertificateParams)) -> (Identity, String) {
    let (file, root, thumbprint) = files(change);
    let file = file + &root;
    (read_identity(file.as_bytes(), None).unwrap(), thumbprint)
}

/// Key and certificate, their root, and its thumbprint.
fn files(change: impl Fn(&mut CertificateParams)) -> (String, String, String) {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "Contoso P2S Root");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().unwrap();
    let root = params.self_signed(&root_key).unwrap();
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name.push(DnType::CommonName, "ada");
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    change(&mut leaf);
    let key = KeyPair::generate().unwrap();
    let leaf = leaf
        .signed_by(&key, &Issuer::from_params(&params, &root_key))
        .unwrap();
    let thumbprint = Sha1Thumbprint::of(root.der()).to_string();
    (key.serialize_pem() + &leaf.pem(), root.pem(), thumbprint)
}

fn profile(client_root: &str) -> Profile {
    read_package(&package(&root("New Root", 2013..2038), client_root)).unwrap()
}

fn now() -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(NOW))
}

fn ids(problems: &[IdentityProblem]) -> Vec<&'static str> {
    problems.iter().map(IdentityProblem::id).collect()
}
