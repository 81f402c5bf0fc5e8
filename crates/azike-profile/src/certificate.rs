//! What we need to know of an X.509 certificate (RFC 5280). Knowing is not
//! trusting: a [`Certificate`] is only parsed, nothing about it is verified.

mod facts;

use std::net::IpAddr;

use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer as _, ParsedExtension, X509Certificate, X509Version};

use crate::plain_text::plain;
use crate::{Sha1Thumbprint, Sha256Thumbprint, Timestamp};

/// The largest certificate that is read.
const LARGEST: usize = 64 * 1024;

/// A certificate and the facts in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    der: CertificateDer<'static>,
    /// The subject's distinguished name as text, fit for a terminal.
    pub subject: String,
    /// The issuer's distinguished name as text, fit for a terminal.
    pub issuer: String,
    /// The subject's last common name, exactly as in the certificate.
    pub common_name: Option<String>,
    /// The issuer's last common name, exactly as in the certificate.
    pub issuer_common_name: Option<String>,
    /// First moment of validity.
    pub not_before: Timestamp,
    /// Last moment of validity.
    pub not_after: Timestamp,
    /// SHA-1 of the DER.
    pub sha1: Sha1Thumbprint,
    /// SHA-256 of the DER.
    pub sha256: Sha256Thumbprint,
    /// Names in subjectAltName that can be an identity, in their order.
    pub names: Vec<SubjectName>,
    /// The extended key usages; `None` when the extension is absent, which
    /// allows everything.
    pub extended_key_usage: Option<Vec<ExtendedKeyUsage>>,
    /// Whether keyUsage allows signatures; `None` when the extension is absent.
    pub digital_signature: Option<bool>,
    /// What basicConstraints says; `None` when the extension is absent.
    pub authority: Option<bool>,
    /// What kind of key is certified.
    pub key: KeyKind,
    pub(crate) subject_der: Vec<u8>,
    pub(crate) issuer_der: Vec<u8>,
    pub(crate) public_key: Vec<u8>,
    pub(crate) subject_key_id: Option<Vec<u8>>,
    pub(crate) authority_key_id: Option<Vec<u8>>,
}

/// A name in subjectAltName (RFC 5280, section 4.2.1.6).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SubjectName {
    /// dNSName.
    Dns(String),
    /// rfc822Name.
    Email(String),
    /// iPAddress.
    Ip(IpAddr),
    /// The Windows account name, `ada@contoso.com`, of enterprise certificates.
    UserPrincipal(String),
}

/// What a certificate may be used for (RFC 5280, section 4.2.1.12).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ExtendedKeyUsage {
    /// Everything.
    Any,
    /// clientAuth, 1.3.6.1.5.5.7.3.2.
    ClientAuth,
    /// serverAuth, 1.3.6.1.5.5.7.3.1.
    ServerAuth,
    /// ipsecIKE, 1.3.6.1.5.5.7.3.17.
    IpsecIke,
    /// Another one, as a dotted number.
    Other(String),
}

/// The kind of a public key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeyKind {
    /// RSA with a modulus of so many bits.
    Rsa(usize),
    /// ECDSA on P-256.
    EcdsaP256,
    /// ECDSA on P-384.
    EcdsaP384,
    /// Another kind, by name.
    Other(String),
}

/// Why octets are not a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CertificateFault {
    /// More than 64 KiB.
    #[error("it is too large for a certificate")]
    TooLarge,
    /// Not the DER of an X.509 certificate.
    #[error("it is not an X.509 certificate")]
    NotX509,
}

