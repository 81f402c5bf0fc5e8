//! Who may do what: key usage, extended key usage, and the limits of authorities.

use azike_ike::trust::{Constraint, TrustError, Usage};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, GeneralSubtree,
    IsCa, KeyUsagePurpose, NameConstraints,
};

use super::authority::{Authority, authority as authority_params, gateway};
use super::profile::{VNET, refusal, verify};

/// N-60: extended key usage of the gateway and of its authorities.
#[test]
fn n_60_a_gateway_needs_the_right_purpose() {
    use ExtendedKeyUsagePurpose as Purpose;
    let ike = || Purpose::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 17]);
    let intermediate = || Purpose::Other(vec![1, 3, 6, 1, 5, 5, 8, 2, 2]);
    let root = Authority::root("Root");
    for (purposes, shown) in [
        (vec![], None),
        (vec![Purpose::ServerAuth], None),
        (vec![ike()], None),
        (vec![intermediate()], None),
        (vec![Purpose::Any], None),
        (vec![Purpose::ClientAuth, ike()], None),
        (vec![Purpose::ClientAuth], Some(vec!["clientAuth"])),
        (
            vec![Purpose::CodeSigning, Purpose::Other(vec![1, 2, 3])],
            Some(vec!["codeSigning", "1.2.3"]),
        ),
    ] {
        let mut params = gateway(VNET);
        params.extended_key_usages.clone_from(&purposes);
        let leaf = root.issue(&params);
        let expected = shown.map(|shown| TrustError::NotForServer {
            certificate: format!("CN={VNET}"),
            purposes: shown.into_iter().map(str::to_owned).collect(),
        });
        assert_eq!(verify(&root, &[&leaf.der]).err(), expected, "{purposes:?}");
    }
    let mut params = authority_params("Mail only");
    params.extended_key_usages = vec![Purpose::EmailProtection];
    let mail = root.below(params);
    let leaf = mail.issue(&gateway(VNET));
    let error = refusal(&root, &[&leaf.der, &mail.der]);
    let certificate = "CN=Mail only".to_owned();
    let purposes = vec!["emailProtection".to_owned()];
    assert_eq!(
        error,
        TrustError::NotForServer {
            certificate,
            purposes
        }
    );
}

/// N-60: key usage of the gateway and of its authorities.
#[test]
fn n_60_keys_are_used_for_what_they_are() {
    let root = Authority::root("Root");
    let mut params = gateway(VNET);
    params.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    let error = refusal(&root, &[&root.issue(&params).der]);
    let certificate = format!("CN={VNET}");
    let usage = Usage::SignMessages;
    assert_eq!(error, TrustError::KeyUsage { certificate, usage });
    params.key_usages.clear();
    assert!(verify(&root, &[&root.issue(&params).der]).is_ok());

    let mut params = authority_params("No issuer");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let lower = root.below(params);
    let leaf = lower.issue(&gateway(VNET));
    let error = refusal(&root, &[&leaf.der, &lower.der]);
    let certificate = "CN=No issuer".to_owned();
    let usage = Usage::SignCertificates;
    assert_eq!(error, TrustError::KeyUsage { certificate, usage });
}

/// N-62: who may issue what.
#[test]
fn n_62_authorities_stay_within_their_limits() {
    let root = Authority::root("Root");
    let refused = |rest: &[&Authority], leaf: &CertificateParams| {
        let leaf = rest.first().unwrap_or(&&root).issue(leaf);
        let rest = rest.iter().map(|authority| &authority.der);
        refusal(
            &root,
            &[&leaf.der].into_iter().chain(rest).collect::<Vec<_>>(),
        )
    };

    let mut params = authority_params("Not a CA");
    params.is_ca = IsCa::ExplicitNoCa;
    let lower = root.below(params);
    let error = refused(&[&lower], &gateway(VNET));
    assert_eq!(error, TrustError::Constraint(Constraint::NotAnAuthority));

    let mut params = authority_params("Last");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let last = root.below(params);
    let below = last.below(authority_params("Below"));
    let error = refused(&[&below, &last], &gateway(VNET));
    assert_eq!(error, TrustError::Constraint(Constraint::PathLength));

    let mut params = gateway(VNET);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let error = refused(&[], &params);
    assert_eq!(error, TrustError::Constraint(Constraint::IsAuthority));

    let mut params = authority_params("Example only");
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("example".to_owned())],
        excluded_subtrees: vec![],
    });
    let example = root.below(params);
    let error = refused(&[&example], &gateway(VNET));
    assert_eq!(error, TrustError::Constraint(Constraint::Name));
}

#[test]
fn n_62_unknown_critical_extensions_are_refused() {
    let root = Authority::root("Root");
    let strange = |mut params: CertificateParams| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
        params
    };
    let certificate = format!("CN={VNET}");
    let error = refusal(&root, &[&root.issue(&strange(gateway(VNET))).der]);
    assert_eq!(error, TrustError::UnknownExtension { certificate });
    let lower = root.below(strange(authority_params("Strange")));
    let leaf = lower.issue(&gateway(VNET));
    let certificate = "CN=Strange".to_owned();
    let error = refusal(&root, &[&leaf.der, &lower.der]);
    assert_eq!(error, TrustError::UnknownExtension { certificate });
}
