//! Super-packets: taken apart and put together, and what lies about them.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test code: a failure should stop the test where it is"
)]

mod coalesce;
mod corpus;
mod invariant;
mod lies;
mod mixed;
mod order;
mod packet;
mod plain;
mod segment;