impl Certificate {
    /// Reads the DER of one certificate, with nothing behind it.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateFault> {
        if der.len() > LARGEST {
            return Err(CertificateFault::TooLarge);
        }
        let parsed = X509Certificate::from_der(der);
        let (rest, parsed) = parsed.map_err(|_| CertificateFault::NotX509)?;
        if !rest.is_empty() || parsed.version().0 > X509Version::V3.0 {
            return Err(CertificateFault::NotX509);
        }
        let mut certificate = Self {
            der: CertificateDer::from(der.to_vec()),
            subject: plain(&parsed.subject().to_string()),
            issuer: plain(&parsed.issuer().to_string()),
            common_name: facts::common_name(parsed.subject()),
            issuer_common_name: facts::common_name(parsed.issuer()),
            not_before: Timestamp(parsed.validity().not_before.timestamp()),
            not_after: Timestamp(parsed.validity().not_after.timestamp()),
            sha1: Sha1Thumbprint::of(der),
            sha256: Sha256Thumbprint::of(der),
            names: Vec::new(),
            extended_key_usage: None,
            digital_signature: None,
            authority: None,
            key: facts::key_kind(&parsed),
            subject_der: parsed.subject().as_raw().to_vec(),
            issuer_der: parsed.issuer().as_raw().to_vec(),
            public_key: parsed.public_key().raw.to_vec(),
            subject_key_id: None,
            authority_key_id: None,
        };
        for extension in parsed.extensions() {
            certificate.note(extension.parsed_extension());
        }
        Ok(certificate)
    }

    /// The DER.
    pub const fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// The subject's distinguished name in DER, as it enters `ID_DER_ASN1_DN`.
    pub fn subject_der(&self) -> &[u8] {
        &self.subject_der
    }

    /// The `SubjectPublicKeyInfo` in DER.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// Subject and issuer are one name.
    pub fn is_self_issued(&self) -> bool {
        self.subject_der == self.issuer_der
    }

    /// The name people know the subject by: the common name, or all of it.
    pub fn short_subject(&self) -> String {
        match &self.common_name {
            Some(name) => plain(name),
            None => self.subject.clone(),
        }
    }

    /// Like [`Certificate::short_subject`], for the issuer.
    pub fn short_issuer(&self) -> String {
        match &self.issuer_common_name {
            Some(name) => plain(name),
            None => self.issuer.clone(),
        }
    }

    fn note(&mut self, extension: &ParsedExtension<'_>) {
        if let ParsedExtension::SubjectAlternativeName(names) = extension {
            let names = names.general_names.iter().filter_map(facts::subject_name);
            self.names.extend(names);
        } else if let ParsedExtension::ExtendedKeyUsage(usage) = extension {
            self.extended_key_usage = Some(facts::usages(usage));
        } else if let ParsedExtension::KeyUsage(usage) = extension {
            self.digital_signature = Some(usage.digital_signature());
        } else if let ParsedExtension::BasicConstraints(constraints) = extension {
            self.authority = Some(constraints.ca);
        } else if let ParsedExtension::SubjectKeyIdentifier(id) = extension {
            self.subject_key_id = Some(id.0.to_vec());
        } else if let ParsedExtension::AuthorityKeyIdentifier(id) = extension {
            self.authority_key_id = id.key_identifier.as_ref().map(|id| id.0.to_vec());
        }
    }
}

impl std::fmt::Display for ExtendedKeyUsage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Any => "any use",
            Self::ClientAuth => "client authentication",
            Self::ServerAuth => "server authentication",
            Self::IpsecIke => "IPsec IKE",
            Self::Other(number) => number,
        })
    }
}

impl std::fmt::Display for KeyKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rsa(bits) => write!(f, "RSA {bits}"),
            Self::EcdsaP256 => f.write_str("ECDSA P-256"),
            Self::EcdsaP384 => f.write_str("ECDSA P-384"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_that_are_no_certificate_are_refused() {
        assert_eq!(Certificate::from_der(b""), Err(CertificateFault::NotX509));
        assert_eq!(
            Certificate::from_der(b"0\x03\x02\x01\x05"),
            Err(CertificateFault::NotX509)
        );
        assert_eq!(
            Certificate::from_der(&vec![0; LARGEST + 1]),
            Err(CertificateFault::TooLarge)
        );
    }
}
