//! Every package takes the lint set of the workspace, and pure crates forbid unsafe code.

use std::fs;

use anyhow::{Context as _, Result, bail};

use super::arrows::PURE;
use crate::cargo::{metadata, root};

/// Checks the manifests of the workspace.
pub(super) fn check() -> Result<()> {
    let metadata = metadata(&["--no-deps"])?;
    let packages = metadata.get("packages").and_then(|list| list.as_array());
    let mut wrong = Vec::new();
    for package in packages.context("cargo metadata has no packages")? {
        let path = package.get("manifest_path").and_then(|path| path.as_str());
        let path = path.context("a package without a manifest")?;
        let text = fs::read_to_string(path)?;
        if !text.contains("[lints]\nworkspace = true") {
            wrong.push(format!("{path} does not take the workspace's lints"));
        }
    }
    for name in PURE {
        let file = root().join("crates").join(name).join("src/lib.rs");
        if !fs::read_to_string(&file)?.contains("#![forbid(unsafe_code)]") {
            wrong.push(format!("{} does not forbid unsafe code", file.display()));
        }
    }
    if !wrong.is_empty() {
        bail!("manifests:\n{}", wrong.join("\n"));
    }
    println!("manifests: every package takes the workspace's lints");
    Ok(())
}
