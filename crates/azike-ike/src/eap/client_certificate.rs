//! Our certificate in the TLS handshake, with its key wherever that is.

use std::fmt;
use std::sync::{Arc, OnceLock};

use azike_crypto::{SignatureScheme as Scheme, Signer};
use rustls::client::ResolvesClientCert;
use rustls::sign::{self, CertifiedKey, SigningKey};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};
use rustls_pki_types::CertificateDer;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Name;

use crate::trust::printable;

/// Names of authorities that are worth showing to a person.
const SHOWN: usize = 8;

/// What the signer's error is called on its way through `rustls`.
pub(super) const SIGNING_FAILED: &str = "azike: the signer failed";

/// The schemes of TLS, the best first. RSA with PKCS #1 is for TLS 1.2 only; SHA-1 is for neither.
const SCHEMES: [(Scheme, SignatureScheme); 9] = [
    (Scheme::Ed25519, SignatureScheme::ED25519),
    (
        Scheme::EcdsaP256Sha256,
        SignatureScheme::ECDSA_NISTP256_SHA256,
    ),
    (
        Scheme::EcdsaP384Sha384,
        SignatureScheme::ECDSA_NISTP384_SHA384,
    ),
    (Scheme::RsaPssSha256, SignatureScheme::RSA_PSS_SHA256),
    (Scheme::RsaPssSha384, SignatureScheme::RSA_PSS_SHA384),
    (Scheme::RsaPssSha512, SignatureScheme::RSA_PSS_SHA512),
    (Scheme::RsaPkcs1Sha256, SignatureScheme::RSA_PKCS1_SHA256),
    (Scheme::RsaPkcs1Sha384, SignatureScheme::RSA_PKCS1_SHA384),
    (Scheme::RsaPkcs1Sha512, SignatureScheme::RSA_PKCS1_SHA512),
];

/// The schemes of `signer` that TLS knows.
pub(super) fn tls_schemes(
    signer: &dyn Signer,
) -> impl Iterator<Item = (Scheme, SignatureScheme)> + use<> {
    let own = signer.schemes();
    SCHEMES
        .into_iter()
        .filter(move |(scheme, _)| own.contains(scheme))
}

/// Gives our certificate to whoever asks, and keeps what was asked.
#[derive(Debug)]
pub(super) struct ClientCertificate {
    own: Arc<CertifiedKey>,
    asked: OnceLock<Asked>,
}

/// The gateway's request for a certificate.
#[derive(Debug)]
pub(super) struct Asked {
    /// Whether our key has a signature scheme that the gateway accepts.
    pub(super) usable: bool,
    /// The authorities that it accepts, printable.
    pub(super) accepted: Vec<String>,
}

impl ClientCertificate {
    pub(super) fn new(certificates: Vec<CertificateDer<'static>>, signer: Arc<dyn Signer>) -> Self {
        let own = CertifiedKey::new(certificates, Arc::new(Key(signer)));
        Self {
            own: Arc::new(own),
            asked: OnceLock::new(),
        }
    }

    /// The gateway's request, if there was one.
    pub(super) fn asked(&self) -> Option<&Asked> {
        self.asked.get()
    }
}

impl ResolvesClientCert for ClientCertificate {
    /// The list of authorities does not decide: gateways send it cut or not at all, and a refusal
    /// of the gateway says more than one of ours.
    fn resolve(
        &self,
        root_hint_subjects: &[&[u8]],
        sigschemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        let usable = self.own.key.choose_scheme(sigschemes).is_some();
        let accepted = root_hint_subjects.iter().take(SHOWN);
        let accepted = accepted.filter_map(|der| {
            let (_, name) = X509Name::from_der(der).ok()?;
            Some(printable::name(&name))
        });
        self.asked.get_or_init(|| Asked {
            usable,
            accepted: accepted.collect(),
        });
        usable.then(|| Arc::clone(&self.own))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// The key of our certificate.
struct Key(Arc<dyn Signer>);

impl SigningKey for Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn sign::Signer>> {
        let mut schemes = tls_schemes(&*self.0);
        let (scheme, tls_scheme) = schemes.find(|(_, tls)| offered.contains(tls))?;
        Some(Box::new(Signing {
            signer: Arc::clone(&self.0),
            scheme,
            tls_scheme,
        }))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match tls_schemes(&*self.0).next() {
            Some((Scheme::Ed25519, _)) => SignatureAlgorithm::ED25519,
            Some((Scheme::EcdsaP256Sha256 | Scheme::EcdsaP384Sha384, _)) => {
                SignatureAlgorithm::ECDSA
            }
            _ => SignatureAlgorithm::RSA,
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// The key and the scheme that was agreed on.
struct Signing {
    signer: Arc<dyn Signer>,
    scheme: Scheme,
    tls_scheme: SignatureScheme,
}

impl sign::Signer for Signing {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = self.signer.sign(self.scheme, message);
        signature.map_err(|_failed| Error::General(SIGNING_FAILED.to_owned()))
    }

    fn scheme(&self) -> SignatureScheme {
        self.tls_scheme
    }
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signing({:?})", self.tls_scheme)
    }
}
