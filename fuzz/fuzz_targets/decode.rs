//! Octets from anywhere, as a datagram, a message, a decrypted chain and an EAP packet.
//!
//! ```text
//! cargo +nightly fuzz run decode
//! ```
//!
//! `cargo test -p azike-wire` replays `corpus/decode` and checks the same.
#![no_main]

#[path = "../../crates/azike-wire/tests/wire/invariant.rs"]
mod invariant;

libfuzzer_sys::fuzz_target!(|input: &[u8]| invariant::check(input));
