//! The pseudorandom function and prf+ (RFC 7296, sections 2.13 and 3.3.2).

use azike_wire::PrfId;
use zeroize::Zeroizing;

use crate::Unsupported;
use crate::keyed_hash::{Hash, KeyedHash};
use crate::secret::Secret;

/// The pseudorandom function of an IKE SA: derives every key, and proves in
/// the AUTH payload who holds them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Prf {
    /// `PRF_HMAC_SHA1` (RFC 2104).
    HmacSha1,
    /// `PRF_HMAC_SHA2_256` (RFC 4868).
    HmacSha256,
    /// `PRF_HMAC_SHA2_384` (RFC 4868).
    HmacSha384,
    /// `PRF_HMAC_SHA2_512` (RFC 4868).
    HmacSha512,
}

impl Prf {
    /// The transform ID of the proposal.
    pub const fn id(self) -> PrfId {
        match self {
            Self::HmacSha1 => PrfId::PRF_HMAC_SHA1,
            Self::HmacSha256 => PrfId::PRF_HMAC_SHA2_256,
            Self::HmacSha384 => PrfId::PRF_HMAC_SHA2_384,
            Self::HmacSha512 => PrfId::PRF_HMAC_SHA2_512,
        }
    }

    /// Octets of the preferred key, which are also the octets of the result
    /// (RFC 4868, section 2.1.2).
    pub const fn key_length(self) -> usize {
        self.hash().length()
    }

    /// prf(`key`, `parts` joined): [`Prf::key_length`] octets.
    pub fn mac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        let mut mac = KeyedHash::new(self.hash(), key);
        for part in parts {
            mac.update(part);
        }
        let mut octets = vec![0; self.key_length()];
        mac.finish(&mut octets);
        octets
    }

    /// prf+(`key`, `seed` joined), the first `length` octets (RFC 7296,
    /// section 2.13).
    ///
    /// The counter is one octet, so prf+ ends after 255 blocks. The longest
    /// key material of an SA is six blocks; whoever asks for more than 255
    /// gets 255.
    pub fn prf_plus(self, key: &[u8], seed: &[&[u8]], length: usize) -> Secret {
        let block = self.key_length();
        let keyed = KeyedHash::new(self.hash(), key);
        let length = length.min(block * usize::from(u8::MAX));
        Secret::write(length, |keymat| {
            // T1 = prf (K, S | 0x01), T2 = prf (K, T1 | S | 0x02), …
            let mut previous = Zeroizing::new(Vec::with_capacity(block));
            for (counter, chunk) in (1..=u8::MAX).zip(keymat.chunks_mut(block)) {
                let mut mac = keyed.clone();
                mac.update(&previous);
                for part in seed {
                    mac.update(part);
                }
                mac.update(&[counter]);
                previous.resize(block, 0);
                mac.finish(&mut previous);
                for (to, from) in chunk.iter_mut().zip(previous.iter()) {
                    *to = *from;
                }
            }
        })
    }

    const fn hash(self) -> Hash {
        match self {
            Self::HmacSha1 => Hash::Sha1,
            Self::HmacSha256 => Hash::Sha256,
            Self::HmacSha384 => Hash::Sha384,
            Self::HmacSha512 => Hash::Sha512,
        }
    }
}

impl TryFrom<PrfId> for Prf {
    type Error = Unsupported;

    fn try_from(id: PrfId) -> Result<Self, Unsupported> {
        match id {
            PrfId::PRF_HMAC_SHA1 => Ok(Self::HmacSha1),
            PrfId::PRF_HMAC_SHA2_256 => Ok(Self::HmacSha256),
            PrfId::PRF_HMAC_SHA2_384 => Ok(Self::HmacSha384),
            PrfId::PRF_HMAC_SHA2_512 => Ok(Self::HmacSha512),
            _ => Err(Unsupported),
        }
    }
}
