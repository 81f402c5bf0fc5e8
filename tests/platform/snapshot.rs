//! All of a namespace that a tunnel could have changed, in the words of the
//! system's own tools.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::namespace::ip;

/// A picture of the namespace.
pub(crate) struct Snapshot(Vec<String>);

impl Snapshot {
    /// Takes one.
    pub(crate) fn take() -> Self {
        let mut lines = Vec::new();
        for words in [
            "-o link",
            "-o addr",
            "-4 route show table all",
            "-6 route show table all",
            "-4 rule",
            "-6 rule",
        ] {
            let text = ip(words);
            // An interface that was up once keeps the queue discipline it got then.
            let plain = |line: &str| line.replace("qdisc pfifo_fast", "qdisc noop");
            lines.extend(text.lines().map(|line| format!("{words}: {}", plain(line))));
        }
        lines.push(file(Path::new("/etc/resolv.conf")));
        lines.extend(beside("/etc"));
        Self(lines)
    }

    /// Takes another one and compares.
    pub(crate) fn assert_still_true(&self) {
        let now = Self::take();
        let only = |all: &[String], other: &[String]| {
            let lines = all.iter().filter(|line| !other.contains(line));
            lines.cloned().collect::<Vec<_>>().join("\n")
        };
        let (gone, new) = (only(&self.0, &now.0), only(&now.0, &self.0));
        assert!(self.0 == now.0, "gone:\n{gone}\nnew:\n{new}");
    }
}

/// The type, mode, owner and text of a file.
pub(crate) fn file(path: &Path) -> String {
    let Ok(meta) = fs::symlink_metadata(path) else {
        return format!("{}: none", path.display());
    };
    let text = match fs::read_link(path) {
        Ok(target) => format!("-> {}", target.display()),
        Err(_) => fs::read_to_string(path).unwrap(),
    };
    let (mode, uid, gid) = (meta.mode(), meta.uid(), meta.gid());
    format!("{}: {mode:o} {uid} {gid} {text:?}", path.display())
}

/// Files of ours that must not stay.
fn beside(dir: &str) -> impl Iterator<Item = String> {
    let names = fs::read_dir(dir).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("azike"))
}
