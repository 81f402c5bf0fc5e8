//! Command line and control socket against an engine that only pretends: what people see, what
//! scripts see, and what hostile clients cannot do.
#![expect(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    clippy::panic,
    reason = "test code"
)]

mod canary;
mod commands;
mod connecting;
mod exit_codes;
mod fake_engine;
mod hostile_clients;
#[cfg(target_os = "linux")]
mod other_users;
mod stage;
