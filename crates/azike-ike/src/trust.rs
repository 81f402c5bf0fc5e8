//! Is this gateway the one that the profile names?
//!
//! ```text
//!   certificates of the gateway (leaf first) ──▶ path to a root of the profile   RFC 5280, section 6
//!                                           ──▶ one of the profile's names       RFC 9525, section 6
//!                                           ──▶ allowed to do this               RFC 4945, section 5.1.3
//!                                           ──▶ a key that nobody can compute
//!                                                     │
//!                                                     ▼
//!                                              VerifiedGateway (its public key)
//! ```
//!
//! A [`VerifiedGateway`] is the only way to the gateway's public key, and [`GatewayTrust::verify`]
//! is the only way to a [`VerifiedGateway`]. The same rules hold for the certificate of IKE (RFC
//! 7296, section 3.6) and for the certificate of the TLS handshake inside EAP (RFC 5216, section
//! 5.3). Nothing is fetched: intermediates come from the gateway, revocation lists from the caller.
//!
//! The path itself is built by `webpki`; what this module adds is the policy around it, and an
//! answer that a person can act on.

use std::cell::RefCell;
use std::fmt;

use rustls_pki_types::{
    CertificateDer, CertificateRevocationListDer, DnsName, ServerName, TrustAnchor, UnixTime,
};
use webpki::{CertRevocationList, EndEntityCert, OwnedCertRevocationList, VerifiedPath};

pub use self::error::{Constraint, ListFault, TrustConfigError, TrustError, Usage};
pub use self::verified::VerifiedGateway;

mod algorithm;
mod date;
mod diagnosis;
mod error;
mod key;
mod name;
pub(crate) mod printable;
mod purpose;
mod verified;

/// More certificates than any real chain has. A longer list is work for an attacker's benefit.
const MAX_CERTIFICATES: usize = 10;

/// Octets of one certificate. RSA certificates of public authorities have about 2 000.
const MAX_CERTIFICATE: usize = 16 * 1024;

/// What the profile says about the gateway: which roots, which names.
///
/// A value of this type has at least one root and one name, and every part of it was parsed.
pub struct GatewayTrust {
    roots: Vec<CertificateDer<'static>>,
    anchors: Vec<TrustAnchor<'static>>,
    names: Vec<DnsName<'static>>,
    revocation: Vec<CertRevocationList<'static>>,
}

impl GatewayTrust {
    /// Takes the roots (DER certificates), the names of which the gateway must have one, and
    /// certificate revocation lists (DER, may be none).
    ///
    /// A name is a DNS name without a wildcard; a final dot is dropped. For Azure there are two:
    /// the `VpnServer` of the profile and `<VnetId>.vpn.azure.com`.
    ///
    /// With revocation lists, each certificate of the path whose issuer published one of them must
    /// not be on it, and that list must be current and genuine. A certificate whose issuer has no
    /// list here is accepted.
    pub fn new(
        roots: Vec<CertificateDer<'static>>,
        names: &[String],
        revocation: &[CertificateRevocationListDer<'_>],
    ) -> Result<Self, TrustConfigError> {
        if roots.is_empty() {
            return Err(TrustConfigError::NoRoot);
        }
        if names.is_empty() {
            return Err(TrustConfigError::NoName);
        }
        let anchors = roots
            .iter()
            .enumerate()
            .map(|(index, root)| anchor(root).ok_or(TrustConfigError::Root { index }))
            .collect::<Result<_, _>>()?;
        let names = names
            .iter()
            .map(|name| name::reference(name))
            .collect::<Result<_, _>>()?;
        let revocation = revocation
            .iter()
            .enumerate()
            .map(|(index, list)| {
                let list = OwnedCertRevocationList::from_der(list);
                list.map(CertRevocationList::from)
                    .map_err(|_malformed| TrustConfigError::RevocationList { index })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            roots,
            anchors,
            names,
            revocation,
        })
    }

    /// Decides whether the gateway that sent `chain` is the one we mean.
    ///
    /// `chain` holds DER certificates as they arrived: the gateway's own first, the others in any
    /// order, roots or strangers among them do no harm. `now` is the wall clock.
    ///
    /// The order of the checks is the order in which they stop being guesses: nothing is said about
    /// names or key usage before the certificate is known to be genuine.
    pub fn verify(&self, chain: &[&[u8]], now: UnixTime) -> Result<VerifiedGateway, TrustError> {
        let (&leaf, rest) = chain.split_first().ok_or(TrustError::NoCertificate)?;
        if chain.len() > MAX_CERTIFICATES {
            return Err(TrustError::TooMany(chain.len()));
        }
        if let Some(large) = chain.iter().find(|der| der.len() > MAX_CERTIFICATE) {
            return Err(TrustError::TooLarge(large.len()));
        }
        let leaf = CertificateDer::from(leaf);
        let rest: Vec<_> = rest.iter().map(|&der| CertificateDer::from(der)).collect();
        let parsed = key::parse(&leaf).ok_or(TrustError::Malformed)?;
        let end_entity = EndEntityCert::try_from(&leaf)
            .map_err(|error| diagnosis::unreadable(&error, &parsed))?;

        let root = self.verify_path(&end_entity, &leaf, &rest, now)?;
        let name = name::check(&end_entity, &parsed, &self.names)?;
        purpose::may_sign_messages(&parsed)?;
        key::check(&parsed)?;
        Ok(VerifiedGateway::new(&leaf, &parsed, &name, root))
    }

    /// The names of which the gateway must have one.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(AsRef::as_ref)
    }

