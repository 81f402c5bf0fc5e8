//! The proof that a gateway is the one we mean.

use rustls_pki_types::{CertificateDer, DnsName, UnixTime};
use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;

use super::{date, key, name, printable};

/// A gateway whose certificate passed every check of [`super::GatewayTrust::verify`], which is the
/// only function that makes one.
///
/// It proves the certificate, not that the peer holds its key: that is what the AUTH payload (RFC
/// 7296, section 2.15) or the TLS handshake shows, with [`VerifiedGateway::public_key`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedGateway {
    public_key: Vec<u8>,
    fingerprint: [u8; 32],
    name: String,
    names: Vec<String>,
    subject: String,
    issuer: String,
    root: String,
    not_after: UnixTime,
}

impl VerifiedGateway {
    pub(super) fn new(
        der: &CertificateDer<'_>,
        leaf: &X509Certificate<'_>,
        name: &DnsName<'_>,
        root: &CertificateDer<'_>,
    ) -> Self {
        let root = key::parse(root).map(|root| printable::name(root.subject()));
        Self {
            public_key: leaf.public_key().raw.to_vec(),
            fingerprint: Sha256::digest(der).into(),
            name: name.as_ref().to_owned(),
            names: name::present(leaf),
            subject: printable::name(leaf.subject()),
            issuer: printable::name(leaf.issuer()),
            root: root.unwrap_or_default(),
            not_after: date::unix(leaf.validity().not_after),
        }
    }

    /// The public key: `SubjectPublicKeyInfo` in DER.
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// SHA-256 of the certificate. Two handshakes with the same gateway have the same.
    pub const fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    /// The expected name that the certificate has.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names in the certificate, at most eight, printable.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The subject of the certificate, printable.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The issuer of the certificate, printable.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The subject of the root at the end of the path, printable.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The last moment at which the certificate is valid.
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }
}
