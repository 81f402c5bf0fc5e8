//! Integrity algorithms for SK payloads and ESP (RFC 2404, RFC 4868).

use azike_wire::IntegrityId;

use crate::Unsupported;
use crate::keyed_hash::{Hash, KeyedHash};
use crate::secret::Secret;

/// How a message is protected against change when its cipher is not an AEAD.
///
/// The name says hash and bits of the integrity check value (ICV).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Integrity {
    /// `AUTH_HMAC_SHA1_96` (RFC 2404).
    HmacSha1_96,
    /// `AUTH_HMAC_SHA2_256_128` (RFC 4868).
    HmacSha256_128,
    /// `AUTH_HMAC_SHA2_384_192` (RFC 4868).
    HmacSha384_192,
    /// `AUTH_HMAC_SHA2_512_256` (RFC 4868).
    HmacSha512_256,
}

impl Integrity {
    /// The transform ID of the proposal.
    pub const fn id(self) -> IntegrityId {
        match self {
            Self::HmacSha1_96 => IntegrityId::AUTH_HMAC_SHA1_96,
            Self::HmacSha256_128 => IntegrityId::AUTH_HMAC_SHA2_256_128,
            Self::HmacSha384_192 => IntegrityId::AUTH_HMAC_SHA2_384_192,
            Self::HmacSha512_256 => IntegrityId::AUTH_HMAC_SHA2_512_256,
        }
    }

    /// Octets of key that the key derivation gives to it: the length of the
    /// hash (RFC 4868, section 2.1.1).
    pub const fn key_length(self) -> usize {
        self.hash().length()
    }

    /// Octets of the ICV on the wire.
    pub const fn icv_length(self) -> usize {
        match self {
            Self::HmacSha1_96 => 12,
            Self::HmacSha256_128 => 16,
            Self::HmacSha384_192 => 24,
            Self::HmacSha512_256 => 32,
        }
    }

    pub(crate) fn keyed(self, key: &Secret) -> KeyedHash {
        KeyedHash::new(self.hash(), key.expose())
    }

    const fn hash(self) -> Hash {
        match self {
            Self::HmacSha1_96 => Hash::Sha1,
            Self::HmacSha256_128 => Hash::Sha256,
            Self::HmacSha384_192 => Hash::Sha384,
            Self::HmacSha512_256 => Hash::Sha512,
        }
    }
}

impl TryFrom<IntegrityId> for Integrity {
    type Error = Unsupported;

    fn try_from(id: IntegrityId) -> Result<Self, Unsupported> {
        match id {
            IntegrityId::AUTH_HMAC_SHA1_96 => Ok(Self::HmacSha1_96),
            IntegrityId::AUTH_HMAC_SHA2_256_128 => Ok(Self::HmacSha256_128),
            IntegrityId::AUTH_HMAC_SHA2_384_192 => Ok(Self::HmacSha384_192),
            IntegrityId::AUTH_HMAC_SHA2_512_256 => Ok(Self::HmacSha512_256),
            _ => Err(Unsupported),
        }
    }
}
