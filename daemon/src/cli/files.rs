//! The user's files: opened here, with the user's rights, and handed on as descriptors.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::path::Path;

use azike_control::request::{is_profile_name, profile_name_from};
use azike_control::{Code, Failure, ProfileSource, Warning};
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use rustix::io::Errno;

/// A file that is open for reading.
#[derive(Debug)]
pub(super) struct Opened {
    pub descriptor: OwnedFd,
    /// Whether it can be read more than once.
    pub is_regular: bool,
    /// Whether users other than its owner can read it.
    pub is_public: bool,
}

/// Which profile the first argument of `azike up` means: a file when there is one of this name or
/// it looks like one, else the name of a profile.
pub(super) fn profile(argument: &Path) -> Result<(ProfileSource, Option<Opened>), Failure> {
    let name = argument.to_str().filter(|name| is_profile_name(name));
    let zip = argument
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    match (name, argument.exists()) {
        (Some(name), false) if !zip => {
            let name = name.to_owned();
            Ok((ProfileSource::Stored { name }, None))
        }
        (_, _) => {
            let opened = open_file(argument)?;
            let stem = argument.file_stem().unwrap_or_default().to_string_lossy();
            let name = profile_name_from(&stem);
            Ok((ProfileSource::Package { name }, Some(opened)))
        }
    }
}

/// Opens a file or a pipe. Never waits for the other end of a pipe.
pub(super) fn open_file(path: &Path) -> Result<Opened, Failure> {
    let shown = path.display();
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let failed = |error: Errno| {
        let (code, what) = match error {
            Errno::NOENT | Errno::NOTDIR => {
                (Code::FILE_NOT_FOUND, format!("there is no file {shown}"))
            }
            Errno::ACCESS | Errno::PERM => {
                (Code::FILE_NOT_READABLE, format!("{shown} cannot be opened"))
            }
            _ => (Code::FILE_KIND, format!("{shown} cannot be opened")),
        };
        Failure::new(code, what).seen(error.to_string())
    };
    let descriptor = open(path, flags, Mode::empty()).map_err(failed)?;
    let found = fstat(&descriptor).map_err(failed)?;
    let kind = match FileType::from_raw_mode(found.st_mode) {
        FileType::RegularFile => Ok(true),
        FileType::Fifo => Ok(false),
        FileType::Directory => Err("is a folder"),
        FileType::CharacterDevice | FileType::BlockDevice => Err("is a device"),
        FileType::Socket | FileType::Symlink | FileType::Unknown => Err("is not a file"),
    };
    let is_regular =
        kind.map_err(|kind| Failure::new(Code::FILE_KIND, format!("{shown} {kind}")))?;
    Ok(Opened {
        descriptor,
        is_regular,
        is_public: is_regular && found.st_mode & 0o044 != 0,
    })
}

/// Reads a file of at most `most` octets to the end of `octets`. A buffer with room for one more is never moved, so that
/// a secret stays in one place.
pub(super) fn read_file(path: &Path, most: usize, octets: &mut Vec<u8>) -> Result<(), Failure> {
    let opened = open_file(path)?;
    let shown = path.display();
    if !opened.is_regular {
        let what = format!("{shown} is not a file");
        return Err(Failure::new(Code::FILE_KIND, what));
    }
    let limit = u64::try_from(most + 1).unwrap_or(u64::MAX);
    let read = File::from(opened.descriptor)
        .take(limit)
        .read_to_end(octets);
    read.map_err(|error| {
        let what = format!("{shown} cannot be read");
        Failure::new(Code::FILE_KIND, what).seen(error.to_string())
    })?;
    if octets.len() > most {
        let what = format!("{shown} has more than {most} octets");
        return Err(Failure::new(Code::FILE_TOO_BIG, what));
    }
    Ok(())
}

/// The warning for a file with a secret that others can read.
pub(super) fn public_file(path: &Path) -> Warning {
    let text = format!("other users can read {}", path.display());
    Warning::new(Code::FILE_READABLE_BY_OTHERS, text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn code(path: &Path) -> Option<Code> {
        open_file(path).err().map(|failure| failure.code)
    }

    #[test]
    fn what_is_not_a_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(code(folder.path()), Some(Code::FILE_KIND));
        assert_eq!(code(Path::new("/dev/zero")), Some(Code::FILE_KIND));
        let missing = folder.path().join("missing.zip");
        assert_eq!(code(&missing), Some(Code::FILE_NOT_FOUND));
        assert_eq!(code(&missing.join("below")), Some(Code::FILE_NOT_FOUND));
    }

    /// A pipe nobody writes to must not hold the command up.
    #[test]
    fn a_pipe_is_opened_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        // rustix makes no pipes with a name on a Mac.
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        assert!(!open_file(&pipe).unwrap().is_regular);
    }

    #[test]
    fn the_argument_is_a_file_or_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vpn client.zip");
        fs::write(&file, "x").unwrap();
        let name = |path: &Path| profile(path).map(|(source, _)| source).map_err(|f| f.code);
        let package = |name: &str| Ok(ProfileSource::Package { name: name.into() });
        let stored = |name: &str| Ok(ProfileSource::Stored { name: name.into() });
        assert_eq!(name(&file), package("vpn-client"));
        assert_eq!(name(Path::new("contoso")), stored("contoso"));
        assert_eq!(name(Path::new("contoso.zip")), Err(Code::FILE_NOT_FOUND));
        assert_eq!(name(Path::new("./contoso")), Err(Code::FILE_NOT_FOUND));
        assert_eq!(name(Path::new("../../etc")), Err(Code::FILE_NOT_FOUND));
    }
}
