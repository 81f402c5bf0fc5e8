//! What the EAP peer needs to know, checked.

use std::fmt;
use std::sync::Arc;

use azike_crypto::Signer;
use rustls_pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::client_certificate::tls_schemes;
use crate::trust::GatewayTrust;

/// Octets of an identity: the limit of a Network Access Identifier (RFC 7542, section 2.3).
const MAX_IDENTITY: usize = 253;

/// Certificates of the client that travel: more than any real chain has.
const MAX_CERTIFICATES: usize = 10;

/// TLS octets in one EAP packet. Below, a handshake needs more rounds than there are; above, the
/// packet does not fit into an EAP payload.
const FRAGMENT_SIZE: std::ops::RangeInclusive<usize> = 64..=32_768;

/// Fits, with the IKE headers around it, into the smallest datagram that IPv6 carries whole.
const DEFAULT_FRAGMENT_SIZE: usize = 1024;

/// Who we are, and whom we trust.
///
/// The signer is called once, in the middle of [`EapPeer::handle`](super::EapPeer::handle), which
/// waits for it: TLS cannot be interrupted there.
#[derive(Clone)]
pub struct EapTlsConfig {
    identity: String,
    certificates: Vec<CertificateDer<'static>>,
    signer: Arc<dyn Signer>,
    trust: Arc<GatewayTrust>,
    fragment_size: usize,
}

/// What is wrong with an [`EapTlsConfig`]: the user's files, or the profile.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EapConfigError {
    /// Empty, or longer than 253 octets.
    #[error("the identity for EAP must have 1 to 253 octets")]
    Identity,
    /// None, more than ten, or the first one cannot be read.
    #[error("the client certificate cannot be used")]
    Certificate,
    /// The first certificate has another public key than the signer.
    #[error("the client certificate does not belong to the private key")]
    KeyMismatch,
    /// The key has no signature scheme that TLS 1.2 or 1.3 knows.
    #[error("the private key has no signature scheme that TLS can use")]
    NoScheme,
    /// Outside of 64 to 32 768 octets.
    #[error("the fragment size must be from 64 to 32768")]
    FragmentSize,
}

impl EapTlsConfig {
    /// `identity` is what the gateway reads first (for Azure the common name of the certificate).
    /// `certificates` are DER, our own first, the others as the gateway needs them; `signer` holds
    /// the key of the first one.
    pub fn new(
        identity: String,
        certificates: Vec<CertificateDer<'static>>,
        signer: Arc<dyn Signer>,
        trust: Arc<GatewayTrust>,
    ) -> Result<Self, EapConfigError> {
        if !(1..=MAX_IDENTITY).contains(&identity.len()) {
            return Err(EapConfigError::Identity);
        }
        if certificates.len() > MAX_CERTIFICATES {
            return Err(EapConfigError::Certificate);
        }
        let own = certificates.first().ok_or(EapConfigError::Certificate)?;
        let own = X509Certificate::from_der(own);
        let (_, own) = own.map_err(|_| EapConfigError::Certificate)?;
        if own.public_key().raw != signer.public_key() {
            return Err(EapConfigError::KeyMismatch);
        }
        if tls_schemes(&*signer).next().is_none() {
            return Err(EapConfigError::NoScheme);
        }
        Ok(Self {
            identity,
            certificates,
            signer,
            trust,
            fragment_size: DEFAULT_FRAGMENT_SIZE,
        })
    }

    /// Cuts our TLS messages into pieces of `octets` (without EAP header, type and flags).
    pub fn with_fragment_size(self, octets: usize) -> Result<Self, EapConfigError> {
        if !FRAGMENT_SIZE.contains(&octets) {
            return Err(EapConfigError::FragmentSize);
        }
        Ok(Self {
            fragment_size: octets,
            ..self
        })
    }

    pub(super) fn identity(&self) -> &str {
        &self.identity
    }

    pub(super) fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }

    pub(super) fn signer(&self) -> Arc<dyn Signer> {
        Arc::clone(&self.signer)
    }

    pub(super) fn trust(&self) -> Arc<GatewayTrust> {
        Arc::clone(&self.trust)
    }

    pub(super) const fn fragment_size(&self) -> usize {
        self.fragment_size
    }
}

/// Without the identity: it is personal data.
impl fmt::Debug for EapTlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EapTlsConfig")
            .field("certificates", &self.certificates.len())
            .field("trust", &self.trust)
            .field("fragment_size", &self.fragment_size)
            .finish_non_exhaustive()
    }
}
