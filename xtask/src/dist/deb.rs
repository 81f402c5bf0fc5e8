//! Packages for Debian and what comes from it, made by `dpkg-deb`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::extras::Extras;
use super::machine::Machine;
use super::source::Source;
use super::tree::Tree;
use crate::cargo::root;
use crate::toolchain::run;

/// Maintainer scripts, in `daemon/packaging/deb`.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// Makes `to/azike_VERSION_ARCHITECTURE.deb`.
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
    tree.file("usr/share/doc/azike/copyright", copyright()?);
    let size = binary.len().div_ceil(1024);
    tree.file("DEBIAN/control", control(machine, source, size));
    for name in SCRIPTS {
        let script = fs::read(root().join("daemon/packaging/deb").join(name))?;
        tree.program(format!("DEBIAN/{name}"), script);
    }
    let folder = work.join(format!("deb-{}", machine.name));
    tree.write(&folder, source.epoch)?;
    let sums = sums(&folder, &tree)?;
    tree.file("DEBIAN/md5sums", sums);
    tree.write(&folder, source.epoch)?;
    let name = format!("azike_{}_{}.deb", source.version, machine.debian);
    let mut build = Command::new("dpkg-deb");
    build
        .args(["--root-owner-group", "-Zxz", "--threads-max=1", "--build"])
        .arg(&folder)
        .arg(to.join(name))
        .env("SOURCE_DATE_EPOCH", source.epoch.to_string());
    run::output(&mut build)?;
    Ok(())
}

fn control(machine: Machine, source: &Source, size: usize) -> String {
    format!(
        "Package: azike\n\
         Version: {}\n\
         Architecture: {}\n\
         Maintainer: The azike authors <azike@users.noreply.github.com>\n\
         Installed-Size: {size}\n\
         Section: net\n\
         Priority: optional\n\
         Homepage: https://github.com/azike/azike\n\
         Description: IKEv2 client for Azure point-to-site VPN gateways\n \
         Connects this computer to an Azure point-to-site gateway, with the package\n \
         from the Azure portal and a client certificate. It needs no other VPN software.\n",
        source.version, machine.debian
    )
}

/// Debian's file about rights.
fn copyright() -> Result<String> {
    let mit = fs::read_to_string(root().join("LICENSE-MIT"))?;
    let mut text = String::from(
        "azike is under the MIT license or the Apache License 2.0, as you like.\n\
         The Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.\n\
         The crates in it are listed, with their licenses, in the SBOM of the release.\n\n",
    );
    writeln!(text, "{mit}")?;
    Ok(text)
}

/// What `dpkg --verify` compares with.
fn sums(folder: &Path, tree: &Tree) -> Result<String> {
    let paths = tree.paths().filter(|path| !path.starts_with("DEBIAN/"));
    let mut sum = Command::new("md5sum");
    Ok(run::output(sum.args(paths).current_dir(folder))? + "\n")
}
