//! SKF (RFC 7383, section 2.5).
//!
//! ```text
//!  header | generic header (first) | number | total | IV | ciphertext | ICV
//!  └───────────────────── aad ────────────────────┘  └────── body ───────┘
//! ```

use crate::header::{self, Header};
use crate::length::count16;
use crate::payload::encrypted::before;
use crate::payloads::GENERIC_HEADER;
use crate::reader::Reader;
use crate::{Malformed, PayloadType};

/// Octets between the generic header and the IV.
const NUMBERS: usize = 4;

/// One part of the encrypted rest of a message (RFC 7383, section 2.5), still closed.
///
/// The number is in `1..=total`, and only the first fragment can name a first payload. How many
/// fragments are too many is the caller's rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EncryptedFragment<'a> {
    /// In fragment 1, the first payload inside; otherwise [`PayloadType::NONE`].
    pub first: PayloadType,
    /// Which fragment this is, from 1.
    pub number: u16,
    /// How many there are.
    pub total: u16,
    /// The message from its first octet up to the IV: what an AEAD authenticates besides.
    pub aad: &'a [u8],
    /// IV, ciphertext and ICV; may be too short for the algorithm.
    pub body: &'a [u8],
}

impl<'a> EncryptedFragment<'a> {
    /// Reads `body`, which is the end of `message`.
    pub(crate) fn decode(
        first: PayloadType,
        message: &'a [u8],
        body: &'a [u8],
    ) -> Result<Self, Malformed> {
        let mut reader = Reader::new(PayloadType::SKF, body);
        let number = reader.u16()?;
        let total = reader.u16()?;
        let body = reader.rest();
        //= https://www.rfc-editor.org/rfc/rfc7383#section-2.5
        //# This field MUST be less than or
        //# equal to the next field (Total Fragments).  This field MUST NOT be
        //# zero.
        if number == 0 || number > total {
            return Err(Malformed::FragmentNumber { number, total });
        }
        //= https://www.rfc-editor.org/rfc/rfc7383#section-2.5
        //# this field MUST be set to zero.
        if number > 1 && first != PayloadType::NONE {
            return Err(Malformed::FragmentNextPayload(first));
        }
        Ok(Self {
            first,
            number,
            total,
            aad: before(message, body),
            body,
        })
    }

    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        octets.extend_from_slice(&self.number.to_be_bytes());
        octets.extend_from_slice(&self.total.to_be_bytes());
        octets.extend_from_slice(self.body);
    }
}

/// The front of a message with one SKF payload: its header, the generic header of the payload,
/// and the fragment's numbers. It is the associated data; the caller appends `body_len` octets
/// of IV, ciphertext and ICV.
///
/// `first_inner` is the first payload for fragment 1 and [`PayloadType::NONE`] for the others.
///
/// # Panics
///
/// If `body_len` is above 65 527.
pub fn fragment_prefix(
    header: &Header,
    first_inner: PayloadType,
    number: u16,
    total: u16,
    body_len: usize,
) -> Vec<u8> {
    let payload = GENERIC_HEADER + NUMBERS + body_len;
    let message = header::LENGTH + payload;
    let mut octets = Vec::with_capacity(message);
    header.encode(PayloadType::SKF, message, &mut octets);
    octets.extend_from_slice(&[first_inner.0, 0]);
    octets.extend_from_slice(&count16(payload).to_be_bytes());
    octets.extend_from_slice(&number.to_be_bytes());
    octets.extend_from_slice(&total.to_be_bytes());
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
            exchange: ExchangeType::IKE_AUTH,
            sender: Role::Responder,
            kind: MessageKind::Response,
            message_id: MessageId(1),
        }
    }

    fn only_payload(first: PayloadType, number: u16, total: u16) -> Result<u16, Malformed> {
        let mut octets = fragment_prefix(&header(), first, number, total, 1);
        octets.push(0x55);
        match Message::decode(&octets)?.payloads().next() {
            Some(Ok(Payload::EncryptedFragment(fragment))) => Ok(fragment.number),
            Some(Err(malformed)) => Err(malformed),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn associated_data_of_the_sender_is_that_of_the_receiver() {
        let prefix = fragment_prefix(&header(), PayloadType::ID_R, 1, 3, 2);
        let mut message = prefix.clone();
        message.extend_from_slice(&[8, 9]);
        let message = Message::decode(&message).unwrap();
        let payloads: Vec<_> = message.payloads().collect();
        let fragment = EncryptedFragment {
            first: PayloadType::ID_R,
            number: 1,
            total: 3,
            aad: &prefix,
            body: &[8, 9],
        };
        assert_eq!(payloads, [Ok(Payload::EncryptedFragment(fragment))]);
    }

    /// N-31: the number is in 1..=total. How large a total is too large, the receiver decides.
    #[test]
    fn fragment_number_is_between_one_and_the_total() {
        for (number, total, legal) in [
            (0, 0, false),
            (0, 1, false),
            (1, 0, false),
            (1, 1, true),
            (2, 1, false),
            (2, 2, true),
            (65535, 65535, true),
            (65535, 65534, false),
        ] {
            let malformed = Malformed::FragmentNumber { number, total };
            let expected = if legal { Ok(number) } else { Err(malformed) };
            assert_eq!(only_payload(PayloadType::NONE, number, total), expected);
        }
    }

    /// N-34
    #[test]
    fn only_the_first_fragment_names_a_payload() {
        let notify = PayloadType::NOTIFY;
        assert_eq!(only_payload(notify, 1, 2), Ok(1));
        assert_eq!(
            only_payload(notify, 2, 2),
            Err(Malformed::FragmentNextPayload(notify))
        );
    }

    #[test]
    fn fragment_without_its_numbers_is_truncated() {
        let octets = protected_prefix_of(PayloadType::SKF, 3);
        let payload = Message::decode(&octets).unwrap().payloads().next();
        assert_eq!(payload, Some(Err(Malformed::Truncated(PayloadType::SKF))));
    }

    /// A message with one payload of type `kind` and `body_len` zero octets in it.
    fn protected_prefix_of(kind: PayloadType, body_len: usize) -> Vec<u8> {
        let mut chain = crate::Chain::new();
        chain.payload(kind, |body| body.resize(body.len() + body_len, 0));
        let (first, chain) = chain.finish();
        crate::write_message(&header(), first, &chain)
    }
}
