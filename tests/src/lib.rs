//! Whole tunnels: the lab (a network of namespaces with an Azure-like strongSwan gateway in it) and the
//! scenarios that azike has to pass there.
//!
//! ```text
//!   client 192.168.50.2 ── router 203.0.113.1 (NAT) ── gateway 203.0.113.10 ── VNet host 10.1.0.4
//! ```
//!
//! Beside it stands the built-in gateway ([`builtin`]), which needs nothing but a kernel. [`mod@bench`] measures
//! azike's data path beside that of other tunnels, on one cable.
//!
//! All of it lives in network namespaces that this crate makes itself. Nothing here ever sends a packet to
//! an address outside them.
#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
pub mod bench;
pub mod built;
pub mod builtin;
pub mod integrity;
pub mod interop;
pub mod lab;
