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
//! When process 1 ends, however it ends, the kernel takes all of it away: processes, interfaces, mounts.

pub mod alone;
pub mod behind;
pub mod client;
pub mod credentials;
pub mod dns;
pub mod driver;
pub mod echo;
pub mod links;
pub mod load;
pub mod namespaces;
pub mod netlink;
pub mod notes;
pub mod show;
pub mod sockets;
pub mod state;
pub mod story;
pub mod switches;
pub mod vnet;
pub mod world;
