//! What of the Mac's code needs no Mac: compiled on Linux for its tests.

pub(crate) mod dynamic_store;
