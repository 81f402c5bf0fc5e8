//! Where a gateway sends to and from, and where it sends its clients.

use std::net::IpAddr;

/// What a gateway makes of MOBIKE (RFC 4555).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mobike {
    /// It does not know it: an update of addresses means nothing.
    Unknown,
    /// It goes where the client says.
    Follows,
    /// The same, after a message with a `COOKIE2` reached the client there (section 3.7). NATs
    /// are not followed then.
    Checks,
    /// It knows it, and accepts no address but the first (`UNACCEPTABLE_ADDRESSES`).
    Refuses,
}

/// From where a gateway sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::enum_variant_names, reason = "ports are what it is about")]
pub enum AnswersFrom {
    /// From the port that the client sent to.
    SamePort,
    /// From this port, whatever the client sent to.
    OtherPort(u16),
    /// Between the ports of `IKE_SA_INIT`, as some servers of Microsoft do, though the client is
    /// on port 4500 by then.
    InitPort,
}

/// What a gateway says to who names an SA that it does not know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnknownSpi {
    /// Nothing.
    Silent,
    /// `INVALID_IKE_SPI`, or `INVALID_SPI` for ESP, unprotected (RFC 7296, sections 1.5 and 2.21.4).
    Told,
}

/// Sends clients that announced RFC 5685 to another gateway.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Redirect {
    /// When.
    pub at: RedirectAt,
    /// Where.
    pub target: RedirectTarget,
}

/// When a client is sent away.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RedirectAt {
    /// In the `IKE_SA_INIT` response (RFC 5685, section 3).
    SaInit,
    /// In the last `IKE_AUTH` response, in place of a Child SA (section 6).
    Auth,
}

/// Another gateway.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RedirectTarget {
    /// By its address.
    Address(IpAddr),
    /// By its name.
    Name(String),
}

impl RedirectTarget {
    /// The data of REDIRECT (RFC 5685, section 7.2): type, length, identity, and the client's nonce
    /// in `IKE_SA_INIT`.
    pub(crate) fn encode(&self, nonce: &[u8]) -> Vec<u8> {
        let (kind, identity) = match self {
            Self::Address(IpAddr::V4(v4)) => (1, v4.octets().to_vec()),
            Self::Address(IpAddr::V6(v6)) => (2, v6.octets().to_vec()),
            Self::Name(name) => (3, name.as_bytes().to_vec()),
        };
        let length = u8::try_from(identity.len()).unwrap_or(u8::MAX);
        [&[kind, length][..], &identity, nonce].concat()
    }
}
