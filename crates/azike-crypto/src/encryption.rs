//! Encryption algorithms for SK payloads and ESP: their names and sizes
//! (RFC 7296, section 3.3.2; RFC 3602, RFC 4106, RFC 5282, RFC 7634).

use azike_wire::EncryptionId;

use crate::Unsupported;

/// Octets of the salt that an AEAD takes from the end of its keying material.
pub(crate) const SALT_LENGTH: usize = 4;

/// A cipher with the size of its key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encryption {
    /// `ENCR_AES_GCM_16` with a 128-bit key (RFC 4106).
    Aes128Gcm16,
    /// `ENCR_AES_GCM_16` with a 256-bit key (RFC 4106).
    Aes256Gcm16,
    /// `ENCR_AES_CBC` with a 128-bit key (RFC 3602).
    Aes128Cbc,
    /// `ENCR_AES_CBC` with a 256-bit key (RFC 3602).
    Aes256Cbc,
    /// `ENCR_CHACHA20_POLY1305` (RFC 7634).
    ChaCha20Poly1305,
}

impl Encryption {
    /// The transform ID of the proposal.
    pub const fn id(self) -> EncryptionId {
        match self {
            Self::Aes128Gcm16 | Self::Aes256Gcm16 => EncryptionId::ENCR_AES_GCM_16,
            Self::Aes128Cbc | Self::Aes256Cbc => EncryptionId::ENCR_AES_CBC,
            Self::ChaCha20Poly1305 => EncryptionId::ENCR_CHACHA20_POLY1305,
        }
    }

    /// The Key Length attribute of the proposal in bits, without the salt;
    /// none for a cipher with one key size only (RFC 7634, section 3).
    pub const fn key_bits(self) -> Option<u16> {
        match self {
            Self::Aes128Gcm16 | Self::Aes128Cbc => Some(128),
            Self::Aes256Gcm16 | Self::Aes256Cbc => Some(256),
            Self::ChaCha20Poly1305 => None,
        }
    }

    /// Octets that the key derivation gives to it: the key, and for an AEAD
    /// four octets of salt behind it (RFC 4106, section 8.1).
    pub const fn keymat_length(self) -> usize {
        match self {
            Self::Aes128Gcm16 => 16 + SALT_LENGTH,
            Self::Aes256Gcm16 | Self::ChaCha20Poly1305 => 32 + SALT_LENGTH,
            Self::Aes128Cbc => 16,
            Self::Aes256Cbc => 32,
        }
    }

    /// Octets of the initialization vector on the wire.
    pub const fn iv_length(self) -> usize {
        match self {
            Self::Aes128Gcm16 | Self::Aes256Gcm16 | Self::ChaCha20Poly1305 => 8,
            Self::Aes128Cbc | Self::Aes256Cbc => 16,
        }
    }

    /// The ciphertext is a multiple of so many octets; 1 for an AEAD, which
    /// takes any length. (ESP asks for 4 in any case: RFC 4303, section 2.4.)
    pub const fn block(self) -> usize {
        match self {
            Self::Aes128Gcm16 | Self::Aes256Gcm16 | Self::ChaCha20Poly1305 => 1,
            Self::Aes128Cbc | Self::Aes256Cbc => 16,
        }
    }

    /// Octets of the integrity check value that the cipher makes itself; none
    /// if it needs an [`Integrity`](crate::Integrity) beside it.
    pub const fn icv_length(self) -> Option<usize> {
        match self {
            Self::Aes128Gcm16 | Self::Aes256Gcm16 | Self::ChaCha20Poly1305 => Some(16),
            Self::Aes128Cbc | Self::Aes256Cbc => None,
        }
    }

    /// Whether the cipher protects against change too, so that a proposal with
    /// it has no integrity transform (RFC 7296, section 3.3.3).
    pub const fn is_aead(self) -> bool {
        self.icv_length().is_some()
    }
}

impl TryFrom<(EncryptionId, Option<u16>)> for Encryption {
    type Error = Unsupported;

    /// From the transform ID and its Key Length attribute in bits.
    fn try_from((id, key_bits): (EncryptionId, Option<u16>)) -> Result<Self, Unsupported> {
        match (id, key_bits) {
            (EncryptionId::ENCR_AES_GCM_16, Some(128)) => Ok(Self::Aes128Gcm16),
            (EncryptionId::ENCR_AES_GCM_16, Some(256)) => Ok(Self::Aes256Gcm16),
            (EncryptionId::ENCR_AES_CBC, Some(128)) => Ok(Self::Aes128Cbc),
            (EncryptionId::ENCR_AES_CBC, Some(256)) => Ok(Self::Aes256Cbc),
            (EncryptionId::ENCR_CHACHA20_POLY1305, None) => Ok(Self::ChaCha20Poly1305),
            _ => Err(Unsupported),
        }
    }
}
