//! AES-CBC, in place (RFC 3602): one text, or several in lock step ([`chains`]).

use std::fmt;

use aes::cipher::{Array, BlockCipherEncrypt as _, BlockModeDecrypt as _, BlockModeEncrypt as _};
use aes::cipher::{InnerIvInit as _, KeyInit as _};
use aes::{Aes128, Aes256, Block};

pub(crate) use crate::cbc::chains::CHAINS;
use crate::cbc::chains::Chains;
use crate::encryption::Encryption;
use crate::secret::Secret;

mod chains;

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

    /// Encrypts up to [`CHAINS`] texts, side by side, each beginning with its IV field, in which the
    /// caller put a number that is used once for this key.
    ///
    /// That makes the field an IV that nobody without the key can foresee: the number, encrypted
    /// (NIST SP 800-38A, appendix C, first method). It is the first block of a chain whose own IV is
    /// zero, so it costs one block where a generator would cost a system call.
    pub(crate) fn encrypt_with_iv_fields(&self, texts: &mut [&mut [Block]]) {
        match self {
            Self::Aes128(key) => key.encrypt_with_backend(Chains(texts)),
            Self::Aes256(key) => key.encrypt_with_backend(Chains(texts)),
        }
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

/// The IV field before it is encrypted.
pub(crate) fn once_in_iv_field(once: u64) -> [u8; BLOCK] {
    u128::from(once).to_be_bytes()
}

/// `text` as blocks; nothing if the last one is not whole.
pub(crate) fn blocks(text: &mut [u8]) -> Option<&mut [Block]> {
    let (blocks, rest) = Block::slice_as_chunks_mut(text);
    rest.is_empty().then_some(blocks)
}
