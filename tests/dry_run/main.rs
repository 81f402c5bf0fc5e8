//! `azike up --dry-run`: the built binary logs in to a gateway on this computer and out again, by a user without any
//! rights. Runs on each system that azike knows.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use azike_tests::built;
use azike_tests::builtin::credentials;
use azike_tests::builtin::door::Door;
use azike_tests::builtin::notes::Notes;
use azike_tests::builtin::switches;
use serde_json::Value;
use tempfile::TempDir;

/// A user who owns nothing: `nobody`.
const NOBODY: u32 = 65_534;

/// A gateway's door with a thread that keeps it.
struct Gateway {
    ports: (u16, u16),
    folder: TempDir,
    notes: Notes,
    end: Arc<AtomicBool>,
    keeper: Option<JoinHandle<()>>,
}

impl Gateway {
    fn start(policy: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let words: Vec<String> = policy.iter().map(|&word| word.to_owned()).collect();
        let policy = switches::policy(&words).unwrap();
        let door = Door::open(Ipv4Addr::LOCALHOST.into(), (0, 0), policy, folder.path()).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        own(door.identity());
        let ports = door.ports();
        let (notes, end) = (Notes::default(), Arc::new(AtomicBool::new(false)));
        let keeper = thread::spawn({
            let (notes, end) = (notes.clone(), Arc::clone(&end));
            move || door.keep(&notes, &end).unwrap()
        });
        Self {
            ports,
            folder,
            notes,
            end,
            keeper: Some(keeper),
        }
    }

    fn package(&self) -> PathBuf {
        self.folder.path().join("profile.zip")
    }

    fn identity(&self) -> PathBuf {
        self.folder.path().join("azike-client.pem")
    }

    /// Ends it; all that it noted.
    fn stop(mut self) -> Vec<String> {
        self.end.store(true, Ordering::Relaxed);
        self.keeper.take().unwrap().join().unwrap();
        self.notes.lines()
    }
}

/// Gives a file to who runs azike here.
fn own(file: &Path) {
    if rustix::process::geteuid().is_root() {
        chown(file, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

/// Runs it to its end: code, standard output, standard error.
fn dry_run(package: &Path, identity: &Path, ports: (u16, u16), more: &[&str]) -> Run {
    let mut azike = Command::new(built::azike().unwrap());
    azike.arg("up").arg(package).arg("--identity").arg(identity);
    azike.args(["--dry-run", "--address", "127.0.0.1", "--gateway-ports"]);
    azike.arg(format!("{},{}", ports.0, ports.1)).args(more);
    if rustix::process::geteuid().is_root() {
        azike.uid(NOBODY).gid(NOBODY).current_dir("/");
    }
    let Output {
        status,
        stdout,
        stderr,
    } = azike.output().unwrap();
    Run {
        exit: status.code(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

struct Run {
    exit: Option<i32>,
    out: String,
    err: String,
}

#[test]
fn a_login_works_by_signature_and_by_eap_tls() {
    for (auth, policy) in [
        ("signature", &[][..]),
        ("eap-tls", &[]),
        ("auto", &["eap-tls-only"]),
        ("auto", &["cookie", "group-19"]),
    ] {
        let gateway = Gateway::start(policy);
        let (package, identity) = (gateway.package(), gateway.identity());
        let run = dry_run(&package, &identity, gateway.ports, &["--auth", auth]);
        assert_eq!(run.exit, Some(0), "{auth} {policy:?}: {}", run.err);
        assert!(run.err.contains("The login works"), "{}", run.err);
        assert!(run.err.contains("10.1.0.0/16"), "{}", run.err);
        let notes = gateway.stop();
        let last = notes.last().unwrap();
        assert!(
            last.contains("deleted") || last.contains("is gone"),
            "{notes:?}"
        );
        let children = notes.iter().filter(|line| line.starts_with("Child SA"));
        assert!(children.count() >= 1, "{notes:?}");
    }
}

#[test]
fn json_tells_what_the_tunnel_would_be() {
    let gateway = Gateway::start(&[]);
    let (package, identity) = (gateway.package(), gateway.identity());
    let run = dry_run(&package, &identity, gateway.ports, &["--json"]);
    assert_eq!(run.exit, Some(0), "{}", run.err);
    let last: Value = serde_json::from_str(run.out.lines().last().unwrap()).unwrap();
    assert_eq!(last["event"], "dry_run");
    assert_eq!(last["interface"], "");
    assert_eq!(last["addresses"][0], "172.16.201.1");
    assert_eq!(last["routes"][0], "10.1.0.0/16");
    drop(gateway.stop());
}

#[test]
fn a_gateway_of_another_name_is_not_trusted() {
    let gateway = Gateway::start(&[]);
    let (package, identity) = (gateway.package(), gateway.identity());
    let other = ["--server-name", "other.example"];
    let run = dry_run(&package, &identity, gateway.ports, &other);
    assert!(run.err.contains("AZK-0304"), "{}", run.err);
    assert_eq!(run.exit, Some(6), "{}", run.err);
    drop(gateway.stop());
}

#[test]
fn who_may_not_log_in_is_told_so() {
    let gateway = Gateway::start(&[]);
    let identity = gateway.folder.path().join("stranger.pem");
    credentials::stranger(&identity).unwrap();
    own(&identity);
    let run = dry_run(&gateway.package(), &identity, gateway.ports, &[]);
    assert!(run.err.contains("AZK-0215"), "{}", run.err);
    assert_eq!(run.exit, Some(5), "{}", run.err);
    let notes = gateway.stop();
    assert!(
        notes.iter().any(|line| line.starts_with("login failed")),
        "{notes:?}"
    );
    let children = notes.iter().filter(|line| line.starts_with("Child SA"));
    assert_eq!(children.count(), 0, "{notes:?}");
}

#[test]
fn silence_is_told_as_silence() {
    let gateway = Gateway::start(&[]);
    let mute: Vec<UdpSocket> = (0..2)
        .map(|_| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap())
        .collect();
    let port = |socket: &UdpSocket| socket.local_addr().unwrap().port();
    let ports = (port(&mute[0]), port(&mute[1]));
    let (package, identity) = (gateway.package(), gateway.identity());
    let run = dry_run(&package, &identity, ports, &["--timeout", "3s"]);
    assert!(run.err.contains("AZK-0503"), "{}", run.err);
    assert_eq!(gateway.stop(), Vec::<String>::new());
}
