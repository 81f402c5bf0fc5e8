//! A cipher that also protects against change: an AEAD, or AES-CBC with an
//! HMAC over the ciphertext (RFC 7296, section 3.14; RFC 4303, section 3.2.3).

use crate::aead::{self, Aead};
use crate::cbc::Cbc;
use crate::encryption::Encryption;
use crate::integrity::Integrity;
use crate::keyed_hash::KeyedHash;
use crate::secret::Secret;

/// One direction of an SA, keyed.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one value for each direction of an SA, and no pointer to follow for each packet"
)]
pub(crate) enum Protection {
    /// Cipher and integrity in one.
    Aead(Aead),
    /// Encrypt, then MAC.
    CbcHmac(CbcHmac),
}

/// AES-CBC with the integrity algorithm beside it.
#[derive(Debug)]
pub(crate) struct CbcHmac {
    pub(crate) cbc: Cbc,
    pub(crate) mac: KeyedHash,
    pub(crate) icv_length: usize,
}

impl Protection {
    /// From algorithms that fit together, and keys of the lengths that they
    /// take: callers have both checked by their types.
    pub(crate) fn new(
        encryption: Encryption,
        integrity: Option<Integrity>,
        encryption_key: &Secret,
        integrity_key: &Secret,
    ) -> Self {
        let protection = match integrity {
            None => Aead::new(encryption, encryption_key).map(Self::Aead),
            Some(integrity) => Cbc::new(encryption, encryption_key).map(|cbc| {
                Self::CbcHmac(CbcHmac {
                    cbc,
                    mac: integrity.keyed(integrity_key),
                    icv_length: integrity.icv_length(),
                })
            }),
        };
        #[expect(
            clippy::expect_used,
            reason = "IkeAlgorithms and ChildAlgorithms fit together; IkeKeys and DirectionKeys \
                      have keys of their lengths"
        )]
        protection.expect("algorithms that fit together, keys of their lengths")
    }

    /// Octets of the ICV at the end of a message or packet.
    pub(crate) const fn icv_length(&self) -> usize {
        match self {
            Self::Aead(_) => aead::ICV_LENGTH,
            Self::CbcHmac(cbc_hmac) => cbc_hmac.icv_length,
        }
    }
}
