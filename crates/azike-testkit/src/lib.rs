//! What tests of several crates share: repeatable randomness, virtual time, a virtual network,
//! certificates, captures.
//!
//! ```text
//!   SeededRandom ──▶ the same octets for the same seed
//!   Timeline ──────▶ the time, which goes when a test says so
//!   Net ───────────▶ delay, loss, copies, NATs, sleep, partitions between hosts
//!   Authority ─────▶ Certified (a certificate and its key)
//!   Tap ───────────▶ handshake.pcapng, and the keys that Wireshark needs to read it
//! ```
//!
//! For tests only: nothing here is random, and the keys are public.
#![forbid(unsafe_code)]

mod certificate;
mod frame;
mod net;
mod random;
mod tap;
mod timeline;
mod wireshark;

pub use self::certificate::{Authority, Certified, KeyType, Purpose, RsaKey, Subject};
pub use self::net::{
    Blocked, Conditions, Delivery, Disturbance, Loss, Nat, NatId, Net, Packet, Way,
};
pub use self::random::SeededRandom;
pub use self::tap::{Leave, Tap};
pub use self::timeline::Timeline;
pub use self::wireshark::{esp_sa, ikev2_decryption};
