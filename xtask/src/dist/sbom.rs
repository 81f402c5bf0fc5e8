//! The list of what is in the binary (SBOM), in `CycloneDX` 1.5.
//!
//! It has the crates of one target that end up in `azike`, by the arrows of `Cargo.lock`: not those of tests, build
//! scripts and macros, which run on the machine that builds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::machine::Machine;
use super::source::Source;
use crate::cargo::{metadata, root};
use crate::toolchain::Toolchain;

/// Writes `to/azike-VERSION-MACHINE.cdx.json`.
pub(super) fn write(tools: &Toolchain, machine: Machine, source: &Source, to: &Path) -> Result<()> {
    let metadata = metadata(&["--filter-platform", machine.target])?;
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    let mut document = document(&metadata, &checksums(&lock), source)?;
    let beside = beside(tools, machine)?;
    if let Some(components) = document.get_mut("components").and_then(Value::as_array_mut) {
        components.extend(beside);
    }
    let name = format!("azike-{}-{}-linux.cdx.json", source.version, machine.name);
    fs::write(
        to.join(name),
        serde_json::to_string_pretty(&document)? + "\n",
    )?;
    Ok(())
}

/// Crates and what they are made of.
fn document(
    metadata: &Value,
    checksums: &BTreeMap<(String, String), String>,
    source: &Source,
) -> Result<Value> {
    let packages = list(metadata, "packages")?;
    let nodes = list(metadata.get("resolve").context("no graph")?, "nodes")?;
    let by_id: BTreeMap<&str, &Value> = packages.iter().map(|one| (text(one, "id"), one)).collect();
    let ours = packages.iter().find(|one| text(one, "name") == "azike");
    let ours = ours.context("no package azike")?;
    let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut waiting = vec![text(ours, "id")];
    while let Some(id) = waiting.pop() {
        if arrows.contains_key(id) {
            continue;
        }
        let node = nodes.iter().find(|node| text(node, "id") == id);
        let needs = linked(node.context("a package without a node")?, &by_id)?;
        waiting.extend(&needs);
        arrows.insert(id, needs);
    }
    let reference = |id: &str| by_id.get(id).map(|one| purl(one));
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for (id, needs) in &arrows {
        let package = by_id.get(id).context("a package without a name")?;
        let needs: Vec<String> = needs.iter().filter_map(|id| reference(id)).collect();
        dependencies.push(json!({ "ref": purl(package), "dependsOn": needs }));
        if text(package, "id") != text(ours, "id") {
            components.push(component(package, checksums));
        }
    }
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": timestamp(source.epoch)?,
            "component": component(ours, checksums),
            "properties": [{ "name": "azike:commit", "value": source.commit }],
        },
        "components": components,
        "dependencies": dependencies,
    }))
}

/// The packages whose code is linked into that of `node`.
fn linked<'m>(node: &'m Value, by_id: &BTreeMap<&str, &'m Value>) -> Result<BTreeSet<&'m str>> {
    let mut needs = BTreeSet::new();
    for dependency in list(node, "deps")? {
        let kinds = list(dependency, "dep_kinds")?;
        let ordinary = kinds
            .iter()
            .any(|kind| kind.get("kind").is_some_and(Value::is_null));
        let id = text(dependency, "pkg");
        let package = by_id.get(id).context("a dependency without a package")?;
        if ordinary && !is_macro(package) {
            needs.insert(id);
        }
    }
    Ok(needs)
}

fn is_macro(package: &Value) -> bool {
    let targets = package.get("targets").and_then(Value::as_array);
    let mut targets = targets.into_iter().flatten();
    targets.any(|target| {
        target
            .pointer("/kind/0")
            .is_some_and(|kind| kind == "proc-macro")
    })
}

