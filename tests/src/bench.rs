//! The data path of azike beside that of other tunnels: the same cable, the same measures, by turns.
//!
//! ```text
//!   client (cl0) 203.0.113.1 ════ 203.0.113.10 (gw0) gateway      one veth pair, MTU 1500
//!   Peer::start ──▶ Tunnel { far, processes } ──▶ measure ──▶ Sample ──▶ Report ──▶ table, goals
//! ```
//!
//! Between client and gateway there is no router and no NAT, so that the processor's time goes to the peers.
//! All of it runs on the same processors, the programs that make the traffic too: read the ratios.

pub mod cpu;
pub mod goals;
pub mod iperf;
pub mod measure;
pub mod netns;
pub mod packages;
pub mod peers;
pub mod report;
pub mod round_trip;
pub mod table;
pub mod udp_flood;

/// Whether this process may make namespaces and devices.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
