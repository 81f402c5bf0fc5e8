//! The ICVs of packets, of several at once (RFC 2104, RFC 4868, RFC 2404).
//!
//! HMAC-SHA-1 and HMAC-SHA-256 go side by side ([`hmac`]); SHA-512 is no faster that way and stays with
//! the library.

use subtle::ConstantTimeEq as _;

use crate::integrity::Integrity;
use crate::keyed_hash::KeyedHash;
use crate::packet_mac::hmac::{Hmac, Sha1, Sha256};
use crate::secret::Secret;

mod hmac;

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

#[cfg(test)]
mod tests {
    use std::array;

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
