//! Many packets in one system call: super-packets of the tun device, taken apart and put together.
//!
//! ```text
//!   upload     tun read  ─▶ VnetHeader + one long packet ─▶ Segments ─▶ packets that can travel
//!   download   packets of one receive buffer ─▶ Coalescer ─▶ VnetHeader + slices ─▶ tun write
//! ```
//!
//! The kernel gives and takes TCP and UDP in pieces of up to 65,535 octets when the device has
//! `IFF_VNET_HDR`; a crossing into the kernel costs more than all that is done here. No IO, and
//! no allocation after `new`.

mod candidate;
mod checksum;
mod coalesced;
mod coalescer;
mod layout;
mod segments;
mod super_packet;
mod vnet_header;

pub(crate) use self::checksum::fold;
pub use self::coalesced::Coalesced;
pub use self::coalescer::Coalescer;
pub use self::segments::Segments;
pub use self::vnet_header::{Gso, SegmentError, VnetHeader};

/// How many packets one super-packet may hold: `UDP_MAX_SEGMENTS` of the kernel, which
/// newer ones doubled.
pub const MAX_SEGMENTS: usize = 64;
