//! Why an EAP conversation ended badly, and whose decision it was.

use std::fmt;

use azike_wire::EapType;

use crate::trust::TrustError;

/// Why an EAP conversation failed.
///
/// The first group is the gateway's decision, the second ours, the rest is a broken conversation.
/// Texts in it are printable and at most 256 characters long.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EapFailure {
    /// The gateway refused our certificate, by a TLS alert.
    #[error("the gateway refused the client certificate: {reason}")]
    CertificateRefused {
        /// What its alert says.
        reason: Refusal,
        /// The authorities of which it wants a certificate, at most eight; none if it did not say.
        accepted: Vec<String>,
    },
    /// The gateway ended the conversation without a word (EAP-Failure).
    #[error("the gateway refused the login {0}")]
    Refused(Stage),
    /// The gateway sent another TLS alert. The number is IANA's.
    #[error("the gateway ended the TLS handshake with alert {0}")]
    Alert(u8),

    /// We refused the gateway's TLS certificate.
    #[error("the gateway's certificate in EAP-TLS is not trusted: {0}")]
    GatewayNotTrusted(TrustError),
    /// The gateway speaks TLS 1.1 or older only, or refuses 1.2 and 1.3.
    #[error("the gateway has no TLS 1.2 or 1.3")]
    OldTls,
    /// No cipher suite, group or signature scheme in common.
    #[error("the gateway has no TLS parameters in common with us")]
    NoTlsInCommon,
    /// The gateway accepts no signature scheme that our key has.
    #[error("the gateway accepts no signature that the client's key can make")]
    NoSignatureInCommon,
    /// The private key did not sign.
    #[error("the client's private key did not sign")]
    Signing,

    /// EAP-Success before the TLS handshake was complete (CVE-2021-45079).
    #[error("the gateway claimed success before the login was complete")]
    EarlySuccess,
    /// TLS 1.3 without the octet 00 at its end, or with other data in its place (RFC 9190, section
    /// 2.5).
    #[error("the gateway did not complete EAP-TLS")]
    NotCommitted,
    /// Data inside TLS that does not belong there.
    #[error("the gateway sent data inside EAP-TLS")]
    UnexpectedData,
    /// The gateway closed TLS in the middle.
    #[error("the gateway closed TLS before the login was complete")]
    Closed,
    /// TLS itself failed: a forged, damaged or illegal message.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The gateway insists on another method.
    #[error("the gateway wants the EAP method {0}, not EAP-TLS")]
    MethodNotOffered(EapType),
    /// A request that is legal in itself, but not here.
    #[error("the gateway sent an EAP request of type {0} at the wrong time")]
    OutOfOrder(EapType),
    /// Fragments that do not form a message.
    #[error("the gateway's EAP-TLS fragments are wrong: {0}")]
    Fragment(#[from] FragmentFault),
    /// Not an EAP packet.
    #[error("the gateway sent a malformed EAP packet")]
    Malformed,
    /// More than 200 packets.
    #[error("the login does not come to an end")]
    TooManyRounds,
}

/// Why a gateway does not want our certificate, as its TLS alert says (RFC 8446, section 6.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// It does not know the root: `unknown_ca`.
    #[error("its root certificate is not known to the gateway")]
    UnknownAuthority,
    /// `certificate_expired`. A gateway says so also when it is not valid yet.
    #[error("it has expired, or is not valid yet")]
    Expired,
    /// `certificate_revoked`.
    #[error("it was revoked")]
    Revoked,
    /// `bad_certificate`.
    #[error("the gateway cannot use it")]
    Bad,
    /// `unsupported_certificate`.
    #[error("it is of a kind that the gateway does not support")]
    Unsupported,
    /// `access_denied`: it is good, but has no right to connect.
    #[error("it is not allowed to connect")]
    AccessDenied,
    /// `certificate_required`, `no_certificate`.
    #[error("the gateway did not get one")]
    Missing,
    /// `decrypt_error`: the signature with its key was not accepted.
    #[error("the signature with its key was not accepted")]
    Signature,
    /// `certificate_unknown`, or `handshake_failure` once it was sent.
    #[error("no reason given")]
    Unspecified,
}

impl Refusal {
    /// The meaning of a TLS alert that arrives after our certificate was sent.
    pub(super) const fn from_alert(alert: u8) -> Option<Self> {
        Some(match alert {
            40 | 46 => Self::Unspecified,
            41 | 116 => Self::Missing,
            42 => Self::Bad,
            43 => Self::Unsupported,
            44 => Self::Revoked,
            45 => Self::Expired,
            48 => Self::UnknownAuthority,
            49 => Self::AccessDenied,
            51 => Self::Signature,
            _ => return None,
        })
    }
}

/// How far a conversation was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// Only the identity was sent: it is the identity that was refused.
    BeforeTls,
    /// TLS had begun; the gateway had not asked for our certificate.
    DuringTls,
    /// The gateway had asked for our certificate: probably it was refused.
    AfterCertificate,
    /// TLS was complete: the gateway has a rule against this client.
    AfterTls,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeforeTls => "after it read the identity",
            Self::DuringTls => "during the TLS handshake",
            Self::AfterCertificate => "after it got the client certificate",
            Self::AfterTls => "after the TLS handshake",
        })
    }
}

/// What is wrong with the fragments of an EAP-TLS message (RFC 5216, section 2.1.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FragmentFault {
    /// No flags, or a length field that is cut off.
    #[error("cut off")]
    Short,
    /// Announced, or added up, to more than 64 KiB.
    #[error("more than 64 KiB")]
    TooLong,
    /// The sum is not the announced length, or the announcement changed.
    #[error("not the announced length")]
    Length,
    /// A fragment without data that promises another.
    #[error("empty")]
    Empty,
    /// Data, when only our fragments were to be acknowledged.
    #[error("data instead of an acknowledgement")]
    NotAcknowledged,
    /// The first request without the start flag.
    #[error("no start")]
    NoStart,
    /// The start flag in the middle.
    #[error("a second start")]
    SecondStart,
}
