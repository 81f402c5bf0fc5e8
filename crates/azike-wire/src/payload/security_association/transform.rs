//! One transform of a proposal (RFC 7296, sections 3.3.2 and 3.3.5).
//!
//! ```text
//!  Last | reserved | Length | Type | reserved | ID | attributes
//! ```

use super::{check_last, take_substructure};
use crate::length::structure;
use crate::reader::Reader;
use crate::{
    EncryptionId, ExtendedSequenceNumbers, IntegrityId, KeyExchangeMethod, Malformed, PrfId,
    TransformType,
};

/// "Last Substruc" of a transform that is not the last one.
const MORE: u8 = 3;

/// The AF bit: the value is in the attribute's header instead of a length (TV, not TLV).
const SHORT_FORM: u16 = 0x8000;

/// Attribute type 14, the only one that RFC 7296 defines, in its only legal form.
const KEY_LENGTH: u16 = SHORT_FORM | 0x000e;

/// One algorithm (RFC 7296, section 3.3.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Transform {
    /// What it is for.
    pub kind: TransformType,
    /// Its number in the registry of `kind`.
    pub id: u16,
    /// Length of the key in bits, for ciphers with keys of several lengths.
    pub key_length: Option<u16>,
    /// Whether it came with an attribute that we do not know, a key length in the wrong form,
    /// or two key lengths. Such a transform must not be chosen (RFC 7296, section 3.3.6). Is
    /// not written.
    pub unknown_attribute: bool,
}

impl Transform {
    /// A transform without attributes.
    pub const fn new(kind: TransformType, id: u16) -> Self {
        Self {
            kind,
            id,
            key_length: None,
            unknown_attribute: false,
        }
    }

    /// An encryption algorithm, with a key of `key_length` bits unless there is only one length.
    pub const fn encryption(id: EncryptionId, key_length: Option<u16>) -> Self {
        Self {
            key_length,
            ..Self::new(TransformType::ENCR, id.0)
        }
    }

    /// A pseudorandom function.
    pub const fn prf(id: PrfId) -> Self {
        Self::new(TransformType::PRF, id.0)
    }

    /// An integrity algorithm.
    pub const fn integrity(id: IntegrityId) -> Self {
        Self::new(TransformType::INTEG, id.0)
    }

    /// A key exchange method.
    pub const fn key_exchange(method: KeyExchangeMethod) -> Self {
        Self::new(TransformType::KE, method.0)
    }

    /// Short or extended sequence numbers.
    pub const fn extended_sequence_numbers(id: ExtendedSequenceNumbers) -> Self {
        Self::new(TransformType::ESN, id.0)
    }

    /// Takes one transform from `body`.
    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let last = body.u8()?;
        body.u8()?; // reserved
        let length = body.u16()?;
        let mut fields = take_substructure(body, length)?;
        check_last(last, MORE, body.is_empty())?;

