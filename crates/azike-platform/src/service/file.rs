//! Service files: made from the templates in `daemon/service/`, and known again later.
//!
//! A file of a package or of an administrator at the same place is not ours. Ours says so in its
//! first lines:
//!
//! ```text
//!   # Written by azike service install, which replaces it. …
//! ```

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::layout::Template;
use super::seen::FileSeen;

/// By this a file of ours is known, whatever version wrote it. Never change it.
pub(super) const MARK: &str = "Written by azike service install";

/// What it says behind the mark.
const NOTE: &str = ", which replaces it at the next update. Own settings belong into other files.";

/// Where the path of the program goes.
const PLACE: &str = "@AZIKE@";

/// The most that is read of a file, in octets.
const LARGEST: u64 = 64 << 10;

/// The text of the file for `program`, whose path needs no escaping (see `trust`).
pub(super) fn render(template: &Template, program: &Path) -> String {
    let text = template.text.replace(PLACE, &program.to_string_lossy());
    match text.split_once("<plist") {
        // Nothing may stand before the XML declaration.
        Some((head, rest)) => format!("{head}<!-- {MARK}{NOTE} -->\n<plist{rest}"),
        None => format!("# {MARK}{NOTE}\n{text}"),
    }
}

/// What is at `path`, where `wanted` should be.
pub(super) fn look(path: &Path, wanted: &str) -> io::Result<FileSeen> {
    let metadata = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FileSeen::Absent),
        metadata => metadata?,
    };
    // A unit that is masked is a link to /dev/null: somebody's will.
    if !metadata.is_file() {
        return Ok(FileSeen::Foreign);
    }
    let mut octets = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut octets)?;
    let text = String::from_utf8_lossy(&octets);
    Ok(if text == wanted {
        FileSeen::Current
    } else if text.contains(MARK) {
        FileSeen::Older
    } else {
        FileSeen::Foreign
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::super::layout::{Layout, ManagerKind};
    use super::*;

    fn rendered(kind: ManagerKind) -> Vec<String> {
        let layout = Layout {
            kind,
            root: PathBuf::from("/"),
            owner: 0,
        };
        let templates = layout.templates();
        let program = layout.copy();
        templates.iter().map(|one| render(one, &program)).collect()
    }

    /// The elements and texts of an XML document, one on each line, indented.
    fn outline(text: &str) -> String {
        let mut reader = Reader::from_str(text);
        let (mut lines, mut depth) = (String::new(), 0_usize);
        loop {
            let mut line = |depth: usize, text: &str| {
                lines.extend(["  ".repeat(depth).as_str(), text, "\n"]);
            };
            #[expect(
                clippy::wildcard_enum_match_arm,
                reason = "the other kinds of events say nothing to launchd"
            )]
            match reader.read_event().unwrap() {
                Event::Start(tag) => {
                    line(depth, &format!("{}:", tag.name().as_ref()));
                    depth += 1;
                }
                Event::Empty(tag) => line(depth, tag.name().as_ref()),
                Event::End(_) => depth -= 1,
                Event::Text(text) if !text.trim().is_empty() => line(depth, text.trim()),
                Event::Eof => return lines,
                _ => (),
            }
        }
    }

    #[test]
    fn the_plist_says_what_launchd_is_to_do() {
        let [plist] = &rendered(ManagerKind::Launchd)[..] else {
            panic!("one file");
        };
        assert!(plist.starts_with("<?xml "), "{plist}");
        assert!(plist.contains(MARK));
        assert_eq!(outline(plist), include_str!("golden/plist.txt"));
    }

    #[test]
    fn the_units_run_the_program_and_say_whose_they_are() {
        let [service, socket] = &rendered(ManagerKind::Systemd)[..] else {
            panic!("two files");
        };
        assert!(service.contains("\nExecStart=/opt/azike/bin/azike daemon\n"));
        assert!(socket.contains("\nListenStream=/run/azike/control.sock\n"));
        for text in [service, socket] {
            assert!(text.starts_with("# Written by azike service install"));
            assert!(!text.contains(PLACE), "{text}");
        }
    }

    #[test]
    fn files_of_an_older_version_and_of_others_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("azike.service");
        let wanted = format!("# {MARK}\n[Service]\nExecStart=/opt/azike/bin/azike daemon\n");
        let seen = || look(&path, &wanted).unwrap();
        assert_eq!(seen(), FileSeen::Absent);
        for (text, expected) in [
            (wanted.as_str(), FileSeen::Current),
            (
                "# Written by azike service install.\n[Service]\n",
                FileSeen::Older,
            ),
            (
                "[Service]\nExecStart=/usr/bin/azike daemon\n",
                FileSeen::Foreign,
            ),
            ("", FileSeen::Foreign),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(seen(), expected, "{text}");
        }
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/null", &path).unwrap();
        assert_eq!(seen(), FileSeen::Foreign, "masked");
    }
}
