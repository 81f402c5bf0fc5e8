//! Tarballs: of the binary with what stands beside it, and of the source.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::extras::gzip;
use super::source::Source;
use crate::cargo::root;
use crate::toolchain::run;

/// Packs the folder `name`, which is in `parent`, as `to/name.tar.gz`: sorted, of root, of one time.
pub(super) fn pack(parent: &Path, name: &str, to: &Path, source: &Source) -> Result<()> {
    let plain = to.join(format!("{name}.tar"));
    let mut tar = Command::new("tar");
    tar.args(["--sort=name", "--format=ustar", "--numeric-owner"])
        .args(["--owner=0", "--group=0"])
        .arg(format!("--mtime=@{}", source.epoch))
        .arg("-C")
        .arg(parent)
        .arg("-cf")
        .arg(&plain)
        .arg(name);
    run::run(&mut tar)?;
    squeeze(&plain)
}

/// The source of the commit, which is what Homebrew builds.
pub(super) fn source(to: &Path, source: &Source) -> Result<()> {
    let name = format!("azike-{}", source.version);
    let plain = to.join(format!("{name}-source.tar"));
    let mut git = Command::new("git");
    git.args(["archive", "--format=tar", &format!("--prefix={name}/")])
        .arg(format!("--mtime=@{}", source.epoch))
        .arg("-o")
        .arg(&plain)
        .arg(&source.commit);
    run::run(git.current_dir(root()).stdin(Stdio::null()))?;
    squeeze(&plain)
}

fn squeeze(plain: &Path) -> Result<()> {
    let name = plain.file_name().context("a tarball without a name")?;
    let packed = plain.with_file_name(format!("{}.gz", name.display()));
    let octets = gzip(plain)?;
    ensure!(
        octets.starts_with(&[0x1f, 0x8b]),
        "gzip gave something else"
    );
    fs::write(packed, octets)?;
    fs::remove_file(plain)?;
    Ok(())
}
