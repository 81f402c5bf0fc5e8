//! The signatures that may stand under a certificate or a revocation list.
//!
//! SHA-1 and MD5 are not among them, whatever the rest of the profile says: a chain with such a
//! signature can be forged. RSA keys below 2 048 bit fail inside these algorithms.

use rustls_pki_types::SignatureVerificationAlgorithm;
use webpki::ring as w;
use x509_parser::certificate::X509Certificate;

/// All of them. The order does not matter: each certificate names its own.
pub(super) static ACCEPTED: &[&dyn SignatureVerificationAlgorithm] = &[
    w::RSA_PKCS1_2048_8192_SHA256,
    w::RSA_PKCS1_2048_8192_SHA384,
    w::RSA_PKCS1_2048_8192_SHA512,
    w::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
    w::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
    w::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
    w::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    w::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    w::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    w::ECDSA_P256_SHA256,
    w::ECDSA_P256_SHA384,
    w::ECDSA_P384_SHA256,
    w::ECDSA_P384_SHA384,
    w::ED25519,
];

/// What people call the signature algorithm with the object identifier `oid` (dotted).
pub(super) fn title(oid: &str) -> String {
    let known = match oid {
        "1.2.840.113549.1.1.2" => "RSA with MD2",
        "1.2.840.113549.1.1.4" => "RSA with MD5",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => "RSA with SHA-1",
        "1.2.840.113549.1.1.10" => "RSA-PSS with unusual parameters",
        "1.2.840.10040.4.3" => "DSA with SHA-1",
        "1.2.840.10045.4.1" => "ECDSA with SHA-1",
        "1.2.840.10045.4.3.4" => "ECDSA with SHA-512",
        "1.3.101.113" => "Ed448",
        other => other,
    };
    known.to_owned()
}

/// Whether the key of `issuer` confirms the signature of `certificate`.
pub(super) fn confirms(issuer: &X509Certificate<'_>, certificate: &X509Certificate<'_>) -> bool {
    let key = &issuer.public_key().subject_public_key.data;
    let message = certificate.tbs_certificate.as_ref();
    let signature = &certificate.signature_value.data;
    ACCEPTED.iter().any(|algorithm| {
        names_algorithm_of(certificate, algorithm.signature_alg_id().as_ref())
            && algorithm.verify_signature(key, message, signature).is_ok()
    })
}

/// Whether `identifier`, the contents of an `AlgorithmIdentifier`, has the object identifier of the
/// signature under `certificate`. Parameters are not compared.
pub(super) fn names_algorithm_of(certificate: &X509Certificate<'_>, identifier: &[u8]) -> bool {
    let oid = certificate.signature_algorithm.algorithm.as_bytes();
    matches!(identifier, [6, length, rest @ ..]
        if usize::from(*length) == oid.len() && rest.starts_with(oid))
}
