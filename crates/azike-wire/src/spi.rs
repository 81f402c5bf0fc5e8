//! Security Parameter Indexes.

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};

/// The SPI of one end of an IKE SA (RFC 7296, section 3.1). Never zero.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Spi(NonZeroU64);

impl Spi {
    /// An SPI; `None` for zero, which means "not chosen yet" in a header.
    pub const fn new(value: u64) -> Option<Self> {
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.1
        //# This value MUST NOT be zero.
        match NonZeroU64::new(value) {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }

    /// The SPI in the octets of a proposal of an IKE rekey; `None` unless they are eight.
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        Self::new(u64::from_be_bytes(octets.try_into().ok()?))
    }

    /// The number.
    pub const fn value(self) -> u64 {
        self.0.get()
    }

    /// The octets, as they are in a header and enter the key derivation.
    pub const fn octets(self) -> [u8; 8] {
        self.0.get().to_be_bytes()
    }
}

impl fmt::Display for Spi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Spi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spi({self})")
    }
}

/// The SPI of one direction of a Child SA (RFC 4303, section 2.1). At least 256.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EspSpi(NonZeroU32);

impl EspSpi {
    /// An SPI; `None` for 0..=255, which are reserved. Zero is the Non-ESP Marker.
    pub const fn new(value: u32) -> Option<Self> {
        match NonZeroU32::new(value) {
            Some(nonzero) if value > 255 => Some(Self(nonzero)),
            _ => None,
        }
    }

    /// The SPI in the octets of a proposal, notify or delete; `None` unless they are four.
    pub fn from_octets(octets: &[u8]) -> Option<Self> {
        Self::new(u32::from_be_bytes(octets.try_into().ok()?))
    }

    /// The number.
    pub const fn value(self) -> u32 {
        self.0.get()
    }

    /// The octets, as they are in proposals, in deletes and in front of every ESP packet.
    pub const fn octets(self) -> [u8; 4] {
        self.0.get().to_be_bytes()
    }
}

impl fmt::Display for EspSpi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl fmt::Debug for EspSpi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EspSpi({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ike_spi_is_not_zero() {
        assert_eq!(Spi::new(0), None);
        assert_eq!(Spi::new(1).map(Spi::octets), Some([0, 0, 0, 0, 0, 0, 0, 1]));
        assert_eq!(Spi::new(u64::MAX).map(Spi::value), Some(u64::MAX));
    }

    #[test]
    fn esp_spi_is_above_the_reserved_ones() {
        for (value, legal) in [
            (0, false),
            (1, false),
            (255, false),
            (256, true),
            (u32::MAX, true),
        ] {
            assert_eq!(EspSpi::new(value).is_some(), legal, "{value}");
        }
    }

    #[test]
    fn esp_spi_is_read_from_four_octets_only() {
        assert_eq!(
            EspSpi::from_octets(&[1, 2, 3, 4]).map(EspSpi::value),
            Some(0x0102_0304)
        );
        for octets in [&[][..], &[0, 0, 0, 255], &[1, 2, 3], &[1, 2, 3, 4, 5]] {
            assert_eq!(EspSpi::from_octets(octets), None, "{octets:?}");
        }
    }

    #[test]
    fn both_print_as_fixed_width_hexadecimal() {
        assert_eq!(Spi::new(0xab).unwrap().to_string(), "00000000000000ab");
        assert_eq!(
            format!("{:?}", EspSpi::new(0xabc).unwrap()),
            "EspSpi(00000abc)"
        );
    }
}
