//! SHA-1 as a name, not as a proof: `IKEv2` uses it to identify addresses and keys
//! (RFC 7296, sections 2.23 and 3.7), where a collision gains nothing.

use sha1::{Digest as _, Sha1};

/// The SHA-1 hash of `parts`, one after the other.
pub fn sha1(parts: &[&[u8]]) -> [u8; 20] {
    let mut hash = Sha1::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4, example "abc".
    #[test]
    fn abc_in_parts() {
        let expected = [
            0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50,
            0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d,
        ];
        assert_eq!(sha1(&[b"a", b"", b"bc"]), expected);
    }
}
