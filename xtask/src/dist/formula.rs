//! The Homebrew formula, with version and digest of the source.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::source::Source;
use super::{one, sums};
use crate::cargo::root;

/// Writes `to/azike.rb`.
pub(super) fn write(source: &Source, to: &Path) -> Result<()> {
    let template = fs::read_to_string(root().join("daemon/packaging/homebrew/azike.rb"))?;
    let digest = sums::of(&one(to, "-source.tar.gz")?)?;
    let text = template.replace("@VERSION@", &source.version);
    fs::write(to.join("azike.rb"), text.replace("@SHA256@", &digest))?;
    Ok(())
}
