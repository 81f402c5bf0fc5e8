//! `IDi` and `IDr` (RFC 7296, section 3.5).

use crate::reader::Reader;
use crate::{IdType, Malformed};

/// Who an end says it is (RFC 7296, section 3.5). Proves nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Identification<'a> {
    /// How `data` is to be read.
    pub kind: IdType,
    /// The identity. May be empty, and anything: text is neither checked nor terminated.
    pub data: &'a [u8],
    /// The reserved octets as they came: AUTH covers them.
    reserved: [u8; 3],
}

impl<'a> Identification<'a> {
    /// An identity to send.
    pub const fn new(kind: IdType, data: &'a [u8]) -> Self {
        Self {
            kind,
            data,
            reserved: [0; 3],
        }
    }

    pub(crate) fn decode(mut body: Reader<'a>) -> Result<Self, Malformed> {
        let kind = IdType(body.u8()?);
        let reserved = body.array()?;
        Ok(Self {
            kind,
            data: body.rest(),
            reserved,
        })
    }

    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        octets.push(self.kind.0);
        octets.extend_from_slice(&self.reserved);
        octets.extend_from_slice(self.data);
    }

    /// The payload without its generic header: `RestOfInitIDPayload` or `RestOfRespIDPayload`
    /// of the AUTH computation (RFC 7296, section 2.15).
    ///
    /// The reserved octets are those that came, zero or not: the other end signed them.
    pub fn signed_octets(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(4 + self.data.len());
        self.encode(&mut octets);
        octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PayloadType;

    /// N-11, and RFC 7296, section 2.15: what was signed are the octets that were sent.
    #[test]
    fn signed_octets_keep_the_reserved_octets_that_came() {
        let octets = [2, 0xaa, 0xbb, 0xcc, b'a', b'.', b'b'];
        let id = Identification::decode(Reader::new(PayloadType::ID_R, &octets)).unwrap();
        assert_eq!((id.kind, id.data), (IdType::ID_FQDN, &b"a.b"[..]));
        assert_eq!(id.signed_octets(), octets);
    }

    #[test]
    fn own_reserved_octets_are_zero() {
        let id = Identification::new(IdType::ID_KEY_ID, b"k");
        assert_eq!(id.signed_octets(), [11, 0, 0, 0, b'k']);
    }

    /// N-48: an empty identity is well formed; who accepts it is another question.
    #[test]
    fn identity_may_be_empty() {
        let id = Identification::decode(Reader::new(PayloadType::ID_R, &[2, 0, 0, 0]));
        assert_eq!(id, Ok(Identification::new(IdType::ID_FQDN, &[])));
    }

    /// CVE-2025-9242 began with an identity whose length nobody had checked.
    #[test]
    fn identity_shorter_than_its_fixed_octets_is_truncated() {
        for octets in [&[][..], &[2], &[2, 0, 0]] {
            let id = Identification::decode(Reader::new(PayloadType::ID_I, octets));
            assert_eq!(
                id,
                Err(Malformed::Truncated(PayloadType::ID_I)),
                "{octets:?}"
            );
        }
    }
}