    /// The roots, in the order in which they were given.
    pub fn roots(&self) -> &[CertificateDer<'static>] {
        &self.roots
    }

    /// A name for the interfaces that insist on one.
    pub(crate) fn server_name(&self) -> Option<ServerName<'static>> {
        self.names.first().cloned().map(ServerName::DnsName)
    }

    /// Builds a path from `end_entity` to a root. Gives that root.
    fn verify_path<'c>(
        &'c self,
        end_entity: &EndEntityCert<'_>,
        leaf: &'c CertificateDer<'_>,
        rest: &'c [CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<&'c CertificateDer<'static>, TrustError> {
        let lists: Vec<_> = self.revocation.iter().collect();
        let revocation = webpki::RevocationOptionsBuilder::new(&lists);
        let revocation = revocation.ok().map(|builder| {
            builder
                .with_depth(webpki::RevocationCheckDepth::Chain)
                .with_status_policy(webpki::UnknownStatusPolicy::Allow)
                .with_expiration_policy(webpki::ExpirationPolicy::Enforce)
                .build()
        });
        // `webpki` has no room for our reasons, so the last one is kept beside it.
        let refused = RefCell::new(None);
        let accept = |path: &VerifiedPath<'_>| {
            let verdict = self.check_path(path, now);
            verdict.map_err(|reason| {
                refused.replace(Some(reason));
                webpki::Error::UnknownIssuer
            })
        };
        let path = end_entity.verify_for_usage(
            algorithm::ACCEPTED,
            &self.anchors,
            rest,
            now,
            purpose::GatewayPurpose,
            revocation,
            Some(&accept),
        );
        match path {
            Ok(path) => self.root_of(path.anchor()).ok_or(TrustError::Malformed),
            Err(error) => Err(refused.take().unwrap_or_else(|| {
                diagnosis::Evidence::new(leaf, rest, &self.roots).explain(
                    &error,
                    &self.revocation,
                    now,
                )
            })),
        }
    }

    /// What `webpki` does not look at: the root's own dates, and who may issue certificates.
    fn check_path(&self, path: &VerifiedPath<'_>, now: UnixTime) -> Result<(), TrustError> {
        for issuer in path.intermediate_certificates() {
            let der = issuer.der();
            let issuer = key::parse(&der).ok_or(TrustError::Malformed)?;
            purpose::may_issue(&issuer)?;
        }
        let root = self.root_of(path.anchor()).ok_or(TrustError::Malformed)?;
        let root = key::parse(root).ok_or(TrustError::Malformed)?;
        date::check(&root, now)
    }

    fn root_of(&self, anchor: &TrustAnchor<'_>) -> Option<&CertificateDer<'static>> {
        let at = self.anchors.iter().position(|own| own == anchor)?;
        self.roots.get(at)
    }
}

impl fmt::Debug for GatewayTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayTrust")
            .field("roots", &self.roots.len())
            .field("names", &self.names)
            .field("revocation", &self.revocation.len())
            .finish_non_exhaustive()
    }
}

/// The trust anchor of a root, if it is a certificate that may be one.
fn anchor(root: &CertificateDer<'static>) -> Option<TrustAnchor<'static>> {
    let anchor = webpki::anchor_from_trusted_cert(root).ok()?.to_owned();
    let parsed = key::parse(root)?;
    purpose::is_authority(&parsed).then_some(anchor)
}
