//! The built daemon under a service manager that the test plays: it keeps the control socket, and
//! hears how the daemon does.
//!
//! Needs root and `/dev/net/tun`: without, the tests say that they were skipped, and fail where `CI`
//! is set.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The manager's side.
struct Manager {
    folder: TempDir,
    listener: UnixListener,
    ear: UnixDatagram,
    /// What goes into `NOTIFY_SOCKET`.
    ear_name: String,
}

impl Manager {
    /// With an ear that has a path, or an abstract name.
    fn new(abstract_ear: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let listener = UnixListener::bind(folder.path().join("control.sock")).unwrap();
        let path = folder.path().join("notify");
        let (ear, ear_name) = if abstract_ear {
            let name = path.to_str().unwrap().replace('/', "-");
            let address = SocketAddr::from_abstract_name(&name).unwrap();
            (
                UnixDatagram::bind_addr(&address).unwrap(),
                format!("@{name}"),
            )
        } else {
            let ear = UnixDatagram::bind(&path).unwrap();
            (ear, path.to_str().unwrap().to_owned())
        };
        ear.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self {
            folder,
            listener,
            ear,
            ear_name,
        }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("control.sock")
    }

    /// Starts the daemon as systemd would: the socket is descriptor 3, and the variables name the
    /// very process.
    fn start(&self) -> Daemon {
        let kept = OwnedFd::from(self.listener.try_clone().unwrap());
        let script = "export LISTEN_PID=$$ WATCHDOG_PID=$$; exec \"$@\" 3<&0 </dev/null";
        let child = Command::new("sh")
            .args(["-c", script, "sh", env!("CARGO_BIN_EXE_azike"), "daemon"])
            .arg("--socket")
            .arg(self.socket())
            .env("LISTEN_FDS", "1")
            .env("LISTEN_FDNAMES", "azike.socket")
            .env("NOTIFY_SOCKET", &self.ear_name)
            .env("WATCHDOG_USEC", "400000")
            .stdin(Stdio::from(kept))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Daemon(child)
    }

    /// The next message.
    fn heard(&self) -> String {
        let mut octets = [0; 512];
        let count = self.ear.recv(&mut octets).unwrap();
        String::from_utf8_lossy(octets.get(..count).unwrap()).into_owned()
    }

    /// Hears on until a message begins with `word`.
    fn hears(&self, word: &str) -> String {
        loop {
            let message = self.heard();
            if message.starts_with(word) {
                return message;
            }
        }
    }

    fn status(&self) -> Output {
        azike(&[
            "status",
            "--json",
            "--socket",
            self.socket().to_str().unwrap(),
        ])
    }
}

fn azike(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_azike"));
    command.args(words).stdin(Stdio::null()).output().unwrap()
}

/// A daemon; killed when dropped.
struct Daemon(Child);

