//! Standard error as systemd reads it: a priority before each line (`sd-daemon(3)`).

use std::os::fd::AsFd;

use rustix::fs::fstat;
use tracing::Level;

/// Whether what is written to `output` goes to the journal: systemd says which file it gave us,
/// and a shell may have redirected it since.
pub(super) fn reads(output: impl AsFd, journal_stream: Option<&str>) -> bool {
    let Some(named) = journal_stream.and_then(stream) else {
        return false;
    };
    let found = fstat(output).map(|found| (found.st_dev, found.st_ino));
    found.is_ok_and(|(device, inode)| u64::try_from(device) == Ok(named.0) && inode == named.1)
}

/// Device and inode of `JOURNAL_STREAM`.
fn stream(text: &str) -> Option<(u64, u64)> {
    let (device, inode) = text.split_once(':')?;
    Some((device.parse().ok()?, inode.parse().ok()?))
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
        for text in ["", ":", "8:", "x:1", "8:1:2", "-1:2"] {
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
