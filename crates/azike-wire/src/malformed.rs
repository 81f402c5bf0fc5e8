//! Why octets are not a message.

use std::fmt;

use crate::{PayloadType, ProtocolId};

/// Which rule of the format was broken. The fault is always the sender's.
///
/// `Copy`, and without text of the sender: a flood of bad datagrams allocates nothing and
/// writes nothing of its own into a log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Malformed {
    /// Fewer octets than an IKE header has; the number that came.
    NoHeader(usize),
    /// The header's length field is not the length of the datagram.
    MessageLength {
        /// What the header says.
        field: u32,
        /// What came.
        octets: usize,
    },
    /// A major version other than 2.
    MajorVersion(u8),
    /// The initiator's SPI is zero.
    NoInitiatorSpi,
    /// The length field of a payload is below four or reaches past the end.
    PayloadLength(PayloadType, u16),
    /// A payload, or the header of one that was announced, ends before its last field.
    Truncated(PayloadType),
    /// Octets are left inside a payload after its last field.
    Excess(PayloadType),
    /// Octets are left after the last payload; how many.
    Trailing(usize),
    /// More payloads than [`Payloads::BUDGET`](crate::Payloads::BUDGET).
    TooManyPayloads,
    /// Something follows an SK or SKF payload.
    NotLast(PayloadType),
    /// An SK or SKF payload inside a decrypted chain.
    Nested(PayloadType),
    /// Fragment number zero, past the total, or a total of zero.
    FragmentNumber {
        /// The number of this fragment.
        number: u16,
        /// How many there are.
        total: u16,
    },
    /// A fragment after the first one names a first payload.
    FragmentNextPayload(PayloadType),
    /// A proposal number that is zero or out of sequence.
    ProposalNumber(u8),
    /// The "Last Substruc" field contradicts the lengths.
    LastSubstructure(u8),
    /// The length field of a proposal, transform, attribute or selector cannot be right.
    SubstructureLength(PayloadType, u16),
    /// The number of transforms or selectors is not the number that follows.
    Count(PayloadType),
    /// An SPI of a size that its protocol does not have.
    SpiSize(ProtocolId, u8),
    /// A nonce outside 16..=256 octets.
    NonceLength(usize),
    /// A delete for no protocol.
    DeleteProtocol,
    /// A selector whose first address or port is above its last.
    SelectorRange,
    /// The EAP length field is not the length of the packet, or illegal for its code.
    EapLength(u16),
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHeader(octets) => write!(f, "{octets} octets are too few for an IKE header"),
            Self::MessageLength { field, octets } => {
                write!(f, "the header says {field} octets, {octets} came")
            }
            Self::MajorVersion(version) => write!(f, "major version {version} is not IKEv2"),
            Self::NoInitiatorSpi => f.write_str("the initiator SPI is zero"),
            Self::PayloadLength(kind, length) => {
                write!(f, "payload {kind} has the impossible length {length}")
            }
            Self::Truncated(kind) => write!(f, "payload {kind} ends too early"),
            Self::Excess(kind) => write!(f, "payload {kind} has octets after its last field"),
            Self::Trailing(octets) => write!(f, "{octets} octets follow the last payload"),
            Self::TooManyPayloads => f.write_str("too many payloads"),
            Self::NotLast(kind) => write!(f, "payload {kind} is not the last one"),
            Self::Nested(kind) => write!(f, "payload {kind} inside an encrypted payload"),
            Self::FragmentNumber { number, total } => {
                write!(f, "fragment {number} of {total} cannot exist")
            }
            Self::FragmentNextPayload(kind) => {
                write!(f, "a later fragment announces payload {kind}")
            }
            Self::ProposalNumber(number) => write!(f, "proposal number {number} is out of order"),
            Self::LastSubstructure(value) => {
                write!(
                    f,
                    "value {value} of a last-substructure field contradicts the lengths"
                )
            }
            Self::SubstructureLength(kind, length) => {
                write!(
                    f,
                    "a part of payload {kind} has the impossible length {length}"
                )
            }
            Self::Count(kind) => write!(f, "payload {kind} counts its parts wrongly"),
            Self::SpiSize(protocol, size) => {
                write!(f, "{size} octets are no SPI of protocol {protocol}")
            }
            Self::NonceLength(octets) => write!(f, "a nonce of {octets} octets"),
            Self::DeleteProtocol => f.write_str("a delete for no protocol"),
            Self::SelectorRange => f.write_str("a traffic selector ends before it starts"),
            Self::EapLength(length) => {
                write!(f, "an EAP packet has the impossible length {length}")
            }
        }
    }
}

impl std::error::Error for Malformed {}
