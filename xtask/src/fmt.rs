//! `cargo xtask fmt`: one style for all.

use anyhow::Result;

use crate::cargo::cargo;

/// Formats the whole workspace.
pub(crate) fn run() -> Result<()> {
    cargo(&["fmt", "--all"])
}
