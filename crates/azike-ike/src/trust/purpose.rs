//! What a certificate may be used for: key usage, extended key usage, basic constraints (RFC 5280,
//! sections 4.2.1.3, 4.2.1.9, 4.2.1.12; RFC 4945, section 5.1.3).

use webpki::{ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter};
use x509_parser::certificate::X509Certificate;

use super::error::{TrustError, Usage};
use super::printable;

/// The purposes of which a gateway needs one, if its certificate names any: contents octets of the
/// object identifier.
const PURPOSES: [&[u8]; 4] = [
    // id-kp-serverAuth, 1.3.6.1.5.5.7.3.1: what public authorities issue
    &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
    // id-kp-ipsecIKE, 1.3.6.1.5.5.7.3.17
    &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x11],
    // iKEIntermediate, 1.3.6.1.5.5.8.2.2: older, still issued
    &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x08, 0x02, 0x02],
    // anyExtendedKeyUsage, 2.5.29.37.0
    &[0x55, 0x1d, 0x25, 0x00],
];

/// The rule for extended key usage. It holds for each certificate of the path: an authority that is
/// limited to other purposes cannot issue gateways.
pub(super) struct GatewayPurpose;

impl ExtendedKeyUsageValidator for GatewayPurpose {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let mut named = false;
        for purpose in purposes {
            let purpose = purpose?;
            named = true;
            if PURPOSES.iter().any(|oid| KeyPurposeId::new(oid) == purpose) {
                return Ok(());
            }
        }
        if named {
            Err(webpki::Error::EmptyEkuExtension)
        } else {
            Ok(())
        }
    }
}

/// Whether `certificate` obeys the rule of [`GatewayPurpose`].
pub(super) fn fits(certificate: &X509Certificate<'_>) -> bool {
    match certificate.extended_key_usage() {
        Ok(None) => true,
        Ok(Some(usage)) => {
            let named = &usage.value.other;
            let other = named.iter().any(|oid| PURPOSES.contains(&oid.as_bytes()));
            usage.value.server_auth || usage.value.any || other
        }
        Err(_) => false,
    }
}

/// The purposes that `certificate` names, as dotted object identifiers or short names.
pub(super) fn named(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(usage)) = certificate.extended_key_usage() else {
        return Vec::new();
    };
    let short = [
        (usage.value.client_auth, "clientAuth"),
        (usage.value.code_signing, "codeSigning"),
        (usage.value.email_protection, "emailProtection"),
        (usage.value.time_stamping, "timeStamping"),
        (usage.value.ocsp_signing, "OCSPSigning"),
        (usage.value.server_auth, "serverAuth"),
    ];
    let short = short
        .into_iter()
        .filter(|&(set, _)| set)
        .map(|(_, name)| name.to_owned());
    let other = usage
        .value
        .other
        .iter()
        .map(|oid| printable::text(&oid.to_id_string()));
    short.chain(other).take(8).collect()
}

/// Refuses a gateway certificate whose key must not sign messages.
pub(super) fn may_sign_messages(leaf: &X509Certificate<'_>) -> Result<(), TrustError> {
    match leaf.key_usage() {
        Ok(None) => Ok(()),
        Ok(Some(usage)) if usage.value.digital_signature() => Ok(()),
        Ok(Some(_)) => Err(not_allowed(leaf, Usage::SignMessages)),
        Err(_) => Err(TrustError::Malformed),
    }
}

/// Refuses an intermediate certificate whose key must not sign certificates.
pub(super) fn may_issue(issuer: &X509Certificate<'_>) -> Result<(), TrustError> {
    match issuer.key_usage() {
        Ok(None) => Ok(()),
        Ok(Some(usage)) if usage.value.key_cert_sign() => Ok(()),
        Ok(Some(_)) => Err(not_allowed(issuer, Usage::SignCertificates)),
        Err(_) => Err(TrustError::Malformed),
    }
}

/// Whether `root` may be a trust anchor: an authority, or so old (X.509 version 1) that it cannot
/// say so.
pub(super) fn is_authority(root: &X509Certificate<'_>) -> bool {
    let old = root.version() == x509_parser::x509::X509Version::V1;
    match root.basic_constraints() {
        Ok(Some(constraints)) => constraints.value.ca,
        Ok(None) => old,
        Err(_) => false,
    }
}

fn not_allowed(certificate: &X509Certificate<'_>, usage: Usage) -> TrustError {
    TrustError::KeyUsage {
        certificate: printable::name(certificate.subject()),
        usage,
    }
}
