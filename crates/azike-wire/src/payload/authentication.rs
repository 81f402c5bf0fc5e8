//! AUTH (RFC 7296, section 3.8).

use crate::reader::Reader;
use crate::{AuthMethod, Malformed};

/// Proof of an identity (RFC 7296, section 3.8), not verified yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Authentication<'a> {
    /// How `data` was computed.
    pub method: AuthMethod,
    /// Signature or MIC. With [`AuthMethod::DIGITAL_SIGNATURE`] the algorithm comes first
    /// (RFC 7427, section 3).
    pub data: &'a [u8],
}

impl<'a> Authentication<'a> {
    pub(crate) fn decode(mut body: Reader<'a>) -> Result<Self, Malformed> {
        let method = AuthMethod(body.u8()?);
        let [_, _, _] = body.array()?; // reserved
        Ok(Self {
            method,
            data: body.rest(),
        })
    }

    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        octets.extend_from_slice(&[self.method.0, 0, 0, 0]);
        octets.extend_from_slice(self.data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PayloadType;

    #[test]
    fn method_and_data_are_read_and_reserved_octets_are_not() {
        let octets = [14, 0xff, 0xff, 0xff, 1, 2];
        let auth = Authentication::decode(Reader::new(PayloadType::AUTH, &octets)).unwrap();
        assert_eq!(
            auth,
            Authentication {
                method: AuthMethod::DIGITAL_SIGNATURE,
                data: &[1, 2]
            }
        );
    }

    #[test]
    fn own_reserved_octets_are_zero() {
        let mut octets = Vec::new();
        Authentication {
            method: AuthMethod::SHARED_KEY_MIC,
            data: &[5],
        }
        .encode(&mut octets);
        assert_eq!(octets, [2, 0, 0, 0, 5]);
    }

    #[test]
    fn payload_without_its_fixed_octets_is_truncated() {
        for octets in [&[][..], &[1], &[1, 0, 0]] {
            let auth = Authentication::decode(Reader::new(PayloadType::AUTH, octets));
            assert_eq!(
                auth,
                Err(Malformed::Truncated(PayloadType::AUTH)),
                "{octets:?}"
            );
        }
    }
}
