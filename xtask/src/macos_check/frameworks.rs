//! The names that azike and its crates use of Apple's libraries other than libSystem: `frameworks/*.txt`, kept by hand.
//!
//! ```text
//!   # why it is here                                            CoreFoundation.txt: a framework
//!   library /usr/lib/libiconv.2.dylib                           only where it is none
//!   CFRelease                                                   a C name a line
//! ```
//!
//! Whoever adds a name looks it up in Apple's documentation: that it is spelled so, is in this framework, and
//! is in macOS 11. Nothing here can tell.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::cargo::root;

/// A library, and the names used of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Library {
    /// Its name: of a framework without ending.
    pub(super) name: String,
    /// The path that programs load it from.
    pub(super) path: String,
    /// Functions and constants, as C spells them.
    pub(super) names: Vec<String>,
}

impl Library {
    /// Where the linker looks for its stub, in the SDK.
    pub(super) fn stub(&self) -> PathBuf {
        let framework = format!("System/Library/Frameworks/{0}.framework/{0}.tbd", self.name);
        if self.path.starts_with("/usr/lib") {
            return Path::new("usr/lib").join(format!("{}.tbd", self.name));
        }
        PathBuf::from(framework)
    }

    fn read(name: &str, text: &str) -> Result<Self> {
        let mut library = Self {
            name: name.to_owned(),
            path: format!("/System/Library/Frameworks/{name}.framework/Versions/A/{name}"),
            names: Vec::new(),
        };
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(path) = line.strip_prefix("library ") {
                path.clone_into(&mut library.path);
                continue;
            }
            let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            ensure!(line.chars().all(plain), "{name}.txt: not a C name: {line}");
            library.names.push(line.to_owned());
        }
        let sorted = library.names.is_sorted_by(|one, next| one < next);
        ensure!(sorted, "{name}.txt: names are sorted, each once");
        Ok(library)
    }
}

/// The folder of the lists.
pub(super) fn folder() -> PathBuf {
    root().join("xtask/src/macos_check/frameworks")
}

/// Reads all lists.
pub(super) fn names() -> Result<Vec<Library>> {
    let mut libraries = Vec::new();
    for entry in fs::read_dir(folder()).context("the lists of framework names")? {
        let path = entry?.path();
        let name = path.file_stem().context("a file without a name")?;
        libraries.push(Library::read(
            &name.to_string_lossy(),
            &fs::read_to_string(&path)?,
        )?);
    }
    libraries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(libraries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_can_be_read() {
        let names: Vec<String> = names().unwrap().into_iter().map(|one| one.name).collect();
        assert!(names.contains(&"libiconv".to_owned()), "{names:?}");
    }

    #[test]
    fn a_list_out_of_order_or_with_other_words_is_refused() {
        Library::read("F", "B\nA\n").unwrap_err();
        Library::read("F", "A\nA\n").unwrap_err();
        Library::read("F", "A, B\n").unwrap_err();
        let library = Library::read("F", "# why\n\nA\nB\n").unwrap();
        assert_eq!(library.names, ["A", "B"]);
        assert_eq!(
            library.path,
            "/System/Library/Frameworks/F.framework/Versions/A/F"
        );
    }
}
