//! Who we are: a private key and the certificates that belong to it.
//!
//! ```text
//!   PKCS#12 ─┐                    ┌─ Signer (the key itself stays inside)
//!   PEM     ─┴─▶ read_identity ─▶ ┼─ certificates, leaf first
//!                                 └─ names: `IDi`, EAP identity
//! ```

mod ber;
mod chain;
mod check;
mod encryption;
mod fault;
mod local_id;
mod pem_file;
mod pkcs12;
mod private_key;
mod selector;

use std::sync::Arc;

use azike_crypto::{Signer, SoftwareSigner};
use rustls_pki_types::CertificateDer;
use zeroize::Zeroizing;

use crate::certificate::{Certificate, KeyKind, SubjectName};
use crate::pem;

pub use self::check::{IdentityProblem, Severity};
pub use self::fault::IdentityError;
pub use self::local_id::{LocalId, LocalIdFault};
pub use self::selector::{Candidate, Named, PickFault, Selector, SelectorFault, pick};

/// The largest identity file. A key with a long chain has 20 KB.
const LARGEST: usize = 512 * 1024;

/// The most certificates in one file.
const MOST_CERTIFICATES: usize = 64;

/// The most certificates of a key store that are looked at.
const MOST_IN_A_STORE: usize = 4096;

/// The most keys in one file; more than one is only read to say so.
const MOST_KEYS: usize = 8;

/// A client certificate with its key.
///
/// The key belongs to the first certificate; [`read_identity`] has checked it.
/// Nothing says that the certificates are valid: see [`Identity::check`].
#[derive(Clone, Debug)]
pub struct Identity {
    signer: Arc<dyn Signer>,
    /// The client's own certificate.
    leaf: Certificate,
    /// Issuers above it, the nearest first, without a self-signed root.
    intermediates: Vec<Certificate>,
    /// The self-signed root above them, when the file has it.
    root: Option<Certificate>,
}

/// What a file has, before it is known what belongs together.
#[derive(Debug, Default)]
struct Contents {
    /// DER of keys, in the form their label says.
    keys: Vec<EncodedKey>,
    /// DER of certificates.
    certificates: Vec<Vec<u8>>,
}

/// The DER of a private key.
#[derive(Debug)]
struct EncodedKey {
    form: KeyForm,
    der: Zeroizing<Vec<u8>>,
}

/// The three structures a private key comes in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum KeyForm {
    /// `PrivateKeyInfo` (RFC 5208).
    Pkcs8,
    /// `RSAPrivateKey` (RFC 8017, appendix A.1.2).
    Pkcs1,
    /// `ECPrivateKey` (RFC 5915).
    Sec1,
}

/// Reads a PKCS#12 or PEM file, whichever `octets` are.
///
/// Without a password, files that need none are read (also PKCS#12 files with
/// the empty password); for others the answer is
/// [`IdentityError::NeedPassword`], so that the caller can ask for it.
pub fn read_identity(octets: &[u8], password: Option<&str>) -> Result<Identity, IdentityError> {
    if octets.is_empty() {
        return Err(IdentityError::Empty);
    }
    if octets.len() > LARGEST {
        return Err(IdentityError::TooLarge(octets.len()));
    }
    let contents = if pem::is_pem(octets) {
        pem_file::read(octets, password)?
    } else if ber::is_sequence(octets) {
        pkcs12::read(octets, password)?
    } else {
        return Err(IdentityError::UnknownFormat);
    };
    assemble(&contents)
}

/// Finds the key, its certificate and the chain above.
fn assemble(contents: &Contents) -> Result<Identity, IdentityError> {
    if contents.keys.is_empty() {
        return Err(IdentityError::NoKey);
    }
    if contents.certificates.is_empty() {
        return Err(IdentityError::NoCertificate);
    }
    let certificates = chain::parse(&contents.certificates)?;
    let mut signers: Vec<SoftwareSigner> = Vec::new();
    for key in &contents.keys {
        let signer = private_key::signer(key)?;
        let known = |known: &SoftwareSigner| known.public_key() == signer.public_key();
        if !signers.iter().any(known) {
            signers.push(signer);
        }
    }
    let mut owned = signers.into_iter().filter_map(|signer| {
        let leaf = chain::leaf(&certificates, signer.public_key())?;
        Some((signer, leaf))
    });
    let (signer, leaf) = owned.next().ok_or(IdentityError::KeyMismatch)?;
    if owned.next().is_some() {
        return Err(IdentityError::TwoKeys);
    }
    let leaf = leaf.clone();
    let (intermediates, root) = chain::above(&leaf, &certificates);
    Ok(Identity {
        signer: Arc::new(signer),
        leaf,
        intermediates,
        root,
    })
}

