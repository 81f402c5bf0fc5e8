//! The sending half of a Child SA (RFC 4303, section 3.3).

use std::slice;

use azike_crypto::{DirectionKeys, EspCipher, Unsealed};
use azike_wire::EspSpi;
use thiserror::Error;

use crate::overhead::ESP_HEADER;
use crate::{NextHeader, Overhead, PacketBuf, SequenceNumbers, trailer};

/// Why a packet could not be sealed.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum SealError {
    /// Every sequence number was used. Only a new Child SA can send again: a number never comes
    /// twice under one key (RFC 4303, section 3.3.3).
    #[error("every sequence number of the Child SA was used")]
    SequenceExhausted,
    /// The buffer has no room for what ESP adds.
    #[error("the buffer has no room for what ESP adds")]
    NoRoom,
}

/// Seals packets for the gateway. The only owner of its sequence number.
#[derive(Debug)]
pub struct Outbound {
    spi: EspSpi,
    cipher: EspCipher,
    overhead: Overhead,
    numbers: SequenceNumbers,
    /// The last number that was used; 0 before the first packet.
    sequence: u64,
}

impl Outbound {
    /// Sends to the gateway's `spi`, from sequence number 1.
    pub fn new(spi: EspSpi, keys: &DirectionKeys) -> Self {
        let cipher = EspCipher::new(keys);
        Self {
            spi,
            overhead: Overhead::new(cipher.header_length() - ESP_HEADER, cipher.icv_length()),
            cipher,
            numbers: SequenceNumbers::Short,
            sequence: 0,
        }
    }

    /// Counts with the numbers that were negotiated; [`SequenceNumbers::Short`] otherwise.
    #[must_use]
    pub fn with_sequence_numbers(mut self, numbers: SequenceNumbers) -> Self {
        self.numbers = numbers;
        self
    }

    /// The gateway's SPI.
    pub const fn spi(&self) -> EspSpi {
        self.spi
    }

    /// What sealing adds to a packet.
    pub const fn overhead(&self) -> Overhead {
        self.overhead
    }

    /// The last sequence number that was used; 0 before the first packet.
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// How many packets can still be sealed. Ask for a new Child SA long before it is 0.
    pub const fn remaining(&self) -> u64 {
        self.numbers.last() - self.sequence
    }

    /// Turns the inner packet in `packet` into an ESP packet.
    pub fn seal(
        &mut self,
        packet: &mut PacketBuf,
        next_header: NextHeader,
    ) -> Result<(), SealError> {
        let inner = packet.len();
        packet.wrap(self.overhead.before(), SealError::NoRoom, |room| {
            self.seal_in(room, inner, next_header)
        })
    }

    /// Seals a packet that lies at its final place: `room` begins where the ESP header goes, the
    /// inner packet of `inner` octets begins [`Overhead::before`] octets later. Returns the length
    /// of the ESP packet, which is [`Overhead::sealed`].
    ///
    /// So packets can be laid out one after the other in one send buffer before they are sealed.
    pub fn seal_in(
        &mut self,
        room: &mut [u8],
        inner: usize,
        next_header: NextHeader,
    ) -> Result<usize, SealError> {
        let mut framed = self.frame(room, inner, next_header)?;
        let length = framed.packet.len();
        self.seal_framed(slice::from_mut(&mut framed))?;
        Ok(length)
    }

