//! How CERTREQ names an authority (RFC 7296, section 3.7).

use azike_crypto::sha1;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The SHA-1 hash of the `SubjectPublicKeyInfo` of a DER certificate.
pub(crate) fn key_id(certificate: &[u8]) -> Option<[u8; 20]> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    Some(sha1(&[certificate.public_key().raw]))
}

/// Whether a DER certificate names itself as its issuer, as roots do.
pub(crate) fn is_self_issued(certificate: &[u8]) -> bool {
    X509Certificate::from_der(certificate)
        .is_ok_and(|(_, certificate)| certificate.subject() == certificate.issuer())
}