impl Identity {
    /// An identity whose key is elsewhere, behind `signer`. `certificate` is the DER
    /// of its own certificate; `others` those of certificates that may be its issuers,
    /// which are left out where they are not, or are none that we can read.
    pub fn with_signer(
        signer: Arc<dyn Signer>,
        certificate: &[u8],
        others: &[Vec<u8>],
    ) -> Result<Self, IdentityError> {
        let leaf = Certificate::from_der(certificate);
        let leaf = leaf.map_err(|_| IdentityError::BadCertificate)?;
        if leaf.public_key != signer.public_key() {
            return Err(IdentityError::KeyMismatch);
        }
        let others = others.iter().take(MOST_IN_A_STORE);
        let others: Vec<_> = others
            .filter_map(|der| Certificate::from_der(der).ok())
            .collect();
        let (intermediates, root) = chain::above(&leaf, &others);
        Ok(Self {
            signer,
            leaf,
            intermediates,
            root,
        })
    }

    /// The key, behind its face.
    pub fn signer(&self) -> Arc<dyn Signer> {
        Arc::clone(&self.signer)
    }

    /// The client's own certificate.
    pub const fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// Issuers above it, the nearest first, without a self-signed root.
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// The self-signed root above them, when the file has it. It is never sent.
    pub const fn root(&self) -> Option<&Certificate> {
        self.root.as_ref()
    }

    /// What is sent to the gateway: the leaf, then the intermediates.
    pub fn certificates(&self) -> Vec<CertificateDer<'static>> {
        let chain = std::iter::once(&self.leaf).chain(&self.intermediates);
        chain.map(|certificate| certificate.der().clone()).collect()
    }

    /// The kind of key.
    pub const fn key(&self) -> &KeyKind {
        &self.leaf.key
    }

    /// The subject's common name.
    pub fn common_name(&self) -> Option<&str> {
        self.leaf.common_name.as_deref()
    }

    /// The subject, fit for a terminal.
    pub fn subject(&self) -> &str {
        &self.leaf.subject
    }

    /// The issuer, fit for a terminal.
    pub fn issuer(&self) -> &str {
        &self.leaf.issuer
    }

    /// `IDi` for the IKE SA (docs/protocol.md), when the certificate has a name
    /// that fits: the common name, as an email address if it contains `@` and as
    /// a host name otherwise. Azure expects the common name there, so it comes
    /// before the names in subjectAltName; those are used, in their order, when
    /// there is no common name. The distinguished name is used only when asked
    /// for: Azure does not take it.
    pub fn local_id(&self) -> Option<LocalId> {
        if let Some(name) = self.common_name() {
            return LocalId::of_name(name).ok();
        }
        let ids = self.leaf.names.iter().filter_map(|name| match name {
            SubjectName::Dns(name)
            | SubjectName::Email(name)
            | SubjectName::UserPrincipal(name) => LocalId::of_name(name).ok(),
            SubjectName::Ip(address) => Some(LocalId::Ip(*address)),
        });
        ids.into_iter().next()
    }

    /// `IDi` as the user wrote it: `fqdn:NAME`, `email:NAME`, `ip:ADDRESS`,
    /// `dn:` for the certificate's distinguished name, or just the name, which
    /// is then an address, an email address or a host name by its look.
    pub fn local_id_from(&self, text: &str) -> Result<LocalId, LocalIdFault> {
        LocalId::parse(text, self.leaf.subject_der())
    }

    /// The identity for EAP (RFC 3748, section 5.1): the Windows account name
    /// of an enterprise certificate, else the common name, else what
    /// [`Identity::local_id`] found. Never the distinguished name: the gateway
    /// rejects it.
    pub fn eap_identity(&self) -> Option<String> {
        let account = self.leaf.names.iter().find_map(|name| match name {
            SubjectName::UserPrincipal(name) => Some(name.clone()),
            SubjectName::Dns(_) | SubjectName::Email(_) | SubjectName::Ip(_) => None,
        });
        let name = account.or_else(|| self.common_name().map(str::to_owned));
        name.or_else(|| self.local_id().map(|id| id.to_string()))
    }
}
