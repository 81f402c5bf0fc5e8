//! A sans-IO `IKEv2` responder: the Azure-like gateway of our tests, benchmarks and demo, and the
//! gateway that lies.
//!
//! ```text
//!            handle_datagram   handle_timeout   ask, rekey_…, delete_…
//!                   │                │               │
//!                   ▼                ▼               ▼
//!   Gateway ─ Policy ─ SaInit ─▶ IkeSa (Login ─▶ Child SA)
//!                   │     ▲          ▲
//!                   │     └─ Lie ────┘   changes a message before or after it is sealed
//!                   ▼
//!             poll_transmit     poll_event      poll_timeout
//! ```
//!
//! It shares the wire format and the primitives with the client, and nothing of the engine: what
//! both would get wrong alike, no test could see. It is not a product: it trusts its policy, keeps
//! no limits against floods, and makes one Child SA for a client, not several.
#![forbid(unsafe_code)]

mod basis;
mod channel;
mod child;
mod children;
mod client_trust;
mod config;
mod context;
mod draft;
mod eap_tls;
mod event;
mod gateway;
mod ike_sa;
mod incoming;
mod informational;
mod login;
pub mod lying;
mod names;
mod policy;
mod proof;
mod rekey_child;
mod rekey_ike;
mod request;
mod sa_init;
mod selection;
mod transmit;
mod tunnel_end;
mod unknown;

pub use self::config::{Config, ConfigError, Identity, WallClock};
pub use self::draft::{Draft, Piece};
pub use self::event::{ChildSa, Event, Gone, Maker};
pub use self::gateway::Gateway;
pub use self::lying::{At, Change, Lie, Proof};
pub use self::policy::{
    AnswersFrom, ChildSuite, EapPolicy, IkeSuite, Lifetimes, Login, Mobike, Pfs, Policy, Redirect,
    RedirectAt, RedirectTarget, Refusal, RekeyRefusal, Stage, TlsVersion, UnknownSpi,
};
pub use self::transmit::{Datagram, Transmit, Transport};
pub use self::tunnel_end::TunnelEnd;
