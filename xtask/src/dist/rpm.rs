//! Packages for Fedora, openSUSE and what comes from them, made by `rpmbuild`, which Debian has too.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::extras::Extras;
use super::machine::Machine;
use super::source::Source;
use super::tree::Tree;
use crate::cargo::root;
use crate::toolchain::run;

/// Scriptlets, in `daemon/packaging/rpm`.
const SCRIPTS: [&str; 3] = ["post", "preun", "postun"];

/// Folders that go with us: one of ours alone, and those of shells that may not be there. Whoever else has one of the
/// latter keeps it.
const FOLDERS: [&str; 5] = [
    "usr/share/doc/azike",
    "usr/share/fish",
    "usr/share/fish/vendor_completions.d",
    "usr/share/zsh",
    "usr/share/zsh/site-functions",
];

/// What makes two builds equal, and keeps rpmbuild from changing files that are ready.
const SETTINGS: [&str; 8] = [
    "_buildhost azike",
    "use_source_date_epoch_as_buildtime 1",
    "clamp_mtime_to_source_date_epoch 1",
    "source_date_epoch_from_changelog 0",
    "_build_id_links none",
    "debug_package %{nil}",
    "__os_install_post %{nil}",
    "_binary_payload w9.gzdio",
];

/// Makes `to/azike-VERSION-1.ARCHITECTURE.rpm`.
pub(super) fn make(
    binary: &[u8],
    extras: &Extras,
    machine: Machine,
    source: &Source,
    (work, to): (&Path, &Path),
) -> Result<()> {
    let mut tree = Tree::default();
    tree.program("usr/bin/azike", binary);
    extras.add(&mut tree, "usr/", "/usr/bin/azike");
    let folder = work.join(format!("rpm-{}", machine.name));
    let files = folder.join("files");
    tree.write(&files, source.epoch)?;
    let spec = folder.join("azike.spec");
    fs::write(&spec, text(&tree, &files, source)?)?;
    let mut build = Command::new("rpmbuild");
    build.args(["-bb", "--quiet", "--target"]);
    build.arg(format!("{}-linux", machine.name));
    for setting in SETTINGS {
        build.args(["--define", setting]);
    }
    build
        .args([
            "--define",
            &format!("_topdir {}", folder.join("top").display()),
        ])
        .args(["--define", &format!("_rpmdir {}", to.display())])
        .args([
            "--define",
            "_rpmfilename %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm",
        ])
        .arg(&spec)
        .env("SOURCE_DATE_EPOCH", source.epoch.to_string());
    run::run(&mut build).context("rpmbuild (Debian: the package rpm)")
}

/// The spec file. Nothing is built by it.
fn text(tree: &Tree, files: &Path, source: &Source) -> Result<String> {
    let mut text = format!(
        "Name: azike\nVersion: {}\nRelease: 1\n\
         Summary: IKEv2 client for Azure point-to-site VPN gateways\n\
         License: MIT OR Apache-2.0\nURL: https://github.com/azike/azike\n\
         AutoReqProv: no\n\n\
         %description\n\
         Connects this computer to an Azure point-to-site gateway, with the package\n\
         from the Azure portal and a client certificate. It needs no other VPN software.\n\n\
         %install\nmkdir -p %{{buildroot}}\ncp -a {}/. %{{buildroot}}/\n\n",
        source.version,
        files.display()
    );
    for name in SCRIPTS {
        let script = fs::read_to_string(root().join("daemon/packaging/rpm").join(name))?;
        writeln!(text, "%{name}\n{script}")?;
    }
    text.push_str("%files\n");
    for path in tree.paths() {
        let kind = match path {
            path if path.contains("/doc/azike/LICENSE") => "%license ",
            path if path.contains("/doc/") || path.contains("/man/") => "%doc ",
            _ => "",
        };
        writeln!(text, "{kind}/{path}")?;
    }
    for folder in FOLDERS {
        writeln!(text, "%dir /{folder}")?;
    }
    Ok(text)
}
