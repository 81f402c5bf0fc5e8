//! A file that nobody can read in one go is two files.

use std::fs;

use anyhow::{Result, bail};

use super::sources;
use crate::cargo::root;

/// More lines than this are a failure.
const MOST: usize = 500;

/// Counts the lines of every source file.
pub(super) fn check() -> Result<()> {
    let mut too_long = Vec::new();
    for folder in ["crates", "daemon", "tests", "benches", "xtask", "fuzz"] {
        for file in sources(&root().join(folder))? {
            let lines = fs::read_to_string(&file)?.lines().count();
            if lines > MOST {
                too_long.push(format!("{} has {lines} lines", file.display()));
            }
        }
    }
    if !too_long.is_empty() {
        bail!("more than {MOST} lines:\n{}", too_long.join("\n"));
    }
    println!("file sizes: no source file has more than {MOST} lines");
    Ok(())
}
