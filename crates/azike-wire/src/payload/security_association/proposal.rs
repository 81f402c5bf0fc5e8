//! One proposal of an SA payload (RFC 7296, section 3.3.1).
//!
//! ```text
//!  Last | reserved | Length | Number | Protocol | SPI Size | Num Transforms | SPI | transforms
//! ```

use super::{check_last, take_substructure};
use crate::length::{count8, structure};
use crate::reader::Reader;
use crate::{Malformed, PayloadType, ProtocolId, Transform, TransformType};

/// "Last Substruc" of a proposal that is not the last one.
const MORE: u8 = 2;

/// Algorithms for one SA (RFC 7296, section 3.3.1): one transform of each type is to be chosen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proposal {
    /// Its number in the offer; the answer repeats it.
    pub number: u8,
    /// What the SA is for.
    pub protocol: ProtocolId,
    /// The SPI that the sender wants to receive with: 4 octets for ESP and AH; for IKE none in
    /// a first exchange and 8 in a rekey. At most 255 for a protocol that we do not know.
    pub spi: Vec<u8>,
    /// The transforms, best first within a type. At most 255; a received list may be empty.
    pub transforms: Vec<Transform>,
}

impl Proposal {
    /// The transforms of one type, best first.
    pub fn of_kind(&self, kind: TransformType) -> impl Iterator<Item = &Transform> {
        self.transforms
            .iter()
            .filter(move |transform| transform.kind == kind)
    }

    /// Takes one proposal from `body`.
    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let last = body.u8()?;
        body.u8()?; // reserved
        let length = body.u16()?;
        let mut proposal = take_substructure(body, length)?;
        check_last(last, MORE, body.is_empty())?;

        let number = proposal.u8()?;
        let protocol = ProtocolId(proposal.u8()?);
        let spi_size = proposal.u8()?;
        let count = proposal.u8()?;
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.3.1
        //# it is equal to the size, in octets, of
        //# the SPI of the corresponding protocol (8 for IKE, 4 for ESP and
        //# AH).
        let legal = match protocol {
            ProtocolId::IKE => spi_size == 0 || spi_size == 8,
            ProtocolId::AH | ProtocolId::ESP => spi_size == 4,
            _ => true,
        };
        if !legal {
            return Err(Malformed::SpiSize(protocol, spi_size));
        }
        let spi = proposal.take(usize::from(spi_size))?.to_vec();

        let mut transforms = Vec::new();
        for _ in 0..count {
            if proposal.is_empty() {
                return Err(Malformed::Count(PayloadType::SA));
            }
            transforms.push(Transform::decode(&mut proposal)?);
        }
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.3
        //# When parsing an SA, an
        //# implementation MUST check that the total Payload Length is consistent
        //# with the payload's internal lengths and counts.
        if !proposal.is_empty() {
            return Err(Malformed::Count(PayloadType::SA));
        }
        Ok(Self {
            number,
            protocol,
            spi,
            transforms,
        })
    }

    pub(super) fn encode(&self, last: bool, octets: &mut Vec<u8>) {
        structure(octets, [if last { 0 } else { MORE }, 0], |octets| {
            let spi_size = count8(self.spi.len());
            let mut left = count8(self.transforms.len());
            octets.extend_from_slice(&[self.number, self.protocol.0, spi_size, left]);
            octets.extend_from_slice(&self.spi);
            for transform in &self.transforms {
                left -= 1;
                transform.encode(left == 0, octets);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EncryptionId;

    const TRANSFORM: [u8; 8] = [0, 0, 0, 8, 1, 0, 0, 28];

    fn decode(octets: &[u8]) -> Result<Proposal, Malformed> {
        Proposal::decode(&mut Reader::new(PayloadType::SA, octets))
    }

    /// One proposal with the number 1. `count` is what it says of `transforms`.
    fn proposal(protocol: u8, spi: &[u8], count: u8, transforms: &[u8]) -> Vec<u8> {
        let length = u8::try_from(8 + spi.len() + transforms.len()).unwrap();
        let size = u8::try_from(spi.len()).unwrap();
        let mut octets = vec![0, 0, 0, length, 1, protocol, size, count];
        octets.extend_from_slice(spi);
        octets.extend_from_slice(transforms);
        octets
    }

    #[test]
    fn spi_and_transforms_are_read() {
        let octets = proposal(3, &[1, 2, 3, 4], 1, &TRANSFORM);
        let expected = Proposal {
            number: 1,
            protocol: ProtocolId::ESP,
            spi: vec![1, 2, 3, 4],
            transforms: vec![Transform::encryption(
                EncryptionId::ENCR_CHACHA20_POLY1305,
                None,
            )],
        };
        assert_eq!(decode(&octets).as_ref(), Ok(&expected));
        assert_eq!(expected.of_kind(TransformType::ENCR).count(), 1);
        assert_eq!(expected.of_kind(TransformType::PRF).count(), 0);
        let mut again = Vec::new();
        expected.encode(true, &mut again);
        assert_eq!(again, octets);
    }

    //= https://www.rfc-editor.org/rfc/rfc7296#section-3.3.1
    //= type=test
    //# it is equal to the size, in octets, of
    //# the SPI of the corresponding protocol (8 for IKE, 4 for ESP and
    //# AH).
    /// N-15
    #[test]
    fn spi_has_the_size_of_its_protocol() {
        for (protocol, sizes) in [
            (ProtocolId::IKE, &[0, 8][..]),
            (ProtocolId::AH, &[4]),
            (ProtocolId::ESP, &[4]),
            (ProtocolId(77), &[0, 1, 2, 4, 7, 8, 16]),
        ] {
            for size in [0, 1, 2, 4, 7, 8, 16] {
                let octets = proposal(protocol.0, &vec![9; usize::from(size)], 1, &TRANSFORM);
                let legal = sizes.contains(&size);
                let expected = if legal {
                    Ok(size)
                } else {
                    Err(Malformed::SpiSize(protocol, size))
                };
                let spi = decode(&octets).map(|proposal| u8::try_from(proposal.spi.len()).unwrap());
                assert_eq!(spi, expected, "{protocol}");
            }
        }
    }

    /// N-15: an SPI of 255 octets that are not there.
    #[test]
    fn spi_past_the_end_is_truncated() {
        let mut octets = proposal(77, &[], 0, &[]);
        octets[6] = 255;
        assert_eq!(decode(&octets), Err(Malformed::Truncated(PayloadType::SA)));
    }

    //= https://www.rfc-editor.org/rfc/rfc7296#section-3.3
    //= type=test
    //# When parsing an SA, an
    //# implementation MUST check that the total Payload Length is consistent
    //# with the payload's internal lengths and counts.
    /// N-15
    #[test]
    fn count_must_be_the_number_of_transforms() {
        for count in [0, 2, 255] {
            let octets = proposal(1, &[], count, &TRANSFORM);
            assert_eq!(
                decode(&octets),
                Err(Malformed::Count(PayloadType::SA)),
                "{count}"
            );
        }
        assert_eq!(
            decode(&proposal(1, &[], 0, &[])).map(|found| found.transforms.len()),
            Ok(0)
        );
    }
}
