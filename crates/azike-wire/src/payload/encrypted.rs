//! SK (RFC 7296, section 3.14).
//!
//! ```text
//!  header | generic header (first) | IV | ciphertext | ICV
//!  └──────────── aad ────────────┘  └────── body ───────┘
//! ```

use crate::PayloadType;
use crate::header::{self, Header};
use crate::length::count16;
use crate::payloads::GENERIC_HEADER;

/// The encrypted rest of a message (RFC 7296, section 3.14), still closed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Encrypted<'a> {
    /// The first payload inside; [`PayloadType::NONE`] if there is none.
    pub first: PayloadType,
    /// The message from its first octet up to the IV: what an AEAD authenticates besides.
    pub aad: &'a [u8],
    /// IV, ciphertext and ICV. Where one ends and the next begins, the algorithm knows; it may
    /// be too short for it.
    pub body: &'a [u8],
}

impl<'a> Encrypted<'a> {
    /// `body` is the end of `message`.
    pub(crate) fn new(first: PayloadType, message: &'a [u8], body: &'a [u8]) -> Self {
        Self {
            first,
            aad: before(message, body),
            body,
        }
    }
}

/// The octets of `message` in front of `end`, which is its end.
pub(crate) fn before<'a>(message: &'a [u8], end: &[u8]) -> &'a [u8] {
    let length = message.len().saturating_sub(end.len());
    message.get(..length).unwrap_or_default()
}

/// The front of a message with one SK payload: its header and the generic header of the payload.
/// It is the associated data; the caller appends `body_len` octets of IV, ciphertext and ICV.
///
/// # Panics
///
/// If `body_len` is above 65 531.
pub fn protected_prefix(header: &Header, first_inner: PayloadType, body_len: usize) -> Vec<u8> {
    let payload = GENERIC_HEADER + body_len;
    let total = header::LENGTH + payload;
    let mut octets = Vec::with_capacity(total);
    header.encode(PayloadType::SK, total, &mut octets);
    octets.extend_from_slice(&[first_inner.0, 0]);
    octets.extend_from_slice(&count16(payload).to_be_bytes());
    octets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExchangeType, Message, MessageId, MessageKind, Payload, Role, Spi};

    fn header() -> Header {
        Header {
            spi_i: Spi::new(1).unwrap(),
            spi_r: Spi::new(2),
            exchange: ExchangeType::INFORMATIONAL,
            sender: Role::Initiator,
            kind: MessageKind::Request,
            message_id: MessageId(3),
        }
    }

    #[test]
    fn associated_data_of_the_sender_is_that_of_the_receiver() {
        let prefix = protected_prefix(&header(), PayloadType::NOTIFY, 5);
        let mut message = prefix.clone();
        message.extend_from_slice(&[1, 2, 3, 4, 5]);

        let message = Message::decode(&message).unwrap();
        assert_eq!(message.header(), header());
        let payloads: Vec<_> = message.payloads().collect();
        let encrypted = Encrypted {
            first: PayloadType::NOTIFY,
            aad: &prefix,
            body: &[1, 2, 3, 4, 5],
        };
        assert_eq!(payloads, [Ok(Payload::Encrypted(encrypted))]);
    }

    #[test]
    fn prefix_has_room_for_the_body() {
        let prefix = protected_prefix(&header(), PayloadType::NONE, 1000);
        assert!(prefix.capacity() >= prefix.len() + 1000);
    }

    /// N-37: too short for any algorithm is still the algorithm's decision.
    #[test]
    fn empty_body_is_well_formed() {
        let octets = protected_prefix(&header(), PayloadType::NONE, 0);
        let payload = Message::decode(&octets).unwrap().payloads().next().unwrap();
        let encrypted = Encrypted {
            first: PayloadType::NONE,
            aad: &octets,
            body: &[],
        };
        assert_eq!(payload, Ok(Payload::Encrypted(encrypted)));
    }
}
