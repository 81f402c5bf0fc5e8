//! Client certificates in the Keychain of a Mac, whose keys stay there.
//!
//! ```text
//!   keychain_items() ─▶ KeychainItem { certificate, key }     what this user's searches find
//!                                        KeychainKey::sign     the Keychain signs
//! ```
//!
//! Which Keychains are searched depends on who asks: a user's process finds those of
//! the login and of the system, a daemon that runs as root the system's alone. Which
//! of the items is meant is for the caller to say; here nothing is parsed.
//!
//! Other systems have the same face and answer [`KeychainError::NotHere`].

use crate::keychain_native as native;

/// Whether this system has a Keychain.
pub const HAS_KEYCHAIN: bool = cfg!(target_os = "macos");

/// What the Keychain can sign with. The message is not hashed yet; ECDSA signatures
/// come in ASN.1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeychainScheme {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256 and a salt as long as the hash.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384 and a salt as long as the hash.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512 and a salt as long as the hash.
    RsaPssSha512,
    /// ECDSA with SHA-256, on P-256.
    EcdsaP256Sha256,
    /// ECDSA with SHA-384, on P-384.
    EcdsaP384Sha384,
}

impl KeychainScheme {
    /// All of them, the most usual ones first.
    pub const ALL: [Self; 8] = [
        Self::RsaPkcs1Sha256,
        Self::RsaPkcs1Sha384,
        Self::RsaPkcs1Sha512,
        Self::RsaPssSha256,
        Self::RsaPssSha384,
        Self::RsaPssSha512,
        Self::EcdsaP256Sha256,
        Self::EcdsaP384Sha384,
    ];
}

/// A certificate in a Keychain.
#[derive(Debug)]
pub struct KeychainItem {
    /// As Keychain Access shows it; of a certificate that a stranger may have made.
    pub label: String,
    /// DER.
    pub certificate: Vec<u8>,
    /// Its private key, if that is there too.
    pub key: Option<KeychainKey>,
}

/// A private key in a Keychain.
#[derive(Debug)]
pub struct KeychainKey(pub(crate) native::Key);

impl KeychainKey {
    /// What the Keychain says that this key can sign with. An EC key also takes hashes
    /// that do not belong to its curve: which scheme fits is in its certificate.
    pub fn schemes(&self) -> Vec<KeychainScheme> {
        let able = |scheme: &KeychainScheme| self.0.supports(*scheme);
        KeychainScheme::ALL.into_iter().filter(able).collect()
    }

    /// Has the Keychain sign. It may ask the user first, and blocks as long.
    pub fn sign(&self, scheme: KeychainScheme, message: &[u8]) -> Result<Vec<u8>, KeychainError> {
        self.0.sign(scheme, message)
    }
}

/// The certificates that this process can find, each once; those with a key first.
pub fn keychain_items() -> Result<Vec<KeychainItem>, KeychainError> {
    native::items()
}

/// Why the Keychain gave no answer. Each is a status of Security.framework
/// (`SecBase.h`), grouped by what a person can do.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeychainError {
    /// Another system.
    #[error("this computer has no Keychain")]
    NotHere,
    /// Somebody has to unlock it or to agree, and this process cannot ask.
    #[error("the Keychain is locked, or wants to ask the user and cannot (status {0})")]
    Locked(i32),
    /// The Keychain did not let us.
    #[error("the Keychain denied the use of the key (status {0})")]
    Denied(i32),
    /// The user said no.
    #[error("the user did not allow the use of the key")]
    Cancelled,
    /// The item, or its whole Keychain, is not there any more.
    #[error("the item is gone from the Keychain (status {0})")]
    Gone(i32),
    /// The key cannot sign in this way.
    #[error("the key in the Keychain cannot sign with this scheme")]
    NotOffered,
    /// Anything else.
    #[error("the Keychain failed (status {0})")]
    Other(i32),
}

impl KeychainError {
    /// The meaning of an `OSStatus` that is not zero.
    #[cfg_attr(
        not(any(target_os = "macos", test)),
        expect(dead_code, reason = "only a Mac has such a status")
    )]
    pub(crate) const fn of_status(status: i32) -> Self {
        match status {
            // errSecUserCanceled
            -128 => Self::Cancelled,
            // errSecInteractionNotAllowed, errSecInteractionRequired, errSecInternalComponent:
            // the last is what a locked Keychain says to a process without a window.
            -25308 | -25315 | -2070 => Self::Locked(status),
            // errSecAuthFailed, errSecNoAccessForItem, errSecMissingEntitlement, errSecReadOnly
            -25293 | -25243 | -34018 | -25292 => Self::Denied(status),
            // errSecItemNotFound, errSecNoSuchKeychain, errSecInvalidItemRef,
            // errSecInvalidKeychain, errSecNoDefaultKeychain
            -25300 | -25294 | -25304 | -25295 | -25307 => Self::Gone(status),
            status => Self::Other(status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_becomes_what_a_person_can_do() {
        let cases = [
            (-128, KeychainError::Cancelled),
            (-25308, KeychainError::Locked(-25308)),
            (-2070, KeychainError::Locked(-2070)),
            (-25293, KeychainError::Denied(-25293)),
            (-25300, KeychainError::Gone(-25300)),
            (-25294, KeychainError::Gone(-25294)),
            (-50, KeychainError::Other(-50)),
        ];
        for (status, error) in cases {
            assert_eq!(KeychainError::of_status(status), error);
        }
    }

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn a_system_without_a_keychain_says_so() {
        assert_eq!(keychain_items().unwrap_err(), KeychainError::NotHere);
    }
}
