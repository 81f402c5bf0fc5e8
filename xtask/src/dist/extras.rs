//! What stands beside the binary in each package: licences, completions, manual pages, units.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::tree::Tree;
use crate::cargo::root;
use crate::toolchain::run;

/// Text files of the project that go into packages.
const PAPERS: [&str; 4] = ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "CHANGELOG.md"];

/// All of it, read once.
#[derive(Clone, Debug)]
pub(super) struct Extras {
    papers: Vec<(String, Vec<u8>)>,
    completions: Vec<(&'static str, String)>,
    pages: Vec<(String, Vec<u8>)>,
    units: Vec<(String, String)>,
}

impl Extras {
    /// Asks `azike`, a binary that runs here, for what it can say itself. `scratch` is a folder for its pages.
    pub(super) fn gather(azike: &Path, scratch: &Path) -> Result<Self> {
        let mut papers = Vec::new();
        for name in PAPERS {
            papers.push((name.to_owned(), fs::read(root().join(name)).context(name)?));
        }
        let mut completions = Vec::new();
        for (shell, path) in [
            ("bash", "bash-completion/completions/azike"),
            ("zsh", "zsh/site-functions/_azike"),
            ("fish", "fish/vendor_completions.d/azike.fish"),
        ] {
            let mut say = Command::new(azike);
            let script = run::output(say.args(["completions", shell]))?;
            completions.push((path, script + "\n"));
        }
        if scratch.exists() {
            fs::remove_dir_all(scratch)?;
        }
        fs::create_dir_all(scratch)?;
        run::run(Command::new(azike).args(["--quiet", "man"]).arg(scratch))?;
        let mut pages = read_all(scratch)?;
        for (name, text) in &mut pages {
            let path = scratch.join(&*name);
            *text = gzip(&path)?;
            name.push_str(".gz");
        }
        let units = read_all(&root().join("daemon/service"))?;
        let units = units.into_iter().filter_map(|(name, text)| {
            let unit = name.ends_with(".service") || name.ends_with(".socket");
            Some((name, String::from_utf8(text).ok()?)).filter(|_| unit)
        });
        Ok(Self {
            papers,
            completions,
            pages,
            units: units.collect(),
        })
    }

    /// Adds it below `prefix` (`usr/`, or nothing), for a binary that will lie at `program`.
    pub(super) fn add(&self, tree: &mut Tree, prefix: &str, program: &str) {
        self.add_shared(tree, prefix);
        for (name, text) in &self.units {
            let text = text.replace("@AZIKE@", program);
            tree.file(format!("{prefix}lib/systemd/system/{name}"), text);
        }
    }

    /// Adds what any system has a use for.
    pub(super) fn add_shared(&self, tree: &mut Tree, prefix: &str) {
        for (name, text) in &self.papers {
            tree.file(format!("{prefix}share/doc/azike/{name}"), text.clone());
        }
        for (path, script) in &self.completions {
            tree.file(format!("{prefix}share/{path}"), script.clone());
        }
        for (name, text) in &self.pages {
            tree.file(format!("{prefix}share/man/man1/{name}"), text.clone());
        }
    }
}

/// Every file of a folder, by name.
fn read_all(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.push((name, fs::read(entry.path())?));
    }
    files.sort();
    Ok(files)
}

/// The file, compressed, without its name and time.
pub(super) fn gzip(file: &Path) -> Result<Vec<u8>> {
    let mut gzip = Command::new("gzip");
    let output = gzip.args(["-9", "-n", "-c"]).arg(file).output()?;
    anyhow::ensure!(output.status.success(), "gzip {}", file.display());
    Ok(output.stdout)
}
