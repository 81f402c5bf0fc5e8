//! The two encodings of an ECDSA signature: two INTEGERs in a SEQUENCE in a
//! digital signature (RFC 7427, section 3), r and s in their fixed length with
//! authentication methods 9 and 10 (RFC 4754, section 7).

use super::der;
use super::scheme::SignatureScheme;

/// The fixed form of a signature in ASN.1; nothing if `asn1` is not a DER
/// encoding of two numbers in the range of the scheme, or the scheme is not
/// ECDSA.
pub fn ecdsa_to_fixed(scheme: SignatureScheme, asn1: &[u8]) -> Option<Vec<u8>> {
    let length = coordinate_length(scheme)?;
    let (body, rest) = take(der::SEQUENCE, asn1)?;
    let (r, body) = take(der::INTEGER, body)?;
    let (s, body) = take(der::INTEGER, body)?;
    if !rest.is_empty() || !body.is_empty() {
        return None;
    }
    let mut fixed = Vec::with_capacity(2 * length);
    for number in [r, s] {
        let magnitude = magnitude(number)?;
        let zeros = length.checked_sub(magnitude.len())?;
        fixed.resize(fixed.len() + zeros, 0);
        fixed.extend_from_slice(magnitude);
    }
    Some(fixed)
}

/// The ASN.1 form of a signature in fixed form; nothing if `fixed` does not
/// have the length of the scheme, or the scheme is not ECDSA.
pub fn ecdsa_from_fixed(scheme: SignatureScheme, fixed: &[u8]) -> Option<Vec<u8>> {
    let length = coordinate_length(scheme)?;
    let (r, s) = fixed.split_at_checked(length)?;
    if s.len() != length {
        return None;
    }
    Some(der::value(der::SEQUENCE, &[&integer(r), &integer(s)]))
}

/// Octets of r, and of s.
const fn coordinate_length(scheme: SignatureScheme) -> Option<usize> {
    match scheme {
        SignatureScheme::EcdsaP256Sha256 => Some(32),
        SignatureScheme::EcdsaP384Sha384 => Some(48),
        SignatureScheme::RsaPkcs1Sha1
        | SignatureScheme::RsaPkcs1Sha256
        | SignatureScheme::RsaPkcs1Sha384
        | SignatureScheme::RsaPkcs1Sha512
        | SignatureScheme::RsaPssSha256
        | SignatureScheme::RsaPssSha384
        | SignatureScheme::RsaPssSha512
        | SignatureScheme::Ed25519 => None,
    }
}

/// The content of the value at the start of `der`, and what follows it. No
/// signature here is longer than the short form of the length can say.
fn take(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    match der.split_at_checked(2)? {
        (&[found, length @ 0..=0x7f], rest) if found == tag => {
            rest.split_at_checked(usize::from(length))
        }
        _ => None,
    }
}

/// The octets of a positive INTEGER without the zero that keeps it positive.
fn magnitude(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [0, rest @ ..] if rest.first().is_some_and(|octet| *octet >= 0x80) => Some(rest),
        [1..=0x7f, ..] => Some(integer),
        _ => None,
    }
}

/// A number without sign as INTEGER.
fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    let number = number.get(zeros..).unwrap_or_default();
    match number {
        [1..=0x7f, ..] => der::value(der::INTEGER, &[number]),
        _ => der::value(der::INTEGER, &[&[0], number]),
    }
}
