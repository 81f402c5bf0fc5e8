//! The packages of Debian: downloaded by apt, unpacked into a folder, never installed.
//!
//! ```text
//!   apt-cache show ──▶ release of rustc-web, its LLVM
//!   apt-get -s install ──▶ what the machine lacks besides (libraries that come and go between releases)
//!   apt-get download ──▶ dpkg-deb | tar ──▶ root/usr ──▶ the file `packages`, written last
//! ```

use std::collections::BTreeSet;
use std::fs;
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
    refresh_lists()?;
    let compiler = depends("rustc-web").context(
        "apt knows no rustc-web: Debian 12 has it in bookworm-security; as root, `apt-get update`",
    )?;
    let standard = named(&compiler, "libstd-rust-web-", char::is_numeric)?;
    let llvm = named(&depends(&standard)?, "libllvm", char::is_numeric)?;
    let llvm = llvm.trim_start_matches("libllvm").to_owned();
    let wanted = wanted(&standard, &llvm)?;
    let root = place.join("root");
    let debs = place.join("debs");
    for folder in [&root, &debs] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
    }
    let mut download = Command::new("apt-get");
    download.args(["-qq", "download"]).args(&wanted);
    run::run(download.current_dir(&debs))?;
    let mut names = Vec::new();
    for entry in fs::read_dir(&debs)? {
        let path = entry?.path();
        unpack(&path, &root)?;
        names.extend(path.file_name().map(|name| name.display().to_string()));
    }
    fs::remove_dir_all(&debs)?;
    names.sort();
    let text = format!("recipe {RECIPE}\nllvm {llvm}\n{}\n", names.join("\n"));
    fs::write(receipt, text)?;
    Ok(llvm)
}

fn read_receipt(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let mut lines = text.lines();
    (lines.next()? == format!("recipe {RECIPE}")).then_some(())?;
    Some(lines.next()?.strip_prefix("llvm ")?.to_owned())
}

/// Lists that are too old name packages the archive has no more. Only root can refresh them.
fn refresh_lists() -> Result<()> {
    // Only root may look into it.
    if fs::read_dir("/var/lib/apt/lists/partial").is_ok() {
        run::run(Command::new("apt-get").args(["-qq", "update"]))?;
    }
    Ok(())
}

/// What a package depends on, as `apt-cache` prints it.
fn depends(package: &str) -> Result<String> {
    let mut show = Command::new("apt-cache");
    show.args(["--no-all-versions", "show", package]);
    let text = run::output(&mut show)?;
    let line = text.lines().find(|line| line.starts_with("Depends: "));
    line.map(str::to_owned)
        .with_context(|| format!("{package} depends on nothing"))
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
fn wanted(standard: &str, llvm: &str) -> Result<BTreeSet<String>> {
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
    let mut simulate = Command::new("apt-get");
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
        let depends = "Depends: libc6 (>= 2.34), libstd-rust-web-dev (= 1), libstd-rust-web-1.96 (= 1)";
        let standard = named(depends, "libstd-rust-web-", char::is_numeric).unwrap();
        assert_eq!(standard, "libstd-rust-web-1.96");
        named(depends, "libllvm", char::is_numeric).unwrap_err();
    }
}
