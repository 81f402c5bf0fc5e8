//! Whether a signature was made with the private half of a public key.

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::scheme::SignatureScheme;
use super::spki::{KeyType, PublicKey};

/// How an ECDSA signature is written. Other signatures have one form only.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encoding {
    /// `SEQUENCE { r INTEGER, s INTEGER }`: in a digital signature (RFC 7427)
    /// and in TLS.
    Asn1,
    /// r, then s, each as long as the order of the curve: authentication
    /// methods 9 and 10 (RFC 4754).
    Fixed,
}

/// Why a signature is not good.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadSignature {
    /// The public key is malformed or of a type that is not built in.
    #[error("public key not readable or of an unknown type")]
    UnreadableKey,
    /// The scheme is not one for this type of key.
    #[error("signature scheme does not fit the public key")]
    WrongKeyType,
    /// The signature was not made over this message with this key; also for
    /// an RSA key below 2048 or above 8192 bits.
    #[error("signature does not match")]
    Mismatch,
}

/// Checks that `signature` was made over `message` with the private key of
/// `spki_der`, a DER `SubjectPublicKeyInfo`.
///
/// In [`Encoding::Asn1`] the curve comes from the key, because the
/// `AlgorithmIdentifiers` of ECDSA name a hash and no curve (RFC 7427, appendix
/// A.3); in [`Encoding::Fixed`] it is the curve of the scheme.
pub fn verify(
    spki_der: &[u8],
    scheme: SignatureScheme,
    encoding: Encoding,
    message: &[u8],
    signature: &[u8],
) -> Result<(), BadSignature> {
    let key = PublicKey::decode(spki_der).ok_or(BadSignature::UnreadableKey)?;
    let algorithm = algorithm(scheme, encoding, key.key_type).ok_or(BadSignature::WrongKeyType)?;
    UnparsedPublicKey::new(algorithm, key.octets)
        .verify(message, signature)
        .map_err(|ring::error::Unspecified| BadSignature::Mismatch)
}

fn algorithm(
    scheme: SignatureScheme,
    encoding: Encoding,
    key: KeyType,
) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (scheme, key, encoding) {
        (SignatureScheme::RsaPkcs1Sha1, KeyType::Rsa, _) => {
            &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY
        }
        (SignatureScheme::RsaPkcs1Sha256, KeyType::Rsa, _) => {
            &signature::RSA_PKCS1_2048_8192_SHA256
        }
        (SignatureScheme::RsaPkcs1Sha384, KeyType::Rsa, _) => {
            &signature::RSA_PKCS1_2048_8192_SHA384
        }
        (SignatureScheme::RsaPkcs1Sha512, KeyType::Rsa, _) => {
            &signature::RSA_PKCS1_2048_8192_SHA512
        }
        (SignatureScheme::RsaPssSha256, KeyType::Rsa | KeyType::RsaPss, _) => {
            &signature::RSA_PSS_2048_8192_SHA256
        }
        (SignatureScheme::RsaPssSha384, KeyType::Rsa | KeyType::RsaPss, _) => {
            &signature::RSA_PSS_2048_8192_SHA384
        }
        (SignatureScheme::RsaPssSha512, KeyType::Rsa | KeyType::RsaPss, _) => {
            &signature::RSA_PSS_2048_8192_SHA512
        }
        (SignatureScheme::EcdsaP256Sha256, KeyType::P256, Encoding::Fixed) => {
            &signature::ECDSA_P256_SHA256_FIXED
        }
        (SignatureScheme::EcdsaP384Sha384, KeyType::P384, Encoding::Fixed) => {
            &signature::ECDSA_P384_SHA384_FIXED
        }
        (SignatureScheme::EcdsaP256Sha256, KeyType::P256, Encoding::Asn1) => {
            &signature::ECDSA_P256_SHA256_ASN1
        }
        (SignatureScheme::EcdsaP256Sha256, KeyType::P384, Encoding::Asn1) => {
            &signature::ECDSA_P384_SHA256_ASN1
        }
        (SignatureScheme::EcdsaP384Sha384, KeyType::P256, Encoding::Asn1) => {
            &signature::ECDSA_P256_SHA384_ASN1
        }
        (SignatureScheme::EcdsaP384Sha384, KeyType::P384, Encoding::Asn1) => {
            &signature::ECDSA_P384_SHA384_ASN1
        }
        (SignatureScheme::Ed25519, KeyType::Ed25519, _) => &signature::ED25519,
        _ => return None,
    })
}
