//! Where the control socket is, and that it is ours alone.
//!
//! ```text
//!   claim   the folder belongs to root or to us, nobody else can write to it
//!           lock control.sock.lock   ──▶ taken: another azike runs
//!           what has the name?       ──▶ a socket that answers: another azike runs
//!                                        a socket that does not: left by a dead process
//!                                        anything else: not ours, stop
//!   open    .control.sock.PID/s  made in a folder with mode 0700, owner and mode set there,
//!           then renamed to its name: nobody can connect before the mode is right
//!
//!   claim_kept, adopt   the same with a socket that the service manager made and keeps: it stays
//!                       when we go, and clients wait in it until the next of us comes
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _,
    PermissionsExt as _,
};
use std::os::unix::net::{UnixListener as BlockingListener, UnixStream as BlockingStream};
use std::path::{Path, PathBuf};

use azike_control::{Code, Failure};
use rustix::fs::OFlags;
use rustix::process::geteuid;
use tokio::net::{UnixListener, UnixStream};
use tracing::debug;

use super::access::{GROUP, Group};
use crate::daemon::engine_face::Places;

/// Where the command line looks for the daemon.
#[cfg(target_os = "macos")]
pub const DEFAULT_SOCKET: &str = "/var/run/azike/control.sock";
/// Where the command line looks for the daemon.
#[cfg(not(target_os = "macos"))]
pub const DEFAULT_SOCKET: &str = "/run/azike/control.sock";

/// What outlives a restart of the computer, for the socket at its usual place.
#[cfg(target_os = "macos")]
const DEFAULT_STATE: &str = "/Library/Application Support/azike";
/// What outlives a restart of the computer, for the socket at its usual place.
#[cfg(not(target_os = "macos"))]
const DEFAULT_STATE: &str = "/var/lib/azike";

/// The longest path that clients can connect to on every system, in octets.
const PATH_MAX: usize = 103;

/// The right to serve at a path. While it lives, no other azike gets it.
#[derive(Debug)]
pub struct Claim {
    path: PathBuf,
    folder: PathBuf,
    _lock: File,
}

/// The socket at its place. Dropping it removes the file, if it is still ours, and then the claim.
#[derive(Debug)]
pub struct ControlListener {
    listener: UnixListener,
    /// Of the file that goes with the listener; none if a service manager keeps it.
    ours: Option<(u64, u64)>,
    claim: Claim,
}

/// Claims `path` for this process. The folder of the socket is made when only it is missing.
///
/// # Errors
///
/// [`Code::DAEMON_ALREADY_RUNNING`] when another azike serves there, [`Code::SOCKET_PATH`] when
/// the place is not safe or not usable.
pub fn claim(path: &Path) -> Result<Claim, Failure> {
    let claim = claim_place(path)?;
    check_name(path)?;
    Ok(claim)
}

/// Claims `path`, where a service manager keeps `listener` open for this process.
///
/// # Errors
///
/// As [`claim`]; also when `listener` is somewhere else.
pub fn claim_kept(path: &Path, listener: &BlockingListener) -> Result<Claim, Failure> {
    let kept = listener.local_addr();
    let kept = kept.map_err(|error| unusable(path, &error.to_string()))?;
    let identity = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
    let same = kept.as_pathname().is_some_and(|kept| {
        kept == path || matches!((identity(kept), identity(path)), (Ok(a), Ok(b)) if a == b)
    });
    if !same {
        return Err(unusable(path, "the service manager keeps another socket"));
    }
    claim_place(path)
}

/// Everything but a look at what has the socket's name.
fn claim_place(path: &Path) -> Result<Claim, Failure> {
    let folder = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_owned(),
        None => return Err(unusable(path, "it is not the name of a file")),
    };
    let Some(name) = path.file_name() else {
        return Err(unusable(path, "it is not the name of a file"));
    };
    if path.as_os_str().len() > PATH_MAX {
        return Err(unusable(
            path,
            "the path is longer than that of a socket can be",
        ));
    }
    check_folder(&folder).map_err(|problem| unusable(path, &problem))?;
    let mut lock_name = name.to_owned();
    lock_name.push(".lock");
    let lock = lock(&folder.join(lock_name), path)?;
    Ok(Claim {
        path: path.to_owned(),
        folder,
        _lock: lock,
    })
}

/// Whether the folder is fit; it is made when it is missing.
fn check_folder(folder: &Path) -> Result<(), String> {
    let made = DirBuilder::new().mode(0o755).create(folder);
    match made {
        Ok(()) => {
            // The umask may have taken more away than it should.
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(folder, mode).map_err(|error| error.to_string())?;
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
        Err(error) => return Err(format!("the folder cannot be made: {error}")),
    }
    let found = fs::symlink_metadata(folder).map_err(|error| error.to_string())?;
    if !found.is_dir() {
        return Err("the folder of the socket is not a folder".to_owned());
    }
    if found.uid() != 0 && found.uid() != geteuid().as_raw() {
        return Err(format!("the folder belongs to user {}", found.uid()));
    }
    if found.mode() & 0o022 != 0 {
        return Err("others can write to the folder".to_owned());
    }
    Ok(())
}

/// Takes the lock that says who serves at `path`.
fn lock(lock_path: &Path, path: &Path) -> Result<File, Failure> {
    let no_follow = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(no_follow.bits().cast_signed())
        .open(lock_path)
        .map_err(|error| unusable(path, &format!("{}: {error}", lock_path.display())))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(running(path)),
        Err(TryLockError::Error(error)) => Err(unusable(path, &error.to_string())),
    }
}

