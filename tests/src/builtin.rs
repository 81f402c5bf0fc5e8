//! The built-in gateway on real sockets: a tunnel to it needs a Linux kernel and nothing else, and no root
//! where a user may make namespaces.
//!
//! ```text
//!   xtask, or a test                          its folder: package, identity, logs
//!     └─ enter: user (without root), network, mount and process namespace
//!          └─ process 1 of those ──────────────────────────────┐
//!               │  network of the client        (cl0) ── (gw0)  │ a thread with a network of its own
//!               ├─ azike daemon   192.168.50.2                  │   203.0.113.10  Gateway on 500, 4500
//!               └─ azike up …                                   │   10.1.0.4      page, DNS, echo
//! ```
//!
//! Where there are no namespaces, a client can at least knock: [`door`] lets it log in, and carries nothing.
//!
//! When process 1 ends, however it ends, the kernel takes all of it away: processes, interfaces, mounts.

#[cfg(target_os = "linux")]
pub mod alone;
#[cfg(target_os = "linux")]
pub mod behind;
#[cfg(target_os = "linux")]
pub mod client;
pub mod credentials;
#[cfg(target_os = "linux")]
pub mod dns;
pub mod door;
#[cfg(target_os = "linux")]
pub mod driver;
#[cfg(target_os = "linux")]
pub mod echo;
#[cfg(target_os = "linux")]
pub mod links;
#[cfg(target_os = "linux")]
pub mod load;
#[cfg(target_os = "linux")]
pub mod namespaces;
#[cfg(target_os = "linux")]
pub mod netlink;
pub mod notes;
#[cfg(target_os = "linux")]
pub mod show;
pub mod sockets;
#[cfg(target_os = "linux")]
pub mod state;
#[cfg(target_os = "linux")]
pub mod story;
pub mod switches;
#[cfg(target_os = "linux")]
pub mod vnet;
#[cfg(target_os = "linux")]
pub mod world;
