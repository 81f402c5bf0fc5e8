//! New SPIs.

use azike_crypto::Random;
use azike_wire::{EspSpi, Spi};

/// An SPI of an IKE SA.
pub(crate) fn new_spi(random: &mut dyn Random) -> Spi {
    loop {
        let mut octets = [0; 8];
        random.fill(&mut octets);
        if let Some(spi) = Spi::from_octets(&octets) {
            return spi;
        }
    }
}

/// An SPI of packets to the gateway.
pub(crate) fn new_esp_spi(random: &mut dyn Random) -> EspSpi {
    loop {
        let mut octets = [0; 4];
        random.fill(&mut octets);
        if let Some(spi) = EspSpi::from_octets(&octets) {
            return spi;
        }
    }
}
