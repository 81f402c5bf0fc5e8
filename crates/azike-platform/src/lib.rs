//! The host: everything that `azike` asks of the machine it runs on.
//!
//! ```text
//!   TunDevice      packets in and out of the kernel
//!   bind_udp       the sockets for ports 500 and 4500
//!   UdpSender, UdpReceiver   many datagrams with one system call
//!   path_mtu       how long a datagram to the gateway may be
//!   Clock, entropy time that counts sleep, and randomness
//!   Host           address, MTU, routes, DNS: wanted state in, journalled changes out
//!   keychain_items  certificates whose keys a Mac keeps, and signs with
//!   UnifiedLog     the log of a Mac
//!   NetworkWatch   tells when the network of the machine changed
//!   service        azike under systemd and launchd
//! ```
//!
//! [`Host`] takes a [`HostConfig`], compares it with what it did before
//! ([`plan()`]), writes each change to a journal, and makes it. [`Host::clear`]
//! undoes all of it in reverse; [`Host::recover`] does the same for a process
//! that was killed. What was on the machine before stays as it was.
//!
//! Linux and macOS are real, with the same face; what a Mac is told is made by `xnu`, which is tested on Linux.
//! [`fake`] is a machine in memory for tests. No protocol is known here.

mod clock;
mod config;
mod entropy;
pub mod fake;
mod file_change;
mod host;
mod ip_net;
mod journal;
mod keychain;
#[cfg(not(target_os = "macos"))]
#[path = "keychain_absent.rs"]
mod keychain_native;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod macos;
#[cfg(target_os = "macos")]
use macos::keychain as keychain_native;
#[cfg(all(test, target_os = "linux"))]
#[path = "macos/portable.rs"]
mod macos;
mod next_hop;
mod offload;
mod path_mtu;
mod plan;
mod send_soon;
pub mod service;
mod setting;
mod system;
mod tun_device;
mod udp;
mod udp_batch;
mod unified_log;
#[cfg(any(not(target_os = "linux"), test))]
mod xnu;

pub use clock::Clock;
pub use config::{DnsConfig, HostConfig};
pub use entropy::entropy;
pub use file_change::{FileChange, FileState, Octets};
pub use host::{Applied, Cleared, Host, HostError, Left};
pub use ip_net::{IpNet, NotAnIpNet};
pub use journal::{Epoch, JournalError};
pub use keychain::{
    HAS_KEYCHAIN, KeychainError, KeychainItem, KeychainKey, KeychainScheme, keychain_items,
};
#[cfg(target_os = "linux")]
pub use linux::{Linux as Native, LinuxOptions, NetworkWatch, SystemBus};
#[cfg(not(target_os = "linux"))]
pub use macos::{Mac as Native, NetworkWatch};
pub use offload::Offload;
pub use path_mtu::path_mtu;
pub use plan::{DnsWay, Notice, PlanError, Step, Surroundings, Wanted, plan, wanted};
pub use send_soon::send_soon;
pub use setting::{Before, Change, Interface, NextHop, Setting};
pub use system::{Certainty, Made, Observed, Standing, System, SystemError, Undone};
pub use tun_device::{SuperPackets, TUN_HEADER, TunDevice, TunError};
pub use udp::{BindError, UdpBuffers, bind_udp, send_with_df};
pub use udp_batch::{Datagrams, Received, UdpReceiver, UdpSender, Unsent};
pub use unified_log::{Importance, UnifiedLog};
