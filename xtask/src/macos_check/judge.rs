//! Whether a linked file is one that the Macs we are for would load.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use super::facts::Facts;
use super::sdk::{Known, of_the_system};
use super::{OLDEST, TARGETS, frameworks};

/// Judges each file and prints its facts; all that is wrong is told at once.
pub(super) fn all(files: &[PathBuf], known: &Known) -> Result<()> {
    ensure!(!files.is_empty(), "nothing was linked");
    let mut wrong = Vec::new();
    for path in files {
        let target = TARGETS.into_iter().find(|target| {
            let mut parts = path.components();
            parts.any(|part| part.as_os_str() == *target)
        });
        let target = target.with_context(|| format!("{} is for no Mac", path.display()))?;
        let facts = Facts::read(path)?;
        println!("{}", line(&facts));
        wrong.extend(judge(&facts, target, known));
    }
    if !wrong.is_empty() {
        bail!("Mach-O files:\n{}", wrong.join("\n"));
    }
    println!("{} files, {} libraries known", files.len(), known.len());
    Ok(())
}

/// The facts in one line.
fn line(facts: &Facts) -> String {
    let (oldest, sdk) = facts.versions.clone().unwrap_or_default();
    let libraries: Vec<String> = facts
        .libraries
        .iter()
        .map(|library| {
            let names = facts.wanted.iter().filter(|(from, _)| from == library);
            let short = Path::new(library).file_name().unwrap_or_default();
            format!("{} {}", short.display(), names.count())
        })
        .collect();
    format!(
        "{:<44} {:<8} {:>6} kB  macOS {oldest} (SDK {sdk})  {:<8} {}",
        facts.name,
        facts.architecture,
        facts.size / 1000,
        if facts.signed { "signed" } else { "unsigned" },
        libraries.join(", ")
    )
}

/// What is wrong with it.
fn judge(facts: &Facts, target: &str, known: &Known) -> Vec<String> {
    let mut wrong = Vec::new();
    if !target.starts_with(facts.architecture) {
        wrong.push(format!("is for {}, not {target}", facts.architecture));
    }
    if !facts.program {
        wrong.push("is not a relocatable program with two-level names".to_owned());
    }
    match &facts.versions {
        None => wrong.push("does not say for which macOS it is (LC_BUILD_VERSION)".to_owned()),
        Some((oldest, _)) if oldest != OLDEST => {
            wrong.push(format!("is for macOS {oldest} and later, not {OLDEST}"));
        }
        Some(_) => {}
    }
    // The processor wants none on Intel, and the linker makes none there.
    if facts.architecture == "aarch64" && !facts.signed {
        wrong.push("is not signed: Apple silicon would not run it".to_owned());
    }
    let strange = facts.libraries.iter();
    for library in strange.filter(|path| !of_the_system(Path::new(path))) {
        wrong.push(format!("loads {library}, which a Mac does not have"));
    }
    let mut unknown = BTreeSet::new();
    for (library, name) in &facts.wanted {
        if !known.get(library).is_some_and(|names| names.contains(name)) {
            unknown.insert(format!("wants {name} of {library}"));
        }
    }
    if !unknown.is_empty() {
        let folder = frameworks::folder();
        unknown.insert(format!(
            "(neither libSystem nor a list in {} has it)",
            folder.display()
        ));
    }
    wrong.extend(unknown);
    wrong
        .into_iter()
        .map(|what| format!("{} {what}", facts.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYSTEM: &str = "/usr/lib/libSystem.B.dylib";

    fn good() -> Facts {
        Facts {
            name: "azike".to_owned(),
            size: 1,
            architecture: "aarch64",
            program: true,
            versions: Some(("11.0".to_owned(), "27.0".to_owned())),
            libraries: vec![SYSTEM.to_owned()],
            wanted: vec![(SYSTEM.to_owned(), "_close".to_owned())],
            signed: true,
        }
    }

    fn wrong(change: impl FnOnce(&mut Facts)) -> Vec<String> {
        let known = Known::from([(SYSTEM.to_owned(), ["_close".to_owned()].into())]);
        let mut facts = good();
        change(&mut facts);
        judge(&facts, "aarch64-apple-darwin", &known)
    }

    #[test]
    fn a_good_file_is_good() {
        assert_eq!(wrong(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_named() {
        let intel = wrong(|facts| facts.architecture = "x86_64");
        assert_eq!(intel, ["azike is for x86_64, not aarch64-apple-darwin"]);
        assert_eq!(wrong(|facts| facts.program = false).len(), 1);
        assert_eq!(wrong(|facts| facts.versions = None).len(), 1);
        assert_eq!(wrong(|facts| facts.signed = false).len(), 1);
        let newer = ("13.0".to_owned(), "27.0".to_owned());
        assert_eq!(wrong(|facts| facts.versions = Some(newer)).len(), 1);
        let brew = "/opt/homebrew/lib/libz.dylib".to_owned();
        assert_eq!(wrong(|facts| facts.libraries.push(brew)).len(), 1);
        let name = (SYSTEM.to_owned(), "_no_such".to_owned());
        let unknown = wrong(|facts| facts.wanted.push(name));
        assert_eq!(
            unknown.last().unwrap(),
            "azike wants _no_such of /usr/lib/libSystem.B.dylib"
        );
    }
}
