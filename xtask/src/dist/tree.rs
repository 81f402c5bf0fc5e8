//! The files of a package, before they are in one.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};

/// Paths without a slash at the beginning, and what is there.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Tree(BTreeMap<String, Node>);

#[derive(Clone, Debug, Eq, PartialEq)]
struct Node {
    mode: u32,
    octets: Vec<u8>,
}

impl Tree {
    /// A file that is read.
    pub(super) fn file(&mut self, path: impl Into<String>, octets: impl Into<Vec<u8>>) {
        let octets = octets.into();
        self.0.insert(
            path.into(),
            Node {
                mode: 0o644,
                octets,
            },
        );
    }

    /// A file that is run.
    pub(super) fn program(&mut self, path: impl Into<String>, octets: impl Into<Vec<u8>>) {
        let octets = octets.into();
        self.0.insert(
            path.into(),
            Node {
                mode: 0o755,
                octets,
            },
        );
    }

    /// All paths, sorted.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Writes all of it below `folder`, which is emptied first. Times are `epoch`.
    pub(super) fn write(&self, folder: &Path, epoch: u64) -> Result<()> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        make_folder(folder)?;
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(epoch);
        let times = FileTimes::new().set_modified(time).set_accessed(time);
        for (path, node) in &self.0 {
            let path = folder.join(path);
            make_folder(path.parent().unwrap_or(folder))?;
            fs::write(&path, &node.octets).with_context(|| path.display().to_string())?;
            fs::set_permissions(&path, fs::Permissions::from_mode(node.mode))?;
            File::options().append(true).open(&path)?.set_times(times)?;
        }
        Ok(())
    }
}

/// Makes a folder and those above it, whatever the umask of the caller.
fn make_folder(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    make_folder(folder.parent().context("no folder above")?)?;
    fs::create_dir(folder).with_context(|| folder.display().to_string())?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    Ok(())
}
