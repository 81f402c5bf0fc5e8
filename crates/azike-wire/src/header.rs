//! The IKE header (RFC 7296, section 3.1).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +---------------------------------------------------------------+
//! |                    IKE SA initiator's SPI                     |
//! |                                                               |
//! +---------------------------------------------------------------+
//! |                    IKE SA responder's SPI                     |
//! |                                                               |
//! +---------------+-------+-------+---------------+---------------+
//! | Next Payload  | Major | Minor | Exchange Type |     Flags     |
//! +---------------+-------+-------+---------------+---------------+
//! |                          Message ID                           |
//! +---------------------------------------------------------------+
//! |                            Length                             |
//! +---------------------------------------------------------------+
//! ```

use crate::length::count32;
use crate::reader::Reader;
use crate::{ExchangeType, Malformed, PayloadType, Spi};

/// Octets of a header.
pub(crate) const LENGTH: usize = 28;

/// Version 2.0: major in the upper four bits.
const VERSION: u8 = 0x20;

/// Flag I: sent by the original initiator of the IKE SA.
const INITIATOR: u8 = 0x08;

/// Flag R: a response.
const RESPONSE: u8 = 0x20;

/// Who sent a message: the end that started the IKE SA, or the other one.
///
/// It belongs to an IKE SA and never changes while that SA lives. After an IKE SA was rekeyed,
/// the end that sent the rekey request is the initiator of the new one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Role {
    /// The original initiator.
    Initiator,
    /// The original responder.
    Responder,
}

impl Role {
    /// The other end.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Initiator => Self::Responder,
            Self::Responder => Self::Initiator,
        }
    }
}

/// Whether a message asks or answers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MessageKind {
    /// Asks.
    Request,
    /// Answers the request with the same Message ID.
    Response,
}

/// Number of a request and of its response; each end counts its requests from zero.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MessageId(pub u32);

/// What an IKE header says, except its lengths.
///
/// The minor version, the V flag and the reserved flags are not here: they are ignored when
/// they come and sent as version 2.0 and zero.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// SPI of the original initiator.
    pub spi_i: Spi,
    /// SPI of the original responder; `None` (zero) until it has chosen one.
    pub spi_r: Option<Spi>,
    /// Which exchange.
    pub exchange: ExchangeType,
    /// Who sent the message.
    pub sender: Role,
    /// Request or response.
    pub kind: MessageKind,
    /// Number of the exchange.
    pub message_id: MessageId,
}

impl Header {
    /// Reads the header of `datagram`, and which payload comes first.
    ///
    /// Fails if there is no whole header, if the major version is not 2, if the length field is
    /// not the length of the datagram, or if the initiator's SPI is zero.
    pub(crate) fn decode(datagram: &[u8]) -> Result<(Self, PayloadType), Malformed> {
        if datagram.len() < LENGTH {
            return Err(Malformed::NoHeader(datagram.len()));
        }
        let mut reader = Reader::new(PayloadType::NONE, datagram);
        let spi_i = u64::from_be_bytes(reader.array()?);
        let spi_r = u64::from_be_bytes(reader.array()?);
        let first = PayloadType(reader.u8()?);
        let version = reader.u8()?;
        let exchange = ExchangeType(reader.u8()?);
        let flags = reader.u8()?;
        let message_id = MessageId(u32::from_be_bytes(reader.array()?));
        let field = u32::from_be_bytes(reader.array()?);

        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.1
        //# Implementations based on this version of IKE MUST reject or
        //# ignore messages containing a version number greater than 2
        //
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.1
        //# They MUST ignore the minor
        //# version number of received messages.
        if version & 0xf0 != VERSION {
            return Err(Malformed::MajorVersion(version >> 4));
        }
        if usize::try_from(field) != Ok(datagram.len()) {
            return Err(Malformed::MessageLength {
                field,
                octets: datagram.len(),
            });
        }
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.1
        //# 'X' bits MUST be cleared
        //# when sending and MUST be ignored on receipt.
        let header = Self {
            spi_i: Spi::new(spi_i).ok_or(Malformed::NoInitiatorSpi)?,
            spi_r: Spi::new(spi_r),
            exchange,
            sender: if flags & INITIATOR == 0 {
                Role::Responder
            } else {
                Role::Initiator
            },
            kind: if flags & RESPONSE == 0 {
                MessageKind::Request
            } else {
                MessageKind::Response
            },
            message_id,
        };
        Ok((header, first))
    }

