//! A cipher that also protects against change: an AEAD, or AES-CBC with an
//! HMAC over the ciphertext (RFC 7296, section 3.14; RFC 4303, section 3.2.3).

use crate::aead::{self, Aead};
use crate::cbc::Cbc;
use crate::encryption::Encryption;
use crate::integrity::Integrity;
use crate::secret::Secret;

/// One direction of an SA, keyed; `M` is how it computes the HMAC.
#[derive(Debug)]
pub(crate) enum Protection<M> {
    /// Cipher and integrity in one.
    Aead(Aead),
    /// Encrypt, then MAC.
    CbcHmac(CbcHmac<M>),
}

/// AES-CBC with the integrity algorithm beside it.
#[derive(Debug)]
pub(crate) struct CbcHmac<M> {
    pub(crate) cbc: Cbc,
    pub(crate) mac: M,
    pub(crate) icv_length: usize,
}

impl<M> Protection<M> {
    /// From algorithms that fit together, and keys of the lengths that they
    /// take: callers have both checked by their types.
    pub(crate) fn new(
        encryption: Encryption,
        integrity: Option<Integrity>,
        encryption_key: &Secret,
        integrity_key: &Secret,
        mac: impl FnOnce(Integrity, &Secret) -> M,
    ) -> Self {
        let protection = match integrity {
            None => Aead::new(encryption, encryption_key).map(Self::Aead),
            Some(integrity) => Cbc::new(encryption, encryption_key).map(|cbc| {
                Self::CbcHmac(CbcHmac {
                    cbc,
                    mac: mac(integrity, integrity_key),
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
