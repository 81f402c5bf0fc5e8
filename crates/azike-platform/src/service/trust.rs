//! Whether a program is fit to be run by root: nobody but root may be able to exchange it.
//!
//! ```text
//!   /  usr  local  bin  azike      each: owned by root, no write for group or others
//! ```
//!
//! `/opt/homebrew/bin` and `~/.cargo/bin` are not. Who can write there would be root at the next
//! start of the service.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The part of a path by which others could have root run something else.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{} {flaw}", .path.display())]
pub struct Distrust {
    /// The folder, or the program itself.
    pub path: PathBuf,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What is wrong with a part of a path.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Flaw {
    /// It belongs to this user.
    #[error("belongs to user {0}")]
    Owner(u32),
    /// Its permission bits let group or others write.
    #[error("can be written by others (mode {0:o})")]
    Writable(u32),
    /// Neither a file nor a folder, or one in the place of the other.
    #[error("is not what it should be")]
    Kind,
    /// A name that a service file cannot hold as it is.
    #[error("has a character in its name that service files take for something else")]
    Name,
    /// It cannot be looked at.
    #[error("cannot be looked at: {0}")]
    Unseen(String),
}

/// Checks `program`, a path without links, and each folder around it up to `top`.
pub(super) fn check_program(program: &Path, top: &Path, owner: u32) -> Result<(), Distrust> {
    let found = look(program)?;
    if !found.is_file() {
        return Err(distrust(program, Flaw::Kind));
    }
    check(program, &found, owner)?;
    let text = program.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+');
    if !text.chars().all(plain) {
        return Err(distrust(program, Flaw::Name));
    }
    match program.parent() {
        Some(folder) => check_folders(folder, top, owner),
        None => Err(distrust(program, Flaw::Kind)),
    }
}

/// Checks the place where `path` is or would be: the folders that exist, up to `top`.
pub(super) fn check_place(path: &Path, top: &Path, owner: u32) -> Result<(), Distrust> {
    let unseen = |path: &Path, error: &io::Error| distrust(path, Flaw::Unseen(error.to_string()));
    for folder in path.ancestors().skip(1) {
        match fs::canonicalize(folder) {
            Ok(real) => {
                let top = fs::canonicalize(top).map_err(|error| unseen(top, &error))?;
                return check_folders(&real, &top, owner);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => (),
            Err(error) => return Err(unseen(folder, &error)),
        }
    }
    Err(distrust(path, Flaw::Kind))
}

fn check_folders(folder: &Path, top: &Path, owner: u32) -> Result<(), Distrust> {
    for folder in folder.ancestors() {
        let found = look(folder)?;
        if !found.is_dir() {
            return Err(distrust(folder, Flaw::Kind));
        }
        check(folder, &found, owner)?;
        if folder == top {
            break;
        }
    }
    Ok(())
}

fn look(path: &Path) -> Result<Metadata, Distrust> {
    fs::symlink_metadata(path).map_err(|error| distrust(path, Flaw::Unseen(error.to_string())))
}

fn check(path: &Path, found: &Metadata, owner: u32) -> Result<(), Distrust> {
    if found.uid() != 0 && found.uid() != owner {
        return Err(distrust(path, Flaw::Owner(found.uid())));
    }
    // With an access control list of Linux, the bits of the group are its mask.
    if found.mode() & 0o022 != 0 {
        return Err(distrust(path, Flaw::Writable(found.mode() & 0o7777)));
    }
    Ok(())
}

fn distrust(path: &Path, flaw: Flaw) -> Distrust {
    Distrust {
        path: path.to_owned(),
        flaw,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// TOP/local/bin/azike, all of it ours.
    fn tree() -> (tempfile::TempDir, PathBuf, u32) {
        let top = tempfile::tempdir().unwrap();
        let bin = top.path().join("local/bin");
        fs::create_dir_all(&bin).unwrap();
        let program = bin.join("azike");
        fs::write(&program, "program").unwrap();
        for path in program.ancestors().take(4) {
            mode(path, 0o755);
        }
        (top, program, rustix::process::geteuid().as_raw())
    }

    #[test]
    fn a_program_that_only_root_can_exchange_is_trusted() {
        let (top, program, owner) = tree();
        assert_eq!(check_program(&program, top.path(), owner), Ok(()));
    }

    #[test]
    fn a_folder_anywhere_above_that_others_can_write_is_noticed() {
        let (top, program, owner) = tree();
        for folder in [top.path().join("local/bin"), top.path().join("local")] {
            for bits in [0o775, 0o757, 0o1777] {
                mode(&folder, bits);
                let found = check_program(&program, top.path(), owner);
                assert_eq!(found, Err(distrust(&folder, Flaw::Writable(bits))));
                let place = check_place(&program, top.path(), owner);
                assert_eq!(place, Err(distrust(&folder, Flaw::Writable(bits))));
            }
            mode(&folder, 0o755);
        }
    }

    #[test]
    fn a_folder_of_a_user_is_noticed() {
        let (top, program, owner) = tree();
        if owner != 0 {
            return;
        }
        let folder = top.path().join("local");
        std::os::unix::fs::chown(&folder, Some(1000), None).unwrap();
        let found = check_program(&program, top.path(), owner);
        assert_eq!(found, Err(distrust(&folder, Flaw::Owner(1000))));
    }

    #[test]
    fn what_is_no_program_is_not_run() {
        let (top, program, owner) = tree();
        let link = program.with_file_name("link");
        symlink(&program, &link).unwrap();
        let odd = program.with_file_name("azike %i");
        fs::copy(&program, &odd).unwrap();
        for (path, flaw) in [
            (program.parent().unwrap(), Flaw::Kind),
            (link.as_path(), Flaw::Kind),
            (odd.as_path(), Flaw::Name),
        ] {
            let found = check_program(path, top.path(), owner);
            assert_eq!(found, Err(distrust(path, flaw)));
        }
    }

    /// Only the folders that are there can be judged; those that we make are ours.
    #[test]
    fn a_place_that_does_not_exist_yet_is_judged_by_what_is_around_it() {
        let (top, _, owner) = tree();
        let place = top.path().join("local/azike/bin/azike");
        assert_eq!(check_place(&place, top.path(), owner), Ok(()));
        mode(&top.path().join("local"), 0o777);
        assert!(check_place(&place, top.path(), owner).is_err());
    }
}
