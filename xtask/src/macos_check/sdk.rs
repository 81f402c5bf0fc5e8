//! As much of a macOS SDK as azike needs: C headers and the names in libSystem, from the wheel `ziglang`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::frameworks::Library;
use crate::toolchain::Toolchain;
use crate::toolchain::wheel::{Wheel, ZIGLANG};

/// The library that each program on a Mac loads.
const LIB_SYSTEM: &str = "/usr/lib/libSystem.B.dylib";

/// Names of each library, by the path it is loaded from.
pub(super) type Known = BTreeMap<String, BTreeSet<String>>;

/// The folder of the SDK.
pub(super) fn folder(tools: &Toolchain) -> PathBuf {
    tools.at("sdk")
}

/// Composes it unless it is there.
pub(super) fn ready(tools: &Toolchain) -> Result<()> {
    let sdk = folder(tools);
    let receipt = sdk.join("complete");
    if fs::read_to_string(&receipt).is_ok_and(|text| text == ZIGLANG) {
        return Ok(());
    }
    if sdk.exists() {
        fs::remove_dir_all(&sdk)?;
    }
    let libraries = sdk.join("usr/lib");
    fs::create_dir_all(&libraries)?;
    let mut wheel = Wheel::fetch(tools)?;
    wheel.unpack("lib/libc/include/any-darwin-any", &sdk.join("usr/include"))?;
    let stub = wheel.text("lib/libc/darwin/libSystem.tbd")?;
    let stub = without_unknown_targets(&stub);
    for name in ["libSystem.tbd", "libc.tbd", "libm.tbd"] {
        fs::write(libraries.join(name), &stub)?;
    }
    fs::write(sdk.join("SDKSettings.json"), settings(&mut wheel)?)?;
    fs::write(receipt, ZIGLANG)?;
    Ok(())
}

/// What clang wants to know of an SDK.
fn settings(wheel: &mut Wheel) -> Result<String> {
    let text = wheel.text("lib/libc/darwin/SDKSettings.json")?;
    let given: serde_json::Value = serde_json::from_str(&text)?;
    let version = given.get("Version").and_then(serde_json::Value::as_str);
    let version = version.context("SDKSettings.json has no Version")?;
    let settings = serde_json::json!({
        "CanonicalName": format!("macosx{version}"),
        "Version": version,
        "MaximumDeploymentTarget": format!("{version}.99"),
        "SupportedTargets": {},
    });
    Ok(settings.to_string())
}

/// Takes away targets newer than our linker: it stops reading at them.
fn without_unknown_targets(stub: &str) -> String {
    let mut words = Vec::new();
    for word in stub.split(',') {
        match word.trim_start().strip_prefix("arm64e.x1-") {
            None => words.push(word.to_owned()),
            Some(target) => {
                let end = target.find(|letter: char| !letter.is_ascii_alphanumeric());
                let (_, rest) = target.split_at(end.unwrap_or(target.len()));
                if let Some(last) = words.last_mut() {
                    last.push_str(rest);
                }
            }
        }
    }
    words.join(",")
}

/// All names that a program may want from outside, and from where.
pub(super) fn known(tools: &Toolchain, names: Vec<Library>) -> Result<Known> {
    let stub = fs::read_to_string(folder(tools).join("usr/lib/libSystem.tbd"))?;
    let mut known = Known::from([(LIB_SYSTEM.to_owned(), symbols(&stub))]);
    for library in names {
        let symbols = library.names.iter().map(|name| format!("_{name}"));
        known.insert(library.path, symbols.collect());
    }
    Ok(known)
}

/// Every symbol that a .tbd file lists, for whatever target.
fn symbols(stub: &str) -> BTreeSet<String> {
    let lists = stub.split("symbols:").skip(1);
    let lists = lists.filter_map(|rest| rest.split_once('[')?.1.split_once(']'));
    let words = lists.flat_map(|(list, _)| list.split(','));
    words
        .map(|word| word.trim().trim_matches('\'').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Whether each Mac has what lies there.
pub(super) fn of_the_system(path: &Path) -> bool {
    path.starts_with("/usr/lib") || path.starts_with("/System/Library")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUB: &str = "--- !tapi-tbd
targets: [ x86_64-macos, arm64e.x1-macos, arm64e-macos,
           arm64e.x1-maccatalyst ]
exports:
  - targets: [ x86_64-macos, arm64e.x1-macos ]
    symbols: [ _close, 'R8289209$_close',
               _open ]
    weak-symbols: [ __ZdlPv ]
...";

    #[test]
    fn symbols_are_those_of_each_list() {
        let wanted = ["R8289209$_close", "__ZdlPv", "_close", "_open"];
        assert_eq!(symbols(STUB), wanted.map(str::to_owned).into());
    }

    #[test]
    fn targets_our_linker_does_not_know_go_and_nothing_else() {
        let stub = without_unknown_targets(STUB);
        assert!(
            stub.contains("targets: [ x86_64-macos, arm64e-macos ]"),
            "{stub}"
        );
        assert!(stub.contains("  - targets: [ x86_64-macos ]"), "{stub}");
        assert_eq!(symbols(&stub), symbols(STUB));
    }
}