impl Daemon {
    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.0.id()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    fn fd_flags(&self, fd: u32) -> String {
        let path = format!("/proc/{}/fdinfo/{fd}", self.0.id());
        let text = fs::read_to_string(path).unwrap();
        let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
        flags.unwrap().trim().to_owned()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Whether a daemon can run here; says so if not.
fn lacks(what: &str) -> bool {
    let root = rustix::process::geteuid().is_root();
    if root && Path::new("/dev/net/tun").exists() {
        return false;
    }
    assert!(
        !is_ci(),
        "{what} needs root and /dev/net/tun, and CI must not skip it"
    );
    // Not by a macro, whose output the test harness would keep to itself.
    let line = format!("*** SKIPPED, needs root and /dev/net/tun: {what}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    true
}

#[expect(clippy::disallowed_methods, reason = "how CI speaks to tests")]
fn is_ci() -> bool {
    std::env::var("CI").is_ok()
}

#[test]
fn the_daemon_serves_at_the_socket_that_it_was_given_and_says_how_it_does() {
    if lacks("socket activation") {
        return;
    }
    for abstract_ear in [false, true] {
        let manager = Manager::new(abstract_ear);
        // A client that was there before the daemon.
        let waiting = UnixStream::connect(manager.socket()).unwrap();
        let mut daemon = manager.start();
        assert_eq!(manager.heard(), "READY=1\nSTATUS=no tunnel\n");
        drop(waiting);

        let status = manager.status();
        assert_eq!(status.status.code(), Some(3), "{status:?}");
        let text = String::from_utf8(status.stdout).unwrap();
        assert!(text.starts_with("{\"schema\":\"azike.status/1\""), "{text}");
        // O_CLOEXEC and O_NONBLOCK.
        let flags = u32::from_str_radix(&daemon.fd_flags(3), 8).unwrap();
        assert_eq!(flags & 0o2_004_000, 0o2_004_000, "{flags:o}");
        for _ in 0..3 {
            assert_eq!(manager.heard(), "WATCHDOG=1\nSTATUS=no tunnel\n");
        }

        daemon.signal(Signal::TERM);
        assert_eq!(manager.hears("STOPPING"), "STOPPING=1\nSTATUS=ends\n");
        assert_eq!(daemon.0.wait().unwrap().code(), Some(0));
        UnixStream::connect(manager.socket()).unwrap();
    }
}

/// SIGKILL: the clients of the next daemon wait in the same socket.
#[test]
fn the_next_daemon_takes_the_same_socket() {
    if lacks("a restart by the service manager") {
        return;
    }
    let manager = Manager::new(false);
    let mut first = manager.start();
    manager.hears("READY");
    first.signal(Signal::KILL);
    first.0.wait().unwrap();
    let _second = manager.start();
    let status = manager.status();
    assert_eq!(status.status.code(), Some(3), "{status:?}");
}

/// A daemon that hangs gives no sign of life any more.
#[test]
fn a_daemon_that_stands_still_is_not_heard() {
    if lacks("the watchdog") {
        return;
    }
    let manager = Manager::new(false);
    let daemon = manager.start();
    manager.hears("WATCHDOG");
    daemon.signal(Signal::STOP);
    manager.ear.set_nonblocking(true).unwrap();
    while manager.ear.recv(&mut [0; 512]).is_ok() {}
    manager.ear.set_nonblocking(false).unwrap();
    let patience = Some(Duration::from_millis(800));
    manager.ear.set_read_timeout(patience).unwrap();
    assert!(manager.ear.recv(&mut [0; 512]).is_err());
    daemon.signal(Signal::CONT);
    manager.hears("WATCHDOG");
}

/// The variables of a parent are not ours.
#[test]
fn what_was_meant_for_another_process_is_not_taken() {
    if lacks("variables of a parent") {
        return;
    }
    let manager = Manager::new(false);
    fs::remove_file(manager.socket()).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_azike"))
        .arg("daemon")
        .arg("--socket")
        .arg(manager.socket())
        .envs([("LISTEN_PID", "1"), ("LISTEN_FDS", "1")])
        .env("NOTIFY_SOCKET", &manager.ear_name)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let daemon = Daemon(child);
    manager.hears("READY");
    assert_eq!(manager.status().status.code(), Some(3));
    daemon.signal(Signal::TERM);
    manager.hears("STOPPING");
}

/// `service install` by a user without rights: what is said names sudo, and nothing is touched.
#[test]
fn a_user_without_rights_is_told_to_use_sudo() {
    use std::os::unix::process::CommandExt as _;

    if lacks("a user without rights") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("azike");
    fs::copy(env!("CARGO_BIN_EXE_azike"), &program).unwrap();
    for verb in ["install", "uninstall", "start", "stop"] {
        let mut command = Command::new(&program);
        command.args(["service", verb]).uid(65534).gid(65534);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(10));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("AZK-0830"), "{said}");
        let next = format!("sudo {} service {verb}", program.display());
        let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(&next), "{said}");
    }
}
