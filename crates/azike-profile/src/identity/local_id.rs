//! `IDi`: who we say we are in the IKE SA (RFC 7296, section 3.5).

use std::fmt;
use std::net::IpAddr;

use crate::plain_text::plain;

/// The longest identity, in octets.
const LONGEST: usize = 255;

/// An identity of RFC 7296, section 3.5.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LocalId {
    /// `ID_FQDN`. Azure's documentation puts the common name here, whatever it
    /// looks like, so it need not be a host name.
    Fqdn(String),
    /// `ID_RFC822_ADDR`.
    Email(String),
    /// `ID_IPV4_ADDR` or `ID_IPV6_ADDR`.
    Ip(IpAddr),
    /// `ID_DER_ASN1_DN`: the subject's distinguished name in DER.
    DistinguishedName(Vec<u8>),
}

/// Why a text is not an identity.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LocalIdFault {
    /// Nothing is there.
    #[error("the local ID is empty")]
    Empty,
    /// More than 255 octets.
    #[error("the local ID is too long")]
    TooLong,
    /// A character that does not print.
    #[error("the local ID has a character that does not print")]
    Unprintable,
    /// `ip:` with something else behind it.
    #[error("the local ID behind 'ip:' is not an IP address")]
    NotAnAddress,
    /// `email:` without an `@`.
    #[error("the local ID behind 'email:' is not an email address")]
    NotAnEmail,
    /// `dn:` with something behind it.
    #[error("'dn:' stands alone: it means the subject of the certificate")]
    NameBehindDn,
}

impl LocalId {
    /// The identity of a plain name: an email address if it has an `@`.
    pub(super) fn of_name(name: &str) -> Result<Self, LocalIdFault> {
        if name.is_empty() {
            return Err(LocalIdFault::Empty);
        }
        if name.len() > LONGEST {
            return Err(LocalIdFault::TooLong);
        }
        if name.chars().any(char::is_control) {
            return Err(LocalIdFault::Unprintable);
        }
        Ok(if name.contains('@') {
            Self::Email(name.to_owned())
        } else {
            Self::Fqdn(name.to_owned())
        })
    }

    /// See [`Identity::local_id_from`](super::Identity::local_id_from).
    pub(super) fn parse(text: &str, subject: &[u8]) -> Result<Self, LocalIdFault> {
        let text = text.trim();
        let named = text.split_once(':').filter(|(kind, _)| !kind.contains('.'));
        match named {
            Some(("dn", "")) => Ok(Self::DistinguishedName(subject.to_vec())),
            Some(("dn", _)) => Err(LocalIdFault::NameBehindDn),
            Some(("ip", address)) => {
                let address = address.parse().map_err(|_| LocalIdFault::NotAnAddress)?;
                Ok(Self::Ip(address))
            }
            Some(("email", name)) => match Self::of_name(name)? {
                email @ Self::Email(_) => Ok(email),
                Self::Fqdn(_) | Self::Ip(_) | Self::DistinguishedName(_) => {
                    Err(LocalIdFault::NotAnEmail)
                }
            },
            Some(("fqdn", name)) => match Self::of_name(name)? {
                Self::Email(name) => Ok(Self::Fqdn(name)),
                other @ (Self::Fqdn(_) | Self::Ip(_) | Self::DistinguishedName(_)) => Ok(other),
            },
            _ => text.parse().map(Self::Ip).or_else(|_| Self::of_name(text)),
        }
    }

    /// The number of the ID type in IANA's registry "IKEv2 Identification
    /// Payload ID Types".
    pub const fn id_type(&self) -> u8 {
        match self {
            Self::Ip(IpAddr::V4(_)) => 1,
            Self::Fqdn(_) => 2,
            Self::Email(_) => 3,
            Self::Ip(IpAddr::V6(_)) => 5,
            Self::DistinguishedName(_) => 9,
        }
    }

    /// The Identification Data.
    pub fn data(&self) -> Vec<u8> {
        match self {
            Self::Fqdn(name) | Self::Email(name) => name.as_bytes().to_vec(),
            Self::Ip(IpAddr::V4(address)) => address.octets().to_vec(),
            Self::Ip(IpAddr::V6(address)) => address.octets().to_vec(),
            Self::DistinguishedName(der) => der.clone(),
        }
    }
}

/// The name alone, fit for a terminal.
impl fmt::Display for LocalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fqdn(name) | Self::Email(name) => f.write_str(&plain(name)),
            Self::Ip(address) => address.fmt(f),
            Self::DistinguishedName(_) => f.write_str("the distinguished name of the certificate"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<LocalId, LocalIdFault> {
        LocalId::parse(text, b"0\x00")
    }

    #[test]
    fn a_name_is_what_it_looks_like() {
        for (text, wanted) in [
            ("ada", LocalId::Fqdn("ada".to_owned())),
            ("Ada Lovelace", LocalId::Fqdn("Ada Lovelace".to_owned())),
            (
                "ada@contoso.com",
                LocalId::Email("ada@contoso.com".to_owned()),
            ),
            ("192.0.2.1", LocalId::Ip([192, 0, 2, 1].into())),
            ("2001:db8::1", LocalId::Ip("2001:db8::1".parse().unwrap())),
            ("ip:::1", LocalId::Ip("::1".parse().unwrap())),
            ("fqdn:192.0.2.1", LocalId::Fqdn("192.0.2.1".to_owned())),
            (
                "fqdn:ada@contoso.com",
                LocalId::Fqdn("ada@contoso.com".to_owned()),
            ),
            (
                "email:ada@contoso.com",
                LocalId::Email("ada@contoso.com".to_owned()),
            ),
            ("dn:", LocalId::DistinguishedName(b"0\x00".to_vec())),
        ] {
            assert_eq!(parse(text), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_no_identity_is_refused() {
        for (text, fault) in [
            ("", LocalIdFault::Empty),
            ("fqdn:", LocalIdFault::Empty),
            ("a\u{0}b", LocalIdFault::Unprintable),
            ("ip:ada", LocalIdFault::NotAnAddress),
            ("email:ada", LocalIdFault::NotAnEmail),
            ("dn:CN=ada", LocalIdFault::NameBehindDn),
        ] {
            assert_eq!(parse(text), Err(fault), "{text}");
        }
        assert_eq!(parse(&"x".repeat(256)), Err(LocalIdFault::TooLong));
    }

    #[test]
    fn types_and_data_are_those_of_the_registry() {
        let v6 = LocalId::Ip("2001:db8::1".parse().unwrap());
        assert_eq!((v6.id_type(), v6.data().len()), (5, 16));
        let v4 = LocalId::Ip([192, 0, 2, 1].into());
        assert_eq!((v4.id_type(), v4.data()), (1, vec![192, 0, 2, 1]));
        assert_eq!(
            parse("ada").map(|id| (id.id_type(), id.data())),
            Ok((2, b"ada".to_vec()))
        );
        assert_eq!(parse("a@b").map(|id| id.id_type()), Ok(3));
        assert_eq!(parse("dn:").map(|id| id.id_type()), Ok(9));
    }
}
