//! Why a gateway is not trusted, with what a person needs to see it.

use rustls_pki_types::UnixTime;

use super::date::Utc;

/// Why the certificates of a gateway were refused.
///
/// Every text in it is printable and at most 256 characters long, whatever the certificate said.
/// Names of certificates are their subjects.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TrustError {
    /// The gateway sent none.
    #[error("the gateway sent no certificate")]
    NoCertificate,
    /// It sent more than ten.
    #[error("the gateway sent {0} certificates, more than a real gateway has")]
    TooMany(usize),
    /// One of them has more than 16 KiB. The number counts octets.
    #[error("the gateway sent a certificate of {0} octets, larger than a real one")]
    TooLarge(usize),
    /// The gateway's own certificate, or one on the path, cannot be read (RFC 5280, section 4.1).
    #[error("the gateway's certificate cannot be read")]
    Malformed,
    /// An extension is marked critical and we do not know it (RFC 5280, section 4.2).
    #[error("the certificate of {certificate} has a critical extension that is not understood")]
    UnknownExtension {
        /// The certificate, as far as it could be found out.
        certificate: String,
    },
    /// No path to a root of the profile (RFC 5280, section 6.1).
    #[error(
        "the certificate of {certificate} was issued by {issuer}, which the profile does not trust"
    )]
    UnknownIssuer {
        /// The last certificate of the path.
        certificate: String,
        /// The issuer that is neither in the profile nor among the gateway's certificates.
        issuer: String,
    },
    /// A certificate of the path, or the root, is too old.
    #[error("the certificate of {certificate} expired on {}, and it is {} now", Utc(*.not_after), Utc(*.now))]
    Expired {
        /// Which one.
        certificate: String,
        /// Its last moment.
        not_after: UnixTime,
        /// The time of the check.
        now: UnixTime,
    },
    /// A certificate of the path, or the root, is too young; or the clock is wrong.
    #[error("the certificate of {certificate} is valid from {} only, and it is {} now", Utc(*.not_before), Utc(*.now))]
    NotYetValid {
        /// Which one.
        certificate: String,
        /// Its first moment.
        not_before: UnixTime,
        /// The time of the check.
        now: UnixTime,
    },
    /// The certificate is genuine, but it is the one of somebody else (RFC 9525, section 6).
    #[error("the gateway's certificate is for {}, not for {}", list(.found), list(.expected))]
    WrongName {
        /// The names of which one was needed.
        expected: Vec<String>,
        /// The names that it has, at most eight.
        found: Vec<String>,
    },
    /// Extended key usage without any purpose that fits a gateway (RFC 4945, section 5.1.3.12).
    #[error("the certificate of {certificate} is not meant for servers, but for {}", list(.purposes))]
    NotForServer {
        /// Which one: the gateway's, or the one of an authority on the path.
        certificate: String,
        /// The purposes that it names, at most eight: short names or dotted object identifiers.
        purposes: Vec<String>,
    },
    /// Key usage without the bit that is needed (RFC 5280, section 4.2.1.3).
    #[error("the key of {certificate} must not {usage}")]
    KeyUsage {
        /// Which one.
        certificate: String,
        /// What it would have to do.
        usage: Usage,
    },
    /// A key that is too small, malformed, or of a kind that we do not know.
    #[error("the key of {certificate} is not good enough: {key}")]
    WeakKey {
        /// Which one.
        certificate: String,
        /// The key, in words.
        key: String,
    },
    /// A signature algorithm that can be forged, or that we do not know.
    #[error(
        "the certificate of {certificate} is signed in a way that is not accepted: {algorithm}"
    )]
    WeakSignature {
        /// Which one.
        certificate: String,
        /// The algorithm, in words or as a dotted object identifier.
        algorithm: String,
    },
    /// A certificate names an issuer that did not sign it.
    #[error(
        "the certificate of {certificate} was not signed by the {issuer} that the profile knows"
    )]
    BadSignature {
        /// Which one.
        certificate: String,
        /// The issuer that it claims.
        issuer: String,
    },
    /// A rule about what an authority may issue was broken.
    #[error("{0}")]
    Constraint(Constraint),
    /// On a revocation list (RFC 5280, section 5).
    #[error("the certificate of {certificate} was revoked")]
    Revoked {
        /// Which one.
        certificate: String,
    },
    /// The revocation list of an issuer on the path cannot be used.
    #[error("{0}")]
    RevocationList(ListFault),
    /// The certificates were made to keep us busy.
    #[error("the gateway's certificates form too many paths")]
    TooComplex,
}

/// What a key would have to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Usage {
    /// Sign messages: the bit digitalSignature.
    SignMessages,
    /// Sign certificates: the bit keyCertSign.
    SignCertificates,
}

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::SignMessages => "sign messages",
            Self::SignCertificates => "sign certificates",
        })
    }
}

/// Rules about what an authority may issue (RFC 5280, sections 4.2.1.9 and 4.2.1.10).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Constraint {
    /// The gateway uses the certificate of an authority as its own.
    #[error("the gateway's certificate is one for an authority, not for a gateway")]
    IsAuthority,
    /// An issuer on the path is not an authority.
    #[error("a certificate was issued by somebody who is not an authority")]
    NotAnAuthority,
    /// More authorities below another than it allows.
    #[error("there are more authorities between the gateway and the root than allowed")]
    PathLength,
    /// A name that an authority on the path may not issue.
    #[error("an authority issued a certificate for a name that it must not use")]
    Name,
}

/// What is wrong with a revocation list (RFC 5280, section 5).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ListFault {
    /// A newer list exists by now.
    #[error("the revocation list is out of date since {}", Utc(*.0))]
    Expired(UnixTime),
    /// Not signed by the issuer that it names, or the issuer may not sign lists.
    #[error("the revocation list is not genuine")]
    NotGenuine,
}

/// What is wrong with the parts of a [`super::GatewayTrust`]: the profile's or the user's mistake.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TrustConfigError {
    /// Without a root nobody can be trusted.
    #[error("there is no root certificate for the gateway")]
    NoRoot,
    /// Without a name every gateway of the same authority would do.
    #[error("there is no name for the gateway")]
    NoName,
    /// A root is not a certificate, or not the one of an authority.
    #[error("root certificate number {} cannot be used", .index + 1)]
    Root {
        /// Which one, counted from 0.
        index: usize,
    },
    /// Not a DNS name. The text is printable.
    #[error("{0} is not a name of a gateway")]
    Name(String),
    /// A revocation list cannot be read, or is a delta or an indirect one.
    #[error("revocation list number {} cannot be used", .index + 1)]
    RevocationList {
        /// Which one, counted from 0.
        index: usize,
    },
}

/// `a`, `a or b`, `a, b or c`; `nothing` for none.
fn list(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
