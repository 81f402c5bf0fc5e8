//! EAP (RFC 7296, section 3.16; RFC 3748, section 4).
//!
//! ```text
//!  Code | Identifier | Length | Type | data ...
//! ```

use crate::reader::Reader;
use crate::{EapCode, EapType, Malformed, PayloadType};

/// A whole EAP packet (RFC 3748, section 4). Its length field is right; a request or response
/// has a type, anything else is four octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EapPacket<'a>(&'a [u8]);

impl<'a> EapPacket<'a> {
    /// Checks the length field of `octets`, a whole packet.
    pub fn new(octets: &'a [u8]) -> Result<Self, Malformed> {
        Self::decode(Reader::new(PayloadType::EAP, octets))
    }

    pub(crate) fn decode(mut body: Reader<'a>) -> Result<Self, Malformed> {
        let all = body.clone().rest();
        let code = EapCode(body.u8()?);
        body.u8()?; // identifier
        let length = body.u16()?;
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.16
        //# For other codes, the EAP message length MUST be
        //# four octets and the Type and Type_Data fields MUST NOT be present.
        let legal = match code {
            EapCode::REQUEST | EapCode::RESPONSE => length >= 5,
            _ => length == 4,
        };
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.16
        //# Length (2 octets, unsigned integer) is the length of the EAP
        //# message and MUST be four less than the Payload Length of the
        //# encapsulating payload.
        if !legal || usize::from(length) != all.len() {
            return Err(Malformed::EapLength(length));
        }
        Ok(Self(all))
    }

    /// The whole packet.
    pub const fn octets(self) -> &'a [u8] {
        self.0
    }

    /// Request, response, success or failure.
    pub fn code(self) -> EapCode {
        EapCode(self.0.first().copied().unwrap_or_default())
    }

    /// Ties a response to its request.
    pub fn identifier(self) -> u8 {
        self.0.get(1).copied().unwrap_or_default()
    }

    /// The method; `None` unless this is a request or a response.
    pub fn kind(self) -> Option<EapType> {
        self.0.get(4).copied().map(EapType)
    }

    /// What follows the type. Empty for success and failure.
    pub fn data(self) -> &'a [u8] {
        self.0.get(5..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_has_a_type_and_data() {
        let packet = EapPacket::new(&[1, 7, 0, 7, 13, 0x20, 9]).unwrap();
        assert_eq!((packet.code(), packet.identifier()), (EapCode::REQUEST, 7));
        assert_eq!(
            (packet.kind(), packet.data()),
            (Some(EapType::TLS), &[0x20, 9][..])
        );
    }

    #[test]
    fn success_has_neither() {
        let packet = EapPacket::new(&[3, 7, 0, 4]).unwrap();
        assert_eq!((packet.code(), packet.kind()), (EapCode::SUCCESS, None));
        assert!(packet.data().is_empty());
    }

    /// N-52: a length that is not the length of the payload, or not one for the code.
    #[test]
    fn packet_with_another_length_is_malformed() {
        let table: [(&[u8], Malformed); 8] = [
            (&[1, 7, 0, 6, 1], Malformed::EapLength(6)),
            (&[1, 7, 0, 5, 1, 2], Malformed::EapLength(5)),
            (&[1, 7, 0, 4], Malformed::EapLength(4)),
            (&[2, 7, 0, 0, 1], Malformed::EapLength(0)),
            (&[3, 7, 0, 5, 1], Malformed::EapLength(5)),
            (&[4, 7, 0, 3], Malformed::EapLength(3)),
            (&[5, 7, 0, 5, 1], Malformed::EapLength(5)),
            (&[1, 7, 0], Malformed::Truncated(PayloadType::EAP)),
        ];
        for (octets, malformed) in table {
            assert_eq!(EapPacket::new(octets), Err(malformed), "{octets:?}");
        }
    }

    /// N-52: an unknown code is carried, so that its receiver can count it.
    #[test]
    fn packet_with_an_unknown_code_is_well_formed() {
        assert_eq!(
            EapPacket::new(&[5, 7, 0, 4]).map(EapPacket::code),
            Ok(EapCode(5))
        );
    }
}
