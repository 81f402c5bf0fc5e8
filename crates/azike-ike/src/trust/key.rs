//! The public key of a certificate: large enough, and of a kind that we can use.

use rustls_pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

use super::error::TrustError;
use super::printable;

/// RSA moduli outside of this range are weak, or a way to keep us busy.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Reads `der`, all of it.
pub(super) fn parse<'d>(der: &'d CertificateDer<'_>) -> Option<X509Certificate<'d>> {
    let (rest, certificate) = X509Certificate::from_der(der).ok()?;
    rest.is_empty().then_some(certificate)
}

/// Refuses a certificate whose key is weak or unknown to us.
pub(super) fn check(certificate: &X509Certificate<'_>) -> Result<(), TrustError> {
    fault(certificate).map_or(Ok(()), |key| {
        Err(TrustError::WeakKey {
            certificate: printable::name(certificate.subject()),
            key,
        })
    })
}

/// What is wrong with the key of `certificate`, in words.
pub(super) fn fault(certificate: &X509Certificate<'_>) -> Option<String> {
    let spki = certificate.public_key();
    let oid = spki.algorithm.algorithm.to_id_string();
    let curve = spki.algorithm.parameters.as_ref();
    let curve = curve.and_then(|parameters| parameters.as_oid().ok());
    match (oid.as_str(), spki.parsed()) {
        // rsaEncryption
        ("1.2.840.113549.1.1.1", Ok(PublicKey::RSA(key))) => rsa_fault(key.modulus, key.exponent),
        // id-ecPublicKey
        ("1.2.840.10045.2.1", Ok(_)) => match curve.map(|oid| oid.to_id_string()).as_deref() {
            Some("1.2.840.10045.3.1.7" | "1.3.132.0.34") => None,
            Some("1.3.132.0.35") => Some("ECDSA on P-521".to_owned()),
            Some(_) | None => Some("ECDSA on an unusual curve".to_owned()),
        },
        // id-Ed25519
        ("1.3.101.112", _) => None,
        _ => Some(format!("public key algorithm {}", printable::text(&oid))),
    }
}

fn rsa_fault(modulus: &[u8], exponent: &[u8]) -> Option<String> {
    let bits = bits(modulus);
    if !RSA_BITS.contains(&bits) {
        return Some(format!("RSA with {bits} bit"));
    }
    let odd = |number: &[u8]| number.last().is_some_and(|octet| octet & 1 == 1);
    let small = bits_of_exponent_are_usual(exponent);
    (!odd(modulus) || !odd(exponent) || !small).then(|| "RSA with an unsafe exponent".to_owned())
}

/// Public exponents from 3 up to 33 bit, the range that `ring` takes.
fn bits_of_exponent_are_usual(exponent: &[u8]) -> bool {
    (2..=33).contains(&bits(exponent))
}

/// Bits of a number in network order, without leading zeros.
fn bits(number: &[u8]) -> usize {
    let first = number.iter().position(|&octet| octet != 0);
    let significant = first.and_then(|at| number.get(at..));
    significant.map_or(0, |octets| {
        let top = octets.first().map_or(0, |octet| octet.leading_zeros());
        octets.len() * 8 - usize::try_from(top).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rsa_keys_are_measured_in_bits() {
        let number = |first: u8, len: usize| {
            let mut octets = vec![0xff; len];
            octets[0] = first;
            octets
        };
        for (modulus, exponent, good) in [
            (number(0x80, 256), &[1, 0, 1][..], true),
            (number(0x7f, 256), &[1, 0, 1], false),
            (number(0x80, 1024), &[3], true),
            (number(0x01, 1025), &[3], false),
            (number(0x80, 256), &[1], false),
            (number(0x80, 256), &[1, 0, 0], false),
            (number(0x80, 256), &[1, 0, 0, 0, 1], true),
            (number(0x80, 256), &[2, 0, 0, 0, 1], false),
            (number(0x80, 256), &[], false),
        ] {
            assert_eq!(
                rsa_fault(&modulus, exponent).is_none(),
                good,
                "{exponent:?}"
            );
        }
        assert!(rsa_fault(&[], &[3]).is_some());
    }
}
