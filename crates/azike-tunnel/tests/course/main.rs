//! The course of a connection, step by step, in virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

mod bench;
mod finding;
mod keeping;
mod losing;
mod moving;
