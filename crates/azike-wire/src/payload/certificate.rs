//! CERT (RFC 7296, section 3.6).

use crate::reader::Reader;
use crate::{CertificateEncoding, Malformed};

/// A certificate, or something else about one (RFC 7296, section 3.6).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Certificate<'a> {
    /// What `data` is.
    pub encoding: CertificateEncoding,
    /// For [`CertificateEncoding::X509_SIGNATURE`], DER. Not looked at.
    pub data: &'a [u8],
}

impl<'a> Certificate<'a> {
    pub(crate) fn decode(mut body: Reader<'a>) -> Result<Self, Malformed> {
        Ok(Self {
            encoding: CertificateEncoding(body.u8()?),
            data: body.rest(),
        })
    }

    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        octets.push(self.encoding.0);
        octets.extend_from_slice(self.data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PayloadType;

    #[test]
    fn encoding_comes_before_the_certificate() {
        let certificate = Certificate::decode(Reader::new(PayloadType::CERT, &[4, 0x30, 0x00]));
        let encoding = CertificateEncoding::X509_SIGNATURE;
        assert_eq!(
            certificate,
            Ok(Certificate {
                encoding,
                data: &[0x30, 0x00]
            })
        );
    }

    /// N-50: other encodings are values like any other; nothing is fetched or parsed here.
    #[test]
    fn any_encoding_and_an_empty_certificate_are_well_formed() {
        for encoding in 0..=255 {
            let octets = [encoding];
            let certificate = Certificate::decode(Reader::new(PayloadType::CERT, &octets)).unwrap();
            assert_eq!(
                (certificate.encoding.0, certificate.data),
                (encoding, &[][..])
            );
        }
    }

    #[test]
    fn payload_without_an_encoding_is_truncated() {
        let certificate = Certificate::decode(Reader::new(PayloadType::CERT, &[]));
        assert_eq!(certificate, Err(Malformed::Truncated(PayloadType::CERT)));
    }
}
