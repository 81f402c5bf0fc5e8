//! The Keychain of a system that has none.

use crate::keychain::{KeychainError, KeychainItem, KeychainScheme};

/// A key that there cannot be.
#[derive(Debug)]
pub(crate) enum Key {}

impl Key {
    pub(crate) const fn supports(&self, _: KeychainScheme) -> bool {
        match *self {}
    }

    pub(crate) const fn sign(&self, _: KeychainScheme, _: &[u8]) -> Result<Vec<u8>, KeychainError> {
        match *self {}
    }
}

pub(crate) const fn items() -> Result<Vec<KeychainItem>, KeychainError> {
    Err(KeychainError::NotHere)
}
