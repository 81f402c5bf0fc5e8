//! Thumbprints: a hash over the DER of a certificate, as Windows and Azure name
//! certificates.

use std::fmt;

use serde::{Serialize, Serializer};

/// SHA-1 of a certificate's DER. Azure's packages and its revocation list name
/// certificates by it; it is a name here, never a proof.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub struct Sha1Thumbprint(pub [u8; 20]);

/// SHA-256 of a certificate's DER.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub struct Sha256Thumbprint(pub [u8; 32]);

impl Sha1Thumbprint {
    /// The thumbprint of the certificate `der`.
    pub fn of(der: &[u8]) -> Self {
        use sha1::Digest as _;
        Self(sha1::Sha1::digest(der).into())
    }

    /// Reads 40 hexadecimal digits; spaces, colons and a byte order mark
    /// between them (as Windows copies them to the clipboard) are skipped.
    /// `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut octets = [0; 20];
        let digits = text
            .chars()
            .filter(|c| !matches!(c, ' ' | ':' | '\u{200e}' | '\u{feff}'));
        let mut digits = digits.map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
        for octet in &mut octets {
            *octet = digits.next()?? << 4 | digits.next()??;
        }
        digits.next().is_none().then_some(Self(octets))
    }
}

impl Sha256Thumbprint {
    /// The thumbprint of the certificate `der`.
    pub fn of(der: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(der).into())
    }
}

fn hexadecimal(octets: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    octets.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
}

impl fmt::Display for Sha1Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, f)
    }
}

impl fmt::Debug for Sha1Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, f)
    }
}

impl fmt::Display for Sha256Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, f)
    }
}

impl fmt::Debug for Sha256Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, f)
    }
}

impl Serialize for Sha1Thumbprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Sha256Thumbprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_thumbprint_is_read() {
        let plain = Sha1Thumbprint::parse("000102030405060708090a0b0c0d0e0f10111213");
        assert_eq!(
            plain.map(|thumbprint| thumbprint.0),
            Some(std::array::from_fn(|at| u8::try_from(at).unwrap()))
        );
        for text in [
            "00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13",
            "\u{200e}000102030405060708090A0B0C0D0E0F10111213",
            "00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10:11:12:13",
        ] {
            assert_eq!(Sha1Thumbprint::parse(text), plain, "{text}");
        }
    }

    #[test]
    fn other_text_is_not_a_thumbprint() {
        for text in ["", "00", "xyz", "000102030405060708090a0b0c0d0e0f1011121"] {
            assert_eq!(Sha1Thumbprint::parse(text), None, "{text}");
        }
        assert_eq!(Sha1Thumbprint::parse(&"0".repeat(42)), None);
    }

    #[test]
    fn the_hash_is_over_the_octets() {
        let empty = "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709";
        assert_eq!(Sha1Thumbprint::of(b"").to_string(), empty);
        assert!(
            Sha256Thumbprint::of(b"")
                .to_string()
                .starts_with("E3B0C442")
        );
    }
}
