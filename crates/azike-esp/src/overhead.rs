//! What ESP adds to a packet, in octets.

use azike_crypto::{ChildAlgorithms, Integrity};

use crate::trailer;

/// The SPI and the sequence number (RFC 4303, section 2).
pub(crate) const ESP_HEADER: usize = 8;

/// What the plaintext is padded to.
///
/// AES-CBC needs 16. The AEADs need 4 (RFC 4303, section 2.4), but a plaintext that ends within a
/// block costs ring 40 ns and more, which is dearer than sending up to 12 octets.
const ALIGNMENT: usize = 16;

/// The lengths that a suite fixes for each ESP packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Overhead {
    iv: usize,
    icv: usize,
}

impl Overhead {
    /// For an IV and an ICV of so many octets.
    pub const fn new(iv: usize, icv: usize) -> Self {
        Self { iv, icv }
    }

    /// For a negotiated suite: known before there are keys.
    pub fn of(algorithms: ChildAlgorithms) -> Self {
        let encryption = algorithms.encryption();
        let icv = match (encryption.icv_length(), algorithms.integrity()) {
            (Some(icv), _) => icv,
            (None, integrity) => integrity.map_or(0, Integrity::icv_length),
        };
        Self::new(encryption.iv_length(), icv)
    }

    /// From the start of the ESP packet to the inner packet: SPI, sequence number, IV.
    pub const fn before(self) -> usize {
        ESP_HEADER + self.iv
    }

    /// The ICV.
    pub const fn icv(self) -> usize {
        self.icv
    }

    /// The length of the ESP packet of an inner packet of `inner` octets.
    pub const fn sealed(self, inner: usize) -> usize {
        self.before() + (inner + trailer::LENGTH).next_multiple_of(ALIGNMENT) + self.icv
    }

    /// The longest inner packet whose ESP packet has at most `esp` octets. `None` if not even an
    /// empty one has room.
    pub const fn largest_inner(self, esp: usize) -> Option<usize> {
        match esp.checked_sub(self.before() + self.icv) {
            Some(room) => (room - room % ALIGNMENT).checked_sub(trailer::LENGTH),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_inner_is_the_inverse_of_sealed() {
        for overhead in [
            Overhead::new(8, 16),
            Overhead::new(16, 12),
            Overhead::new(16, 24),
        ] {
            for esp in 0..1600 {
                match overhead.largest_inner(esp) {
                    Some(inner) => {
                        assert!(overhead.sealed(inner) <= esp);
                        assert!(overhead.sealed(inner + 1) > esp);
                    }
                    None => assert!(overhead.sealed(0) > esp),
                }
            }
        }
    }
}
