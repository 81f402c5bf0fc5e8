//! A whole message: the header and the chain of payloads behind it.

use crate::{Header, Malformed, PayloadType, Payloads, header};

/// A datagram with a legal header. Its payloads are checked one by one, by [`Message::payloads`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Message<'a> {
    header: Header,
    first: PayloadType,
    octets: &'a [u8],
}

impl<'a> Message<'a> {
    /// Reads the header of `datagram`, from which a Non-ESP Marker was already removed.
    ///
    /// Fails if there is no whole header, if the major version is not 2, if the length field is
    /// not the length of the datagram, or if the initiator's SPI is zero (RFC 7296, section 3.1).
    pub fn decode(datagram: &'a [u8]) -> Result<Self, Malformed> {
        let (header, first) = Header::decode(datagram)?;
        Ok(Self {
            header,
            first,
            octets: datagram,
        })
    }

    /// What the header says.
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The type of the first payload.
    pub const fn first(&self) -> PayloadType {
        self.first
    }

    /// The whole message, as AUTH signs it and as it is compared with a retransmission.
    pub const fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// The payloads, in the order in which they came.
    pub const fn payloads(&self) -> Payloads<'a> {
        Payloads::outer(self.first, self.octets)
    }
}

/// A message whose payloads are not encrypted: `chain`, which starts with a `first`.
pub fn write_message(header: &Header, first: PayloadType, chain: &[u8]) -> Vec<u8> {
    let total = header::LENGTH + chain.len();
    let mut octets = Vec::with_capacity(total);
    header.encode(first, total, &mut octets);
    octets.extend_from_slice(chain);
    octets
}
