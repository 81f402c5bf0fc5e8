//! What is packaged: version, time, and the state of the work tree.

use std::env;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::cargo::{metadata, root};
use crate::toolchain::run;

/// The commit that packages are made of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Source {
    /// The version in `Cargo.toml`.
    pub(super) version: String,
    /// The time of the commit, in seconds: the time of every file in every package.
    pub(super) epoch: u64,
    /// The commit.
    pub(super) commit: String,
}

impl Source {
    /// Asks cargo and git. `SOURCE_DATE_EPOCH` wins over the time of the commit.
    pub(super) fn look() -> Result<Self> {
        let metadata = metadata(&["--no-deps"])?;
        let packages = metadata.get("packages").and_then(|list| list.as_array());
        let mut packages = packages.into_iter().flatten();
        let azike =
            packages.find(|package| package.get("name").is_some_and(|name| name == "azike"));
        let version = azike.and_then(|package| package.get("version")?.as_str());
        let version = version.context("no package azike")?.to_owned();
        let time = match env::var_os("SOURCE_DATE_EPOCH") {
            Some(time) => time.to_string_lossy().into_owned(),
            None => git(&["log", "-1", "--format=%ct"])?,
        };
        let epoch = time.parse().context("SOURCE_DATE_EPOCH is not a number")?;
        let commit = git(&["rev-parse", "HEAD"])?;
        if !git(&["status", "--porcelain"])?.is_empty() {
            println!("the work tree differs from commit {commit}: these packages are for trying");
        }
        Ok(Self {
            version,
            epoch,
            commit,
        })
    }
}

fn git(args: &[&str]) -> Result<String> {
    let mut git = Command::new("git");
    run::output(git.args(args).current_dir(root()))
}
