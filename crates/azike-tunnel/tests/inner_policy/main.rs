//! N-88: what must not pass in either direction, and what must.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test code: a failure should stop the test where it is"
)]

mod addresses;
mod headers;
mod packet;
mod selectors;
