//! What the bench needs beside the lab's packages. None of it is part of this repository.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::lab::command::Call;

/// A Debian package, and a file by which we know that it is there.
const NEEDED: [(&str, &str); 5] = [
    ("ethtool", "/usr/sbin/ethtool"),
    ("coreutils", "/usr/bin/timeout"),
    ("openvpn", "/usr/sbin/openvpn"),
    ("wireguard-go", "/usr/bin/wireguard-go"),
    ("wireguard-tools", "/usr/bin/wg"),
];

/// Where programs go that are no Debian packages.
const TOOLS: &str = "/var/tmp/azike-tools";

/// Installs what is missing (as root, with `apt-get`). Gives the names of what it installed.
pub fn install_missing() -> Result<Vec<&'static str>> {
    let missing = NEEDED.iter().filter(|(_, file)| !Path::new(file).exists());
    let missing: Vec<&str> = missing.map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(missing);
    }
    let apt = |args: &[&str]| {
        let call = Call::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
        let finished = call.args(args).run();
        finished.context("installing what the bench needs (as root, on Debian or Ubuntu)")
    };
    apt(&["-q", "update"])?;
    let mut args = vec!["-q", "-y", "install", "--no-install-recommends"];
    args.extend(&missing);
    apt(&args)?;
    Ok(missing)
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
