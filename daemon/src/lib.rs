//! azike: the one binary, as a library so that tests can reach its parts.
//!
//! ```text
//!   main ──▶ cli ──▶ (control socket) ──▶ daemon::server ──▶ an Engine ──▶ tunnel, platform
//! ```
//!
//! [`cli`] is what a person types and reads, [`daemon`] is what runs while a tunnel is up.
#![forbid(unsafe_code)]

pub mod cli;
pub mod daemon;
pub mod failing;
