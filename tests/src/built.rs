//! The binary as users run it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Builds azike with the profile of the test that asks, and gives its place.
pub fn azike() -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut command = Command::new(cargo);
    command.args(["build", "--locked", "--quiet", "--package", "azike"]);
    command.args(["--bin", "azike"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let status = command.current_dir(workspace).status()?;
    ensure!(status.success(), "azike could not be built");
    // target/debug/deps/TEST-0123: two folders up.
    let this = env::current_exe()?;
    let folder = this.ancestors().nth(2).context("where the programs are")?;
    Ok(folder.join("azike"))
}
