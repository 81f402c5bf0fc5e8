//! `SubjectPublicKeyInfo`: a public key with its type (RFC 5280, section
//! 4.1.2.7; RFC 3279, RFC 4055, RFC 5480, RFC 8410).

use x509_parser::prelude::FromDer as _;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::der;

/// rsaEncryption, 1.2.840.113549.1.1.1.
const RSA_ENCRYPTION: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
/// id-RSASSA-PSS, 1.2.840.113549.1.1.10.
const RSASSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
/// id-ecPublicKey, 1.2.840.10045.2.1.
const EC_PUBLIC_KEY: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
/// secp256r1, 1.2.840.10045.3.1.7.
const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
/// secp384r1, 1.3.132.0.34.
const P384: &[u8] = b"\x2b\x81\x04\x00\x22";
/// id-Ed25519, 1.3.101.112.
const ED25519: &[u8] = b"\x2b\x65\x70";

const OBJECT_IDENTIFIER: u8 = 0x06;
const NULL: &[u8] = b"\x05\x00";

/// What kind of key it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum KeyType {
    /// RSA, for every padding.
    Rsa,
    /// RSA, for RSASSA-PSS only, with any hash.
    RsaPss,
    P256,
    P384,
    Ed25519,
}

/// A public key as ring takes it: `RSAPublicKey`, uncompressed point, or 32
/// octets.
#[derive(Clone, Copy, Debug)]
pub(super) struct PublicKey<'a> {
    pub(super) key_type: KeyType,
    pub(super) octets: &'a [u8],
}

impl<'a> PublicKey<'a> {
    /// From a whole `SubjectPublicKeyInfo`; nothing if it is malformed, has
    /// something behind it, or is of a type that is not built in.
    pub(super) fn decode(spki: &'a [u8]) -> Option<Self> {
        let (rest, spki) = SubjectPublicKeyInfo::from_der(spki).ok()?;
        if !rest.is_empty() || spki.subject_public_key.unused_bits != 0 {
            return None;
        }
        let parameters = spki.algorithm.parameters.as_ref();
        let curve = parameters.and_then(|parameters| parameters.as_oid().ok());
        let curve = curve.as_ref().map(x509_parser::oid_registry::Oid::as_bytes);
        let key_type = match (spki.algorithm.algorithm.as_bytes(), curve) {
            (RSA_ENCRYPTION, _) => KeyType::Rsa,
            // Parameters would restrict the hash (RFC 4055, section 1.2).
            (RSASSA_PSS, _) if parameters.is_none() => KeyType::RsaPss,
            (EC_PUBLIC_KEY, Some(P256)) => KeyType::P256,
            (EC_PUBLIC_KEY, Some(P384)) => KeyType::P384,
            (ED25519, _) => KeyType::Ed25519,
            _ => return None,
        };
        let octets = match spki.subject_public_key.data {
            std::borrow::Cow::Borrowed(octets) => octets,
            std::borrow::Cow::Owned(_) => return None,
        };
        Some(Self { key_type, octets })
    }

    /// The whole `SubjectPublicKeyInfo`.
    pub(super) fn encode(self) -> Vec<u8> {
        let oid = |octets| der::value(OBJECT_IDENTIFIER, &[octets]);
        let algorithm = match self.key_type {
            KeyType::Rsa => [&oid(RSA_ENCRYPTION)[..], NULL].concat(),
            KeyType::RsaPss => oid(RSASSA_PSS),
            KeyType::P256 => [oid(EC_PUBLIC_KEY), oid(P256)].concat(),
            KeyType::P384 => [oid(EC_PUBLIC_KEY), oid(P384)].concat(),
            KeyType::Ed25519 => oid(ED25519),
        };
        let algorithm = der::value(der::SEQUENCE, &[&algorithm]);
        let key = der::value(der::BIT_STRING, &[&[0], self.octets]);
        der::value(der::SEQUENCE, &[&algorithm, &key])
    }
}
