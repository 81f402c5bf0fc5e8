//! The README names its two commands.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::cargo::root;

/// Looks for them.
pub(super) fn check() -> Result<()> {
    let text = fs::read_to_string(root().join("README.md")).context("README.md")?;
    for command in ["cargo xtask demo", "cargo xtask test"] {
        ensure!(
            text.contains(command),
            "README.md does not name `{command}`"
        );
    }
    println!("README.md: names its two commands");
    Ok(())
}
