//! The Keychain as a source of identities: the platform finds and signs, the profile picks.
//!
//! ```text
//!   keychain_items ─▶ Certificate ─▶ pick ─▶ Identity ── Signer ──▶ KeychainKey::sign
//!   (platform)        (profile)              (profile)              (platform; the key stays)
//! ```

use std::sync::Arc;

use azike_control::{Code, Failure};
use azike_crypto::{SignError, SignatureScheme, Signer};
use azike_platform::{Clock, KeychainError, KeychainKey, KeychainScheme, keychain_items};
use azike_profile::{Candidate, Certificate, Identity, KeyKind, Selector, pick};
use rustls_pki_types::UnixTime;
use tracing::warn;

use crate::failing;

/// All that this process finds.
#[derive(Debug)]
pub(crate) struct Keychain(Vec<Item>);

#[derive(Debug)]
struct Item {
    label: String,
    candidate: Candidate,
    key: Option<KeychainKey>,
}

/// One of them, to be shown.
#[derive(Debug)]
pub(crate) struct Shown {
    /// As Keychain Access names it.
    pub(crate) label: String,
    /// The certificate.
    pub(crate) certificate: Certificate,
    /// Who one would be with it, where its key is there.
    pub(crate) identity: Option<Identity>,
}

impl Keychain {
    /// Looks. What is no certificate that we can read is left out.
    pub(crate) fn open() -> Result<Self, Failure> {
        let items = keychain_items().map_err(failing::keychain)?;
        let items = items.into_iter().filter_map(|item| {
            let certificate = Certificate::from_der(&item.certificate).ok()?;
            Some(Item {
                label: item.label,
                candidate: Candidate {
                    certificate,
                    has_key: item.key.is_some(),
                },
                key: item.key,
            })
        });
        Ok(Self(items.collect()))
    }

    /// The identity that `selector` names, as of `now`. The Keychain signs something on trial: what
    /// is locked or denied is said here, and not in the middle of a login.
    pub(crate) fn identity(
        mut self,
        selector: &Selector,
        now: UnixTime,
    ) -> Result<Identity, Failure> {
        let candidates = self.candidates();
        let place = pick(selector, &candidates, now).map_err(|fault| failing::pick(&fault))?;
        let item = self.0.get_mut(place).and_then(|item| item.key.take());
        let gone = || failing::keychain(KeychainError::Other(0));
        let key = item.ok_or_else(gone)?;
        let certificate = &candidates.get(place).ok_or_else(gone)?.certificate;
        let signer = KeychainSigner::new(key, certificate);
        if schemes(&certificate.key).is_empty() {
            let what = format!("the key is {}", certificate.key);
            return Err(Failure::new(Code::IDENTITY_KEY_UNSUPPORTED, what));
        }
        signer.try_out().map_err(failing::keychain)?;
        identity(signer, certificate, &candidates)
    }

    /// The subject of the identity that `selector` names at this time, for a message.
    pub(crate) fn name(&self, selector: &Selector) -> Result<String, Failure> {
        let candidates = self.candidates();
        let now = UnixTime::since_unix_epoch(Clock::start().unix_time());
        let place = pick(selector, &candidates, now).map_err(|fault| failing::pick(&fault))?;
        let found = candidates.get(place);
        Ok(found.map_or_else(String::new, |found| found.certificate.short_subject()))
    }

    fn candidates(&self) -> Vec<Candidate> {
        let candidates = self.0.iter().map(|item| &item.candidate);
        candidates.cloned().collect()
    }

    /// All of them.
    pub(crate) fn show(self) -> Vec<Shown> {
        let candidates = self.candidates();
        let shown = self.0.into_iter().map(|item| {
            let certificate = item.candidate.certificate;
            let signer = item.key.map(|key| KeychainSigner::new(key, &certificate));
            let identity = signer.and_then(|signer| {
                let identity = identity(signer, &certificate, &candidates);
                identity.ok()
            });
            Shown {
                label: item.label,
                certificate,
                identity,
            }
        });
        shown.collect()
    }
}

fn identity(
    signer: KeychainSigner,
    certificate: &Certificate,
    candidates: &[Candidate],
) -> Result<Identity, Failure> {
    let others: Vec<_> = candidates
        .iter()
        .map(|candidate| candidate.certificate.der().to_vec())
        .collect();
    let identity = Identity::with_signer(Arc::new(signer), certificate.der(), &others);
    identity.map_err(|error| failing::identity(&error))
}

/// A key in the Keychain, with the face that the engine knows.
#[derive(Debug)]
struct KeychainSigner {
    key: KeychainKey,
    public_key: Vec<u8>,
    schemes: Vec<(SignatureScheme, KeychainScheme)>,
}

impl KeychainSigner {
    fn new(key: KeychainKey, certificate: &Certificate) -> Self {
        let able = key.schemes();
        let schemes = schemes(&certificate.key)
            .iter()
            .filter(|(_, scheme)| able.contains(scheme));
        let schemes = schemes.copied().collect();
        Self {
            key,
            public_key: certificate.public_key().to_vec(),
            schemes,
        }
    }

    fn try_out(&self) -> Result<(), KeychainError> {
        let (_, scheme) = self.schemes.first().ok_or(KeychainError::NotOffered)?;
        self.key
            .sign(*scheme, b"azike asks whether this key signs")
            .map(drop)
    }
}

impl Signer for KeychainSigner {
    fn schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.iter().map(|(scheme, _)| *scheme).collect()
    }

    fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let mut schemes = self.schemes.iter();
        let (_, scheme) = schemes
            .find(|(known, _)| *known == scheme)
            .ok_or(SignError::NotOffered)?;
        self.key.sign(*scheme, message).map_err(|error| {
            warn!(%error, "the Keychain did not sign");
            SignError::Failed
        })
    }
}

/// What a key of this kind signs with, the most usual first. The names of the platform are its own:
/// it knows no protocol.
const fn schemes(kind: &KeyKind) -> &'static [(SignatureScheme, KeychainScheme)] {
    use {KeychainScheme as K, SignatureScheme as S};
    match kind {
        KeyKind::Rsa(2048..) => &[
            (S::RsaPkcs1Sha256, K::RsaPkcs1Sha256),
            (S::RsaPkcs1Sha384, K::RsaPkcs1Sha384),
            (S::RsaPkcs1Sha512, K::RsaPkcs1Sha512),
            (S::RsaPssSha256, K::RsaPssSha256),
            (S::RsaPssSha384, K::RsaPssSha384),
            (S::RsaPssSha512, K::RsaPssSha512),
        ],
        KeyKind::EcdsaP256 => &[(S::EcdsaP256Sha256, K::EcdsaP256Sha256)],
        KeyKind::EcdsaP384 => &[(S::EcdsaP384Sha384, K::EcdsaP384Sha384)],
        KeyKind::Rsa(_) | KeyKind::Other(_) => &[],
    }
}

#[cfg(all(test, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn a_computer_without_a_keychain_says_so() {
        let failure = Keychain::open().unwrap_err();
        assert_eq!(failure.code, Code::KEYCHAIN_ABSENT);
    }
}
