//! Programs of Debian that packages are made and tried with.

use anyhow::Result;
use azike_tests::lab::packages::{self, Package};

/// For making packages.
pub(super) const TO_MAKE: [Package; 1] = [("rpm", "/usr/bin/rpmbuild")];

/// For trying them.
pub(super) const TO_TRY: [Package; 2] = [
    ("debootstrap", "/usr/sbin/debootstrap"),
    ("qemu-user", "/usr/bin/qemu-aarch64"),
];

/// Installs what is missing (as root) and says so.
pub(super) fn install(needs: &[Package]) -> Result<()> {
    let installed = packages::install(needs, "cargo xtask dist")?;
    if !installed.is_empty() {
        println!("installed with apt-get: {}", installed.join(" "));
    }
    Ok(())
}
