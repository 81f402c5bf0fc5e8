//! The gateway's TLS certificate, judged by [`GatewayTrust`] in place of the rules of `rustls`.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::trust::{GatewayTrust, TrustError, VerifiedGateway};

/// Judges the certificate of one handshake, and keeps the verdict.
#[derive(Debug)]
pub(super) struct GatewayCertificate {
    trust: Arc<GatewayTrust>,
    algorithms: WebPkiSupportedAlgorithms,
    verdict: OnceLock<Result<VerifiedGateway, TrustError>>,
}

impl GatewayCertificate {
    /// `algorithms` are for the signature of the handshake.
    pub(super) const fn new(
        trust: Arc<GatewayTrust>,
        algorithms: WebPkiSupportedAlgorithms,
    ) -> Self {
        Self {
            trust,
            algorithms,
            verdict: OnceLock::new(),
        }
    }

    /// What was decided, if a certificate has arrived.
    pub(super) fn verdict(&self) -> Option<&Result<VerifiedGateway, TrustError>> {
        self.verdict.get()
    }
}

impl ServerCertVerifier for GatewayCertificate {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain: Vec<&[u8]> = std::iter::once(end_entity)
            .chain(intermediates)
            .map(AsRef::as_ref)
            .collect();
        let verdict = self.trust.verify(&chain, now);
        let answer = verdict.as_ref().map_or_else(
            |error| Err(Error::InvalidCertificate(alert(error))),
            |_gateway| Ok(ServerCertVerified::assertion()),
        );
        // One handshake has one certificate. A second one would be judged without being kept.
        self.verdict.set(verdict).map_err(|_second| {
            Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)
        })?;
        answer
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The error that makes `rustls` send the right alert (RFC 8446, section 6.2).
const fn alert(error: &TrustError) -> CertificateError {
    match error {
        TrustError::Expired { .. } => CertificateError::Expired,
        TrustError::NotYetValid { .. } => CertificateError::NotValidYet,
        TrustError::WrongName { .. } => CertificateError::NotValidForName,
        TrustError::Revoked { .. } => CertificateError::Revoked,
        TrustError::UnknownIssuer { .. } | TrustError::BadSignature { .. } => {
            CertificateError::UnknownIssuer
        }
        TrustError::NotForServer { .. }
        | TrustError::KeyUsage { .. }
        | TrustError::WeakKey { .. }
        | TrustError::WeakSignature { .. }
        | TrustError::Constraint(_) => CertificateError::InvalidPurpose,
        TrustError::UnknownExtension { .. } => CertificateError::UnhandledCriticalExtension,
        TrustError::NoCertificate
        | TrustError::TooMany(_)
        | TrustError::TooLarge(_)
        | TrustError::Malformed => CertificateError::BadEncoding,
        TrustError::RevocationList(_) => CertificateError::UnknownRevocationStatus,
        TrustError::TooComplex => CertificateError::ApplicationVerificationFailure,
    }
}
