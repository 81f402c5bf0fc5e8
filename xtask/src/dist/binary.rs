//! The binaries, built so that two machines build the same octets.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::elf;
use super::machine::Machine;
use super::source::Source;
use crate::cargo::{home, root};
use crate::toolchain::{Toolchain, run};

/// Builds azike for each machine into `output`. Gives the paths, in the order of `machines`.
pub(super) fn build(
    tools: &Toolchain,
    machines: &[Machine],
    variables: &[(String, OsString)],
    source: &Source,
    output: &Path,
) -> Result<Vec<PathBuf>> {
    let mut build = tools.cargo();
    build.args(["build", "--release", "--locked"]);
    build.args(["--package", "azike", "--bin", "azike"]);
    for machine in machines {
        build.args(["--target", machine.target]);
    }
    // Where things lie on this machine is nobody's business, and would differ on the next.
    let places = [
        (output.to_owned(), "/build"),
        (root().to_owned(), "/azike"),
        (home()?, "/cargo"),
        (tools.at("root"), "/rust"),
    ];
    let rust = places
        .iter()
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    let c = places
        .iter()
        .map(|(from, to)| format!("-ffile-prefix-map={}={to}", from.display()));
    let rust: Vec<String> = rust.collect();
    let c: Vec<String> = c.collect();
    println!(
        "$ cargo build --release --locked -p azike, for {} kinds of computer",
        machines.len()
    );
    build
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .env("CARGO_ENCODED_RUSTFLAGS", rust.join("\u{1f}"))
        .env("CFLAGS", c.join(" "))
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", output)
        .env("SOURCE_DATE_EPOCH", source.epoch.to_string());
    run::run(&mut build)?;
    let mut files = Vec::new();
    for &machine in machines {
        let file = output.join(machine.target).join("release/azike");
        let secret: Vec<&Path> = places.iter().map(|(from, _)| from.as_path()).collect();
        elf::check(&file, machine, &secret)?;
        files.push(file);
    }
    Ok(files)
}
