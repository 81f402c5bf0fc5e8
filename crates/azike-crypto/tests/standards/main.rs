//! The numbers that RFCs and NIST print, and the bad input that RFCs name.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod esp;
mod key_derivation;
mod key_exchange;
mod numbers;
mod protected_payload;
mod signature;
mod transforms;
