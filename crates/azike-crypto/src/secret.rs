//! Secrets that neither print nor stay behind in memory.

use std::fmt;

use zeroize::Zeroize as _;

/// Octets that must not be seen: overwritten when dropped, not printed, not
/// copied, not compared.
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Takes `octets` over.
    pub const fn new(octets: Box<[u8]>) -> Self {
        Self(octets)
    }

    /// A secret of `length` octets, written by `write` in its final place, so
    /// that no other copy has to be overwritten.
    pub(crate) fn write(length: usize, write: impl FnOnce(&mut [u8])) -> Self {
        let mut secret = Self(vec![0; length].into_boxed_slice());
        write(&mut secret.0);
        secret
    }

    /// The octets. Every use of a secret is a call of this function.
    pub const fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The number of octets.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no octets: the key of an algorithm that is not used.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} octets)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_length_only() {
        let secret = Secret::new(vec![0xab, 0xcd].into_boxed_slice());
        assert_eq!(format!("{secret:?}"), "Secret(2 octets)");
        assert_eq!(format!("{secret:#?}"), "Secret(2 octets)");
    }
}
