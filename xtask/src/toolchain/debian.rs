//! The packages of Debian: downloaded by apt, unpacked into a folder, never installed.
//!
//! ```text
//!   apt-cache show ──▶ release of rustc-web, its LLVM
//!   apt-get -s install ──▶ what the machine lacks besides (libraries that come and go between releases)
//!   apt-get download ──▶ dpkg-deb | tar ──▶ root/usr ──▶ the file `packages`, written last
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::run;

/// Changed when what is unpacked, or how, changes: the packages are fetched again.
const RECIPE: &str = "1";

/// The libraries of the unpacked programs.
pub(super) fn libraries(place: &Path) -> PathBuf {
    place.join("root/usr/lib/x86_64-linux-gnu")
}

/// Fetches and unpacks the packages unless they are there. Gives the number of their LLVM.
pub(super) fn ready(place: &Path) -> Result<String> {
    let receipt = place.join("packages");
    if let Some(llvm) = read_receipt(&receipt) {
        return Ok(llvm);
    }
    println!("tools: fetching Debian packages into {}", place.display());
    let apt = Apt::new(place, "amd64")?;
    let library = apt.depends("libstd-rust-web-dev").context(
        "apt knows no rustc-web: Debian 12 has it in bookworm-security (/etc/apt/sources.list)",
    )?;
    let standard = named(&library, "libstd-rust-web-", char::is_numeric)?;
    let llvm = named(&apt.depends(&standard)?, "libllvm", char::is_numeric)?;
    let llvm = llvm.trim_start_matches("libllvm").to_owned();
    let wanted = wanted(&apt, &standard, &llvm)?;
    let root = place.join("root");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    let names = apt.fetch(&wanted, &root)?;
    strip_by(&llvm, &root)?;
    let text = format!("recipe {RECIPE}\nllvm {llvm}\n{}\n", names.join("\n"));
    fs::write(receipt, text)?;
    Ok(llvm)
}

/// `strip` in a profile makes rustc call a program of this name, which Debian's has not.
fn strip_by(llvm: &str, root: &Path) -> Result<()> {
    let folder = root.join("usr/lib/rustlib/x86_64-unknown-linux-gnu/bin");
    fs::create_dir_all(&folder)?;
    let target = format!("../../../../bin/llvm-objcopy-{llvm}");
    symlink(target, folder.join("rust-objcopy")).context("rust-objcopy")
}

/// Unpacks packages of another architecture into `root`. Gives the names of their files.
pub(super) fn foreign(
    place: &Path,
    architecture: &str,
    packages: &[&str],
    root: &Path,
) -> Result<Vec<String>> {
    let packages = packages.iter().map(|&name| name.to_owned()).collect();
    Apt::new(place, architecture)?.fetch(&packages, root)
}

fn read_receipt(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let mut lines = text.lines();
    (lines.next()? == format!("recipe {RECIPE}")).then_some(())?;
    Some(lines.next()?.strip_prefix("llvm ")?.to_owned())
}

/// apt with lists of its own: no root, no stale lists, and nothing changes for the machine's apt.
struct Apt {
    folder: PathBuf,
    options: Vec<String>,
}

impl Apt {
    /// Fetches the lists of what the machine's sources have for `architecture`.
    fn new(place: &Path, architecture: &str) -> Result<Self> {
        let folder = place.join(format!("apt-{architecture}"));
        for name in ["lists/partial", "cache/archives/partial", "debs"] {
            fs::create_dir_all(folder.join(name))?;
        }
        let mut options = vec![
            format!("Dir::State::lists={}", folder.join("lists").display()),
            format!("Dir::Cache={}", folder.join("cache").display()),
            format!("APT::Architecture={architecture}"),
            format!("APT::Architectures={architecture}"),
            // Its own user may not write into our folder.
            "APT::Sandbox::User=root".to_owned(),
        ];
        if architecture != "amd64" {
            options.push("Dir::State::status=/dev/null".to_owned());
        }
        let apt = Self { folder, options };
        run::run(apt.command("apt-get").args(["-qq", "update"]))?;
        Ok(apt)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for option in &self.options {
            command.args(["-o", option]);
        }
        command
    }

