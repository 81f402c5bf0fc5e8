//! What a signature is: key type, padding, hash.

use azike_wire::SignatureHash;

/// How an AUTH payload may be signed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SignatureScheme {
    /// RSASSA-PKCS1-v1_5 with SHA-1: what authentication method 1 means for a
    /// gateway that does not know RFC 7427 (RFC 7296, section 2.15).
    RsaPkcs1Sha1,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256, and 32 octets of salt.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384, and 48 octets of salt.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512, and 64 octets of salt.
    RsaPssSha512,
    /// ECDSA with SHA-256: on P-256 as authentication method 9 (RFC 4754).
    EcdsaP256Sha256,
    /// ECDSA with SHA-384: on P-384 as authentication method 10 (RFC 4754).
    EcdsaP384Sha384,
    /// Ed25519 (RFC 8420).
    Ed25519,
}

impl SignatureScheme {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::RsaPkcs1Sha1,
        Self::RsaPkcs1Sha256,
        Self::RsaPkcs1Sha384,
        Self::RsaPkcs1Sha512,
        Self::RsaPssSha256,
        Self::RsaPssSha384,
        Self::RsaPssSha512,
        Self::EcdsaP256Sha256,
        Self::EcdsaP384Sha384,
        Self::Ed25519,
    ];

    /// The hash that a peer names in `SIGNATURE_HASH_ALGORITHMS` if it takes
    /// this scheme (RFC 7427, section 4; RFC 8420, section 2).
    pub const fn hash(self) -> SignatureHash {
        match self {
            Self::RsaPkcs1Sha1 => SignatureHash::SHA1,
            Self::RsaPkcs1Sha256 | Self::RsaPssSha256 | Self::EcdsaP256Sha256 => {
                SignatureHash::SHA2_256
            }
            Self::RsaPkcs1Sha384 | Self::RsaPssSha384 | Self::EcdsaP384Sha384 => {
                SignatureHash::SHA2_384
            }
            Self::RsaPkcs1Sha512 | Self::RsaPssSha512 => SignatureHash::SHA2_512,
            Self::Ed25519 => SignatureHash::IDENTITY,
        }
    }
}
