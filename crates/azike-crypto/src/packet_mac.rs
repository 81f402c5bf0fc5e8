//! The ICVs of several packets, side by side (RFC 2104, RFC 4868, RFC 2404).
//!
//! ```text
//!   packet 0   key ⊕ ipad ─▶ H ─▶ H ─▶ H ─ … ─▶ padding ─▶ H ─┐
//!   packet 1   key ⊕ ipad ─▶ H ─▶ H ─▶ H ─ … ─▶ padding ─▶ H ─┤
//!   …                             │    │                     ├─▶ with key ⊕ opad ─▶ H ─▶ ICVs
//!                                 └ a row
//! ```
//!
//! A hash waits for its own last block, and the processor waits with it. The blocks of a row belong to
//! different packets, so it begins the next one meanwhile: SHA-256 takes 0.73 and SHA-1 0.46 of the
//! time. SHA-512 has no instructions of its own yet and gains nothing; it stays as it is.

use std::{array, fmt, slice};

use sha1::block_api::compress as compress_sha1;
use sha2::block_api::compress256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize;

use crate::integrity::Integrity;
use crate::keyed_hash::KeyedHash;
use crate::secret::Secret;

/// How many packets go side by side.
pub(crate) const LANES: usize = 4;

/// Octets of a block of SHA-1 and SHA-256.
const BLOCK: usize = 64;

/// Octets of the length at the end of the last block.
const BIT_LENGTH: usize = 8;

/// What an ICV covers: a packet, then the upper half of its sequence number where that is extended
/// (RFC 4303, section 2.8).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Message<'p> {
    pub(crate) packet: &'p [u8],
    pub(crate) esn_high: Option<u32>,
}

/// An ICV before it is cut to its length.
pub(crate) type Tag = [u8; 64];

/// An integrity algorithm with its key already absorbed.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one value for each direction of an SA, and no pointer to follow for each packet"
)]
pub(crate) enum PacketMac {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Other(KeyedHash),
}

impl PacketMac {
    pub(crate) fn new(integrity: Integrity, key: &Secret) -> Self {
        let own = match integrity {
            Integrity::HmacSha1_96 => Hmac::new(key.expose()).map(Self::Sha1),
            Integrity::HmacSha256_128 => Hmac::new(key.expose()).map(Self::Sha256),
            Integrity::HmacSha384_192 | Integrity::HmacSha512_256 => None,
        };
        own.unwrap_or_else(|| Self::Other(integrity.keyed(key)))
    }

    /// Whether several messages take less time together.
    pub(crate) const fn gains_from_batches(&self) -> bool {
        match self {
            Self::Sha1(_) | Self::Sha256(_) => true,
            Self::Other(_) => false,
        }
    }

    /// The ICVs of `messages`, in their order.
    pub(crate) fn tags(&self, messages: &[Message<'_>], tags: &mut [Tag]) {
        match self {
            Self::Sha1(hmac) => hmac.tags(messages, tags),
            Self::Sha256(hmac) => hmac.tags(messages, tags),
            Self::Other(hmac) => {
                for (message, tag) in messages.iter().zip(tags) {
                    let mut hmac = hmac.clone();
                    hmac.update(message.packet);
                    if let Some(esn_high) = message.esn_high {
                        hmac.update(&esn_high.to_be_bytes());
                    }
                    hmac.finish(tag);
                }
            }
        }
    }
}

/// Whether `icv` is the beginning of `tag`, in a time that does not depend on where they differ. An
/// ICV of no octets is never right.
pub(crate) fn is_tag(tag: &Tag, icv: &[u8]) -> bool {
    let Some(expected) = tag.get(..icv.len()).filter(|tag| !tag.is_empty()) else {
        return false;
    };
    // All differences in one octet first: subtle hides each octet that it compares from the compiler,
    // and sixteen of them take as long as a block of AES.
    let octets = expected.iter().zip(icv);
    let difference = octets.fold(0_u8, |sum, (expected, octet)| sum | (expected ^ octet));
    difference.ct_eq(&0).into()
}

/// A hash by its blocks.
pub(crate) trait Hash {
    type State: Copy + Zeroize;
    const INITIAL: Self::State;
    /// Octets of the result.
    const LENGTH: usize;
    fn compress(state: &mut Self::State, blocks: &[[u8; BLOCK]]);
    fn words(state: &Self::State) -> &[u32];
}

/// FIPS 180-4, section 5.3.1.
pub(crate) struct Sha1;

impl Hash for Sha1 {
    type State = [u32; 5];
    const INITIAL: Self::State = [
        0x6745_2301,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    const LENGTH: usize = 20;

    #[inline]
    fn compress(state: &mut Self::State, blocks: &[[u8; BLOCK]]) {
        compress_sha1(state, blocks);
    }

    fn words(state: &Self::State) -> &[u32] {
        state
    }
}

/// FIPS 180-4, section 5.3.3.
pub(crate) struct Sha256;

impl Hash for Sha256 {
    type State = [u32; 8];
    const INITIAL: Self::State = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];
    const LENGTH: usize = 32;

