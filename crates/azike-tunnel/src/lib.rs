//! The tunnel without its sockets: what may pass, what becomes of each packet, how long it may be.
//!
//! ```text
//!   tun  ─▶ inner policy ─▶ Segments                                              ─▶ ESP ─▶ UDP
//!   UDP  ─▶ Arrival  (IKE, ESP or keepalive) ─▶ download (open, inner policy, ECN) ─▶ Coalescer ─▶ tun
//!
//!   TSr  ─▶ routes                    path MTU, suite ─▶ inner_mtu ─▶ clamp_mss, packet_too_big
//!
//!   course   which gateway to ask, when to try again, what the tunnel is meanwhile
//! ```
//!
//! No IO, no threads, no clock, and for a packet no allocation: whoever owns the tun device and the
//! socket calls this with buffers of its own.

#![forbid(unsafe_code)]

pub mod course;
mod download;
mod dscp;
mod ecn;
mod inner_header;
mod internet_checksum;
mod mss;
mod mtu;
mod offload;
mod path_probe;
mod policy;
mod protocol;
mod question;
mod ranges;
mod routes;
mod selectors;
mod too_big;
mod upper_layer;

pub use crate::download::{Arrival, DownloadDrop, download};
pub use crate::dscp::DscpMode;
pub use crate::ecn::{Ecn, decapsulate, outer_traffic_class};
pub use crate::mss::clamp_mss;
pub use crate::mtu::{DEFAULT_PATH_MTU, InnerVersions, OuterVersion, PathWatch, inner_mtu};
pub use crate::offload::{
    Coalesced, Coalescer, Gso, MAX_SEGMENTS, SegmentError, Segments, VnetHeader,
};
pub use crate::path_probe::PathProbe;
pub use crate::policy::{InnerPolicy, PolicyDrop};
pub use crate::question::wants_answer;
pub use crate::routes::{Route, routes};
pub use crate::too_big::{TooBigLimit, packet_too_big};
