//! AES-CBC, in place (RFC 3602).

use std::fmt;

use aes::cipher::{Array, BlockCipherEncrypt as _, BlockModeDecrypt as _, BlockModeEncrypt as _};
use aes::cipher::{InnerIvInit as _, KeyInit as _};
use aes::{Aes128, Aes256, Block};

use crate::encryption::Encryption;
use crate::secret::Secret;

/// Octets of a block, and of the IV.
pub(crate) const BLOCK: usize = 16;

/// An AES key, expanded; overwritten when dropped.
pub(crate) enum Cbc {
    Aes128(Aes128),
    Aes256(Aes256),
}

impl Cbc {
    /// Nothing if the algorithm is not AES-CBC or the key has another length.
    pub(crate) fn new(encryption: Encryption, key: &Secret) -> Option<Self> {
        match encryption {
            Encryption::Aes128Cbc => {
                let key = Aes128::new_from_slice(key.expose()).ok()?;
                Some(Self::Aes128(key))
            }
            Encryption::Aes256Cbc => {
                let key = Aes256::new_from_slice(key.expose()).ok()?;
                Some(Self::Aes256(key))
            }
            Encryption::Aes128Gcm16 | Encryption::Aes256Gcm16 | Encryption::ChaCha20Poly1305 => {
                None
            }
        }
    }

    /// Encrypts `text`. Nothing, and nothing changed, if it is not a multiple
    /// of [`BLOCK`].
    pub(crate) fn encrypt(&self, iv: [u8; BLOCK], text: &mut [u8]) -> Option<()> {
        let blocks = blocks(text)?;
        let iv = Array(iv);
        match self {
            Self::Aes128(key) => {
                ::cbc::Encryptor::inner_iv_init(key, &iv).encrypt_blocks(blocks);
            }
            Self::Aes256(key) => {
                ::cbc::Encryptor::inner_iv_init(key, &iv).encrypt_blocks(blocks);
            }
        }
        Some(())
    }

    /// Decrypts `text`. Nothing, and nothing changed, if it is not a multiple
    /// of [`BLOCK`].
    pub(crate) fn decrypt(&self, iv: [u8; BLOCK], text: &mut [u8]) -> Option<()> {
        let blocks = blocks(text)?;
        let iv = Array(iv);
        match self {
            Self::Aes128(key) => {
                ::cbc::Decryptor::inner_iv_init(key, &iv).decrypt_blocks(blocks);
            }
            Self::Aes256(key) => {
                ::cbc::Decryptor::inner_iv_init(key, &iv).decrypt_blocks(blocks);
            }
        }
        Some(())
    }

    /// An IV that nobody without the key can foresee, from a number that is
    /// used once for this key: the number, encrypted (NIST SP 800-38A,
    /// appendix C, first method).
    ///
    /// ESP needs one IV for each packet and has a number that never repeats;
    /// this costs one block where a generator would cost a system call.
    pub(crate) fn unpredictable_iv(&self, once: u64) -> [u8; BLOCK] {
        let mut block = Block::from(u128::from(once).to_be_bytes());
        match self {
            Self::Aes128(key) => key.encrypt_block(&mut block),
            Self::Aes256(key) => key.encrypt_block(&mut block),
        }
        block.into()
    }
}

impl fmt::Debug for Cbc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aes128(_) => "Cbc(AES-128)",
            Self::Aes256(_) => "Cbc(AES-256)",
        })
    }
}

fn blocks(text: &mut [u8]) -> Option<&mut [Block]> {
    let (blocks, rest) = Block::slice_as_chunks_mut(text);
    rest.is_empty().then_some(blocks)
}
