//! Octets from anywhere, as a super-packet of the kernel and as packets to be put together.
//!
//! ```text
//! cargo +nightly fuzz run offload
//! ```
//!
//! `cargo test -p azike-tunnel` replays `corpus/offload` and checks the same.
#![no_main]

#[path = "../../crates/azike-tunnel/tests/offload/invariant.rs"]
mod invariant;
#[path = "../../crates/azike-tunnel/tests/offload/plain.rs"]
mod plain;

libfuzzer_sys::fuzz_target!(|input: &[u8]| invariant::check(input));
