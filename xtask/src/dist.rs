//! `cargo xtask dist`: everything that is handed out, in `target/dist/`.
//!
//! ```text
//!   commit ──▶ azike for x86_64 and aarch64, static ──┬──▶ .tar.gz  .deb  .rpm  SBOM
//!      │            │ completions, manual pages ──────┤
//!      │       daemon/service, packaging ─────────────┼──▶ layout of a macOS .pkg
//!      └──▶ source ──────────────── its digest ───────┴──▶ Homebrew formula        all ──▶ SHA256SUMS
//! ```
//!
//! What needs a Mac or a signing identity is in docs/packaging.md.

mod binary;
mod deb;
mod elf;
mod extras;
mod formula;
mod machine;
mod musl;
mod needs;
mod pkg;
mod rpm;
mod sbom;
mod source;
mod sums;
mod tarball;
mod tree;
mod trial;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::Args;

use self::extras::Extras;
use self::machine::ALL;
use self::source::Source;
use self::tree::Tree;
use crate::cargo::target_directory;
use crate::toolchain::Toolchain;

/// What to make.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Build everything twice, in two places, and compare each octet
    #[arg(long)]
    verify_reproducible: bool,
    /// Run the binaries, install deb and rpm in a new Debian and remove them again (root)
    #[arg(long = "try")]
    trial: bool,
}

/// Makes it.
pub(crate) fn run(options: &Options) -> Result<()> {
    needs::install(&needs::TO_MAKE)?;
    let tools = Toolchain::ready()?;
    let source = Source::look()?;
    let target = target_directory()?;
    let to = target.join("dist");
    let mut variables = Vec::new();
    for machine in ALL {
        variables.extend(musl::ready(&tools, machine)?);
    }
    tools.unlock()?;
    make(
        &tools,
        &variables,
        &source,
        (&target.join("dist-build"), &to),
    )?;
    if options.verify_reproducible {
        let (build, again) = (target.join("dist-build-2"), target.join("dist-2"));
        if build.exists() {
            fs::remove_dir_all(&build)?;
        }
        make(&tools, &variables, &source, (&build, &again))?;
        sums::compare(&to, &again)?;
        for folder in [build, again] {
            fs::remove_dir_all(folder)?;
        }
    }
    if options.trial {
        trial::run(&to, &source)?;
    }
    sums::show(&to)
}

/// Builds in `build`, and puts what is handed out into `to`.
fn make(
    tools: &Toolchain,
    variables: &[(String, OsString)],
    source: &Source,
    (build, to): (&Path, &Path),
) -> Result<()> {
    let binaries = binary::build(tools, &ALL, variables, source, build)?;
    let work = build.join("packages");
    for folder in [to, &work] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
    }
    let native = binaries.first().cloned().unwrap_or_default();
    let extras = Extras::gather(&native, &work.join("pages"))?;
    for (machine, path) in ALL.into_iter().zip(&binaries) {
        let binary = fs::read(path)?;
        linux_tarball(&binary, &extras, machine, source, (&work, to))?;
        deb::make(&binary, &extras, machine, source, (&work, to))?;
        rpm::make(&binary, &extras, machine, source, (&work, to))?;
        sbom::write(tools, machine, source, to)?;
    }
    tarball::source(to, source)?;
    formula::write(source, to)?;
    pkg::make(&extras, source, (&work, to))?;
    sums::write(to)
}

/// The tarball to unpack anywhere; its units expect the binary in `/usr/local`.
fn linux_tarball(
    binary: &[u8],
    extras: &Extras,
    machine: machine::Machine,
    source: &Source,
    (work, to): (&Path, &Path),
) -> Result<()> {
    let mut tree = Tree::default();
    tree.program("bin/azike", binary);
    extras.add(&mut tree, "", "/usr/local/bin/azike");
    let name = format!("azike-{}-{}-linux", source.version, machine.name);
    tree.write(&work.join(&name), source.epoch)?;
    tarball::pack(work, &name, to, source)
}

/// The only file in `folder` whose name ends so.
fn one(folder: &Path, ending: &str) -> Result<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    ensure!(
        found.len() == 1,
        "{} files …{ending} in {}",
        found.len(),
        folder.display()
    );
    Ok(found.remove(0))
}
