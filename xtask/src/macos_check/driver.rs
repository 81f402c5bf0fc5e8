//! One script a target that is C compiler (for ring) and linker alike: clang, which calls lld.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result};

use super::{OLDEST, sdk};
use crate::toolchain::{Toolchain, write_if_new};

/// Writes the scripts. Gives what makes cargo and build scripts use them.
pub(super) fn write(tools: &Toolchain, targets: &[&str]) -> Result<Vec<(String, OsString)>> {
    let sdk = sdk::folder(tools);
    let mut variables = vec![
        ("SDKROOT".to_owned(), sdk.clone().into()),
        ("MACOSX_DEPLOYMENT_TARGET".to_owned(), OLDEST.into()),
    ];
    for target in targets {
        let script = tools.at("bin").join(format!("cc-{target}"));
        let text = format!(
            "#!/bin/sh\nexec '{}' --target={} -isysroot '{}' -fuse-ld=lld \
             -Wl,--error-limit=0 -Wno-unused-command-line-argument \"$@\"\n",
            tools.llvm("clang").display(),
            triple(target)?,
            sdk.display()
        );
        write_if_new(&script, &text)?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        let name = target.replace('-', "_");
        let linker = format!("CARGO_TARGET_{}_LINKER", name.to_uppercase());
        variables.push((format!("CC_{name}"), script.clone().into()));
        variables.push((format!("AR_{name}"), tools.llvm("llvm-ar").into()));
        variables.push((linker, script.into()));
    }
    Ok(variables)
}

/// The target as clang calls it.
fn triple(target: &str) -> Result<String> {
    let (architecture, _) = target
        .split_once('-')
        .context("a target without a system")?;
    let architecture = if architecture == "aarch64" {
        "arm64"
    } else {
        architecture
    };
    Ok(format!("{architecture}-apple-macosx{OLDEST}"))
}