    #[inline]
    fn compress(state: &mut Self::State, blocks: &[[u8; BLOCK]]) {
        compress256(state, blocks);
    }

    fn words(state: &Self::State) -> &[u32] {
        state
    }
}

/// HMAC between its key and its message: the states behind the two blocks of the key.
pub(crate) struct Hmac<H: Hash> {
    inner: H::State,
    outer: H::State,
}

impl<H: Hash> Hmac<H> {
    /// Absorbs `key`. Nothing if it is longer than a block; no integrity key is.
    fn new(key: &[u8]) -> Option<Self> {
        let mut block = [0; BLOCK];
        block.get_mut(..key.len())?.copy_from_slice(key);
        let keyed = |pad| {
            let mut padded = block.map(|octet| octet ^ pad);
            let mut state = H::INITIAL;
            H::compress(&mut state, slice::from_ref(&padded));
            padded.zeroize();
            state
        };
        let (inner, outer) = (keyed(0x36), keyed(0x5c));
        block.zeroize();
        Some(Self { inner, outer })
    }

    fn tags(&self, messages: &[Message<'_>], tags: &mut [Tag]) {
        for (messages, tags) in messages.chunks(LANES).zip(tags.chunks_mut(LANES)) {
            if let ([message], [tag]) = (messages, &mut *tags) {
                let mut lane: Lane<'_, H> = Lane::new(self.inner, message);
                H::compress(&mut lane.state, lane.whole);
                lane.compress_end();
                self.write_tag(&lane, tag);
                continue;
            }
            let mut lanes: [Lane<'_, H>; LANES] =
                array::from_fn(|place| match messages.get(place) {
                    Some(message) => Lane::new(self.inner, message),
                    None => Lane::idle(self.inner),
                });
            side_by_side(&mut lanes);
            for (lane, tag) in lanes.iter().zip(tags) {
                self.write_tag(lane, tag);
            }
        }
    }

    /// The outer hash of a message that the inner one has behind it.
    fn write_tag(&self, lane: &Lane<'_, H>, tag: &mut Tag) {
        let mut outer = self.outer;
        H::compress(&mut outer, slice::from_ref(&last_block::<H>(&lane.state)));
        write::<H>(&outer, tag);
    }
}

impl<H: Hash> Drop for Hmac<H> {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

impl<H: Hash> fmt::Debug for Hmac<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hmac({} octets)", H::LENGTH)
    }
}

/// One message on its way through the inner hash.
struct Lane<'p, H: Hash> {
    state: H::State,
    /// Its whole blocks.
    whole: &'p [[u8; BLOCK]],
    /// The octets behind them, with the padding of the hash.
    end: [u8; 2 * BLOCK],
    /// How many blocks of `end` are used.
    end_blocks: usize,
}

impl<'p, H: Hash> Lane<'p, H> {
    fn new(state: H::State, message: &Message<'p>) -> Self {
        let (whole, tail) = message.packet.as_chunks();
        let esn_high = message.esn_high.map(u32::to_be_bytes);
        let esn_high = esn_high.as_ref().map_or(&[][..], |octets| octets);
        // The block of the key was hashed before.
        let length = BLOCK + message.packet.len() + esn_high.len();
        let mut end = [0; 2 * BLOCK];
        let mut at = 0;
        for octets in [tail, esn_high, &[0x80]] {
            let next = at + octets.len();
            end.get_mut(at..next)
                .unwrap_or_default()
                .copy_from_slice(octets);
            at = next;
        }
        let end_blocks = (at + BIT_LENGTH).div_ceil(BLOCK);
        let field = end.get_mut(..end_blocks * BLOCK).unwrap_or_default();
        if let Some(field) = field.last_chunk_mut() {
            *field = bits(length);
        }
        Self {
            state,
            whole,
            end,
            end_blocks,
        }
    }