    /// What a package depends on, as `apt-cache` prints it.
    fn depends(&self, package: &str) -> Result<String> {
        let mut show = self.command("apt-cache");
        let text = run::output(show.args(["--no-all-versions", "show", package]))?;
        let line = text.lines().find(|line| line.starts_with("Depends: "));
        line.map(str::to_owned)
            .with_context(|| format!("{package} depends on nothing"))
    }

    /// Downloads and unpacks. Gives the names of the files.
    fn fetch(&self, packages: &BTreeSet<String>, root: &Path) -> Result<Vec<String>> {
        fs::create_dir_all(root)?;
        let debs = self.folder.join("debs");
        let mut download = self.command("apt-get");
        download.args(["-qq", "download"]).args(packages);
        run::run(download.current_dir(&debs))?;
        let mut names = Vec::new();
        for entry in fs::read_dir(&debs)? {
            let path = entry?.path();
            unpack(&path, root)?;
            names.extend(path.file_name().map(|name| name.display().to_string()));
        }
        names.sort();
        Ok(names)
    }
}

impl Drop for Apt {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("{}: {error}", self.folder.display());
        }
    }
}

/// The first name in `depends` with this beginning and such a character behind it.
fn named(depends: &str, beginning: &str, next: fn(char) -> bool) -> Result<String> {
    let names = depends.split([' ', ',', '(', ')', '|']);
    let mut names = names.filter(|name| {
        let rest = name.strip_prefix(beginning);
        rest.is_some_and(|rest| rest.starts_with(next))
    });
    let name = names.next().map(str::to_owned);
    name.with_context(|| format!("no {beginning}… among: {depends}"))
}

/// The packages we use, and those they need that this machine lacks.
fn wanted(apt: &Apt, standard: &str, llvm: &str) -> Result<BTreeSet<String>> {
    let ours = [
        "rustc-web".to_owned(),
        "libstd-rust-web-dev".to_owned(),
        "rust-web-clippy".to_owned(),
        "rust-web-src".to_owned(),
        standard.to_owned(),
        format!("libllvm{llvm}"),
        format!("clang-{llvm}"),
        format!("libclang-cpp{llvm}"),
        format!("libclang-common-{llvm}-dev"),
        format!("lld-{llvm}"),
        format!("llvm-{llvm}"),
    ];
    let mut simulate = apt.command("apt-get");
    simulate.args(["-s", "install", "--no-install-recommends"]);
    let told = run::output(simulate.args(&ours))?;
    let lacking = told.lines().filter_map(|line| line.strip_prefix("Inst "));
    let lacking = lacking.filter_map(|line| line.split(' ').next());
    let mut all: BTreeSet<String> = lacking.map(str::to_owned).collect();
    all.extend(ours);
    Ok(all)
}

/// Unpacks one package; of the compiler's source only the standard library.
fn unpack(deb: &Path, root: &Path) -> Result<()> {
    let mut from = Command::new("dpkg-deb");
    from.arg("--fsys-tarfile").arg(deb).stdout(Stdio::piped());
    let mut from = from.spawn().context("dpkg-deb")?;
    let octets = from.stdout.take().context("dpkg-deb has no output")?;
    let mut tar = Command::new("tar");
    tar.arg("-xf").arg("-").arg("-C").arg(root);
    let source = deb
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("rust-web-src_"));
    if source {
        tar.args(["--wildcards", "./usr/src/rustc-*/library/*"]);
    } else {
        tar.args(["--exclude=./usr/share/doc*", "--exclude=./usr/share/man*"]);
    }
    run::run(tar.stdin(octets))?;
    let status = from.wait()?;
    ensure!(status.success(), "{} cannot be unpacked", deb.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_and_llvm_are_read_from_what_apt_says() {
        let depends =
            "Depends: libc6 (>= 2.34), libstd-rust-web-dev (= 1), libstd-rust-web-1.96 (= 1)";
        let standard = named(depends, "libstd-rust-web-", char::is_numeric).unwrap();
        assert_eq!(standard, "libstd-rust-web-1.96");
        named(depends, "libllvm", char::is_numeric).unwrap_err();
    }
}
