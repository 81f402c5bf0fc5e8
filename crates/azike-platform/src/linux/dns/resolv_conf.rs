//! `/etc/resolv.conf` where nobody else keeps it.
//!
//! The file is replaced by renaming a new one onto it, so that nobody sees
//! half of it. Where that cannot be (the file is a mount point, as in a
//! network namespace or a container, or its directory cannot be written), it
//! is written in place. A symbolic link is replaced by a file, and comes back.

mod render;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use self::render::render;
use crate::file_change::FileVerdict;
use crate::linux::namespace;
use crate::{Certainty, DnsConfig, FileChange, FileState, Octets, SystemError, Undone};

/// Larger than any resolv.conf that makes sense.
const MAX_LENGTH: u64 = 64 << 10;

/// Looks at the file and says what it would become.
pub(in crate::linux) fn observe(
    path: &Path,
    interface: &str,
    dns: &DnsConfig,
) -> Result<FileChange, SystemError> {
    let target = fs::canonicalize(path).ok();
    let target = target.filter(|target| namespace::is_mount_point(target));
    // A link to a file that is mounted for us: the link is everybody's, the file ours.
    let path = target.as_deref().unwrap_or(path);
    let before = state(path)?;
    let text = match &before {
        FileState::Absent => Octets(Vec::new()),
        FileState::Regular { octets, .. } => octets.clone(),
        // Its servers, if it has any, are worth keeping; a link to nowhere has none.
        FileState::Symlink { .. } => Octets(read(path).unwrap_or_default()),
    };
    let ours = render(&String::from_utf8_lossy(&text.0), interface, dns);
    Ok(FileChange {
        path: path.to_owned(),
        before,
        ours: Octets(ours.into_bytes()),
    })
}

/// Writes our text.
pub(in crate::linux) fn replace(change: &FileChange) -> Result<(), SystemError> {
    if state(&change.path)? != change.before {
        return Err(SystemError::Contended(change.path.clone()));
    }
    let (mode, uid, gid) = match change.before {
        FileState::Regular { mode, uid, gid, .. } => (mode, uid, gid),
        FileState::Absent | FileState::Symlink { .. } => (0o644, 0, 0),
    };
    let wanted = FileState::Regular {
        octets: change.ours.clone(),
        mode,
        uid,
        gid,
    };
    put(&change.path, &wanted)
}

/// Whether the file still says what we wrote.
pub(in crate::linux) fn in_force(change: &FileChange) -> Result<bool, SystemError> {
    let now = state(&change.path)?;
    Ok(matches!(now, FileState::Regular { octets, .. } if octets == change.ours))
}

/// Puts back what was there, unless somebody else wrote the file meanwhile.
pub(in crate::linux) fn put_back(
    change: &FileChange,
    certainty: Certainty,
) -> Result<Undone, SystemError> {
    if !namespace::is_mount_point(&change.path) {
        remove_if_there(&beside(&change.path)).map_err(|error| sort(&change.path, error))?;
    }
    match change.judge(&state(&change.path)?, certainty) {
        FileVerdict::AsBefore => Ok(Undone::Restored),
        FileVerdict::Foreign => Ok(Undone::ChangedMeanwhile),
        FileVerdict::Ours => put(&change.path, &change.before).map(|()| Undone::Restored),
    }
}

/// Whether programs that read the file are led to systemd-resolved.
pub(in crate::linux) fn points_to_resolved(path: &Path) -> bool {
    let linked =
        fs::read_link(path).is_ok_and(|to| to.to_string_lossy().contains("systemd/resolve"));
    linked || {
        let text = String::from_utf8_lossy(&read(path).unwrap_or_default()).into_owned();
        render::servers(&text).any(|server| matches!(server, "127.0.0.53" | "127.0.0.54"))
    }
}

/// What is behind `path`, the link itself if it is one.
fn state(path: &Path) -> Result<FileState, SystemError> {
    let failed = |error| sort(path, error);
    let meta = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(FileState::Absent),
        meta => meta.map_err(failed)?,
    };
    if meta.is_symlink() {
        let target = fs::read_link(path).map_err(failed)?;
        return Ok(FileState::Symlink { target });
    }
    if !meta.is_file() || meta.len() > MAX_LENGTH {
        return Err(SystemError::BadFile(path.to_owned()));
    }
    Ok(FileState::Regular {
        octets: Octets(read(path).map_err(failed)?),
        mode: meta.mode() & 0o7777,
        uid: meta.uid(),
        gid: meta.gid(),
    })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nonblock)
        .open(path)?;
    file.take(MAX_LENGTH).read_to_end(&mut octets)?;
    Ok(octets)
}

/// Brings `path` into `state`.
fn put(path: &Path, state: &FileState) -> Result<(), SystemError> {
    let result = if namespace::is_mount_point(path) {
        // The directory around it is not ours alone: no new name in there.
        in_place(path, state, Errno::BUSY.into())
    } else {
        by_rename(path, state).or_else(|error| {
            let aside = remove_if_there(&beside(path));
            aside.and_then(|()| in_place(path, state, error))
        })
    };
    result.map_err(|error| sort(path, error))
}

fn by_rename(path: &Path, state: &FileState) -> io::Result<()> {
    let new = beside(path);
    remove_if_there(&new)?;
    match state {
        FileState::Absent => fs::remove_file(path)?,
        FileState::Symlink { target } => {
            symlink(target, &new)?;
            fs::rename(&new, path)?;
        }
        FileState::Regular {
            octets,
            mode,
            uid,
            gid,
        } => {
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&new)?;
            file.write_all(&octets.0)?;
            std::os::unix::fs::fchown(&file, Some(*uid), Some(*gid))?;
            file.set_permissions(fs::Permissions::from_mode(*mode))?;
            file.sync_all()?;
            fs::rename(&new, path)?;
        }
    }
    if let Some(dir) = path.parent() {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

/// Writes over the file that is there. Only a file can be in a place that
/// cannot be renamed onto, so for the rest `error` is the last word.
fn in_place(path: &Path, state: &FileState, error: io::Error) -> io::Result<()> {
    let FileState::Regular { octets, .. } = state else {
        return Err(error);
    };
    let nofollow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let mut file = OpenOptions::new()
        .write(true)
        .truncate(true)
        .custom_flags(nofollow)
        .open(path)
        .map_err(|second| {
            if error.kind() == io::ErrorKind::StorageFull {
                error
            } else {
                second
            }
        })?;
    file.write_all(&octets.0)?;
    file.sync_all()
}

/// The name under which a new file waits for its place.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".azike-new");
    path.with_file_name(name)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // Where nothing can be removed, nothing was put.
        Err(error) if Errno::from_io_error(&error) == Some(Errno::ROFS) => Ok(()),
        result => result,
    }
}

fn sort(path: &Path, error: io::Error) -> SystemError {
    match Errno::from_io_error(&error) {
        // Root is refused only what is immutable.
        Some(Errno::PERM) if rustix::process::geteuid().is_root() => {
            SystemError::Protected(path.to_owned())
        }
        Some(Errno::ACCESS | Errno::PERM) => SystemError::NoPermission,
        Some(Errno::ROFS) => SystemError::Protected(path.to_owned()),
        _ => SystemError::Io(error),
    }
}

#[cfg(test)]
mod tests;
