//! What tests of several crates share: repeatable randomness, certificates, captures.
//!
//! ```text
//!   SeededRandom ──▶ the same octets for the same seed
//!   Authority ─────▶ Certified (a certificate and its key)
//!   Tap ───────────▶ handshake.pcapng, and the keys that Wireshark needs to read it
//! ```
//!
//! For tests only: nothing here is random, and the keys are public.
#![forbid(unsafe_code)]

mod certificate;
mod frame;
mod random;
mod tap;
mod wireshark;

pub use self::certificate::{Authority, Certified, KeyType, Purpose, RsaKey, Subject};
pub use self::random::SeededRandom;
pub use self::tap::Tap;
pub use self::wireshark::{esp_sa, ikev2_decryption};
