//! CERTREQ (RFC 7296, section 3.7).

use crate::reader::Reader;
use crate::{CertificateEncoding, Malformed};

/// Which certificates the sender can verify (RFC 7296, section 3.7). A hint, not a rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CertificateRequest<'a> {
    /// What kind of certificate is wanted.
    pub encoding: CertificateEncoding,
    /// For [`CertificateEncoding::X509_SIGNATURE`], SHA-1 hashes of public keys, one after the
    /// other.
    pub authorities: &'a [u8],
}

impl<'a> CertificateRequest<'a> {
    /// Octets of one hash in `authorities`.
    pub const KEY_ID: usize = 20;

    pub(crate) fn decode(mut body: Reader<'a>) -> Result<Self, Malformed> {
        Ok(Self {
            encoding: CertificateEncoding(body.u8()?),
            authorities: body.rest(),
        })
    }

    pub(crate) fn encode(&self, octets: &mut Vec<u8>) {
        octets.push(self.encoding.0);
        octets.extend_from_slice(self.authorities);
    }

    /// The SHA-1 hashes of the authorities' `SubjectPublicKeyInfo`, 20 octets each. What is
    /// left at the end is ignored.
    pub fn key_ids(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.authorities.chunks_exact(Self::KEY_ID)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PayloadType;

    #[test]
    fn hashes_are_cut_every_twenty_octets() {
        let mut octets = vec![4];
        octets.extend_from_slice(&[1; 20]);
        octets.extend_from_slice(&[2; 20]);
        octets.extend_from_slice(&[3; 19]);
        let request =
            CertificateRequest::decode(Reader::new(PayloadType::CERTREQ, &octets)).unwrap();
        let key_ids: Vec<_> = request.key_ids().collect();
        assert_eq!(key_ids, [[1; 20], [2; 20]]);
    }

    #[test]
    fn request_for_any_authority_names_none() {
        let request = CertificateRequest::decode(Reader::new(PayloadType::CERTREQ, &[4])).unwrap();
        assert_eq!(request.key_ids().count(), 0);
    }

    #[test]
    fn payload_without_an_encoding_is_truncated() {
        let request = CertificateRequest::decode(Reader::new(PayloadType::CERTREQ, &[]));
        assert_eq!(request, Err(Malformed::Truncated(PayloadType::CERTREQ)));
    }
}
