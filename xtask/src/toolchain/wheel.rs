//! Files out of the wheel `ziglang` of `PyPI`: it carries Apple's C headers and libSystem.tbd, and musl, in a form
//! that a registry gives to everybody.

use std::fs::{self, File};
use std::io::{Read as _, copy};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use zip::ZipArchive;

use super::{Toolchain, run};

/// What is asked for; the SDK in it is that of macOS 27.
pub(crate) const ZIGLANG: &str = "0.17.1";

/// The wheel, open.
#[derive(Debug)]
pub(crate) struct Wheel {
    archive: ZipArchive<File>,
    folder: PathBuf,
}

impl Wheel {
    /// Downloads it.
    pub(crate) fn fetch(tools: &Toolchain) -> Result<Self> {
        println!("tools: fetching ziglang {ZIGLANG} from PyPI");
        let folder = tools.at("wheel");
        fs::create_dir_all(&folder)?;
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "-q", "--disable-pip-version-check", "download"])
            .args(["--no-deps", "--only-binary=:all:"])
            .args(["--platform", "manylinux_2_12_x86_64", "-d"])
            .arg(&folder)
            .arg(format!("ziglang=={ZIGLANG}"));
        run::run(&mut pip).context("pip (Debian: python3-pip)")?;
        let mut files = fs::read_dir(&folder)?;
        let file = files.next().context("pip downloaded nothing")??.path();
        let archive = ZipArchive::new(File::open(&file)?);
        let archive = archive.with_context(|| file.display().to_string())?;
        Ok(Self { archive, folder })
    }

    /// One file, as text.
    pub(crate) fn text(&mut self, name: &str) -> Result<String> {
        let mut text = String::new();
        let file = self.archive.by_name(&format!("ziglang/{name}"));
        let mut file = file.with_context(|| name.to_owned())?;
        file.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Everything below `folder` of the wheel goes below `to`.
    pub(crate) fn unpack(&mut self, folder: &str, to: &Path) -> Result<()> {
        let beginning = format!("ziglang/{folder}/");
        for index in 0..self.archive.len() {
            let mut file = self.archive.by_index(index)?;
            let Some(name) = file.enclosed_name() else {
                continue;
            };
            if let (Ok(name), true) = (name.strip_prefix(&beginning), file.is_file()) {
                let path = to.join(name);
                fs::create_dir_all(path.parent().unwrap_or(to))?;
                copy(&mut file, &mut File::create(path)?)?;
            }
        }
        Ok(())
    }
}

impl Drop for Wheel {
    /// A hundred megabytes that nobody needs twice.
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("{}: {error}", self.folder.display());
        }
    }
}
