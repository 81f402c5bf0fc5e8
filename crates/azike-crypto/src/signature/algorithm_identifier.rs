//! `AlgorithmIdentifiers`: the name of a scheme inside an AUTH payload
//! (RFC 7427, section 3 and appendix A; RFC 8420, section 3).

use super::der;
use super::scheme::SignatureScheme;

const RSA_PKCS1_SHA1: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00";
const RSA_PKCS1_SHA256: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00";
const RSA_PKCS1_SHA384: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00";
const RSA_PKCS1_SHA512: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00";
const ECDSA_SHA256: &[u8] = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
const ECDSA_SHA384: &[u8] = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03";
const ED25519: &[u8] = b"\x30\x05\x06\x03\x2b\x65\x70";
const RSA_PSS_SHA256: &[u8] = b"\
    \x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\
    \xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\
    \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
    \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\
    \xa2\x03\x02\x01\x20";
const RSA_PSS_SHA384: &[u8] = b"\
    \x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\
    \xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\
    \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
    \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\
    \xa2\x03\x02\x01\x30";
const RSA_PSS_SHA512: &[u8] = b"\
    \x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\
    \xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\
    \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\
    \x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\
    \xa2\x03\x02\x01\x40";

/// The object identifiers inside the parameters of RSASSA-PSS, with their
/// tags and lengths.
const OID_RSASSA_PSS: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
const OID_MGF1: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08";
const OID_SHA256: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
const OID_SHA384: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02";
const OID_SHA512: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03";
/// NULL parameters of a hash, which RFC 4055, section 2.1, lets a signer leave
/// out and a verifier not care about.
const NULL: &[u8] = b"\x05\x00";
/// The trailer field with its default value. DER leaves it out; the example in
/// RFC 7427, appendix A.4.3, does not.
const TRAILER: &[u8] = b"\xa3\x03\x02\x01\x01";

impl SignatureScheme {
    /// The DER encoding that names this scheme in a digital signature.
    pub const fn algorithm_identifier(self) -> &'static [u8] {
        match self {
            Self::RsaPkcs1Sha1 => RSA_PKCS1_SHA1,
            Self::RsaPkcs1Sha256 => RSA_PKCS1_SHA256,
            Self::RsaPkcs1Sha384 => RSA_PKCS1_SHA384,
            Self::RsaPkcs1Sha512 => RSA_PKCS1_SHA512,
            Self::RsaPssSha256 => RSA_PSS_SHA256,
            Self::RsaPssSha384 => RSA_PSS_SHA384,
            Self::RsaPssSha512 => RSA_PSS_SHA512,
            Self::EcdsaP256Sha256 => ECDSA_SHA256,
            Self::EcdsaP384Sha384 => ECDSA_SHA384,
            Self::Ed25519 => ED25519,
        }
    }

    /// The scheme that `der` names; nothing for any other octets.
    ///
    /// RFC 7427, section 3, wants the octets compared, not parsed. So they are,
    /// with the one encoding of each scheme, and for RSASSA-PSS with the eight
    /// that an honest signer may send: hash parameters NULL or absent at both
    /// places, trailer field written or not.
    pub fn from_algorithm_identifier(der: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|scheme| scheme.algorithm_identifier() == der)
            .or_else(|| pss_with_other_parameters(der))
    }
}

fn pss_with_other_parameters(der: &[u8]) -> Option<SignatureScheme> {
    for (scheme, hash, salt_length) in [
        (SignatureScheme::RsaPssSha256, OID_SHA256, 32),
        (SignatureScheme::RsaPssSha384, OID_SHA384, 48),
        (SignatureScheme::RsaPssSha512, OID_SHA512, 64),
    ] {
        for hash_parameters in [NULL, &[]] {
            for mask_parameters in [NULL, &[]] {
                for trailer in [TRAILER, &[]] {
                    let hash_identifier = der::value(der::SEQUENCE, &[hash, hash_parameters]);
                    let mask_hash = der::value(der::SEQUENCE, &[hash, mask_parameters]);
                    let mask_identifier = der::value(der::SEQUENCE, &[OID_MGF1, &mask_hash]);
                    let parameters = der::value(
                        der::SEQUENCE,
                        &[
                            &der::value(0xa0, &[&hash_identifier]),
                            &der::value(0xa1, &[&mask_identifier]),
                            &[0xa2, 3, der::INTEGER, 1, salt_length],
                            trailer,
                        ],
                    );
                    if der::value(der::SEQUENCE, &[OID_RSASSA_PSS, &parameters]) == der {
                        return Some(scheme);
                    }
                }
            }
        }
    }
    None
}
