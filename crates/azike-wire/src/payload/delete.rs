//! D (RFC 7296, section 3.11).

use crate::length::count16;
use crate::reader::Reader;
use crate::{EspSpi, Malformed, ProtocolId};

/// SAs that the sender no longer has (RFC 7296, section 3.11).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Delete<'a> {
    /// [`ProtocolId::IKE`]: the IKE SA of this message. Otherwise `spis` says which.
    pub protocol: ProtocolId,
    /// Octets of one SPI: 0 for IKE, 4 for ESP and AH.
    pub spi_size: u8,
    /// The SPIs, one after the other: those of the SAs *to* the sender.
    pub spis: &'a [u8],
}

impl<'a> Delete<'a> {
    /// A delete of the IKE SA that carries it.
    pub const fn ike_sa() -> Self {
        Self {
            protocol: ProtocolId::IKE,
            spi_size: 0,
            spis: &[],
        }
    }

    /// A delete of ESP SAs: `spis` are four octets each.
    pub const fn esp(spis: &'a [u8]) -> Self {
        Self {
            protocol: ProtocolId::ESP,
            spi_size: 4,
            spis,
        }
    }

    pub(crate) fn decode(mut body: Reader<'a>) -> Result<Self, Malformed> {
        let protocol = ProtocolId(body.u8()?);
        let spi_size = body.u8()?;
        let count = usize::from(body.u16()?);
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.11
        //# It MUST be zero for IKE (SPI is in message header)
        //# or four for AH and ESP.
        let legal = match protocol {
            ProtocolId::NONE => return Err(Malformed::DeleteProtocol),
            ProtocolId::IKE => spi_size == 0,
            ProtocolId::AH | ProtocolId::ESP => spi_size == 4,
            _ => true,
        };
        if !legal {
            return Err(Malformed::SpiSize(protocol, spi_size));
        }
        let spis = body.take(count * usize::from(spi_size))?;
        body.finish()?;
        Ok(Self {
            protocol,
            spi_size,
            spis,
        })
    }

    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        let count = count16(self.spis().count());
        octets.extend_from_slice(&[self.protocol.0, self.spi_size]);
        octets.extend_from_slice(&count.to_be_bytes());
        octets.extend_from_slice(self.spis);
    }

    /// The SPIs, `spi_size` octets each. None for the IKE SA.
    pub fn spis(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        // A size of zero has no octets to cut; any other size will do then.
        self.spis.chunks_exact(usize::from(self.spi_size).max(1))
    }

    /// The SPIs of an ESP delete. None for another protocol; SPIs of the reserved range, which
    /// no SA can have, are left out.
    pub fn esp_spis(&self) -> impl Iterator<Item = EspSpi> + use<'a> {
        let esp = self.protocol == ProtocolId::ESP;
        self.spis()
            .filter_map(EspSpi::from_octets)
            .filter(move |_| esp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PayloadType;

    fn decode(octets: &[u8]) -> Result<Delete<'_>, Malformed> {
        Delete::decode(Reader::new(PayloadType::DELETE, octets))
    }

    #[test]
    fn esp_delete_lists_spis() {
        let delete = decode(&[3, 4, 0, 2, 0, 0, 1, 0, 9, 9, 9, 9]).unwrap();
        let spis: Vec<_> = delete.esp_spis().map(EspSpi::value).collect();
        assert_eq!(spis, [256, 0x0909_0909]);
    }

    #[test]
    fn ike_delete_lists_nothing() {
        let delete = decode(&[1, 0, 0, 0]).unwrap();
        assert_eq!(delete, Delete::ike_sa());
        assert_eq!((delete.spis().count(), delete.esp_spis().count()), (0, 0));
    }

    #[test]
    fn ah_spis_and_reserved_spis_are_no_esp_spis() {
        let ah = decode(&[2, 4, 0, 1, 9, 9, 9, 9]).unwrap();
        assert_eq!((ah.spis().count(), ah.esp_spis().count()), (1, 0));
        let reserved = decode(&[3, 4, 0, 1, 0, 0, 0, 255]).unwrap();
        assert_eq!(
            (reserved.spis().count(), reserved.esp_spis().count()),
            (1, 0)
        );
    }

    #[test]
    fn written_delete_counts_its_spis() {
        for (delete, expected) in [
            (Delete::ike_sa(), &[1, 0, 0, 0][..]),
            (
                Delete::esp(&[1, 2, 3, 4, 5, 6, 7, 8]),
                &[3, 4, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8],
            ),
        ] {
            let mut octets = Vec::new();
            delete.encode(&mut octets);
            assert_eq!(octets, expected);
        }
    }

    /// N-73
    #[test]
    fn delete_with_a_wrong_count_size_or_protocol_is_malformed() {
        let truncated = Malformed::Truncated(PayloadType::DELETE);
        let excess = Malformed::Excess(PayloadType::DELETE);
        let table: [(&[u8], Malformed); 9] = [
            (&[3, 4, 0xff, 0xff, 1, 2, 3, 4], truncated),
            (&[3, 4, 0, 2, 1, 2, 3, 4], truncated),
            (&[3, 4, 0, 1, 1, 2, 3, 4, 5], excess),
            (&[3, 4, 0, 0, 1, 2, 3, 4], excess),
            (
                &[3, 8, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8],
                Malformed::SpiSize(ProtocolId::ESP, 8),
            ),
            (&[3, 0, 0, 1], Malformed::SpiSize(ProtocolId::ESP, 0)),
            (
                &[1, 8, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8],
                Malformed::SpiSize(ProtocolId::IKE, 8),
            ),
            (&[0, 0, 0, 0], Malformed::DeleteProtocol),
            (&[3, 4, 0], truncated),
        ];
        for (octets, malformed) in table {
            assert_eq!(decode(octets), Err(malformed), "{octets:?}");
        }
    }

    /// N-73: 65 535 SPIs that are not there cost nothing.
    #[test]
    fn count_without_octets_is_legal_for_ike_only() {
        assert_eq!(
            decode(&[1, 0, 0xff, 0xff]).map(|delete| delete.spis().count()),
            Ok(0)
        );
    }
}
