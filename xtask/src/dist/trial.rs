//! Binaries that run, packages that install and leave nothing behind.
//!
//! ```text
//!   debootstrap ──▶ a new Debian ──▶ list ──▶ dpkg -i ──▶ azike --version ──▶ dpkg --purge ──▶ list: the same
//!                                    + rpm ──▶ list ──▶ rpm -i ──▶ … ──▶ rpm -e ──▶ list: the same
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::source::Source;
use super::{needs, one, sums};
use crate::toolchain::run;

/// What package managers write about themselves.
const BOOKS: [&str; 9] = [
    "var/lib/dpkg",
    "var/lib/rpm",
    "var/lib/apt",
    "var/log",
    "var/cache",
    "etc/group-",
    "etc/gshadow-",
    "usr/lib/sysimage/rpm",
    // Where Debian's rpm has it.
    "root/.rpmdb",
];

/// A new Debian in a folder of its own; removed at the end.
struct Debian(PathBuf);

impl Drop for Debian {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{}: {error}", self.0.display());
        }
    }
}

/// Tries what is in `folder`.
pub(super) fn run(folder: &Path, source: &Source) -> Result<()> {
    needs::install(&needs::TO_TRY)?;
    binaries(folder, source)?;
    let debian = Debian::new()?;
    let want = format!("azike {}", source.version);
    let deb = debian.bring(&one(folder, "_amd64.deb")?)?;
    debian.trial(
        "deb",
        &want,
        &["dpkg", "-i", &deb],
        &["dpkg", "--purge", "azike"],
    )?;
    debian.run(&[
        "apt-get",
        "-qq",
        "-y",
        "install",
        "--no-install-recommends",
        "rpm",
    ])?;
    let rpm = debian.bring(&one(folder, ".x86_64.rpm")?)?;
    // The packages of this Debian are not in rpm's books, so it knows no /bin/sh.
    let install = ["rpm", "-i", "--nodeps", &rpm];
    debian.trial("rpm", &want, &install, &["rpm", "-e", "--nodeps", "azike"])
}

/// Both tarballs: the other computer's binary by emulation.
fn binaries(folder: &Path, source: &Source) -> Result<()> {
    let scratch = folder.with_file_name("dist-trial");
    for (machine, emulator) in [("x86_64", None), ("aarch64", Some("qemu-aarch64"))] {
        fs::create_dir_all(&scratch)?;
        let tarball = one(folder, &format!("-{machine}-linux.tar.gz"))?;
        let mut tar = Command::new("tar");
        tar.arg("-xzf").arg(&tarball).arg("--strip-components=1");
        run::run(tar.current_dir(&scratch))?;
        let program = scratch.join("bin/azike");
        let mut azike = emulator.map_or_else(
            || Command::new(&program),
            |emulator| {
                let mut command = Command::new(emulator);
                command.arg(&program);
                command
            },
        );
        let said = run::output(azike.arg("--version"))?;
        ensure!(said == format!("azike {}", source.version), "said: {said}");
        println!(
            "{machine}: {said}{}",
            emulator.map_or("", |_| " (emulated)")
        );
        fs::remove_dir_all(&scratch)?;
    }
    Ok(())
}

impl Debian {
    fn new() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("azike-dist-{}", std::process::id()));
        println!("debootstrap into {}", folder.display());
        let debian = Self(folder);
        let mut make = Command::new("debootstrap");
        make.args(["--variant=minbase", "bookworm"]).arg(&debian.0);
        let said = run::output(make.arg(mirror()))?;
        ensure!(
            debian.0.join("usr/bin/dpkg").exists(),
            "debootstrap: {said}"
        );
        Ok(debian)
    }

    /// Copies a file into it. Gives its path inside.
    fn bring(&self, file: &Path) -> Result<String> {
        let name = file.file_name().context("a file without a name")?;
        fs::copy(file, self.0.join(name))?;
        Ok(format!("/{}", name.display()))
    }

    fn run(&self, words: &[&str]) -> Result<String> {
        let mut chroot = Command::new("chroot");
        chroot.arg(&self.0).args(words).env("LC_ALL", "C.UTF-8");
        chroot.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        run::output(chroot.env("DEBIAN_FRONTEND", "noninteractive"))
    }

    /// Installs, runs, removes, and compares every file with those before.
    fn trial(&self, kind: &str, want: &str, install: &[&str], remove: &[&str]) -> Result<()> {
        let before = self.list()?;
        self.run(install)?;
        let said = self.run(&["azike", "--version"])?;
        ensure!(said == want, "{kind}: said: {said}");
        let with = self.list()?;
        let new = with.keys().filter(|path| !before.contains_key(*path));
        println!("{kind}: {said}; {} files", new.count());
        self.run(&["getent", "group", "azike"])?;
        self.run(remove)?;
        let after = self.list()?;
        let differ = |path: &&PathBuf| before.get(*path) != after.get(*path);
        let paths = before.keys().chain(after.keys());
        let left: Vec<String> = paths
            .filter(differ)
            .map(|path| path.display().to_string())
            .collect();
        ensure!(
            left.is_empty(),
            "{kind}: other than before:\n{}",
            left.join("\n")
        );
        println!("{kind}: removed; {} files are as they were", after.len());
        Ok(())
    }

    /// Every file: mode, owner, and for what is read, its octets.
    fn list(&self) -> Result<BTreeMap<PathBuf, String>> {
        let mut files = BTreeMap::new();
        self.below(&self.0, &mut files)?;
        Ok(files)
    }

    fn below(&self, folder: &Path, files: &mut BTreeMap<PathBuf, String>) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let inside = path.strip_prefix(&self.0)?.to_owned();
            let books = BOOKS.iter().any(|book| inside == Path::new(book));
            if books
                || ["dev", "proc", "sys"]
                    .iter()
                    .any(|name| inside == Path::new(name))
            {
                continue;
            }
            let about = fs::symlink_metadata(&path)?;
            let mut facts = format!("{:o} {}:{}", about.mode(), about.uid(), about.gid());
            if about.is_dir() {
                self.below(&path, files)?;
            } else if about.is_file() {
                write!(facts, " {} {}", about.len(), digest(&path, &about)?)?;
            } else if about.is_symlink() {
                facts += &fs::read_link(&path)?.display().to_string();
            }
            files.insert(inside, facts);
        }
        Ok(())
    }
}

/// Octets of small files, where settings are; the time of large ones.
fn digest(path: &Path, about: &fs::Metadata) -> Result<String> {
    if about.len() > 65_536 || !path.to_string_lossy().contains("/etc/") {
        return Ok(about.mtime().to_string());
    }
    sums::of(path)
}

/// The archive that this machine's apt uses for Debian itself.
fn mirror() -> String {
    let files = [
        "/etc/apt/sources.list",
        "/etc/apt/sources.list.d/debian.sources",
    ];
    let text: String = files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .collect();
    archive(&text)
        .unwrap_or("http://deb.debian.org/debian")
        .to_owned()
}

/// The first one that apt's lists name, but for that of security updates.
fn archive(lists: &str) -> Option<&str> {
    let lines = lists
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let mut words = lines.flat_map(str::split_whitespace);
    words.find(|word| word.starts_with("http") && !word.contains("security"))
}

#[cfg(test)]
mod tests {
    use super::archive;

    #[test]
    fn comments_name_no_archive() {
        let lists = "Types: deb\n# http://old.example/debian\nURIs: http://deb.example/debian\n";
        assert_eq!(archive(lists), Some("http://deb.example/debian"));
        assert_eq!(archive("deb http://security.example/debian x main\n"), None);
    }
}
