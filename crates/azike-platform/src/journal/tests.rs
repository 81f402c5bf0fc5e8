use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::{Before, Interface, Setting};

fn change(index: u32) -> Change {
    let name = format!("azike{index}");
    Change {
        setting: Setting::Up {
            interface: Interface { name, index },
        },
        before: Before::Down,
    }
}

fn header() -> Header {
    Header {
        version: 1,
        pid: 812,
        epoch: Epoch {
            boot: "b".to_owned(),
            network: 4,
        },
    }
}

fn changes(journal: &Journal) -> Vec<(Change, Phase)> {
    let records = journal.records().iter();
    records.map(|r| (r.change.clone(), r.phase)).collect()
}

#[test]
fn two_at_once_are_refused_and_the_first_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let first = Journal::open(dir.path()).unwrap();
    let second = Journal::open(dir.path()).unwrap_err();
    let expected = format!("azike is already running (process {})", std::process::id());
    assert_eq!(second.to_string(), expected);
    drop(first);
    Journal::open(dir.path()).unwrap();
}

#[test]
fn nothing_to_undo_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let mut journal = Journal::open(dir.path()).unwrap();
    journal.tidy().unwrap();
    assert!(!path.exists());
    let step = journal.intend(&header(), change(1)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    journal.done(step).unwrap();
    journal.undone(step);
    journal.tidy().unwrap();
    assert!(!path.exists());
}

#[test]
fn the_next_process_reads_what_the_last_one_did() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(dir.path()).unwrap();
    for index in 1..=4 {
        let step = journal.intend(&header(), change(index)).unwrap();
        if index != 4 {
            journal.done(step).unwrap();
        }
    }
    journal.undoing(3);
    journal.undone(2);
    drop(journal);
    let mut journal = Journal::open(dir.path()).unwrap();
    assert_eq!(journal.header, Some(header()));
    let expected = [
        (change(1), Phase::Done),
        (change(3), Phase::Undoing),
        (change(4), Phase::Intended),
    ];
    assert_eq!(changes(&journal), expected);
    assert_eq!(journal.intend(&header(), change(5)).unwrap(), 5);
}

/// The end of the process can fall between any two octets of a line.
#[test]
fn half_a_line_is_cut_off_and_the_next_one_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let mut journal = Journal::open(dir.path()).unwrap();
    journal.intend(&header(), change(1)).unwrap();
    let one = fs::read(&path).unwrap().len();
    journal.intend(&header(), change(2)).unwrap();
    drop(journal);
    let whole = fs::read(&path).unwrap();
    for cut in one..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let mut journal = Journal::open(dir.path()).unwrap();
        assert_eq!(changes(&journal), [(change(1), Phase::Intended)], "{cut}");
        journal.intend(&header(), change(3)).unwrap();
        drop(journal);
        let journal = Journal::open(dir.path()).unwrap();
        assert_eq!(journal.damaged, 0);
        assert_eq!(changes(&journal).len(), 2, "{cut}");
    }
}

/// N-110: written by a newer version, or by a broken disk.
#[test]
fn lines_of_another_language_are_counted_and_kept_for_a_person() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    fs::write(
        &path,
        "{\"intend\":{\"step\":1,\"change\":\"new\"}}\n\0\0\n",
    )
    .unwrap();
    let mut journal = Journal::open(dir.path()).unwrap();
    assert_eq!((journal.damaged, journal.records().len()), (2, 0));
    journal.tidy().unwrap();
    assert!(!path.exists() && dir.path().join("journal.damaged").exists());
}

#[test]
fn a_long_journal_is_written_anew() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(dir.path()).unwrap();
    let kept = journal.intend(&header(), change(1)).unwrap();
    journal.done(kept).unwrap();
    for _ in 0..COMPACT_AT / 2 {
        let step = journal.intend(&header(), change(2)).unwrap();
        journal.undone(step);
    }
    journal.tidy().unwrap();
    assert_eq!(journal.lines, 3);
    journal.intend(&header(), change(3)).unwrap();
    drop(journal);
    let journal = Journal::open(dir.path()).unwrap();
    let expected = [(change(1), Phase::Done), (change(3), Phase::Intended)];
    assert_eq!(changes(&journal), expected);
}

#[test]
fn a_directory_of_others_is_not_trusted() {
    let dir = tempfile::tempdir().unwrap();
    let open = |mode| {
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
        Journal::open(dir.path())
    };
    assert!(matches!(open(0o777), Err(JournalError::UnsafeDirectory(_))));
    assert!(matches!(open(0o775), Err(JournalError::UnsafeDirectory(_))));
    assert!(open(0o755).is_ok());
}

#[test]
fn a_link_in_the_place_of_the_journal_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("target");
    fs::write(&target, "precious").unwrap();
    std::os::unix::fs::symlink(&target, dir.path().join("journal")).unwrap();
    assert!(matches!(
        Journal::open(dir.path()),
        Err(JournalError::Io(..))
    ));
    assert_eq!(fs::read(&target).unwrap(), b"precious");
}
