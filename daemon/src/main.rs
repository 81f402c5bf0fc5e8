//! The azike binary.
fn main() {}
