//! The content of SK and SKF payloads (RFC 7296, section 3.14; RFC 5282;
//! RFC 7383, section 2.5).
//!
//! ```text
//! |<---------------- prefix, AAD ---------------->|<---------------- body --------------->|
//! | IKE header | (unprotected) | SK or SKF header | IV | payloads | padding | pad len | ICV |
//!                                                      |<------ encrypted ------>|
//! ```
//!
//! The ICV of AES-CBC with HMAC is over the whole message before the ICV, and
//! so is in effect that of an AEAD.

use crate::aead::{self, Aead};
use crate::cbc;
use crate::ike_keys::IkeAlgorithms;
use crate::integrity::Integrity;
use crate::keyed_hash::KeyedHash;
use crate::protection::{CbcHmac, Protection};
use crate::random::Random;
use crate::secret::Secret;

/// Protects one direction of an IKE SA.
#[derive(Debug)]
pub struct SkCipher {
    protection: Protection<KeyedHash>,
    /// The IV of the next message under an AEAD: never the same twice.
    next_iv: u64,
}

impl SkCipher {
    pub(crate) fn new(algorithms: IkeAlgorithms, encryption: &Secret, integrity: &Secret) -> Self {
        let protection = Protection::new(
            algorithms.encryption(),
            algorithms.integrity(),
            encryption,
            integrity,
            Integrity::keyed,
        );
        Self {
            protection,
            next_iv: 0,
        }
    }

    /// Octets of the body for `plaintext` octets of payloads: what the length
    /// field of the SK payload counts after its header.
    pub const fn body_length(&self, plaintext: usize) -> usize {
        self.iv_length() + self.ciphertext_length(plaintext) + self.protection.icv_length()
    }

    /// The most octets of payloads whose body is not longer than `body`; 0 if
    /// not even an empty one fits.
    pub const fn max_plaintext(&self, body: usize) -> usize {
        let overhead = self.iv_length() + self.protection.icv_length();
        let ciphertext = body.saturating_sub(overhead);
        let whole_blocks = ciphertext - ciphertext % self.block();
        whole_blocks.saturating_sub(1)
    }

    /// Protects `plaintext`, a chain of payloads, and returns the whole
    /// message.
    ///
    /// `prefix` is the message up to and with the header of the SK or SKF
    /// payload; its lengths already count [`SkCipher::body_length`] octets
    /// more. A message that is sent again is kept, not sealed again.
    pub fn seal(&mut self, random: &mut dyn Random, prefix: Vec<u8>, plaintext: &[u8]) -> Vec<u8> {
        let padding = self.ciphertext_length(plaintext.len()) - plaintext.len() - 1;
        let mut message = prefix;
        message.reserve_exact(self.body_length(plaintext.len()));
        match &self.protection {
            Protection::Aead(aead) => {
                let iv = self.next_iv.to_be_bytes();
                // 2^64 messages do not happen: Message IDs end at 2^32.
                self.next_iv = self.next_iv.wrapping_add(1);
                seal_aead(aead, iv, message, plaintext, padding)
            }
            Protection::CbcHmac(cbc_hmac) => {
                let mut iv = [0; cbc::BLOCK];
                random.fill(&mut iv);
                seal_cbc_hmac(cbc_hmac, iv, message, plaintext, padding)
            }
        }
    }

    /// The chain of payloads in `body`, without its padding; nothing unless
    /// the ICV is right and the padding fits.
    ///
    /// `aad` is the message from its first octet up to `body`, `body` all
    /// octets after the header of the SK or SKF payload. What the padding
    /// contains does not matter (RFC 7296, section 3.14).
    pub fn open(&self, aad: &[u8], body: &[u8]) -> Option<Vec<u8>> {
        let mut text = match &self.protection {
            Protection::Aead(aead) => open_aead(aead, aad, body)?,
            Protection::CbcHmac(cbc_hmac) => open_cbc_hmac(cbc_hmac, aad, body)?,
        };
        let padding = usize::from(text.pop()?);
        text.truncate(text.len().checked_sub(padding)?);
        Some(text)
    }

    const fn ciphertext_length(&self, plaintext: usize) -> usize {
        (plaintext + 1).next_multiple_of(self.block())
    }

    const fn iv_length(&self) -> usize {
        match self.protection {
            Protection::Aead(_) => aead::IV_LENGTH,
            Protection::CbcHmac(_) => cbc::BLOCK,
        }
    }

    const fn block(&self) -> usize {
        match self.protection {
            Protection::Aead(_) => 1,
            Protection::CbcHmac(_) => cbc::BLOCK,
        }
    }
}

fn seal_aead(
    aead: &Aead,
    iv: [u8; aead::IV_LENGTH],
    mut message: Vec<u8>,
    plaintext: &[u8],
    padding: usize,
) -> Vec<u8> {
    let aad_length = message.len();
    message.extend_from_slice(&iv);
    let text_at = message.len();
    push_padded(&mut message, plaintext, padding);
    let (head, text) = message.split_at_mut(text_at);
    let aad = head.get(..aad_length).unwrap_or_default();
    let icv = aead.seal(iv, aad, text);
    message.extend_from_slice(icv.as_ref());
    message
}

fn seal_cbc_hmac(
    cbc_hmac: &CbcHmac<KeyedHash>,
    iv: [u8; cbc::BLOCK],
    mut message: Vec<u8>,
    plaintext: &[u8],
    padding: usize,
) -> Vec<u8> {
    message.extend_from_slice(&iv);
    let text_at = message.len();
    push_padded(&mut message, plaintext, padding);
    let (_, text) = message.split_at_mut(text_at);
    #[expect(clippy::expect_used, reason = "the padding fills the last block")]
    cbc_hmac.cbc.encrypt(iv, text).expect("whole blocks");
    let mut mac = cbc_hmac.mac.clone();
    mac.update(&message);
    let icv_at = message.len();
    message.resize(icv_at + cbc_hmac.icv_length, 0);
    mac.finish(message.split_at_mut(icv_at).1);
    message
}

/// Appends `plaintext`, `padding` octets (at most 15) and their number.
fn push_padded(message: &mut Vec<u8>, plaintext: &[u8], padding: usize) {
    message.extend_from_slice(plaintext);
    message.resize(message.len() + padding, 0);
    message.push(u8::try_from(padding).unwrap_or(u8::MAX));
}

fn open_aead(aead: &Aead, aad: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    let (iv, rest) = body.split_first_chunk()?;
    let (text, icv) = rest.split_last_chunk()?;
    let mut text = text.to_vec();
    aead.open(*iv, aad, &mut text, *icv)?;
    Some(text)
}

fn open_cbc_hmac(cbc_hmac: &CbcHmac<KeyedHash>, aad: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    let icv_at = body.len().checked_sub(cbc_hmac.icv_length)?;
    let (protected, icv) = body.split_at_checked(icv_at)?;
    let (iv, text) = protected.split_first_chunk()?;
    // Nothing is decrypted before the ICV is known to be right.
    let mut mac = cbc_hmac.mac.clone();
    mac.update(aad);
    mac.update(protected);
    if !mac.verify(icv) {
        return None;
    }
    let mut text = text.to_vec();
    cbc_hmac.cbc.decrypt(*iv, &mut text)?;
    Some(text)
}