    fn idle(state: H::State) -> Self {
        Self {
            state,
            whole: &[],
            end: [0; 2 * BLOCK],
            end_blocks: 0,
        }
    }

    fn compress_end(&mut self) {
        let (blocks, _) = self.end.as_chunks();
        let blocks = blocks.get(..self.end_blocks).unwrap_or_default();
        H::compress(&mut self.state, blocks);
    }
}

/// The blocks of all `lanes`, one of each in turn.
fn side_by_side<H: Hash>(lanes: &mut [Lane<'_, H>]) {
    let rows = lanes.iter().map(|lane| lane.whole.len()).max().unwrap_or(0);
    for row in 0..rows {
        for lane in &mut *lanes {
            if let Some(block) = lane.whole.get(row) {
                H::compress(&mut lane.state, slice::from_ref(block));
            }
        }
    }
    for lane in lanes {
        lane.compress_end();
    }
}

/// What the outer hash takes: the result of the inner one, padded.
fn last_block<H: Hash>(inner: &H::State) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    write::<H>(inner, &mut block);
    if let Some(octet) = block.get_mut(H::LENGTH) {
        *octet = 0x80;
    }
    if let Some(field) = block.last_chunk_mut() {
        *field = bits(BLOCK + H::LENGTH);
    }
    block
}

/// Writes the words of `state` to the start of `to`.
fn write<H: Hash>(state: &H::State, to: &mut [u8; BLOCK]) {
    let (fields, _) = to.as_chunks_mut();
    for (field, word) in fields.iter_mut().zip(H::words(state)) {
        *field = word.to_be_bytes();
    }
}

/// A length of so many octets, as both hashes want it at the end of their last block.
fn bits(octets: usize) -> [u8; BIT_LENGTH] {
    (octets as u64 * 8).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the library's HMAC, which Wycheproof's vectors check: every length around the edges of
    /// blocks, every number of lanes, with and without the upper half of a sequence number.
    #[test]
    fn tags_are_those_of_the_library() {
        let octets: Vec<u8> = (0..300_u32).map(|place| place.to_le_bytes()[0]).collect();
        for integrity in [
            Integrity::HmacSha1_96,
            Integrity::HmacSha256_128,
            Integrity::HmacSha384_192,
            Integrity::HmacSha512_256,
        ] {
            let key = Secret::new(vec![0x0b; integrity.key_length()].into_boxed_slice());
            let mac = PacketMac::new(integrity, &key);
            for length in 0..280_usize {
                let messages: Vec<Message<'_>> = (0..=length % 9)
                    .map(|place| Message {
                        packet: &octets[place..length.saturating_sub(place * 31).max(place)],
                        esn_high: [None, Some(7)][(place + length) % 2],
                    })
                    .collect();
                let mut tags = vec![[0; 64]; messages.len()];
                mac.tags(&messages, &mut tags);
                for (message, tag) in messages.iter().zip(&tags) {
                    let mut library = integrity.keyed(&key);
                    library.update(message.packet);
                    if let Some(esn_high) = message.esn_high {
                        library.update(&esn_high.to_be_bytes());
                    }
                    let icv = &tag[..integrity.icv_length()];
                    assert!(library.verify(icv), "{integrity:?} {length} {message:?}");
                }
            }
        }
    }

    #[test]
    fn only_the_beginning_of_the_tag_is_right() {
        let tag: Tag = array::from_fn(|place| u8::try_from(place).unwrap());
        for length in 1..=64 {
            assert!(is_tag(&tag, &tag[..length]));
            let mut wrong = tag;
            wrong[length - 1] ^= 0x80;
            assert!(!is_tag(&tag, &wrong[..length]), "octet {length}");
        }
        assert!(!is_tag(&tag, &[]));
        assert!(!is_tag(&tag, &[0; 65]));
    }
}
