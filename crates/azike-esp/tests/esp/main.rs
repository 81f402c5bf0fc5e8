//! Packets from one end of a Child SA to the other, and packets that no honest gateway sends.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test code: a failure should stop the test where it is"
)]

mod batch;
mod refusals;
mod round_trip;
mod sa;
mod vectors;