/// Looks at what has the socket's name. Only a dead socket of ours or root's may be replaced.
fn check_name(path: &Path) -> Result<(), Failure> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unusable(path, &error.to_string())),
    };
    if !found.file_type().is_socket() {
        return Err(unusable(
            path,
            "something that is not a socket has this name",
        ));
    }
    if found.uid() != 0 && found.uid() != geteuid().as_raw() {
        let problem = format!("a socket of user {} has this name", found.uid());
        return Err(unusable(path, &problem));
    }
    match BlockingStream::connect(path) {
        Ok(_) => Err(running(path)),
        Err(error) => {
            debug!(%error, "socket of a dead process is going to be replaced");
            Ok(())
        }
    }
}

/// Where the engine that serves the socket at `path` keeps what stays.
pub(crate) fn state_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if path != Path::new(DEFAULT_SOCKET) => folder.join("state"),
        Some(_) | None => PathBuf::from(DEFAULT_STATE),
    }
}

impl Claim {
    /// Where an engine that serves here keeps its things.
    pub fn places(&self) -> Places {
        Places {
            runtime: self.folder.clone(),
            state: state_of(&self.path),
        }
    }

    /// Opens the socket: from now on clients can connect. Needs a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`Code::SOCKET_PATH`] with what the system says, for example that the path is too long.
    pub fn open(self) -> Result<ControlListener, Failure> {
        let failed = |error: io::Error| unusable(&self.path, &error.to_string());
        let private = self.folder.join(format!(".azike-{}", std::process::id()));
        // Left behind by a process that had the same number; nobody else can write here.
        remove_private(&private);
        DirBuilder::new()
            .mode(0o700)
            .create(&private)
            .map_err(failed)?;
        let made = make_socket(&private.join("s"), &self.path);
        remove_private(&private);
        let (listener, identity) = made.map_err(failed)?;
        Ok(ControlListener {
            listener,
            ours: Some(identity),
            claim: self,
        })
    }

    /// Serves at a socket that the service manager keeps; the clients that wait in it come first.
    /// Needs a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`Code::SOCKET_PATH`] with what the system says.
    pub fn adopt(self, listener: BlockingListener) -> Result<ControlListener, Failure> {
        let failed = |error: io::Error| unusable(&self.path, &error.to_string());
        listener.set_nonblocking(true).map_err(failed)?;
        // The manager does not know whether there is a group.
        admit_group(&self.path).map_err(failed)?;
        let listener = UnixListener::from_std(listener).map_err(failed)?;
        Ok(ControlListener {
            listener,
            ours: None,
            claim: self,
        })
    }
}

/// Makes the socket at `private`, where only this user can reach it, and moves it to `path`.
fn make_socket(private: &Path, path: &Path) -> io::Result<(UnixListener, (u64, u64))> {
    let listener = BlockingListener::bind(private)?;
    listener.set_nonblocking(true)?;
    admit_group(private)?;
    let found = fs::symlink_metadata(private)?;
    fs::rename(private, path)?;
    Ok((
        UnixListener::from_std(listener)?,
        (found.dev(), found.ino()),
    ))
}

/// Gives the socket at `path` to the group, if there is one, and else to this user alone.
fn admit_group(path: &Path) -> io::Result<()> {
    let group = Group::find(GROUP).filter(|_| geteuid().is_root());
    let given = group.map(|group| std::os::unix::fs::chown(path, None, Some(group.gid)));
    let mode = match given {
        Some(Ok(())) => 0o660,
        // Root of a user namespace to which this group does not belong: then it is for root alone.
        Some(Err(error)) if error.kind() == io::ErrorKind::InvalidInput => 0o600,
        Some(Err(error)) => return Err(error),
        None => 0o600,
    };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Removes the private folder with what may be in it; what does not work now hurts nobody.
fn remove_private(private: &Path) {
    for result in [fs::remove_file(private.join("s")), fs::remove_dir(private)] {
        if let Err(error) = result
            && error.kind() != io::ErrorKind::NotFound
        {
            debug!(%error, "private folder of the socket stays");
        }
    }
}

impl ControlListener {
    /// The next connection.
    pub(super) async fn accept(&self) -> io::Result<UnixStream> {
        let (stream, _) = self.listener.accept().await?;
        Ok(stream)
    }

    /// Where it listens.
    pub fn path(&self) -> &Path {
        &self.claim.path
    }
}

impl Drop for ControlListener {
    fn drop(&mut self) {
        let Some(identity) = self.ours else { return };
        let path = &self.claim.path;
        let ours =
            fs::symlink_metadata(path).is_ok_and(|found| (found.dev(), found.ino()) == identity);
        if ours && let Err(error) = fs::remove_file(path) {
            debug!(%error, "control socket stays");
        }
    }
}

fn unusable(path: &Path, problem: &str) -> Failure {
    Failure::new(
        Code::SOCKET_PATH,
        format!("the control socket {} cannot be made", path.display()),
    )
    .seen(problem)
}

fn running(path: &Path) -> Failure {
    Failure::new(
        Code::DAEMON_ALREADY_RUNNING,
        format!("another azike already serves {}", path.display()),
    )
}

#[cfg(test)]
mod tests;
