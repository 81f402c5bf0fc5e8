use super::*;

const BEFORE: &str = "nameserver 192.0.2.53\n";

fn dns() -> DnsConfig {
    DnsConfig {
        servers: vec![[10, 1, 0, 4].into()],
        all: true,
        ..DnsConfig::default()
    }
}

fn file() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("resolv.conf");
    fs::write(&path, BEFORE).unwrap();
    (dir, path)
}

fn changed(path: &Path) -> FileChange {
    let change = observe(path, "azike0", &dns()).unwrap();
    replace(&change).unwrap();
    assert!(in_force(&change).unwrap());
    assert!(
        fs::read_to_string(path)
            .unwrap()
            .ends_with("nameserver 10.1.0.4\n")
    );
    change
}

fn names(dir: &tempfile::TempDir) -> Vec<String> {
    let entries = fs::read_dir(dir.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn a_plain_file_comes_back_with_its_mode() {
    let (dir, path) = file();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
    let before = state(&path).unwrap();
    let change = changed(&path);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o604);
    for _ in 0..2 {
        assert_eq!(
            put_back(&change, Certainty::Made).unwrap(),
            Undone::Restored
        );
        assert_eq!(state(&path).unwrap(), before);
    }
    assert_eq!(names(&dir), ["resolv.conf"]);
}

#[test]
fn a_link_comes_back_as_a_link() {
    let (dir, target) = file();
    let path = dir.path().join("link");
    for to in [target.clone(), "no/where".into()] {
        symlink(&to, &path).unwrap();
        let change = changed(&path);
        assert!(!fs::symlink_metadata(&path).unwrap().is_symlink());
        put_back(&change, Certainty::Made).unwrap();
        assert_eq!(fs::read_link(&path).unwrap(), to);
        fs::remove_file(&path).unwrap();
    }
    assert_eq!(fs::read_to_string(target).unwrap(), BEFORE);
}

#[test]
fn no_file_is_no_file_again() {
    let (dir, path) = file();
    fs::remove_file(&path).unwrap();
    let change = changed(&path);
    put_back(&change, Certainty::Made).unwrap();
    assert_eq!(names(&dir), Vec::<String>::new());
}

#[test]
fn what_somebody_wrote_meanwhile_stays() {
    let (_dir, path) = file();
    let change = changed(&path);
    fs::write(&path, "nameserver 203.0.113.9\n").unwrap();
    assert!(!in_force(&change).unwrap());
    let undone = put_back(&change, Certainty::Perhaps).unwrap();
    assert_eq!(undone, Undone::ChangedMeanwhile);
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "nameserver 203.0.113.9\n"
    );
}

/// Between our look and our writing: nobody's change is lost.
#[test]
fn a_race_is_lost_politely() {
    let (_dir, path) = file();
    let change = observe(&path, "azike0", &dns()).unwrap();
    fs::write(&path, "nameserver 203.0.113.9\n").unwrap();
    assert!(matches!(replace(&change), Err(SystemError::Contended(_))));
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "nameserver 203.0.113.9\n"
    );
}

/// Writing in place can end after any octet.
#[test]
fn a_file_cut_short_is_put_back() {
    let (_dir, path) = file();
    let before = state(&path).unwrap();
    let change = observe(&path, "azike0", &dns()).unwrap();
    for whole in [&change.ours.0[..], BEFORE.as_bytes()] {
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            put_back(&change, Certainty::Perhaps).unwrap();
            assert_eq!(state(&path).unwrap(), before, "{cut}");
        }
    }
}

#[test]
fn a_new_file_that_never_got_its_place_is_removed() {
    let (dir, path) = file();
    let change = observe(&path, "azike0", &dns()).unwrap();
    fs::write(beside(&path), "half").unwrap();
    put_back(&change, Certainty::Perhaps).unwrap();
    assert_eq!(names(&dir), ["resolv.conf"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), BEFORE);
}

/// Such a name can be a FIFO or a device; reading it must not block.
#[test]
fn what_is_no_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |path: &Path| observe(path, "azike0", &dns()).unwrap_err();
    assert!(matches!(refused(dir.path()), SystemError::BadFile(_)));
    let large = dir.path().join("large");
    File::create(&large).unwrap().set_len(1 << 30).unwrap();
    assert!(matches!(refused(&large), SystemError::BadFile(_)));
}

#[test]
fn octets_that_are_no_text_come_back_too() {
    let (_dir, path) = file();
    fs::write(&path, b"\xff\xfe\0nameserver").unwrap();
    let before = state(&path).unwrap();
    let change = changed(&path);
    put_back(&change, Certainty::Made).unwrap();
    assert_eq!(state(&path).unwrap(), before);
}

#[test]
fn resolved_is_recognised_by_its_address_or_its_link() {
    let (dir, path) = file();
    assert!(!points_to_resolved(&path));
    fs::write(&path, "nameserver 127.0.0.53\n").unwrap();
    assert!(points_to_resolved(&path));
    let link = dir.path().join("link");
    symlink("../run/systemd/resolve/stub-resolv.conf", &link).unwrap();
    assert!(points_to_resolved(&link));
    assert!(!points_to_resolved(&dir.path().join("none")));
}
