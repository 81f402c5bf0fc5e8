//! Whether the gateway is going to take an identity, as far as one can know
//! before asking.

use rustls_pki_types::UnixTime;

use super::Identity;
use crate::certificate::{Certificate, ExtendedKeyUsage};
use crate::{Profile, Sha1Thumbprint, Timestamp};

/// A client certificate that ends within this time is worth a warning.
const SOON_DAYS: i64 = 30;

/// What may keep the gateway from taking an identity. `Display` is for people.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IdentityProblem {
    /// Not valid any more.
    #[error("the client certificate {subject} expired on {not_after}")]
    Expired {
        /// Whose.
        subject: String,
        /// When.
        not_after: Timestamp,
    },
    /// Not valid yet.
    #[error(
        "the client certificate {subject} is not valid before {not_before}; is the clock of this machine right?"
    )]
    NotYetValid {
        /// Whose.
        subject: String,
        /// When.
        not_before: Timestamp,
    },
    /// Valid for less than 30 days more.
    #[error("the client certificate {subject} expires on {not_after}, in {days} days")]
    ExpiresSoon {
        /// Whose.
        subject: String,
        /// When.
        not_after: Timestamp,
        /// Whole days left.
        days: i64,
    },
    /// An issuer in the file is not valid any more.
    #[error("the issuer {subject} of the client certificate expired on {not_after}")]
    IssuerExpired {
        /// Which.
        subject: String,
        /// When.
        not_after: Timestamp,
    },
    /// The extended key usages leave out client authentication.
    #[error("the client certificate {subject} is not for client authentication, only for {usages}")]
    WrongUsage {
        /// Whose.
        subject: String,
        /// What it is for.
        usages: String,
    },
    /// The key usage leaves out signatures.
    #[error("the client certificate {subject} is not for signatures")]
    NotForSignatures {
        /// Whose.
        subject: String,
    },
    /// The certificate is one of an authority.
    #[error("the client certificate {subject} is a certificate authority, not a client")]
    Authority {
        /// Whose.
        subject: String,
    },
    /// The chain ends in another root than the one in the package.
    #[error(
        "the client certificate comes from the root {root} ({found}), the profile names the root {wanted}"
    )]
    OtherRoot {
        /// The root that the file has.
        root: String,
        /// Its thumbprint.
        found: Sha1Thumbprint,
        /// The thumbprint in the package.
        wanted: Sha1Thumbprint,
    },
    /// The certificate has no name that can be an identity.
    #[error(
        "the client certificate {subject} has no common name and no alternative name; use --local-id"
    )]
    NoName {
        /// The subject.
        subject: String,
    },
}

/// How sure it is that the gateway refuses.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// It will probably work; say so.
    Warning,
    /// It cannot work; do not try.
    Fatal,
}

impl IdentityProblem {
    /// How sure it is. An unknown root is only a warning: a gateway may have
    /// twenty, the package names one, and the gateway itself says in its CERTREQ
    /// which ones it has.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Expired { .. }
            | Self::NotYetValid { .. }
            | Self::WrongUsage { .. }
            | Self::NotForSignatures { .. }
            | Self::NoName { .. } => Severity::Fatal,
            Self::ExpiresSoon { .. }
            | Self::IssuerExpired { .. }
            | Self::Authority { .. }
            | Self::OtherRoot { .. } => Severity::Warning,
        }
    }

    /// A fixed name for programs.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::ExpiresSoon { .. } => "expires-soon",
            Self::IssuerExpired { .. } => "issuer-expired",
            Self::WrongUsage { .. } => "wrong-usage",
            Self::NotForSignatures { .. } => "not-for-signatures",
            Self::Authority { .. } => "authority",
            Self::OtherRoot { .. } => "other-root",
            Self::NoName { .. } => "no-name",
        }
    }
}

impl Identity {
    /// What speaks against this identity at the time `now`, the worst first.
    /// Empty when nothing does.
    pub fn check(&self, now: UnixTime, profile: &Profile) -> Vec<IdentityProblem> {
        let mut problems = self.check_alone(now);
        problems.extend(self.other_root(profile));
        problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity()));
        problems
    }

    /// The same without a package: what speaks against this identity for any gateway.
    pub fn check_alone(&self, now: UnixTime) -> Vec<IdentityProblem> {
        let now = Timestamp::from(now);
        let mut problems = self.dates(now);
        problems.extend(self.usage());
        problems.extend(self.name());
        problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity()));
        problems
    }

    fn dates(&self, now: Timestamp) -> Vec<IdentityProblem> {
        let mut problems = Vec::new();
        let subject = self.leaf.short_subject();
        let (not_before, not_after) = (self.leaf.not_before, self.leaf.not_after);
        let days = now.days_until(not_after);
        if now > not_after {
            problems.push(IdentityProblem::Expired { subject, not_after });
        } else if now < not_before {
            problems.push(IdentityProblem::NotYetValid {
                subject,
                not_before,
            });
        } else if days < SOON_DAYS {
            problems.push(IdentityProblem::ExpiresSoon {
                subject,
                not_after,
                days,
            });
        }
        let expired = self.issuers().filter(|issuer| now > issuer.not_after);
        problems.extend(expired.map(|issuer| IdentityProblem::IssuerExpired {
            subject: issuer.short_subject(),
            not_after: issuer.not_after,
        }));
        problems
    }

    fn usage(&self) -> Option<IdentityProblem> {
        let subject = self.leaf.short_subject();
        if let Some(usages) = &self.leaf.extended_key_usage {
            let client = [ExtendedKeyUsage::Any, ExtendedKeyUsage::ClientAuth];
            if !usages.iter().any(|usage| client.contains(usage)) {
                let usages: Vec<String> = usages.iter().map(ToString::to_string).collect();
                let usages = usages.join(", ");
                return Some(IdentityProblem::WrongUsage { subject, usages });
            }
        }
        if self.leaf.digital_signature == Some(false) {
            return Some(IdentityProblem::NotForSignatures { subject });
        }
        let authority = self.leaf.authority == Some(true);
        authority.then_some(IdentityProblem::Authority { subject })
    }

    fn name(&self) -> Option<IdentityProblem> {
        let subject = self.leaf.subject.clone();
        let nameless = self.local_id().is_none();
        nameless.then_some(IdentityProblem::NoName { subject })
    }

    /// Only when the whole chain is in the file: else the root is not known.
    fn other_root(&self, profile: &Profile) -> Option<IdentityProblem> {
        let wanted = profile.client_root_sha1?;
        // An administrator may upload an intermediate authority as a root.
        let mut chain = std::iter::once(&self.leaf).chain(self.issuers());
        if chain.any(|certificate| certificate.sha1 == wanted) {
            return None;
        }
        let self_signed = Some(&self.leaf).filter(|leaf| leaf.is_self_issued());
        let root = self.root.as_ref().or(self_signed)?;
        Some(IdentityProblem::OtherRoot {
            root: root.short_subject(),
            found: root.sha1,
            wanted,
        })
    }

    fn issuers(&self) -> impl Iterator<Item = &Certificate> {
        self.intermediates.iter().chain(&self.root)
    }
}
