//! Packages and identities as whole files: what people have, what Azure makes,
//! and what somebody made to hurt.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "test code"
)]

mod archive;
mod azure;
mod fixture;
mod identity;
mod identity_check;
mod identity_pick;
mod mutation;
mod package;
mod report;
mod roots;
