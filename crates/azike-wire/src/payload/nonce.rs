//! Ni and Nr (RFC 7296, section 3.9).

use crate::Malformed;
use crate::reader::Reader;

/// Ni or Nr (RFC 7296, section 3.9). A value of this type has a legal length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Nonce<'a>(&'a [u8]);

impl<'a> Nonce<'a> {
    /// Checks the length of `octets`.
    pub const fn new(octets: &'a [u8]) -> Result<Self, Malformed> {
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.9
        //# The size of the Nonce Data MUST be between 16 and 256 octets,
        //# inclusive.
        match octets.len() {
            16..=256 => Ok(Self(octets)),
            length => Err(Malformed::NonceLength(length)),
        }
    }

    pub(crate) const fn decode(mut body: Reader<'a>) -> Result<Self, Malformed> {
        Self::new(body.rest())
    }

    /// The octets, as they enter the key derivation.
    pub const fn octets(self) -> &'a [u8] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    //= https://www.rfc-editor.org/rfc/rfc7296#section-3.9
    //= type=test
    //# The size of the Nonce Data MUST be between 16 and 256 octets,
    //# inclusive.
    /// N-22
    #[test]
    fn length_is_bounded_on_both_sides() {
        for (length, legal) in [
            (0, false),
            (15, false),
            (16, true),
            (256, true),
            (257, false),
        ] {
            assert_eq!(
                Nonce::new(&vec![0; length]).is_ok(),
                legal,
                "{length} octets"
            );
        }
    }
}
