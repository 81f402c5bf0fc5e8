//! The tunnel without its sockets: what may pass, what becomes of each packet, how long it may be.
//!
//! ```text
//!   tun  ─▶ upload   (inner policy, seal)              ─▶ UDP
//!   UDP  ─▶ Arrival  (IKE, ESP or keepalive) ─▶ download (open, inner policy, ECN) ─▶ tun
//!
//!   TSr  ─▶ routes                    path MTU, suite ─▶ inner_mtu
//!
//!   course   which gateway to ask, when to try again, what the tunnel is meanwhile
//! ```
//!
//! No IO, no threads, no clock, and for a packet no allocation: whoever owns the tun device and the
//! socket calls [`upload()`] and [`download()`] with buffers of its own.

#![forbid(unsafe_code)]

pub mod course;
mod download;
mod ecn;
mod inner_header;
mod mtu;
mod offload;
mod policy;
mod ranges;
mod routes;
mod selectors;
mod upload;

pub use crate::download::{Arrival, DownloadDrop, download};
pub use crate::ecn::{Ecn, decapsulate};
pub use crate::mtu::{DEFAULT_PATH_MTU, InnerVersions, OuterVersion, inner_mtu};
pub use crate::offload::{
    Coalesced, Coalescer, Gso, MAX_SEGMENTS, SegmentError, Segments, VnetHeader,
};
pub use crate::policy::{InnerPolicy, PolicyDrop};
pub use crate::routes::{Route, routes};
pub use crate::upload::{UploadDrop, upload};
