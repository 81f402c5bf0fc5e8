//! What an ESP packet carries in tunnel mode: IPv4 or IPv6 (RFC 4303, section 2.6).

use crate::EspDrop;

/// The length of the smallest IPv4 header, in octets.
const IPV4_HEADER: usize = 20;
/// The length of the IPv6 header, in octets.
const IPV6_HEADER: usize = 40;

/// The version of the inner packet, as the Next Header field says it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NextHeader {
    /// An IPv4 packet (4).
    Ipv4,
    /// An IPv6 packet (41).
    Ipv6,
}

impl NextHeader {
    /// "No next header": a dummy packet.
    pub(crate) const DUMMY: u8 = 59;

    /// The version of `packet`, by its first octet. `None` if it is neither 4 nor 6, or if there
    /// is no octet.
    pub fn of(packet: &[u8]) -> Option<Self> {
        match packet.first()? >> 4 {
            4 => Some(Self::Ipv4),
            6 => Some(Self::Ipv6),
            _ => None,
        }
    }

    /// The number in the Next Header field.
    pub const fn number(self) -> u8 {
        match self {
            Self::Ipv4 => 4,
            Self::Ipv6 => 41,
        }
    }

    /// What the Next Header field of an authentic packet says, checked against `payload`.
    pub(crate) fn judge(number: u8, payload: &[u8]) -> Result<Self, EspDrop> {
        match (number, Self::of(payload)) {
            (Self::DUMMY, _) => Err(EspDrop::Dummy),
            (4, Some(Self::Ipv4)) => Ok(Self::Ipv4),
            (41, Some(Self::Ipv6)) => Ok(Self::Ipv6),
            _ => Err(EspDrop::NextHeader(number)),
        }
    }

    /// The length of the inner packet as its own header says it, in octets.
    ///
    /// What follows it in `payload` is traffic flow confidentiality padding (RFC 4303,
    /// section 2.7), of which nothing is asked.
    pub(crate) fn inner_length(self, payload: &[u8]) -> Result<usize, EspDrop> {
        let (header, length) = match self {
            Self::Ipv4 => (IPV4_HEADER, field(payload, 2)),
            Self::Ipv6 => (
                IPV6_HEADER,
                field(payload, 4).map(|length| length + IPV6_HEADER),
            ),
        };
        length
            .filter(|length| (header..=payload.len()).contains(length))
            .ok_or(EspDrop::InnerLength)
    }
}

fn field(packet: &[u8], at: usize) -> Option<usize> {
    let octets = packet.get(at..)?.first_chunk()?;
    Some(usize::from(u16::from_be_bytes(*octets)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_header_must_agree_with_the_version() {
        let cases = [
            (4, 0x45, Ok(NextHeader::Ipv4)),
            (41, 0x60, Ok(NextHeader::Ipv6)),
            (4, 0x60, Err(EspDrop::NextHeader(4))),
            (41, 0x45, Err(EspDrop::NextHeader(41))),
            (4, 0x05, Err(EspDrop::NextHeader(4))),
            (1, 0x45, Err(EspDrop::NextHeader(1))),
            (17, 0x45, Err(EspDrop::NextHeader(17))),
            (59, 0x45, Err(EspDrop::Dummy)),
            (59, 0x00, Err(EspDrop::Dummy)),
        ];
        for (number, first, judged) in cases {
            assert_eq!(
                NextHeader::judge(number, &[first]),
                judged,
                "{number} {first:#x}"
            );
        }
        assert_eq!(NextHeader::judge(4, &[]), Err(EspDrop::NextHeader(4)));
    }

    #[test]
    fn inner_length_is_between_the_header_and_the_data() {
        for (says, has, judged) in [
            (20_u16, 20, Ok(20)),
            (20, 60, Ok(20)),
            (19, 60, Err(EspDrop::InnerLength)),
            (61, 60, Err(EspDrop::InnerLength)),
            (60, 60, Ok(60)),
        ] {
            let mut packet = vec![0; has];
            packet[2..4].copy_from_slice(&says.to_be_bytes());
            assert_eq!(
                NextHeader::Ipv4.inner_length(&packet),
                judged,
                "{says} of {has}"
            );
        }
        let mut packet = vec![0; 100];
        packet[4..6].copy_from_slice(&50_u16.to_be_bytes());
        assert_eq!(NextHeader::Ipv6.inner_length(&packet), Ok(90));
        assert_eq!(
            NextHeader::Ipv6.inner_length(&packet[..89]),
            Err(EspDrop::InnerLength)
        );
        assert_eq!(
            NextHeader::Ipv6.inner_length(&packet[..5]),
            Err(EspDrop::InnerLength)
        );
    }
}
