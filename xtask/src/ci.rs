//! `cargo xtask ci`: everything CI checks before the long tests, in the order of what is quickest to fail.

mod arrows;
mod deny;
mod manifests;
mod readme;
mod sizes;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::cargo::{cargo, cargo_with};

/// Checks all of it.
pub(crate) fn run() -> Result<()> {
    look_at_the_tree()?;
    cargo(&["fmt", "--all", "--check"])?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--locked"];
    cargo(&[&clippy[..], &["--", "-D", "warnings"]].concat())?;
    cargo(&["test", "--workspace", "--locked", "--lib", "--bins"])?;
    let doc = ["doc", "--workspace", "--no-deps", "--locked"];
    let doc = [&doc[..], &["--document-private-items"]].concat();
    cargo_with(&doc, "RUSTDOCFLAGS", "-D warnings")?;
    deny::check()?;
    println!("\nall checks passed");
    Ok(())
}

/// What can be seen without building anything: all of it is told at once.
fn look_at_the_tree() -> Result<()> {
    let checks = [sizes::check, manifests::check, readme::check, arrows::check];
    let wrong: Vec<String> = checks
        .iter()
        .filter_map(|check| check().err())
        .map(|error| format!("{error:#}"))
        .collect();
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n\n"));
    }
    Ok(())
}

/// Every Rust source below `folder`.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "target") {
                found.extend(sources(&path)?);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
