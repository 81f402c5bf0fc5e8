//! KE (RFC 7296, section 3.4).

use crate::reader::Reader;
use crate::{KeyExchangeMethod, Malformed};

/// A public value (RFC 7296, section 3.4).
///
/// Its length and its range are a matter of the method and are not checked here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyExchange<'a> {
    /// Which method, in RFC 7296 "Diffie-Hellman Group Num".
    pub method: KeyExchangeMethod,
    /// The public value, as the method writes it.
    pub data: &'a [u8],
}

impl<'a> KeyExchange<'a> {
    pub(crate) fn decode(mut body: Reader<'a>) -> Result<Self, Malformed> {
        let method = KeyExchangeMethod(body.u16()?);
        let [_, _] = body.array()?; // reserved
        Ok(Self {
            method,
            data: body.rest(),
        })
    }

    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        octets.extend_from_slice(&self.method.0.to_be_bytes());
        octets.extend_from_slice(&[0, 0]);
        octets.extend_from_slice(self.data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PayloadType;

    #[test]
    fn group_and_value_are_read_and_reserved_octets_are_not() {
        let octets = [0, 31, 0xff, 0xff, 7, 8];
        let ke = KeyExchange::decode(Reader::new(PayloadType::KE, &octets)).unwrap();
        assert_eq!(
            ke,
            KeyExchange {
                method: KeyExchangeMethod::CURVE25519,
                data: &[7, 8]
            }
        );
    }

    #[test]
    fn own_reserved_octets_are_zero() {
        let mut octets = Vec::new();
        KeyExchange {
            method: KeyExchangeMethod::ECP_256,
            data: &[9],
        }
        .encode(&mut octets);
        assert_eq!(octets, [0, 19, 0, 0, 9]);
    }

    #[test]
    fn payload_without_its_fixed_octets_is_truncated() {
        for octets in [&[][..], &[0], &[0, 31], &[0, 31, 0]] {
            let ke = KeyExchange::decode(Reader::new(PayloadType::KE, octets));
            assert_eq!(ke, Err(Malformed::Truncated(PayloadType::KE)), "{octets:?}");
        }
    }
}
