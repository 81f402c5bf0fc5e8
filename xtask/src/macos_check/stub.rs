//! Text stubs (.tbd, version 4) from which the linker learns what is in a library.

use anyhow::Result;

use super::frameworks::Library;
use super::sdk;
use crate::toolchain::{Toolchain, write_if_new};

/// Writes one for each library.
pub(super) fn write(tools: &Toolchain, libraries: &[Library]) -> Result<()> {
    for library in libraries {
        let path = sdk::folder(tools).join(library.stub());
        write_if_new(&path, &text(library))?;
    }
    Ok(())
}

fn text(library: &Library) -> String {
    let targets = "[ x86_64-macos, arm64-macos ]";
    let path = &library.path;
    let mut text = format!(
        "--- !tapi-tbd\ntbd-version: 4\ntargets: {targets}\ninstall-name: '{path}'\ncurrent-version: 1\n"
    );
    if !library.names.is_empty() {
        let names: Vec<String> = library
            .names
            .iter()
            .map(|name| format!("_{name}"))
            .collect();
        let names = names.join(", ");
        text += "exports:\n";
        text += &[
            "  - targets: ",
            targets,
            "\n    symbols: [ ",
            &names,
            " ]\n",
        ]
        .concat();
    }
    text + "...\n"
}
