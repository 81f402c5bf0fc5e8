//! A sans-IO IKEv2 initiator (RFC 7296).
//!
//! ```text
//!              handle_datagram  handle_timeout  handle_signature  close
//!                     │               │               │            │
//!                     ▼               ▼               ▼            ▼
//!   Client ─ Handshake ─ SaInit ─▶ Auth ─▶ IkeSa   (one file for each exchange)
//!                     │               │               │
//!                     ▼               ▼               ▼
//!              poll_transmit     poll_event      poll_timeout
//! ```
//!
//! No sockets, files, clock or entropy: time is an argument, randomness is given
//! at construction. Nothing that comes from the network is an `Err` or a panic.
#![forbid(unsafe_code)]

mod auth;
mod auth_lifetime;
mod channel;
mod children;
mod choice;
mod client;
mod config;
mod configuration;
pub mod eap;
mod event;
mod farewell;
mod goodbye;
mod handshake;
mod hint;
mod ike_sa;
mod key_id;
mod life;
mod mobike;
mod nat;
mod payload_set;
mod proposal;
mod reason;
mod reassembly;
mod redirect;
mod rekey_child;
mod rekey_ike;
mod request;
mod round;
mod sa_init;
mod sas;
mod suite;
mod transmit;
pub mod trust;

pub use self::client::Client;
pub use self::config::{
    Authentication, ClientIdentity, Config, Gateway, Lifetimes, Patience, WallClock,
};
pub use self::configuration::Assigned;
pub use self::event::{
    ChildSa, Established, Event, Load, Maker, NatStatus, Negotiated, Progress, Sa, SignRequest,
};
pub use self::life::Usage;
pub use self::proposal::{ChildProposal, IkeProposal, Offer, Strength};
pub use self::reason::{AuthFault, CloseReason, DropReason, ProtocolFault, Verdict};
pub use self::redirect::{Redirect, RedirectFault, RedirectLimit, RedirectSource, RedirectTarget};
pub use self::suite::{SuiteFault, child_suite, ike_suite};
pub use self::transmit::{Datagram, Deadline, Timer, Transmit, Transport};
