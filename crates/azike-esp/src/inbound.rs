//! The receiving half of a Child SA (RFC 4303, section 3.4).
//!
//! ```text
//!   SPI, lengths ─▶ window: seen? ─▶ ICV, decrypt ─▶ window: accept ─▶ trailer ─▶ inner length
//! ```

use std::ops::Range;

use azike_crypto::{DirectionKeys, EspCipher};
use azike_wire::EspSpi;

use crate::overhead::ESP_HEADER;
use crate::{EspDrop, NextHeader, Overhead, SequenceNumbers, Window, trailer};

mod open_batch;

/// Opens packets of the gateway.
#[derive(Debug)]
pub struct Inbound {
    spi: EspSpi,
    cipher: EspCipher,
    overhead: Overhead,
    numbers: SequenceNumbers,
    window: Window,
}

/// An inner packet that the gateway sent, once, under this SA.
///
/// [`Inbound::open`] makes it and nothing else does. What the packet says about addresses is
/// another question; the inner policy answers it.
#[derive(Debug, Eq, PartialEq)]
pub struct OpenedPacket<'p> {
    /// Its version.
    pub next_header: NextHeader,
    /// The inner packet, without any padding.
    pub packet: &'p mut [u8],
}

/// The same, as a place in the buffer in which the ESP packet lay.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Opened {
    /// Its version.
    pub next_header: NextHeader,
    /// The inner packet, without any padding.
    pub packet: Range<usize>,
}

impl Inbound {
    /// Receives with our `spi`; the window is [`crate::DEFAULT_DEPTH`] numbers deep.
    pub fn new(spi: EspSpi, keys: &DirectionKeys) -> Self {
        let cipher = EspCipher::new(keys);
        Self {
            spi,
            overhead: Overhead::new(cipher.header_length() - ESP_HEADER, cipher.icv_length()),
            cipher,
            numbers: SequenceNumbers::Short,
            window: Window::default(),
        }
    }

    /// Counts with the numbers that were negotiated; [`SequenceNumbers::Short`] otherwise.
    #[must_use]
    pub fn with_sequence_numbers(mut self, numbers: SequenceNumbers) -> Self {
        self.numbers = numbers;
        self
    }

    /// Replaces the window by an empty one of another depth.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Our SPI, by which the gateway addresses this SA.
    pub const fn spi(&self) -> EspSpi {
        self.spi
    }

    /// The highest sequence number that was accepted; 0 before the first.
    pub const fn highest(&self) -> u64 {
        self.window.highest()
    }

    /// Opens the ESP packet `esp`, from the SPI to the ICV, in place.
    ///
    /// A packet that is not authentic changes nothing, neither here nor in the window. Its octets
    /// may be overwritten.
    pub fn open<'p>(&mut self, esp: &'p mut [u8]) -> Result<OpenedPacket<'p>, EspDrop> {
        let Opened {
            next_header,
            packet,
        } = self.open_here(esp)?;
        Ok(OpenedPacket {
            next_header,
            packet: esp.get_mut(packet).ok_or(EspDrop::InnerLength)?,
        })
    }

    /// Opens `esp`; says where in it the inner packet is.
    #[inline]
    pub(crate) fn open_here(&mut self, esp: &mut [u8]) -> Result<Opened, EspDrop> {
        let sequence = self.expect(esp)?;
        let fresh = self.window.check(sequence).map_err(|_| EspDrop::Replayed)?;
        let plaintext = self
            .cipher
            .open_in_place(self.numbers.high(sequence), esp)
            .ok_or(EspDrop::NotAuthentic)?;
        fresh.accept();
        unwrap(esp, plaintext)
    }

    /// What can be said of `esp` without a key, but for the window: the whole sequence number that it
    /// must have.
    #[inline]
    fn expect(&self, esp: &[u8]) -> Result<u64, EspDrop> {
        if esp.len() < self.overhead.before() + trailer::LENGTH + self.overhead.icv() {
            return Err(EspDrop::Short);
        }
        let (spi, low) = header(esp).ok_or(EspDrop::Short)?;
        if spi != self.spi.value() {
            return Err(EspDrop::UnknownSpi);
        }
        self.numbers
            .infer(self.window.highest(), self.window.depth(), low)
            .ok_or(EspDrop::Replayed)
    }
}

/// Takes the inner packet out of an authentic packet.
#[inline]
fn unwrap(esp: &[u8], plaintext: Range<usize>) -> Result<Opened, EspDrop> {
    let start = plaintext.start;
    let plaintext = esp.get(plaintext).ok_or(EspDrop::Short)?;
    let (length, number) = trailer::strip(plaintext)?;
    let payload = plaintext.get(..length).ok_or(EspDrop::Padding)?;
    let next_header = NextHeader::judge(number, payload)?;
    let inner = next_header.inner_length(payload)?;
    Ok(Opened {
        next_header,
        packet: start..start + inner,
    })
}

/// The SPI and the sequence number.
fn header(esp: &[u8]) -> Option<(u32, u32)> {
    let (spi, rest) = esp.split_first_chunk()?;
    let (sequence, _) = rest.split_first_chunk()?;
    Some((u32::from_be_bytes(*spi), u32::from_be_bytes(*sequence)))
}
