//! `cargo xtask bench`: azike beside other clients, in one run each.

mod connect;
mod esp;
#[cfg(target_os = "linux")]
mod tunnel;

use anyhow::Result;
use clap::{Args, Subcommand};

/// What to measure.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// From the start of the command to the first answered ping, daemons already running
    Connect(connect::Options),
    /// azike-esp beside ring alone: nanoseconds per packet of every suite (needs no root)
    Esp(esp::Options),
    /// Throughput, packets, round trips, processor time and memory: azike and other tunnels by turns (root)
    #[cfg(target_os = "linux")]
    Tunnel(tunnel::Options),
}

/// Measures it.
pub(crate) fn run(options: &Options) -> Result<()> {
    match &options.what {
        What::Connect(options) => connect::run(options),
        What::Esp(options) => esp::run(options),
        #[cfg(target_os = "linux")]
        What::Tunnel(options) => tunnel::run(options),
    }
}
