//! Programs of Debian that packages are made and tried with.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::toolchain::run;

/// A package, and a program of it.
pub(super) type Need = (&'static str, &'static str);

/// For making packages.
pub(super) const TO_MAKE: [Need; 1] = [("rpm", "/usr/bin/rpmbuild")];

/// For trying them.
pub(super) const TO_TRY: [Need; 2] = [
    ("debootstrap", "/usr/sbin/debootstrap"),
    ("qemu-user", "/usr/bin/qemu-aarch64"),
];

/// Installs what is missing (as root) and says so.
pub(super) fn install(needs: &[Need]) -> Result<()> {
    let missing = needs.iter().filter(|need| !Path::new(need.1).exists());
    let missing: Vec<&str> = missing.map(|need| need.0).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let apt = |args: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(args);
        let why = || format!("installing {} (as root, on Debian)", missing.join(" "));
        run::output(&mut apt).with_context(why)
    };
    apt(&["-qq", "update"])?;
    let mut args = vec!["-qq", "-y", "install", "--no-install-recommends"];
    args.extend(&missing);
    apt(&args)?;
    println!("installed with apt-get: {}", missing.join(" "));
    Ok(())
}
