//! Suites as text: `aes256gcm16-prfsha384-ecp384`, `aes256-sha256`.
//!
//! The words are those that administrators know from strongSwan's configuration.

use azike_crypto::{ChildAlgorithms, Encryption, IkeAlgorithms, Integrity, Prf};
use azike_wire::KeyExchangeMethod;
use thiserror::Error;

use crate::proposal::{ChildProposal, IkeProposal, Offer};

const ENCRYPTION: [(Encryption, &str); 5] = [
    (Encryption::Aes256Gcm16, "aes256gcm16"),
    (Encryption::Aes128Gcm16, "aes128gcm16"),
    (Encryption::Aes256Cbc, "aes256"),
    (Encryption::Aes128Cbc, "aes128"),
    (Encryption::ChaCha20Poly1305, "chacha20poly1305"),
];
const INTEGRITY: [(Integrity, &str); 4] = [
    (Integrity::HmacSha1_96, "sha1"),
    (Integrity::HmacSha256_128, "sha256"),
    (Integrity::HmacSha384_192, "sha384"),
    (Integrity::HmacSha512_256, "sha512"),
];
const PRF: [(Prf, &str); 4] = [
    (Prf::HmacSha1, "prfsha1"),
    (Prf::HmacSha256, "prfsha256"),
    (Prf::HmacSha384, "prfsha384"),
    (Prf::HmacSha512, "prfsha512"),
];
const GROUP: [(KeyExchangeMethod, &str); 6] = [
    (KeyExchangeMethod::MODP_1024, "modp1024"),
    (KeyExchangeMethod::MODP_2048, "modp2048"),
    (KeyExchangeMethod::MODP_2048_256, "modp2048s256"),
    (KeyExchangeMethod::ECP_256, "ecp256"),
    (KeyExchangeMethod::ECP_384, "ecp384"),
    (KeyExchangeMethod::CURVE25519, "x25519"),
];

/// Why a text is not a list of suites.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum SuiteFault {
    /// A word that names no algorithm.
    #[error("'{0}' is no algorithm that azike knows")]
    Word(String),
    /// A suite without cipher, or without what the cipher needs beside it.
    #[error("'{0}' is not a complete suite")]
    Incomplete(String),
    /// Only for an IKE SA, or only for a Child SA.
    #[error("'{0}' does not belong here")]
    Misplaced(String),
}

/// The suite of an IKE SA.
pub fn ike_suite(algorithms: IkeAlgorithms, group: KeyExchangeMethod) -> String {
    let mut words = vec![word(&ENCRYPTION, algorithms.encryption())];
    words.extend(
        algorithms
            .integrity()
            .map(|integrity| word(&INTEGRITY, integrity)),
    );
    words.push(word(&PRF, algorithms.prf()));
    words.push(word(&GROUP, group));
    words.join("-")
}

/// The suite of a Child SA.
pub fn child_suite(algorithms: ChildAlgorithms) -> String {
    let mut words = vec![word(&ENCRYPTION, algorithms.encryption())];
    words.extend(
        algorithms
            .integrity()
            .map(|integrity| word(&INTEGRITY, integrity)),
    );
    words.join("-")
}

impl Offer {
    /// The same, but for the IKE SA only what `text` says: suites with commas between them.
    pub fn with_ike(self, text: &str) -> Result<Self, SuiteFault> {
        let ike = text.split(',').map(|suite| Words::read(suite)?.ike(suite));
        Ok(Self {
            ike: ike.collect::<Result<_, _>>()?,
            ..self
        })
    }

    /// The same, but for Child SAs only what `text` says.
    pub fn with_child(self, text: &str) -> Result<Self, SuiteFault> {
        let child = text
            .split(',')
            .map(|suite| Words::read(suite)?.child(suite));
        Ok(Self {
            child: child.collect::<Result<_, _>>()?,
            ..self
        })
    }
}

