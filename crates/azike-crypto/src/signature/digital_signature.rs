//! The Authentication Data of authentication method 14, "Digital Signature"
//! (RFC 7427, section 3).
//!
//! ```text
//! | length of identifier (1 octet) | AlgorithmIdentifier | signature |
//! ```

use super::scheme::SignatureScheme;

/// The Authentication Data for `signature`, which was made with `scheme`.
pub fn encode_digital_signature(scheme: SignatureScheme, signature: &[u8]) -> Vec<u8> {
    let identifier = scheme.algorithm_identifier();
    // The longest identifier has 67 octets.
    let length = u8::try_from(identifier.len()).unwrap_or(u8::MAX);
    [&[length], identifier, signature].concat()
}

/// The scheme and the signature in `data`; nothing if `data` is too short, or
/// names a scheme that is not built in.
pub fn decode_digital_signature(data: &[u8]) -> Option<(SignatureScheme, &[u8])> {
    let (&length, rest) = data.split_first()?;
    let (identifier, signature) = rest.split_at_checked(usize::from(length))?;
    let scheme = SignatureScheme::from_algorithm_identifier(identifier)?;
    Some((scheme, signature))
}
