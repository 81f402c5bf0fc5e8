//! From an error of the path building to an answer with names in it.
//!
//! `webpki` says what is wrong, not with which certificate. The certificates are walked once more,
//! from the gateway's own to the root or to the gap, by names alone: enough to point at one of them,
//! and never a reason to trust it.

use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{CertRevocationList, Error};
use x509_parser::certificate::X509Certificate;

use super::error::{Constraint, ListFault, TrustError};
use super::{algorithm, date, key, printable, purpose};

/// The path as its certificates claim it to be: the gateway's own first.
pub(super) struct Evidence<'c> {
    path: Vec<X509Certificate<'c>>,
    /// Whether the path ends at a root of the profile.
    complete: bool,
}

impl<'c> Evidence<'c> {
    pub(super) fn new(
        leaf: &'c CertificateDer<'_>,
        rest: &'c [CertificateDer<'_>],
        roots: &'c [CertificateDer<'_>],
    ) -> Self {
        let mut path: Vec<_> = key::parse(leaf).into_iter().collect();
        let mut rest: Vec<_> = rest.iter().filter_map(key::parse).collect();
        let mut complete = false;
        while let Some(last) = path.last() {
            let issuer = last.issuer().as_raw();
            let issued = |other: &X509Certificate<'_>| other.subject().as_raw() == issuer;
            if let Some(root) = roots.iter().filter_map(key::parse).find(issued) {
                path.push(root);
                complete = true;
                break;
            }
            match rest.iter().position(issued) {
                Some(at) => path.push(rest.swap_remove(at)),
                None => break,
            }
        }
        Self { path, complete }
    }

    /// The reason behind `error`, which `webpki` gave at the time `now`.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "webpki may add errors, and some are about octets only"
    )]
    pub(super) fn explain(
        &self,
        error: &Error,
        lists: &[CertRevocationList<'_>],
        now: UnixTime,
    ) -> TrustError {
        match error {
            Error::UnknownIssuer => self.gap(),
            Error::CertExpired { not_after, .. } => TrustError::Expired {
                certificate: self.named(|c| date::unix(c.validity().not_after) == *not_after),
                not_after: *not_after,
                now,
            },
            Error::CertNotValidYet { not_before, .. } => TrustError::NotYetValid {
                certificate: self.named(|c| date::unix(c.validity().not_before) == *not_before),
                not_before: *not_before,
                now,
            },
            Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => self.wrong_purpose(),
            Error::InvalidSignatureForPublicKey
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => self.bad_signature(),
            Error::UnsupportedSignatureAlgorithmContext(context) => {
                self.weak_signature(&context.signature_algorithm_id)
            }
            Error::CertRevoked => TrustError::Revoked {
                certificate: self.named(|c| lists.iter().any(|list| is_on(list, c))),
            },
            Error::CaUsedAsEndEntity => TrustError::Constraint(Constraint::IsAuthority),
            Error::EndEntityUsedAsCa => TrustError::Constraint(Constraint::NotAnAuthority),
            Error::PathLenConstraintViolated | Error::MaximumPathDepthExceeded => {
                TrustError::Constraint(Constraint::PathLength)
            }
            Error::NameConstraintViolation => TrustError::Constraint(Constraint::Name),
            Error::UnsupportedCriticalExtension => TrustError::UnknownExtension {
                certificate: self.named(has_strange_extension),
            },
            Error::CrlExpired { next_update, .. } => {
                TrustError::RevocationList(ListFault::Expired(*next_update))
            }
            Error::InvalidCrlSignatureForPublicKey
            | Error::UnsupportedCrlSignatureAlgorithmContext(_)
            | Error::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_)
            | Error::IssuerNotCrlSigner => TrustError::RevocationList(ListFault::NotGenuine),
            Error::MaximumSignatureChecksExceeded
            | Error::MaximumPathBuildCallsExceeded
            | Error::MaximumNameConstraintComparisonsExceeded => TrustError::TooComplex,
            _ => TrustError::Malformed,
        }
    }

    /// No issuer: the end of the walk, or a path that only looks complete.
    fn gap(&self) -> TrustError {
        let last = if self.complete {
            self.path.first()
        } else {
            self.path.last()
        };
        last.map_or(TrustError::Malformed, |last| TrustError::UnknownIssuer {
            certificate: printable::name(last.subject()),
            issuer: printable::name(last.issuer()),
        })
    }

    fn wrong_purpose(&self) -> TrustError {
        let wrong = self.path.iter().find(|c| !purpose::fits(c));
        let wrong = wrong.or_else(|| self.path.first());
        wrong.map_or(TrustError::Malformed, |wrong| TrustError::NotForServer {
            certificate: printable::name(wrong.subject()),
            purposes: purpose::named(wrong),
        })
    }

    /// A signature that its issuer's key does not confirm, or a key too weak to confirm anything.
    fn bad_signature(&self) -> TrustError {
        for pair in self.path.windows(2) {
            let [certificate, issuer] = pair else { break };
            if let Some(key) = key::fault(issuer) {
                return TrustError::WeakKey {
                    certificate: printable::name(issuer.subject()),
                    key,
                };
            }
            if !algorithm::confirms(issuer, certificate) {
                return TrustError::BadSignature {
                    certificate: printable::name(certificate.subject()),
                    issuer: printable::name(certificate.issuer()),
                };
            }
        }
        self.gap()
    }

    fn weak_signature(&self, identifier: &[u8]) -> TrustError {
        let wrong = |c: &&X509Certificate<'_>| algorithm::names_algorithm_of(c, identifier);
        let wrong = self.path.iter().find(wrong).or_else(|| self.path.first());
        wrong.map_or(TrustError::Malformed, |wrong| TrustError::WeakSignature {
            certificate: printable::name(wrong.subject()),
            algorithm: algorithm::title(&wrong.signature_algorithm.algorithm.to_id_string()),
        })
    }

    /// The subject of the first certificate with `property`, else of the gateway's own.
    fn named(&self, property: impl Fn(&X509Certificate<'_>) -> bool) -> String {
        let found = self.path.iter().find(|c| property(c));
        let found = found.or_else(|| self.path.first());
        found.map_or_else(String::new, |found| printable::name(found.subject()))
    }
}

/// The reason for an error about the octets of `certificate`.
pub(super) fn unreadable(error: &Error, certificate: &X509Certificate<'_>) -> TrustError {
    if *error == Error::UnsupportedCriticalExtension {
        return TrustError::UnknownExtension {
            certificate: printable::name(certificate.subject()),
        };
    }
    TrustError::Malformed
}

/// Whether `list` names `certificate`.
fn is_on(list: &CertRevocationList<'_>, certificate: &X509Certificate<'_>) -> bool {
    let same_issuer = certificate.issuer().as_raw().ends_with(list.issuer());
    let entry = list.find_serial(certificate.raw_serial());
    same_issuer && entry.is_ok_and(|entry| entry.is_some())
}

/// Whether `certificate` has a critical extension that path building cannot handle.
fn has_strange_extension(certificate: &X509Certificate<'_>) -> bool {
    let known = [
        "2.5.29.15",
        "2.5.29.17",
        "2.5.29.19",
        "2.5.29.30",
        "2.5.29.31",
        "2.5.29.37",
    ];
    let mut extensions = certificate.iter_extensions();
    extensions.any(|e| e.critical && !known.contains(&e.oid.to_id_string().as_str()))
}
