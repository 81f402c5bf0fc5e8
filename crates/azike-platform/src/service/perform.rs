//! Steps on the disk. Each can be made again: what is there already, or gone already, is no error.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::manager::ServiceError;
use super::plan::Step;

/// Makes `step`, which is no order to the manager.
pub(super) fn on_disk(step: &Step) -> Result<(), ServiceError> {
    let result = match step {
        Step::MakeFolder(path) => make_folder(path),
        Step::CopyProgram { from, to } => copy_program(from, to),
        Step::WriteFile { path, text } => put(path, 0o644, &mut text.as_bytes()),
        Step::RemoveFile(path) => gone(fs::remove_file(path)),
        Step::RemoveFolder(path) => remove_folder(path),
        Step::RemoveRuntime(path) => return remove_place(path, "control.sock.lock", step),
        Step::RemoveState(path) => {
            let journal = path.join("journal");
            if fs::symlink_metadata(&journal).is_ok() {
                return Err(ServiceError::Unfinished(journal));
            }
            return remove_place(path, "lock", step);
        }
        Step::Order(_) => Ok(()),
    };
    result.map_err(|error| ServiceError::Change(step.to_string(), error))
}

fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o755).create(path)?;
    // The umask may have taken more away than it should.
    fs::set_permissions(path, Permissions::from_mode(0o755))
}

fn copy_program(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(folder)?;
    }
    put(to, 0o755, &mut File::open(from)?)
}

/// Puts a file in its place all at once: whoever runs or reads it sees the old one or the new one.
fn put(path: &Path, mode: u32, content: &mut impl io::Read) -> io::Result<()> {
    let new = beside(path);
    gone(fs::remove_file(&new))?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(&new)?;
    io::copy(content, &mut file)?;
    file.flush()?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// The name under which a new file waits for its place.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".azike-new");
    name.into()
}

/// Removes a folder of ours; what others put into it stays, and so does the folder.
fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        result => gone(result),
    }
}

/// Removes a folder with all that is in it, unless another azike holds its lock.
fn remove_place(path: &Path, lock: &str, step: &Step) -> Result<(), ServiceError> {
    let failed = |error| ServiceError::Change(step.to_string(), error);
    let lock = OpenOptions::new()
        .write(true)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path.join(lock));
    let held = match lock {
        Ok(lock) => match lock.try_lock() {
            Ok(()) => Some(lock),
            Err(TryLockError::WouldBlock) => return Err(ServiceError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    let removed = gone(fs::remove_dir_all(path)).map_err(failed);
    drop(held);
    removed
}

/// What is gone already is as it should be.
fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
