//! Why an ESP packet was dropped.

use thiserror::Error;

/// Why an ESP packet was dropped. For counters, logs and tests.
///
/// The first four need no key to provoke, so they say nothing about the gateway. The others are
/// found behind a correct ICV: the gateway itself sent such a packet ([`EspDrop::is_authentic`]).
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum EspDrop {
    /// No octets for SPI, sequence number, IV, trailer and ICV.
    #[error("the ESP packet is too short")]
    Short,
    /// No Child SA of ours has this SPI (RFC 4303, section 3.4.2).
    #[error("no Child SA has this SPI")]
    UnknownSpi,
    /// The sequence number was seen, is left of the window, or is zero (RFC 4303, section 3.4.3).
    #[error("the sequence number was seen before or is too old")]
    Replayed,
    /// The ICV is wrong (RFC 4303, section 3.4.4).
    #[error("the integrity check failed")]
    NotAuthentic,
    /// The pad octets are not 1, 2, 3, … or are more than there is room for (RFC 4303, section 2.4).
    #[error("the padding is not the one of RFC 4303")]
    Padding,
    /// Not a whole IPv4 or IPv6 packet: another protocol, or another version than the next header
    /// says (RFC 4303, section 2.6).
    #[error("next header {0} does not fit the inner packet")]
    NextHeader(u8),
    /// A dummy packet; to be dropped without a word (RFC 4303, section 2.6).
    #[error("a dummy packet")]
    Dummy,
    /// The inner packet says that it is longer than what arrived, or shorter than its header.
    #[error("the inner packet is shorter than it says")]
    InnerLength,
}

impl EspDrop {
    /// Whether the packet came from the gateway, so that it proves the gateway is alive.
    pub const fn is_authentic(self) -> bool {
        match self {
            Self::Short | Self::UnknownSpi | Self::Replayed | Self::NotAuthentic => false,
            Self::Padding | Self::NextHeader(_) | Self::Dummy | Self::InnerLength => true,
        }
    }
}
