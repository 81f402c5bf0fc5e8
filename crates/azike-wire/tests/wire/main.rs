//! Whole messages: what must be refused, what must survive, what must look exactly like this.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

mod arbitrary;
mod chain;
mod corpus;
mod datagram;
mod golden;
mod invariant;
mod mutation;
mod octets;
mod random;
mod round_trip;
