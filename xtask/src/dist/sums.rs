//! `SHA256SUMS`: digests of all that is handed out.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::toolchain::run;

const NAME: &str = "SHA256SUMS";

/// Writes it into `folder`.
pub(super) fn write(folder: &Path) -> Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name());
    }
    names.sort();
    let mut sum = Command::new("sha256sum");
    let text = run::output(sum.arg("--").args(&names).current_dir(folder))?;
    fs::write(folder.join(NAME), text + "\n")?;
    Ok(())
}

/// The digest of one file.
pub(super) fn of(file: &Path) -> Result<String> {
    let text = run::output(Command::new("sha256sum").arg(file))?;
    let digest = text.split_whitespace().next();
    Ok(digest.context("sha256sum said nothing")?.to_owned())
}

/// Wants both folders to hold the same octets under the same names.
pub(super) fn compare(one: &Path, other: &Path) -> Result<()> {
    let read = |folder: &Path| fs::read_to_string(folder.join(NAME));
    let (first, second) = (read(one)?, read(other)?);
    let differ: Vec<&str> = first
        .lines()
        .filter(|line| !second.contains(line))
        .collect();
    ensure!(
        differ.is_empty() && first.lines().count() == second.lines().count(),
        "not reproducible:\n{}\nCompare {} and {}, for example with diffoscope.",
        differ.join("\n"),
        one.display(),
        other.display()
    );
    println!(
        "reproducible: {} files, two builds, the same digests",
        first.lines().count()
    );
    Ok(())
}

/// Prints what there is.
pub(super) fn show(folder: &Path) -> Result<()> {
    println!("\n{}", folder.display());
    for line in fs::read_to_string(folder.join(NAME))?.lines() {
        let name = line.split_whitespace().last().unwrap_or_default();
        let size = fs::metadata(folder.join(name))?.len();
        println!("{:>9} kB  {line}", size / 1000);
    }
    Ok(())
}
