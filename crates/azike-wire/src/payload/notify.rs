//! N (RFC 7296, section 3.10).

use crate::length::count8;
use crate::reader::Reader;
use crate::{Malformed, NotifyType, ProtocolId};

/// An error, or an offer of a capability (RFC 7296, section 3.10).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Notify<'a> {
    /// Whose SPI `spi` is. Means nothing when `spi` is empty.
    pub protocol: ProtocolId,
    /// The SA that is meant; empty for the IKE SA itself. At most 255 octets.
    pub spi: &'a [u8],
    /// What is said.
    pub kind: NotifyType,
    /// More of it, in the format of `kind`. Not looked at.
    pub data: &'a [u8],
}

impl<'a> Notify<'a> {
    /// A notify about the IKE SA itself, or about no SA.
    pub const fn new(kind: NotifyType, data: &'a [u8]) -> Self {
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.10
        //# If the SPI
        //# field is empty, this field MUST be sent as zero and MUST be
        //# ignored on receipt.
        Self {
            protocol: ProtocolId::NONE,
            spi: &[],
            kind,
            data,
        }
    }

    pub(crate) fn decode(mut body: Reader<'a>) -> Result<Self, Malformed> {
        let protocol = ProtocolId(body.u8()?);
        let spi_size = usize::from(body.u8()?);
        let kind = NotifyType(body.u16()?);
        let spi = body.take(spi_size)?;
        Ok(Self {
            protocol,
            spi,
            kind,
            data: body.rest(),
        })
    }

    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        octets.extend_from_slice(&[self.protocol.0, count8(self.spi.len())]);
        octets.extend_from_slice(&self.kind.0.to_be_bytes());
        octets.extend_from_slice(self.spi);
        octets.extend_from_slice(self.data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PayloadType;

    fn decode(octets: &[u8]) -> Result<Notify<'_>, Malformed> {
        Notify::decode(Reader::new(PayloadType::NOTIFY, octets))
    }

    #[test]
    fn spi_is_cut_off_in_front_of_the_data() {
        let notify = decode(&[3, 4, 0x40, 0x09, 1, 2, 3, 4, 9]).unwrap();
        let expected = Notify {
            protocol: ProtocolId::ESP,
            spi: &[1, 2, 3, 4],
            kind: NotifyType::REKEY_SA,
            data: &[9],
        };
        assert_eq!(notify, expected);
    }

    #[test]
    fn own_notify_about_the_ike_sa_has_no_protocol() {
        let mut octets = Vec::new();
        Notify::new(NotifyType::COOKIE, &[7]).encode(&mut octets);
        assert_eq!(octets, [0, 0, 0x40, 0x06, 7]);
    }

    #[test]
    fn protocol_without_an_spi_is_carried_and_means_nothing() {
        let notify = decode(&[1, 0, 0, 14]).unwrap();
        assert_eq!(notify.kind, NotifyType::NO_PROPOSAL_CHOSEN);
        assert_eq!((notify.protocol, notify.spi), (ProtocolId::IKE, &[][..]));
    }

    /// N-80: numbers of nobody, with any data, are carried.
    #[test]
    fn private_notify_is_well_formed() {
        for number in [8192_u16, 12345, 40960, 65535] {
            let [high, low] = number.to_be_bytes();
            let octets = [0, 0, high, low, 1, 2, 3];
            let notify = decode(&octets).unwrap();
            assert!(notify.kind.is_private_use(), "{number}");
            assert_eq!(notify.data, [1, 2, 3], "{number}");
        }
    }

    #[test]
    fn spi_past_the_end_is_truncated() {
        for octets in [
            &[][..],
            &[3, 4, 0x40],
            &[3, 4, 0x40, 9, 1, 2, 3],
            &[3, 255, 0x40, 9, 1],
        ] {
            assert_eq!(
                decode(octets),
                Err(Malformed::Truncated(PayloadType::NOTIFY)),
                "{octets:?}"
            );
        }
    }
}
