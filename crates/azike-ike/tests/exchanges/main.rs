//! The client against the gateway of our own, message by message.
//!
//! One program for all exchanges: each file is an exchange or a way to disturb it, `support` is
//! the table at which both sit.
#![expect(clippy::unwrap_used, reason = "test code")]

mod auth;
mod support;
