//! Why a packet was lost: one list for both directions.

use std::fmt;

use azike_esp::{EspDrop, SealError};
use azike_tunnel::{DownloadDrop, PolicyDrop};

/// Why the data path lost a packet.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum DropCause {
    /// There is no Child SA to send with.
    NoChildSa,
    /// There is no tun device to write to.
    NoTun,
    /// Every sequence number of the Child SA was used.
    SequenceExhausted,
    /// The path does not take a datagram of that length.
    TooLong,
    /// The socket had no room for too long.
    SendBufferFull,
    /// The system refused to send.
    Send,
    /// The system reported an error instead of a datagram.
    Receive,
    /// The tun device gave an error instead of a packet.
    TunRead,
    /// What the tun device says of a super-packet is not true of it.
    BadSuperPacket,
    /// The system had no room for a packet.
    TunFull,
    /// The system refused a packet.
    TunWrite,
    /// Neither ESP nor IKE nor a keepalive.
    Malformed,
    /// The control plane did not take its IKE messages in time.
    IkeQueueFull,
    /// No Child SA has the SPI.
    UnknownSpi,
    /// The ESP packet is too short.
    Short,
    /// Seen before, or too old to know.
    Replayed,
    /// The integrity check failed.
    NotAuthentic,
    /// Authentic, but padding, next header or inner length are wrong.
    BadPayload,
    /// A dummy packet; no loss.
    Dummy,
    /// Congestion that the inner packet cannot express (RFC 6040).
    Congestion,
    /// The inner packet is no whole and honest IP packet.
    BadInnerPacket,
    /// One end of the inner packet is not an address of ours, or both are.
    NotOurs,
    /// The other end of the inner packet is outside the traffic selectors, or unroutable.
    NotSelected,
}

impl DropCause {
    /// Every cause, in the order of their counters.
    pub const ALL: [Self; 23] = [
        Self::NoChildSa,
        Self::NoTun,
        Self::SequenceExhausted,
        Self::TooLong,
        Self::SendBufferFull,
        Self::Send,
        Self::Receive,
        Self::TunRead,
        Self::BadSuperPacket,
        Self::TunFull,
        Self::TunWrite,
        Self::Malformed,
        Self::IkeQueueFull,
        Self::UnknownSpi,
        Self::Short,
        Self::Replayed,
        Self::NotAuthentic,
        Self::BadPayload,
        Self::Dummy,
        Self::Congestion,
        Self::BadInnerPacket,
        Self::NotOurs,
        Self::NotSelected,
    ];

    /// Its name in JSON and in `azike status`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoChildSa => "no_child_sa",
            Self::NoTun => "no_tun",
            Self::SequenceExhausted => "sequence_exhausted",
            Self::TooLong => "too_long",
            Self::SendBufferFull => "send_buffer_full",
            Self::Send => "send",
            Self::Receive => "receive",
            Self::TunRead => "tun_read",
            Self::BadSuperPacket => "bad_super_packet",
            Self::TunFull => "tun_full",
            Self::TunWrite => "tun_write",
            Self::Malformed => "malformed",
            Self::IkeQueueFull => "ike_queue_full",
            Self::UnknownSpi => "unknown_spi",
            Self::Short => "short",
            Self::Replayed => "replayed",
            Self::NotAuthentic => "not_authentic",
            Self::BadPayload => "bad_payload",
            Self::Dummy => "dummy",
            Self::Congestion => "congestion",
            Self::BadInnerPacket => "bad_inner_packet",
            Self::NotOurs => "not_ours",
            Self::NotSelected => "not_selected",
        }
    }
}

impl fmt::Display for DropCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<PolicyDrop> for DropCause {
    fn from(reason: PolicyDrop) -> Self {
        match reason {
            PolicyDrop::Version
            | PolicyDrop::Header
            | PolicyDrop::Length
            | PolicyDrop::SourceRoute
            | PolicyDrop::Fragment => Self::BadInnerPacket,
            PolicyDrop::NotOurs | PolicyDrop::OwnSource => Self::NotOurs,
            PolicyDrop::Unroutable | PolicyDrop::NotInTsR | PolicyDrop::NotInTsI => {
                Self::NotSelected
            }
        }
    }
}

impl From<SealError> for DropCause {
    fn from(reason: SealError) -> Self {
        match reason {
            SealError::SequenceExhausted => Self::SequenceExhausted,
            SealError::NoRoom => Self::TooLong,
        }
    }
}

impl From<DownloadDrop> for DropCause {
    fn from(reason: DownloadDrop) -> Self {
        match reason {
            DownloadDrop::Policy(reason) => reason.into(),
            DownloadDrop::Congestion => Self::Congestion,
            DownloadDrop::Esp(EspDrop::Short) => Self::Short,
            DownloadDrop::Esp(EspDrop::UnknownSpi) => Self::UnknownSpi,
            DownloadDrop::Esp(EspDrop::Replayed) => Self::Replayed,
            DownloadDrop::Esp(EspDrop::NotAuthentic) => Self::NotAuthentic,
            DownloadDrop::Esp(EspDrop::Dummy) => Self::Dummy,
            DownloadDrop::Esp(EspDrop::Padding | EspDrop::NextHeader(_) | EspDrop::InnerLength) => {
                Self::BadPayload
            }
        }
    }
}
