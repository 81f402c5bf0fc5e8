//! `cargo deny`: licences, sources, forbidden crates. Advisories need the network and are not asked here.

use anyhow::Result;

use crate::cargo::{cargo, works};
use crate::test::skipped;

/// Runs it when it is installed.
pub(super) fn check() -> Result<()> {
    if !works(&["deny", "--version"]) {
        let why = "cargo-deny is not installed (cargo install cargo-deny --locked)";
        return skipped("licences and forbidden crates", why);
    }
    cargo(&["deny", "--locked", "check", "bans", "licenses", "sources"])
}
