//! ESP packets in tunnel mode, sealed and opened in place (RFC 4303).
//!
//! The hot path: nothing here allocates, locks or reads a clock for a packet. Keys come in ready
//! made ([`azike_crypto::DirectionKeys`]); the UDP header of RFC 3948 is the socket's.
//!
//! ```text
//!           +-----+-----+----+--------------+---------+----+----+-----+
//!           | SPI | Seq | IV | inner packet | 1 2 3 … | pl | nh | ICV |
//!           +-----+-----+----+--------------+---------+----+----+-----+
//!             4     4     ^-------- encrypted -----------------^
//!           ^------------------ covered by the ICV ------------^
//! ```
//!
//! [`Outbound::seal_batch`] and [`Inbound::open_batch`] take many packets in one call.
//!
//! One [`Outbound`] and one [`Inbound`] are the two halves of a Child SA. Each belongs to one
//! thread at a time.

#![forbid(unsafe_code)]

mod drop;
mod inbound;
mod next_header;
mod outbound;
mod overhead;
mod packet_buf;
mod rest;
mod seal_batch;
mod sequence;
mod trailer;
mod window;

pub use crate::drop::EspDrop;
pub use crate::inbound::{Inbound, Opened, OpenedPacket};
pub use crate::next_header::NextHeader;
pub use crate::outbound::{Outbound, SealError};
pub use crate::overhead::Overhead;
pub use crate::packet_buf::PacketBuf;
pub use crate::seal_batch::{BatchError, Slot};
pub use crate::sequence::SequenceNumbers;
pub use crate::window::{DEFAULT_DEPTH, Fresh, Replayed, Window};