    /// Writes SPI and trailer around the inner packet in `room`, and uses up a sequence number for it.
    /// After an error nothing has changed.
    pub(crate) fn frame<'r>(
        &mut self,
        room: &'r mut [u8],
        inner: usize,
        next_header: NextHeader,
    ) -> Result<Unsealed<'r>, SealError> {
        //= https://www.rfc-editor.org/rfc/rfc4303#section-3.3.3
        //# the sender MUST NOT send a packet on an SA if doing so would cause the
        //# sequence number to cycle.
        if self.sequence == self.numbers.last() {
            return Err(SealError::SequenceExhausted);
        }
        let before = self.overhead.before();
        let length = self.overhead.sealed(inner);
        let packet = room.get_mut(..length).ok_or(SealError::NoRoom)?;
        packet
            .get_mut(before + inner..length - self.overhead.icv())
            .and_then(|tail| trailer::write(tail, next_header.number()))
            .ok_or(SealError::NoRoom)?;
        *packet.first_chunk_mut().ok_or(SealError::NoRoom)? = self.spi.octets();
        // Used up from here on, whatever happens: the IV comes from it.
        self.sequence += 1;
        Ok(Unsealed {
            sequence: SequenceNumbers::low(self.sequence),
            esn_high: self.numbers.high(self.sequence),
            packet,
        })
    }

    /// Seals packets of [`Outbound::frame`].
    pub(crate) fn seal_framed(&self, packets: &mut [Unsealed<'_>]) -> Result<(), SealError> {
        // The layout is right by construction.
        let sealed = self.cipher.seal_batch(packets);
        sealed.map_err(|_| SealError::NoRoom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BatchError, Slot};
    use azike_crypto::{ChildAlgorithms, Encryption, Secret};

    /// N-92: the last number is used, the one after it is not, and the packet stays as it was.
    #[test]
    fn sequence_numbers_end_and_never_wrap() {
        for (numbers, last) in [
            (SequenceNumbers::Short, u64::from(u32::MAX)),
            (SequenceNumbers::Extended, u64::MAX),
        ] {
            let mut outbound = outbound().with_sequence_numbers(numbers);
            outbound.sequence = last - 1;
            let mut packet = packet();
            assert_eq!(outbound.seal(&mut packet, NextHeader::Ipv4), Ok(()));
            assert_eq!(packet.octets()[4..8], [0xff; 4]);
            assert_eq!(outbound.remaining(), 0);
            for _ in 0..3 {
                let mut packet = self::packet();
                let sealed = outbound.seal(&mut packet, NextHeader::Ipv4);
                assert_eq!(sealed, Err(SealError::SequenceExhausted));
                assert_eq!(packet.octets(), self::packet().octets());
            }
        }
    }

    #[test]
    fn first_packet_has_sequence_number_one() {
        let mut outbound = outbound();
        let mut packet = packet();
        assert_eq!(outbound.seal(&mut packet, NextHeader::Ipv4), Ok(()));
        assert_eq!(packet.octets()[..8], [0, 0, 1, 0x23, 0, 0, 0, 1]);
        assert_eq!(packet.len(), outbound.overhead().sealed(20));
    }

    #[test]
    fn no_room_costs_no_sequence_number() {
        let mut outbound = outbound();
        let sealed = outbound.seal_in(&mut [0; 40], 20, NextHeader::Ipv4);
        assert_eq!(sealed, Err(SealError::NoRoom));
        assert_eq!(outbound.sequence(), 0);
    }

    /// The last numbers are used, in a batch too; the packets that got none stay as they were.
    #[test]
    fn batch_ends_with_the_last_sequence_number() {
        for left in [0, 1, 7, 8, 9, 15] {
            let mut outbound = outbound();
            outbound.sequence = outbound.numbers.last() - left as u64;
            let stride = outbound.overhead.sealed(20);
            let mut buffer = vec![0x45; 16 * stride];
            let slots: Vec<Slot> = (0..16)
                .map(|place| Slot {
                    at: place * stride,
                    inner: 20,
                    next_header: NextHeader::Ipv4,
                })
                .collect();
            let ended = BatchError {
                sealed: left,
                reason: SealError::SequenceExhausted,
            };
            assert_eq!(outbound.seal_batch(&mut buffer, &slots), Err(ended));
            let (sealed, rest) = buffer.split_at(left * stride);
            assert!(rest.iter().all(|&octet| octet == 0x45), "{left} left");
            for (place, esp) in sealed.chunks(stride).enumerate() {
                let number = outbound.numbers.last() - (left - 1 - place) as u64;
                let number = u32::try_from(number).unwrap().to_be_bytes();
                assert_eq!(esp[4..8], number, "{place} of {left} left");
            }
        }
    }

    fn outbound() -> Outbound {
        let algorithms = ChildAlgorithms::new(Encryption::Aes256Gcm16, None).unwrap();
        let secret = |length| Secret::new(vec![7; length].into_boxed_slice());
        let keys = DirectionKeys::new(algorithms, secret(36), secret(0)).unwrap();
        Outbound::new(EspSpi::new(0x123).unwrap(), &keys)
    }

    fn packet() -> PacketBuf {
        let mut packet = PacketBuf::new(100);
        let filled = packet.fill(|room| {
            room[..20].fill(0x45);
            Ok::<_, ()>(20)
        });
        assert_eq!(filled, Ok(20));
        packet
    }
}
