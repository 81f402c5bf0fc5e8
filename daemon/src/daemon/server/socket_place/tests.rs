use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

/// A folder as `/run/azike` is: ours, 0755.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn refused(path: &Path) -> Option<Code> {
    claim(path).err().map(|failure| failure.code)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<String> = entries
        .map(|entry| name(entry).to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_socket_is_private_and_goes_with_its_listener() {
    let folder = folder();
    let path = folder.path().join("control.sock");
    let listener = claim(&path).unwrap().open().unwrap();
    let found = fs::symlink_metadata(&path).unwrap();
    assert!(found.file_type().is_socket());
    let group = Group::find(GROUP).filter(|_| geteuid().is_root());
    let mode = if group.is_some() { 0o660 } else { 0o600 };
    assert_eq!(found.mode() & 0o777, mode);
    assert_eq!(names(folder.path()), ["control.sock", "control.sock.lock"]);
    drop(listener);
    assert_eq!(names(folder.path()), ["control.sock.lock"]);
}

#[tokio::test]
async fn a_missing_folder_is_made() {
    let parent = folder();
    let path = parent.path().join("azike/control.sock");
    let listener = claim(&path).unwrap().open().unwrap();
    let found = fs::symlink_metadata(path.parent().unwrap()).unwrap();
    assert_eq!(found.mode() & 0o777, 0o755);
    drop(listener);
    let deeper = parent.path().join("no/such/control.sock");
    assert_eq!(refused(&deeper), Some(Code::SOCKET_PATH));
}

#[tokio::test]
async fn a_second_server_is_refused_while_the_first_lives() {
    let folder = folder();
    let path = folder.path().join("control.sock");
    let claimed = claim(&path).unwrap();
    assert_eq!(
        refused(&path),
        Some(Code::DAEMON_ALREADY_RUNNING),
        "claimed"
    );
    let listener = claimed.open().unwrap();
    assert_eq!(
        refused(&path),
        Some(Code::DAEMON_ALREADY_RUNNING),
        "serving"
    );
    drop(listener);
    assert_eq!(refused(&path), None, "gone");
}

/// Another program, or an azike without a lock, answers.
#[tokio::test]
async fn a_socket_that_answers_is_left_alone() {
    let folder = folder();
    let path = folder.path().join("control.sock");
    let _living = BlockingListener::bind(&path).unwrap();
    assert_eq!(refused(&path), Some(Code::DAEMON_ALREADY_RUNNING));
    assert!(path.exists());
}

/// N-103: what a killed daemon leaves behind does not stop the next one.
#[tokio::test]
async fn a_stale_socket_is_replaced() {
    let folder = folder();
    let path = folder.path().join("control.sock");
    drop(BlockingListener::bind(&path).unwrap());
    let private = folder.path().join(format!(".azike-{}", std::process::id()));
    fs::create_dir(&private).unwrap();
    fs::write(private.join("s"), "").unwrap();
    let listener = claim(&path).unwrap().open().unwrap();
    BlockingStream::connect(&path).unwrap();
    drop(listener);
    assert_eq!(names(folder.path()), ["control.sock.lock"]);
}

/// N-103: nothing that is not a socket of ours is replaced, followed or removed.
#[test]
fn what_is_in_the_way_stays() {
    let folder = folder();
    let path = folder.path().join("control.sock");
    let target = folder.path().join("precious");
    fs::write(&target, "data").unwrap();

    symlink(&target, &path).unwrap();
    assert_eq!(refused(&path), Some(Code::SOCKET_PATH), "link");
    fs::remove_file(&path).unwrap();
    fs::write(&path, "data").unwrap();
    assert_eq!(refused(&path), Some(Code::SOCKET_PATH), "file");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(refused(&path), Some(Code::SOCKET_PATH), "folder");
    assert_eq!(fs::read_to_string(&target).unwrap(), "data");
}

/// N-103: the lock is a file of ours, not one that somebody points us to.
#[test]
fn a_link_in_place_of_the_lock_is_not_followed() {
    let folder = folder();
    let path = folder.path().join("control.sock");
    let target = folder.path().join("target");
    symlink(&target, folder.path().join("control.sock.lock")).unwrap();
    assert_eq!(refused(&path), Some(Code::SOCKET_PATH));
    assert!(!target.exists());
}

/// N-103: in a folder that others can write to, the socket could be exchanged under us.
#[test]
fn a_folder_that_others_can_write_to_is_refused() {
    let folder = folder();
    let path = folder.path().join("control.sock");
    for mode in [0o777, 0o1777, 0o775, 0o757] {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(refused(&path), Some(Code::SOCKET_PATH), "{mode:o}");
    }
    assert_eq!(
        refused(Path::new("/tmp/azike-test.sock")),
        Some(Code::SOCKET_PATH)
    );
}

#[test]
fn a_link_in_place_of_the_folder_is_refused() {
    let folder = folder();
    let real = folder.path().join("real");
    fs::create_dir(&real).unwrap();
    symlink(&real, folder.path().join("link")).unwrap();
    let path = folder.path().join("link/control.sock");
    assert_eq!(refused(&path), Some(Code::SOCKET_PATH));
}

#[test]
fn a_folder_of_another_user_is_refused() {
    if !geteuid().is_root() {
        return;
    }
    let folder = folder();
    std::os::unix::fs::chown(folder.path(), Some(1000), None).unwrap();
    let path = folder.path().join("control.sock");
    assert_eq!(refused(&path), Some(Code::SOCKET_PATH));
}

#[tokio::test]
async fn a_name_that_is_too_long_for_a_socket_is_an_error() {
    let folder = folder();
    let path = folder.path().join("x".repeat(150));
    // The private name is short, so the socket itself can be made; nobody could connect to it.
    assert_eq!(refused(&path), Some(Code::SOCKET_PATH));
}

/// The name was taken over after we made the socket: it is not ours to remove.
#[tokio::test]
async fn a_socket_of_somebody_else_is_not_removed() {
    let folder = folder();
    let path = folder.path().join("control.sock");
    let listener = claim(&path).unwrap().open().unwrap();
    fs::remove_file(&path).unwrap();
    let _other = BlockingListener::bind(&path).unwrap();
    drop(listener);
    assert!(path.exists());
}

#[test]
fn the_usual_place_keeps_its_state_where_systems_do() {
    let folder = folder();
    let path = folder.path().join("control.sock");
    let places = claim(&path).unwrap().places();
    assert_eq!(places.runtime, folder.path());
    assert_eq!(places.state, folder.path().join("state"));
}

/// A service manager made the socket and keeps it.
#[tokio::test]
async fn a_kept_socket_stays_and_its_clients_are_served() {
    let folder = folder();
    let path = folder.path().join("control.sock");
    let kept = BlockingListener::bind(&path).unwrap();
    let client = BlockingStream::connect(&path).unwrap();
    let claimed = claim_kept(&path, &kept).unwrap();
    let second = kept.try_clone().unwrap();
    assert_eq!(
        claim_kept(&path, &second).unwrap_err().code,
        Code::DAEMON_ALREADY_RUNNING
    );
    let listener = claimed.adopt(second).unwrap();
    listener.accept().await.unwrap();
    drop((client, listener));
    BlockingStream::connect(&path).unwrap();
    claim_kept(&path, &kept).unwrap();
}

#[tokio::test]
async fn a_kept_socket_at_another_place_is_refused() {
    let folder = folder();
    let kept = BlockingListener::bind(folder.path().join("other.sock")).unwrap();
    let path = folder.path().join("control.sock");
    let refused = claim_kept(&path, &kept).unwrap_err();
    assert_eq!(refused.code, Code::SOCKET_PATH);
    assert_eq!(
        refused.evidence.unwrap(),
        "the service manager keeps another socket"
    );
}