/// The algorithms of one suite, by kind.
#[derive(Default)]
struct Words {
    encryption: Vec<Encryption>,
    integrity: Vec<Integrity>,
    prf: Vec<Prf>,
    groups: Vec<KeyExchangeMethod>,
}

impl Words {
    fn read(suite: &str) -> Result<Self, SuiteFault> {
        let mut words = Self::default();
        for text in suite.trim().split('-') {
            if let Some(found) = meaning(&ENCRYPTION, text) {
                words.encryption.push(found);
            } else if let Some(found) = meaning(&INTEGRITY, text) {
                words.integrity.push(found);
            } else if let Some(found) = meaning(&PRF, text) {
                words.prf.push(found);
            } else if let Some(found) = meaning(&GROUP, text) {
                words.groups.push(found);
            } else {
                return Err(SuiteFault::Word(text.to_owned()));
            }
        }
        let aead = words
            .encryption
            .iter()
            .filter(|cipher| cipher.is_aead())
            .count();
        let mixed = aead != 0 && aead != words.encryption.len();
        if words.encryption.is_empty() || mixed || (aead == 0) == words.integrity.is_empty() {
            return Err(SuiteFault::Incomplete(suite.to_owned()));
        }
        Ok(words)
    }

    fn ike(self, suite: &str) -> Result<IkeProposal, SuiteFault> {
        if self.prf.is_empty() || self.groups.is_empty() {
            return Err(SuiteFault::Incomplete(suite.to_owned()));
        }
        Ok(IkeProposal {
            encryption: self.encryption,
            integrity: self.integrity,
            prf: self.prf,
            groups: self.groups,
        })
    }

    fn child(self, suite: &str) -> Result<ChildProposal, SuiteFault> {
        if !self.prf.is_empty() || !self.groups.is_empty() {
            return Err(SuiteFault::Misplaced(suite.to_owned()));
        }
        Ok(ChildProposal {
            encryption: self.encryption,
            integrity: self.integrity,
        })
    }
}

fn word<T: Copy + PartialEq>(table: &[(T, &'static str)], item: T) -> &'static str {
    let found = table.iter().find(|(other, _)| *other == item);
    found.map_or("unknown", |(_, word)| word)
}

fn meaning<T: Copy>(table: &[(T, &str)], word: &str) -> Option<T> {
    let found = table.iter().find(|(_, other)| *other == word);
    found.map(|(item, _)| *item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Strength;

    #[test]
    fn suites_are_read_as_they_are_written() {
        let offer = Offer::azure(Strength::Strong);
        let offer = offer.with_ike("aes256-sha256-prfsha384-ecp256").unwrap();
        let offer = offer.with_child("aes256-sha1, aes128gcm16").unwrap();
        assert_eq!(offer.ike.len(), 1);
        assert_eq!(offer.groups(), [KeyExchangeMethod::ECP_256]);
        assert_eq!(offer.child.len(), 2);
        let chosen = ChildAlgorithms::new(Encryption::Aes256Cbc, Some(Integrity::HmacSha1_96));
        assert_eq!(child_suite(chosen.unwrap()), "aes256-sha1");
        let chosen = IkeAlgorithms::new(Encryption::Aes256Gcm16, None, Prf::HmacSha384).unwrap();
        let suite = ike_suite(chosen, KeyExchangeMethod::MODP_2048_256);
        assert_eq!(suite, "aes256gcm16-prfsha384-modp2048s256");
    }

    #[test]
    fn suites_that_cannot_be_are_refused() {
        let offer = || Offer::azure(Strength::Strong);
        for text in [
            "",
            "des",
            "aes256gcm16",
            "aes256-prfsha256-ecp256",
            "prfsha256-ecp256",
        ] {
            assert!(offer().with_ike(text).is_err(), "{text}");
        }
        for text in [
            "aes256",
            "aes256gcm16-sha256",
            "aes256gcm16-ecp256",
            "aes256-aes256gcm16-sha1",
        ] {
            assert!(offer().with_child(text).is_err(), "{text}");
        }
    }
}
