//! The client against the gateway of our own, message by message.
//!
//! One program for all exchanges: each file is an exchange or a way to disturb it, `support` is
//! the table at which both sit.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test code"
)]

mod addresses;
mod assigned;
mod auth;
mod auth_lifetime;
mod capture;
mod eap_exchange;
mod forgery;
mod fragments;
mod gateway_answers;
mod gateway_lies;
mod gateway_moves;
mod gateway_rekeys;
mod gateway_rivals;
mod hostile;
mod informational;
mod ivs;
mod life;
mod liveness;
mod mobike;
mod mutation;
mod reasons;
mod redirect;
mod rekey_child;
mod rekey_ike;
mod rekey_lies;
mod retries;
mod sa_init;
mod suites;
mod support;
mod unasked;
