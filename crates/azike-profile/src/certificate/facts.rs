//! From the structures of the parser to what [`Certificate`](super::Certificate)
//! keeps.

use std::net::IpAddr;

use x509_parser::prelude::{GeneralName, X509Certificate, X509Name};
use x509_parser::public_key::PublicKey;

use super::{ExtendedKeyUsage, KeyKind, SubjectName};
use crate::plain_text::plain;

/// userPrincipalName, the name of a Windows account in an otherName.
const USER_PRINCIPAL_NAME: &str = "1.3.6.1.4.1.311.20.2.3";

pub(super) fn common_name(name: &X509Name<'_>) -> Option<String> {
    let last = name.iter_common_name().last()?;
    let text = match last.as_str() {
        Ok(text) => text.to_owned(),
        // BMPString, which old Windows authorities write.
        Err(_) if last.attr_value().tag().0 == 30 => {
            let (units, _) = last.attr_value().data.as_chunks::<2>();
            let units = units.iter().map(|&unit| u16::from_be_bytes(unit));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()?
        }
        Err(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

pub(super) fn key_kind(parsed: &X509Certificate<'_>) -> KeyKind {
    let spki = parsed.public_key();
    let algorithm = spki.algorithm.algorithm.to_id_string();
    let curve = spki.algorithm.parameters.as_ref();
    let curve = curve.and_then(|parameters| parameters.as_oid().ok());
    match (
        algorithm.as_str(),
        curve.map(|oid| oid.to_id_string()).as_deref(),
    ) {
        ("1.2.840.113549.1.1.1", _) => match spki.parsed() {
            Ok(PublicKey::RSA(key)) => KeyKind::Rsa(bits(key.modulus)),
            _ => KeyKind::Other("a damaged RSA key".to_owned()),
        },
        ("1.2.840.10045.2.1", Some("1.2.840.10045.3.1.7")) => KeyKind::EcdsaP256,
        ("1.2.840.10045.2.1", Some("1.3.132.0.34")) => KeyKind::EcdsaP384,
        ("1.2.840.10045.2.1", Some("1.3.132.0.35")) => KeyKind::Other("ECDSA P-521".to_owned()),
        ("1.2.840.10045.2.1", _) => KeyKind::Other("ECDSA on another curve".to_owned()),
        ("1.2.840.113549.1.1.10", _) => KeyKind::Other("RSA for PSS only".to_owned()),
        ("1.2.840.10040.4.1", _) => KeyKind::Other("DSA".to_owned()),
        ("1.3.101.112", _) => KeyKind::Other("Ed25519".to_owned()),
        ("1.3.101.113", _) => KeyKind::Other("Ed448".to_owned()),
        (other, _) => KeyKind::Other(format!("algorithm {}", plain(other))),
    }
}

/// How many bits a big-endian number has.
fn bits(number: &[u8]) -> usize {
    let start = number.iter().position(|&octet| octet != 0);
    let number = start.and_then(|start| number.get(start..)).unwrap_or(&[]);
    let unused = number
        .first()
        .map_or(0, |first| first.leading_zeros() as usize);
    number.len() * 8 - unused
}

pub(super) fn subject_name(name: &GeneralName<'_>) -> Option<SubjectName> {
    if let GeneralName::DNSName(name) = name {
        Some(SubjectName::Dns((*name).to_owned()))
    } else if let GeneralName::RFC822Name(name) = name {
        Some(SubjectName::Email((*name).to_owned()))
    } else if let GeneralName::IPAddress(octets) = name {
        let v4 = <[u8; 4]>::try_from(*octets).map(IpAddr::from);
        let address = v4.or_else(|_| <[u8; 16]>::try_from(*octets).map(IpAddr::from));
        address.ok().map(SubjectName::Ip)
    } else if let GeneralName::OtherName(kind, value) = name {
        let known = kind.to_id_string() == USER_PRINCIPAL_NAME;
        let text = known.then(|| user_principal(value)).flatten();
        text.map(SubjectName::UserPrincipal)
    } else {
        None
    }
}

/// The text in `[0] EXPLICIT UTF8String`.
fn user_principal(value: &[u8]) -> Option<String> {
    let [0xa0, outer, 0x0c, inner, text @ ..] = value else {
        return None;
    };
    let right = usize::from(*outer) == text.len() + 2 && usize::from(*inner) == text.len();
    let text = right.then(|| std::str::from_utf8(text).ok()).flatten()?;
    (text.len() < 126).then(|| text.to_owned())
}

pub(super) fn usages(
    usage: &x509_parser::extensions::ExtendedKeyUsage<'_>,
) -> Vec<ExtendedKeyUsage> {
    let mut usages = Vec::new();
    for (present, known) in [
        (usage.any, ExtendedKeyUsage::Any),
        (usage.client_auth, ExtendedKeyUsage::ClientAuth),
        (usage.server_auth, ExtendedKeyUsage::ServerAuth),
    ] {
        if present {
            usages.push(known);
        }
    }
    for other in &usage.other {
        usages.push(match other.to_id_string() {
            number if number == "1.3.6.1.5.5.7.3.17" => ExtendedKeyUsage::IpsecIke,
            number => ExtendedKeyUsage::Other(number),
        });
    }
    for (present, number) in [
        (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
        (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
        (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
        (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
    ] {
        if present {
            usages.push(ExtendedKeyUsage::Other(number.to_owned()));
        }
    }
    usages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_are_not_bits() {
        for (number, wanted) in [
            (&[][..], 0),
            (&[0, 0], 0),
            (&[1], 1),
            (&[0, 0x80, 0], 16),
            (&[0x7f, 0xff], 15),
        ] {
            assert_eq!(bits(number), wanted, "{number:?}");
        }
    }

    #[test]
    fn a_user_principal_name_must_fill_its_field() {
        assert_eq!(
            user_principal(b"\xa0\x05\x0c\x03a@b").as_deref(),
            Some("a@b")
        );
        assert_eq!(user_principal(b"\xa0\x05\x0c\x02a@b"), None);
        assert_eq!(user_principal(b""), None);
    }
}
