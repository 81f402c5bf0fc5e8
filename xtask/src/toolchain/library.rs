//! The standard library of another system, built from Debian's source of it, once.
//!
//! Only here the compiler is told that it may build what is unstable (`RUSTC_BOOTSTRAP`). From then on the target is
//! an installed one like any other, and the project is built by stable means: with that variable set, build
//! scripts of crates would find another compiler than users have.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::{Toolchain, run};

/// Builds it unless it is there.
pub(super) fn ready(
    tools: &Toolchain,
    target: &str,
    variables: &[(String, OsString)],
) -> Result<()> {
    let place = tools.at("root/usr/lib/rustlib").join(target).join("lib");
    let receipt = place.join("complete");
    if receipt.exists() {
        return Ok(());
    }
    println!("tools: building the standard library for {target}");
    let source = source(tools)?;
    let manifest = source.join("sysroot/Cargo.toml");
    let remap = |from: &Path, to| format!("--remap-path-prefix={}={to}", from.display());
    let flags = [
        // As the release builds of Rust are made; without this, programs could not use the result.
        "-Zforce-unstable-if-unmarked".to_owned(),
        "-Cembed-bitcode=yes".to_owned(),
        "-Cdebuginfo=0".to_owned(),
        // No program says where on this machine it was built.
        remap(&source, "/rust/library"),
        remap(&crate::cargo::home()?, "/cargo"),
    ];
    let output = tools.at("library-build");
    let mut build = tools.cargo();
    build
        .args(["build", "--quiet", "--release", "--locked"])
        .args(["--features", "panic-unwind backtrace", "--target", target])
        .arg("--manifest-path")
        .arg(&manifest)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("__CARGO_DEFAULT_LIB_METADATA", "stablestd")
        .env("CARGO_TARGET_DIR", &output);
    run::run(&mut build)?;
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    fs::create_dir_all(&place)?;
    for entry in fs::read_dir(output.join(target).join("release/deps"))? {
        let path = entry?.path();
        let wanted = path
            .extension()
            .is_some_and(|ending| ending == "rlib" || ending == "rmeta");
        if let Some(name) = path.file_name().filter(|_| wanted) {
            fs::copy(&path, place.join(name))?;
        }
    }
    fs::remove_dir_all(&output)?;
    fs::write(receipt, "")?;
    Ok(())
}

/// The folder `library` of the source.
fn source(tools: &Toolchain) -> Result<PathBuf> {
    let folder = tools.at("root/usr/src");
    for entry in fs::read_dir(&folder)? {
        let library = entry?.path().join("library");
        if library.is_dir() {
            only_rlib(&library)?;
            return Ok(library);
        }
    }
    None.with_context(|| format!("no library source in {}", folder.display()))
}

/// A shared library of std needs a linker at this point, and nobody here wants it.
fn only_rlib(library: &Path) -> Result<()> {
    let manifest = library.join("std/Cargo.toml");
    let text = fs::read_to_string(&manifest)?;
    let text = text.replace(
        "crate-type = [\"dylib\", \"rlib\"]",
        "crate-type = [\"rlib\"]",
    );
    super::write_if_new(&manifest, &text)
}
