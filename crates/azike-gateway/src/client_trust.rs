//! Whether a client's certificate comes from one of the gateway's roots.

use std::fmt;
use std::sync::Arc;

use azike_crypto::sha1;
use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls_pki_types::{CertificateDer, UnixTime};

use crate::config::ConfigError;

/// The verifier of clients, in IKE and in EAP-TLS.
#[derive(Clone)]
pub(crate) struct ClientTrust {
    pub(crate) verifier: Arc<dyn ClientCertVerifier>,
    pub(crate) provider: Arc<CryptoProvider>,
}

impl ClientTrust {
    /// Clients below one of `roots`.
    pub(crate) fn new(roots: &[CertificateDer<'static>]) -> Result<Self, ConfigError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(root.clone()).map_err(ConfigError::Tls)?;
        }
        let builder =
            WebPkiClientVerifier::builder_with_provider(Arc::new(store), Arc::clone(&provider));
        let verifier = builder.build();
        let verifier = verifier.map_err(|error| ConfigError::ClientRoots(error.to_string()))?;
        Ok(Self { verifier, provider })
    }

    /// The public key of the first certificate, if the chain leads to a root.
    pub(crate) fn public_key(&self, chain: &[&[u8]], now: UnixTime) -> Option<Vec<u8>> {
        let (leaf, rest) = chain.split_first()?;
        let leaf = CertificateDer::from(*leaf);
        let rest: Vec<_> = rest.iter().map(|der| CertificateDer::from(*der)).collect();
        self.verifier.verify_client_cert(&leaf, &rest, now).ok()?;
        public_key(&leaf)
    }
}

impl fmt::Debug for ClientTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientTrust")
    }
}

/// The SHA-1 hash by which CERTREQ names an authority (RFC 7296, section 3.7).
pub(crate) fn key_id(certificate: &CertificateDer<'_>) -> Option<[u8; 20]> {
    Some(sha1(&[&public_key(certificate)?]))
}

fn public_key(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    Some(parsed.subject_public_key_info().to_vec())
}
