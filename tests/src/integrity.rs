//! Do all octets arrive as they were sent? Under full load both ways, while keys change and clients move.
//!
//! ```text
//!   Transfer  ── TCP 7001: seed, length, then octets both ways at once, then a verdict ──▶ server
//!   Numbered  ── UDP 7002: 1, 2, 3, …, each answered ────────────────────────────────────▶ server
//! ```
//!
//! There is no hash: both sides know every octet that has to come, so each is compared, and the first wrong one
//! has a place.

pub mod numbered;
pub mod stream;
pub mod transfer;

use std::net::{IpAddr, TcpListener, UdpSocket};
use std::thread;

use anyhow::{Context as _, Result};

/// The port of [`transfer`].
pub const TRANSFERS: u16 = 7001;
/// The port of [`numbered`].
pub const NUMBERS: u16 = 7002;

/// Serves both on each of `hosts`. The threads live in the network namespace of this one, as long as the process.
pub fn serve(hosts: &[IpAddr]) -> Result<()> {
    for host in hosts {
        let listener = TcpListener::bind((*host, TRANSFERS));
        let listener = listener.with_context(|| format!("port {TRANSFERS} of {host}"))?;
        let socket = UdpSocket::bind((*host, NUMBERS));
        let socket = socket.with_context(|| format!("port {NUMBERS} of {host}"))?;
        thread::Builder::new()
            .name("transfers".to_owned())
            .spawn(move || transfer::serve(&listener))?;
        thread::Builder::new()
            .name("numbers".to_owned())
            .spawn(move || numbered::serve(&socket))?;
    }
    Ok(())
}