        let kind = TransformType(fields.u8()?);
        fields.u8()?; // reserved
        let mut transform = Self::new(kind, fields.u16()?);
        while !fields.is_empty() {
            let attribute = fields.u16()?;
            let value = fields.u16()?;
            if attribute & SHORT_FORM == 0 {
                fields.take(usize::from(value))?;
            }
            //= https://www.rfc-editor.org/rfc/rfc7296#section-3.3
            //# A transform MUST NOT
            //# have multiple attributes of the same type.
            //
            //= https://www.rfc-editor.org/rfc/rfc7296#section-3.3.5
            //# Attributes described as fixed length MUST NOT
            //# be encoded using the variable-length encoding unless that length
            //# exceeds two bytes.
            //
            //= https://www.rfc-editor.org/rfc/rfc7296#section-3.3.6
            //# one that contains a Transform Attribute it does not
            //# understand, it MUST consider this transform unacceptable; other
            //# transforms with the same Transform Type are processed as usual.
            if attribute == KEY_LENGTH && transform.key_length.is_none() {
                transform.key_length = Some(value);
            } else {
                transform.unknown_attribute = true;
            }
        }
        Ok(transform)
    }

    pub(super) fn encode(self, last: bool, octets: &mut Vec<u8>) {
        structure(octets, [if last { 0 } else { MORE }, 0], |octets| {
            octets.extend_from_slice(&[self.kind.0, 0]);
            octets.extend_from_slice(&self.id.to_be_bytes());
            if let Some(bits) = self.key_length {
                octets.extend_from_slice(&KEY_LENGTH.to_be_bytes());
                octets.extend_from_slice(&bits.to_be_bytes());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PayloadType;

    fn decode(octets: &[u8]) -> Result<Transform, Malformed> {
        Transform::decode(&mut Reader::new(PayloadType::SA, octets))
    }

    /// AES-CBC with these attributes.
    fn aes(attributes: &[u8]) -> Vec<u8> {
        let length = u8::try_from(8 + attributes.len()).unwrap();
        let mut octets = vec![0, 0xff, 0, length, 1, 0xff, 0, 12];
        octets.extend_from_slice(attributes);
        octets
    }

    #[test]
    fn key_length_is_written_and_read() {
        let transform = Transform::encryption(EncryptionId::ENCR_AES_CBC, Some(256));
        let mut octets = Vec::new();
        transform.encode(true, &mut octets);
        assert_eq!(octets, [0, 0, 0, 12, 1, 0, 0, 12, 0x80, 14, 1, 0]);
        assert_eq!(decode(&octets), Ok(transform));
    }

    #[test]
    fn constructors_name_the_type() {
        for (transform, kind, id) in [
            (
                Transform::prf(PrfId::PRF_HMAC_SHA2_256),
                TransformType::PRF,
                5,
            ),
            (
                Transform::integrity(IntegrityId::AUTH_HMAC_SHA1_96),
                TransformType::INTEG,
                2,
            ),
            (
                Transform::key_exchange(KeyExchangeMethod::MODP_2048),
                TransformType::KE,
                14,
            ),
            (
                Transform::extended_sequence_numbers(ExtendedSequenceNumbers::NO_ESN),
                TransformType::ESN,
                0,
            ),
        ] {
            assert_eq!(transform, Transform::new(kind, id));
        }
    }

    /// N-15: any number is carried; the one who selects decides.
    #[test]
    fn key_length_of_any_value_is_well_formed() {
        for bits in [0, 127, 128, 65535] {
            let [high, low] = u16::to_be_bytes(bits);
            let transform = decode(&aes(&[0x80, 14, high, low])).unwrap();
            assert_eq!(
                (transform.key_length, transform.unknown_attribute),
                (Some(bits), false)
            );
        }
        let transform = decode(&aes(&[])).unwrap();
        assert_eq!(
            (transform.key_length, transform.unknown_attribute),
            (None, false)
        );
    }

    //= https://www.rfc-editor.org/rfc/rfc7296#section-3.3.6
    //= type=test
    //# one that contains a Transform Attribute it does not
    //# understand, it MUST consider this transform unacceptable; other
    //# transforms with the same Transform Type are processed as usual.
    /// N-15: such a transform cannot be selected, the others of the payload can.
    #[test]
    fn strange_attributes_are_marked_and_do_not_spoil_the_payload() {
        let table: [&[u8]; 5] = [
            &[0x80, 14, 1, 0, 0x80, 14, 1, 0],       // twice
            &[0x80, 14, 1, 0, 0x80, 14, 0, 128],     // twice, and different
            &[0, 14, 0, 2, 1, 0],                    // as type, length and value
            &[0x80, 15, 1, 0],                       // another attribute
            &[0x80, 14, 1, 0, 0, 99, 0, 3, 1, 2, 3], // another one besides
        ];
        for attributes in table {
            let transform = decode(&aes(attributes)).unwrap();
            assert!(transform.unknown_attribute, "{attributes:?}");
        }
    }

    #[test]
    fn attribute_past_the_end_is_truncated() {
        let table: [&[u8]; 4] = [
            &[0x80],
            &[0x80, 14, 1],
            &[0, 99, 0, 1],
            &[0, 99, 0xff, 0xff, 1],
        ];
        for attributes in table {
            let transform = decode(&aes(attributes));
            assert_eq!(
                transform,
                Err(Malformed::Truncated(PayloadType::SA)),
                "{attributes:?}"
            );
        }
    }

    #[test]
    fn length_stays_inside_the_proposal() {
        for length in [0, 3, 9, 255] {
            let mut octets = aes(&[]);
            octets[3] = length;
            let malformed = Malformed::SubstructureLength(PayloadType::SA, length.into());
            assert_eq!(decode(&octets), Err(malformed), "{length}");
        }
    }

    #[test]
    fn last_transform_says_so() {
        for value in [1, 2, 3, 255] {
            let mut octets = aes(&[]);
            octets[0] = value;
            assert_eq!(decode(&octets), Err(Malformed::LastSubstructure(value)));
        }
    }

    /// CVE-2014-9221: a group nobody has heard of ended the daemon.
    #[test]
    fn unknown_group_is_only_a_number() {
        let transform = decode(&[0, 0, 0, 8, 4, 0, 0x04, 0x01]).unwrap();
        assert_eq!(transform, Transform::key_exchange(KeyExchangeMethod(1025)));
    }
}
