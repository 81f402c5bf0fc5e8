//! What the bench needs beside the lab's packages. None of it is part of this repository.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::lab::command::Call;
use crate::lab::packages::{self, Package};

const NEEDED: [Package; 5] = [
    ("ethtool", "/usr/sbin/ethtool"),
    ("coreutils", "/usr/bin/timeout"),
    ("openvpn", "/usr/sbin/openvpn"),
    ("wireguard-go", "/usr/bin/wireguard-go"),
    ("wireguard-tools", "/usr/bin/wg"),
];

/// Where programs go that are no Debian packages.
const TOOLS: &str = "/var/tmp/azike-tools";

/// Installs what the bench lacks; see [`packages::install`].
pub fn install_missing() -> Result<Vec<&'static str>> {
    packages::install(&NEEDED, "the bench")
}

/// The `boringtun-cli` that `cargo install` built; builds it when it is not there.
///
/// # Errors
///
/// Without crates.io, or when it does not build here: then there is no such row.
pub fn boringtun() -> Result<PathBuf> {
    let program = Path::new(TOOLS).join("bin/boringtun-cli");
    if !program.exists() {
        let call = Call::new("cargo").args(["install", "--locked", "--quiet", "--root", TOOLS]);
        // From a folder without a toolchain file and without a manifest of ours.
        let call = call
            .arg("boringtun-cli")
            .env("CARGO_TARGET_DIR", "/var/tmp/azike-tools/target");
        call.run().context("cargo install boringtun-cli")?;
    }
    if !program.exists() {
        bail!("cargo install left no {}", program.display());
    }
    Ok(program)
}
