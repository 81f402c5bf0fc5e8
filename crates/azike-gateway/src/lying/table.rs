//! The collection.

use super::{At, Change, Lie, Proof};

/// Every lie.
pub const LIES: &[Lie] = &[Lie {
    name: "AUTH over the client's message",
    at: At::Auth(1),
    change: Change::Proof(Proof::OtherMessage),
}];
