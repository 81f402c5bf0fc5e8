//! What of the Mac's code needs no Mac: compiled on Linux for its tests.

#[expect(dead_code, unused_imports, reason = "only a Mac uses all of it")]
pub(crate) mod dynamic_store;