    /// Appends the header of a message that is `total` octets long, this header included.
    pub(crate) fn encode(&self, first: PayloadType, total: usize, octets: &mut Vec<u8>) {
        let sender = match self.sender {
            Role::Initiator => INITIATOR,
            Role::Responder => 0,
        };
        let kind = match self.kind {
            MessageKind::Request => 0,
            MessageKind::Response => RESPONSE,
        };
        octets.extend_from_slice(&self.spi_i.octets());
        octets.extend_from_slice(&self.spi_r.map_or([0; 8], Spi::octets));
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.1
        //# MUST set the major version to 2.
        //
        //= https://www.rfc-editor.org/rfc/rfc7296#section-3.1
        //# MUST set the minor version to 0.
        octets.extend_from_slice(&[first.0, VERSION, self.exchange.0, sender | kind]);
        octets.extend_from_slice(&self.message_id.0.to_be_bytes());
        octets.extend_from_slice(&count32(total).to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            spi_i: Spi::new(0x0102_0304_0506_0708).unwrap(),
            spi_r: None,
            exchange: ExchangeType::IKE_SA_INIT,
            sender: Role::Initiator,
            kind: MessageKind::Request,
            message_id: MessageId(0),
        }
    }

    fn octets(header: &Header) -> Vec<u8> {
        let mut octets = Vec::new();
        header.encode(PayloadType::SA, LENGTH, &mut octets);
        octets
    }

    #[test]
    fn request_of_the_initiator_is_these_octets() {
        let expected = [
            1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 33, 0x20, 34, 0x08, 0, 0, 0, 0, 0, 0,
            0, 28,
        ];
        assert_eq!(octets(&header()), expected);
    }

    #[test]
    fn flags_say_who_sent_what() {
        for (sender, kind, flags) in [
            (Role::Initiator, MessageKind::Request, 0x08),
            (Role::Initiator, MessageKind::Response, 0x28),
            (Role::Responder, MessageKind::Request, 0x00),
            (Role::Responder, MessageKind::Response, 0x20),
        ] {
            let header = Header {
                sender,
                kind,
                ..header()
            };
            let octets = octets(&header);
            assert_eq!(octets[19], flags);
            assert_eq!(Header::decode(&octets), Ok((header, PayloadType::SA)));
        }
    }

    /// N-4
    #[test]
    fn major_version_is_two_and_the_minor_version_does_not_matter() {
        let mut octets = octets(&header());
        for version in 0..=255 {
            octets[17] = version;
            let expected = match version >> 4 {
                2 => Ok((header(), PayloadType::SA)),
                major => Err(Malformed::MajorVersion(major)),
            };
            assert_eq!(Header::decode(&octets), expected, "version {version:#04x}");
        }
    }

    /// N-11
    #[test]
    fn reserved_flags_and_the_version_flag_are_ignored() {
        let mut octets = octets(&header());
        octets[19] |= 0b1101_0111;
        assert_eq!(Header::decode(&octets), Ok((header(), PayloadType::SA)));
    }

    /// N-6: an initiator always has an SPI; a responder has none yet in its first answer.
    #[test]
    fn initiator_spi_of_zero_is_malformed() {
        let mut octets = octets(&header());
        octets[..8].fill(0);
        assert_eq!(Header::decode(&octets), Err(Malformed::NoInitiatorSpi));
    }
}
