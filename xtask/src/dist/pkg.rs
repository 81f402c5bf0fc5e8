//! The layout of a macOS installer package: all but the binary and the signatures, which need a Mac.
//!
//! ```text
//!   azike-VERSION-macos-pkg/
//!     payload/   what is installed; the binary goes to Library/PrivilegedHelperTools/io.github.azike
//!     scripts/   preinstall, postinstall
//!     distribution.xml, resources/
//! ```

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::extras::Extras;
use super::source::Source;
use super::tarball;
use super::tree::Tree;
use crate::cargo::root;

/// Makes `to/azike-VERSION-macos-pkg.tar.gz`.
pub(super) fn make(extras: &Extras, source: &Source, (work, to): (&Path, &Path)) -> Result<()> {
    let folder = root().join("daemon/packaging/macos");
    let read = |name: &str| fs::read_to_string(folder.join(name));
    let mut tree = Tree::default();
    for name in ["preinstall", "postinstall"] {
        tree.program(format!("scripts/{name}"), read(name)?);
    }
    let distribution = read("distribution.xml")?.replace("@VERSION@", &source.version);
    tree.file("distribution.xml", distribution);
    let licenses = ["LICENSE-MIT", "LICENSE-APACHE"].map(|name| fs::read(root().join(name)));
    let mut license =
        b"azike is under the MIT license or the Apache License 2.0, as you like.\n\n".to_vec();
    for text in licenses {
        license.extend(text?);
    }
    tree.file("resources/license.txt", license);
    extras.add_shared(&mut tree, "payload/usr/local/");
    tree.program(
        "payload/Library/Application Support/azike/uninstall",
        read("uninstall")?,
    );
    let name = format!("azike-{}-macos-pkg", source.version);
    tree.write(&work.join(&name), source.epoch)?;
    tarball::pack(work, &name, to, source)
}
