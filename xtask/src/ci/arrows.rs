//! The arrows of `docs/architecture.md`: who may depend on whom, and what the pure crates must not touch.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::sources;
use crate::cargo::{metadata, root};

/// Crates without files, sockets, threads, clocks, environment and entropy.
pub(super) const PURE: [&str; 6] = [
    "azike-wire",
    "azike-crypto",
    "azike-ike",
    "azike-esp",
    "azike-tunnel",
    "azike-profile",
];

/// Package, and what it may use of our own.
const ARROWS: [(&str, &[&str]); 11] = [
    ("azike-wire", &[]),
    ("azike-crypto", &["azike-wire"]),
    ("azike-ike", &["azike-crypto", "azike-wire"]),
    ("azike-esp", &["azike-crypto", "azike-wire"]),
    (
        "azike-tunnel",
        &["azike-ike", "azike-esp", "azike-crypto", "azike-wire"],
    ),
    (
        "azike-datapath",
        &[
            "azike-tunnel",
            "azike-ike",
            "azike-esp",
            "azike-crypto",
            "azike-platform",
            "azike-wire",
        ],
    ),
    ("azike-profile", &["azike-crypto", "azike-wire"]),
    ("azike-platform", &[]),
    ("azike-control", &[]),
    (
        "azike-gateway",
        &["azike-esp", "azike-crypto", "azike-wire"],
    ),
    ("azike-testkit", &["azike-crypto", "azike-wire"]),
];

/// Nothing pure depends on these itself.
const NOT_DIRECTLY: [&str; 12] = [
    "tokio",
    "mio",
    "socket2",
    "libc",
    "getrandom",
    "rustix",
    "nix",
    "rand",
    "zbus",
    "rtnetlink",
    "tun",
    "tempfile",
];

/// Nothing pure reaches these through others either.
const NOT_AT_ALL: [&str; 6] = ["tokio", "mio", "socket2", "zbus", "rtnetlink", "tun"];

/// What the source of a pure crate does not say, outside its tests. (`ring` takes the entropy for blinding and
/// ECDSA nonces itself: `SystemRandom` is a word of `azike-crypto`'s signer only.)
const NOT_IN_SOURCE: [&str; 7] = [
    "std::fs",
    "std::thread",
    "std::env",
    "std::process",
    "UdpSocket",
    "TcpStream",
    "SystemRandom",
];

/// Checks manifests, the whole graph, and the sources.
pub(super) fn check() -> Result<()> {
    let metadata = metadata(&[])?;
    let mut wrong = own_arrows(&metadata)?;
    wrong.extend(graph(&metadata)?);
    wrong.extend(pure_sources()?);
    if !wrong.is_empty() {
        bail!("arrows of docs/architecture.md:\n{}", wrong.join("\n"));
    }
    println!("arrows: as docs/architecture.md draws them");
    Ok(())
}

fn list<'v>(value: &'v Value, name: &str) -> Result<&'v Vec<Value>> {
    let list = value.get(name).and_then(Value::as_array);
    list.with_context(|| format!("cargo metadata has no {name}"))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What the manifests say: ordinary dependencies only, tests may use more.
fn own_arrows(metadata: &Value) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for package in list(metadata, "packages")? {
        let name = text(package, "name");
        let Some((_, allowed)) = ARROWS.iter().find(|arrow| arrow.0 == name) else {
            continue;
        };
        for dependency in list(package, "dependencies")? {
            if dependency.get("kind").is_some_and(|kind| !kind.is_null()) {
                continue;
            }
            let other = text(dependency, "name");
            let ours = other.starts_with("azike");
            if ours && !allowed.contains(&other) {
                wrong.push(format!("{name} depends on {other}"));
            }
            if PURE.contains(&name) && NOT_DIRECTLY.contains(&other) {
                wrong.push(format!("{name} depends on {other} and is pure"));
            }
            if name == "azike-wire" && !ours {
                wrong.push(format!("{name} depends on {other} and has no dependencies"));
            }
        }
    }
    Ok(wrong)
}

/// What a pure crate reaches, through whomever.
fn graph(metadata: &Value) -> Result<Vec<String>> {
    let resolve = metadata.get("resolve").context("no dependency graph")?;
    let nodes = list(resolve, "nodes")?;
    let name_of = |id: &str| {
        let packages = list(metadata, "packages").ok()?;
        let package = packages.iter().find(|package| text(package, "id") == id)?;
        Some(text(package, "name").to_owned())
    };
    let mut wrong = Vec::new();
    for start in nodes {
        let Some(name) = name_of(text(start, "id")).filter(|name| PURE.contains(&name.as_str()))
        else {
            continue;
        };
        for id in reached(nodes, text(start, "id"))? {
            let other = name_of(&id).unwrap_or_default();
            if NOT_AT_ALL.contains(&other.as_str()) {
                wrong.push(format!("{name} reaches {other} through its dependencies"));
            }
        }
    }
    Ok(wrong)
}

fn reached(nodes: &[Value], start: &str) -> Result<BTreeSet<String>> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![start.to_owned()];
    while let Some(id) = waiting.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let Some(node) = nodes.iter().find(|node| text(node, "id") == id) else {
            continue;
        };
        for dependency in list(node, "deps")? {
            let ordinary = list(dependency, "dep_kinds")?
                .iter()
                .any(|kind| kind.get("kind").is_some_and(Value::is_null));
            if ordinary {
                waiting.push(text(dependency, "pkg").to_owned());
            }
        }
    }
    Ok(seen)
}

fn pure_sources() -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for name in PURE {
        for file in sources(&root().join("crates").join(name).join("src"))? {
            if file.file_name().is_some_and(|name| name == "tests.rs") {
                continue;
            }
            let source = fs::read_to_string(&file)?;
            // Tests are at the end of a file.
            let source = source
                .split("#[cfg(test)]\nmod tests {")
                .next()
                .unwrap_or("");
            for line in source.lines() {
                let code = !line.trim_start().starts_with("//");
                let signer = file.ends_with("signature/software_signer.rs");
                let told = NOT_IN_SOURCE
                    .iter()
                    .filter(|&&word| line.contains(word) && code);
                for word in told.filter(|&&word| !(signer && word == "SystemRandom")) {
                    wrong.push(format!("{} uses {word}", file.display()));
                }
            }
        }
    }
    Ok(wrong)
}