fn component(package: &Value, checksums: &BTreeMap<(String, String), String>) -> Value {
    let (name, version) = (text(package, "name"), text(package, "version"));
    let mut component = json!({
        "type": if name == "azike" { "application" } else { "library" },
        "bom-ref": purl(package),
        "name": name,
        "version": version,
        "purl": purl(package),
        // Old manifests write a stroke for "or".
        "licenses": [{ "expression": text(package, "license").replace('/', " OR ") }],
    });
    let checksum = checksums.get(&(name.to_owned(), version.to_owned()));
    if let (Some(checksum), Some(map)) = (checksum, component.as_object_mut()) {
        let hashes = json!([{ "alg": "SHA-256", "content": checksum }]);
        map.insert("hashes".to_owned(), hashes);
    }
    component
}

/// What is linked in and is no crate of ours: std, musl, libunwind.
fn beside(tools: &Toolchain, machine: Machine) -> Result<Vec<Value>> {
    let receipts = [
        tools.at("packages"),
        tools.at(&format!("musl-{}", machine.name)).join("packages"),
    ];
    let mut found = Vec::new();
    for receipt in receipts {
        for file in fs::read_to_string(&receipt)?.lines() {
            let parts: Vec<&str> = file.splitn(3, '_').collect();
            let [name, version, _] = parts[..] else {
                continue;
            };
            let linked =
                name == "rust-web-src" || name == "musl-dev" || name.starts_with("libunwind-");
            if linked {
                let version = version.replace("%3a", ":");
                found.push(json!({
                    "type": "library",
                    "name": name,
                    "version": version,
                    "purl": format!("pkg:deb/debian/{name}@{version}"),
                }));
            }
        }
    }
    Ok(found)
}

fn purl(package: &Value) -> String {
    format!(
        "pkg:cargo/{}@{}",
        text(package, "name"),
        text(package, "version")
    )
}

/// SHA-256 of each crate, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let field = |part: &str, name: &str| {
        let line = part.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim_start_matches(" = ").trim_matches('"').to_owned())
    };
    let packages = lock.split("[[package]]").skip(1);
    packages
        .filter_map(|part| {
            let name = (field(part, "name")?, field(part, "version")?);
            Some((name, field(part, "checksum")?))
        })
        .collect()
}

/// Seconds since 1970 as ISO 8601.
fn timestamp(epoch: u64) -> Result<String> {
    let mut date = std::process::Command::new("date");
    let date = date.args(["-u", "-d", &format!("@{epoch}"), "+%Y-%m-%dT%H:%M:%SZ"]);
    crate::toolchain::run::output(date)
}

fn list<'v>(value: &'v Value, name: &str) -> Result<&'v Vec<Value>> {
    let list = value.get(name).and_then(Value::as_array);
    list.with_context(|| format!("cargo metadata has no {name}"))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_come_with_the_checksum_of_the_lock_file() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"ab\"\n\n[[package]]\nname = \"ours\"\nversion = \"0.1.0\"\n";
        let name = ("a".to_owned(), "1.0.0".to_owned());
        assert_eq!(checksums(lock), [(name, "ab".to_owned())].into());
    }

    #[test]
    fn tests_build_scripts_and_macros_are_not_in_it() {
        let package = |name: &str, kind: &str| json!({ "id": name, "name": name, "version": "1.0.0", "license": "MIT/Apache-2.0", "targets": [{ "kind": [kind] }] });
        let need =
            |name: &str, kind: Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "packages": [package("azike", "bin"), package("used", "lib"), package("derive", "proc-macro"), package("tested", "lib")],
            "resolve": { "nodes": [
                { "id": "azike", "deps": [need("used", Value::Null), need("derive", Value::Null), need("tested", json!("dev"))] },
                { "id": "used", "deps": [] },
            ] },
        });
        let source = Source {
            version: "1.0.0".to_owned(),
            epoch: 0,
            commit: String::new(),
        };
        let document = document(&metadata, &BTreeMap::new(), &source).unwrap();
        let names: Vec<_> = list(&document, "components")
            .unwrap()
            .iter()
            .map(|one| text(one, "name"))
            .collect();
        assert_eq!(names, ["used"]);
        assert_eq!(
            document.pointer("/metadata/timestamp").unwrap(),
            "1970-01-01T00:00:00Z"
        );
        assert_eq!(
            document
                .pointer("/components/0/licenses/0/expression")
                .unwrap(),
            "MIT OR Apache-2.0"
        );
    }
}
