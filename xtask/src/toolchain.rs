//! A compiler, linker and standard library for other systems, from packages alone. Nothing is installed: all of
//! it lies in one folder outside the work tree, and rustup stays as it is.
//!
//! ```text
//!   Debian   rustc-web, clippy, clang, lld, llvm ──▶ root/usr        debian
//!            rust-web-src ── built once a target ──▶ root/usr/lib/rustlib/TARGET   library
//!   PyPI     ziglang: headers, libSystem.tbd, musl ──▶ wheel         wheel
//! ```
//!
//! Why not rustup's compiler: the standard library has to be built from source, and source and compiler have to be
//! of one release. Debian ships both.

mod debian;
mod library;
pub(crate) mod run;
pub(crate) mod wheel;

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// The tools, ready to use. Nobody else changes them until [`Toolchain::unlock`].
#[derive(Debug)]
pub(crate) struct Toolchain {
    place: PathBuf,
    llvm: String,
    lock: File,
}

impl Toolchain {
    /// The folder of the tools: `AZIKE_MACOS`, or `azike-macos` in the user's cache folder.
    fn place() -> Result<PathBuf> {
        if let Some(place) = env::var_os("AZIKE_MACOS").filter(|value| !value.is_empty()) {
            return Ok(PathBuf::from(place));
        }
        let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
        let cache = cache.context("neither AZIKE_MACOS nor HOME says where the tools go")?;
        Ok(cache.join("azike-macos"))
    }

    /// Fetches what is missing. A second call takes no time.
    pub(crate) fn ready() -> Result<Self> {
        ensure!(
            cfg!(all(target_os = "linux", target_arch = "x86_64")),
            "the tools are Debian packages of x86_64 Linux; elsewhere use cargo itself"
        );
        let place = Self::place()?;
        fs::create_dir_all(&place).with_context(|| place.display().to_string())?;
        let lock = File::create(place.join("lock"))?;
        lock.lock().context("waiting for another cargo xtask")?;
        let llvm = debian::ready(&place)?;
        Ok(Self { place, llvm, lock })
    }

    /// Nothing will be fetched or built any more: others may.
    pub(crate) fn unlock(&self) -> Result<()> {
        Ok(self.lock.unlock()?)
    }

    /// A folder or file beside the tools.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.place.join(name)
    }

    /// A program of the Debian packages.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.place.join("root/usr/bin").join(name)
    }

    /// The number of the LLVM that compiler and linker are of.
    pub(crate) fn llvm_number(&self) -> &str {
        &self.llvm
    }

    /// A program of LLVM, by its name without version: `clang`, `llvm-ar`.
    pub(crate) fn llvm(&self, name: &str) -> PathBuf {
        let llvm = format!("root/usr/lib/llvm-{}/bin", self.llvm);
        self.place.join(llvm).join(name)
    }

    /// What makes cargo use these tools.
    pub(crate) fn variables(&self) -> Vec<(String, OsString)> {
        let libraries = debian::libraries(&self.place);
        vec![
            ("RUSTC".to_owned(), self.program("rustc").into()),
            ("RUSTDOC".to_owned(), self.program("rustdoc").into()),
            ("LD_LIBRARY_PATH".to_owned(), libraries.into()),
        ]
    }

    /// Cargo with these tools, and with nothing of ours or of the caller's that would change what it builds.
    pub(crate) fn cargo(&self) -> Command {
        self.clean(crate::cargo::command(&[]))
    }

    /// The same for cargo-clippy.
    pub(crate) fn clippy(&self) -> Command {
        let cargo = crate::cargo::command(&[]);
        let mut clippy = Command::new(self.program("cargo-clippy"));
        clippy.env("CARGO", cargo.get_program());
        if let Some(folder) = cargo.get_current_dir() {
            clippy.current_dir(folder);
        }
        self.clean(clippy)
    }

    fn clean(&self, mut command: Command) -> Command {
        for name in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_BUILD_TARGET",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTUP_TOOLCHAIN",
        ] {
            command.env_remove(name);
        }
        command.envs(self.variables());
        command
    }

    /// The standard library of `target`; built once. `variables` are the C compiler and what else the target needs.
    pub(crate) fn library(&self, target: &str, variables: &[(String, OsString)]) -> Result<()> {
        library::ready(self, target, variables)
    }

    /// Unpacks Debian packages of another architecture into the folder `name`, once. Gives the folder.
    pub(crate) fn foreign(
        &self,
        name: &str,
        architecture: &str,
        packages: &[&str],
    ) -> Result<PathBuf> {
        let folder = self.at(name);
        let receipt = folder.join("packages");
        if !receipt.exists() {
            println!("tools: fetching {} for {architecture}", packages.join(", "));
            let names = debian::foreign(&self.place, architecture, packages, &folder)?;
            fs::write(receipt, names.join("\n"))?;
        }
        Ok(folder)
    }

    /// The compiler in one line.
    pub(crate) fn compiler(&self) -> Result<String> {
        run::output(self.clean(Command::new(self.program("rustc"))).arg("-V"))
    }

    /// Octets that the folder of the tools takes.
    pub(crate) fn size(&self) -> Result<u64> {
        size(&self.place)
    }
}

/// Octets of all files below `folder`.
fn size(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        sum += if about.is_dir() {
            size(&entry.path())?
        } else {
            about.len()
        };
    }
    Ok(sum)
}

/// Writes `text` unless the file already says it: what is newer than its users is built again.
pub(crate) fn write_if_new(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| path.display().to_string())
}
