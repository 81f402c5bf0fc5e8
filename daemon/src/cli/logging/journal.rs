//! Standard error as systemd reads it: a priority before each line (`sd-daemon(3)`).

use std::os::fd::AsFd;

use rustix::fs::fstat;
use tracing::Level;

/// Whether what is written to `output` goes to the journal: `JOURNAL_STREAM` has device and inode of
/// the file that systemd gave us, and a shell may have redirected it since.
pub(super) fn reads(output: impl AsFd, journal_stream: Option<&str>) -> bool {
    let found = fstat(output).map(|found| format!("{}:{}", found.st_dev, found.st_ino));
    found.is_ok_and(|found| journal_stream == Some(found.as_str()))
}

/// The priority of syslog.
pub(super) const fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "<3>",
        Level::WARN => "<4>",
        Level::INFO => "<6>",
        Level::DEBUG | Level::TRACE => "<7>",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_reads_the_file_that_systemd_named_and_no_other() {
        let file = tempfile::tempfile().unwrap();
        let found = fstat(&file).unwrap();
        let name = |device, inode| format!("{device}:{inode}");
        let ours = name(found.st_dev, found.st_ino);
        assert!(reads(&file, Some(&ours)));
        assert!(!reads(&file, Some(&name(found.st_dev, found.st_ino + 1))));
        assert!(!reads(&file, Some(&name(found.st_dev + 1, found.st_ino))));
        for text in ["", ":", &format!("{ours}:2"), &format!(" {ours}")] {
            assert!(!reads(&file, Some(text)), "{text}");
        }
        assert!(!reads(&file, None));
    }

    #[test]
    fn priorities_are_those_of_syslog() {
        assert_eq!(priority(Level::ERROR), "<3>");
        assert_eq!(priority(Level::INFO), "<6>");
        assert_eq!(priority(Level::TRACE), "<7>");
    }
}
