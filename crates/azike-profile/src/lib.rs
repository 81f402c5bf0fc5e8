//! The Azure VPN client package and the client identity: octets in, values out.
//!
//! ```text
//!   profile.zip ──▶ read_package ──▶ Profile    what to connect to, and whom to trust
//!                   describe_package ▶ ProfileReport   the same, for people
//!   client.p12  ──▶ read_identity ─▶ Identity   who we are, and a Signer
//!   client.pem
//! ```
//!
//! Nothing here opens a file, reads a clock or draws a random number: the caller
//! hands over octets and, where it matters, the time. Both inputs come from
//! outside and are treated as hostile: every count, length, nesting and key
//! derivation has a limit, and every refusal has its own error value.

#![forbid(unsafe_code)]

mod certificate;
mod host_name;
mod identity;
mod package;
mod pem;
mod plain_text;
mod prefix;
mod profile;
mod report;
mod thumbprint;
mod timestamp;
mod unicode;
mod warning;

pub use certificate::{Certificate, CertificateFault, ExtendedKeyUsage, KeyKind, SubjectName};
pub use host_name::{HostName, HostNameFault};
pub use identity::{
    Candidate, Identity, IdentityError, IdentityProblem, LocalId, LocalIdFault, Named, PickFault,
    Selector, SelectorFault, Severity, pick, read_identity,
};
pub use package::{
    NameFault, PackageError, RootFault, XmlFault, describe_package, is_zip, read_package,
};
pub use prefix::{Prefix, PrefixFault};
pub use profile::{Profile, ProfileAuth, Root, SettingsSchema};
pub use report::{Note, ProfileReport, RootReport, RootState};
pub use thumbprint::{Sha1Thumbprint, Sha256Thumbprint};
pub use timestamp::Timestamp;
pub use warning::Warning;
