//! The host, for real: tun interfaces, routes and names of a machine that
//! exists only inside a network namespace.
//!
//! Each test makes a namespace of its own, runs itself again inside it, and
//! compares what the system's own tools say before and after. The machine's
//! own routes and its `/etc/resolv.conf` are never touched. Needs root:
//! without, the tests say that they were skipped, and fail where `CI` is set.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod full_queue;
mod full_socket;
mod killed;
mod names;
mod namespace;
mod path_mtu;
mod resolved;
mod routes;
mod snapshot;
mod tun;
mod watch;
