//! Profiles by name, so that `azike up NAME` needs no file the next time.
//!
//! ```text
//!   STATE/profiles/NAME/profile.zip      root only; the package as it came, never an identity
//!   STATE/profiles/NAME/group            number of the group that the gateway accepted last
//! ```

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use azike_control::{Code, Failure};
use azike_wire::KeyExchangeMethod;

/// The largest package that is read back.
const LARGEST: u64 = 16 << 20;

/// The folder of the profiles.
#[derive(Clone, Debug)]
pub(crate) struct Profiles(PathBuf);

impl Profiles {
    /// Below the folder for what stays.
    pub(crate) fn new(state: &Path) -> Self {
        Self(state.join("profiles"))
    }

    /// The package that was kept as `name`.
    pub(crate) fn read(&self, name: &str) -> Result<Vec<u8>, Failure> {
        let path = self.path(name);
        let missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        let length = fs::metadata(&path).map(|data| data.len());
        let octets = length.and_then(|length| {
            if length > LARGEST {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            fs::read(&path)
        });
        octets.map_err(|error| {
            if missing(&error) {
                Failure::new(
                    Code::PROFILE_NOT_FOUND,
                    format!("there is no profile '{name}'"),
                )
            } else {
                let what = format!("the profile '{name}' cannot be read");
                Failure::new(Code::FILE_NOT_READABLE, what).seen(error.to_string())
            }
        })
    }

    /// Keeps a package that worked. The new file is complete before the old one goes.
    pub(crate) fn keep(&self, name: &str, octets: &[u8]) -> io::Result<()> {
        let path = self.path(name);
        if fs::read(&path).is_ok_and(|kept| kept == octets) {
            return Ok(());
        }
        let folder = self.0.join(name);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        let new = folder.join("profile.zip.new");
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(octets)?;
        file.sync_all()?;
        fs::rename(new, path)
    }

    /// The group that the gateway of this profile accepted last.
    pub(crate) fn group(&self, name: &str) -> Option<KeyExchangeMethod> {
        let text = fs::read_to_string(self.0.join(name).join("group")).ok()?;
        text.trim().parse().ok().map(KeyExchangeMethod)
    }

    /// Remembers it: the right guess saves a round trip. Without it nothing is lost.
    pub(crate) fn keep_group(&self, name: &str, group: KeyExchangeMethod) {
        if self.group(name) == Some(group) {
            return;
        }
        let path = self.0.join(name).join("group");
        if let Err(error) = fs::write(path, format!("{}\n", group.0)) {
            tracing::debug!(%error, "the group is not remembered");
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name).join("profile.zip")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_profile_is_found_again_and_only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let state = tempfile::tempdir().unwrap();
        let profiles = Profiles::new(state.path());
        profiles.keep("contoso", b"one").unwrap();
        profiles.keep("contoso", b"two").unwrap();
        assert_eq!(profiles.read("contoso").unwrap(), b"two");
        let mode = fs::metadata(profiles.path("contoso"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn the_group_is_remembered_and_nonsense_is_not() {
        let state = tempfile::tempdir().unwrap();
        let profiles = Profiles::new(state.path());
        assert_eq!(profiles.group("contoso"), None);
        profiles.keep("contoso", b"one").unwrap();
        profiles.keep_group("contoso", KeyExchangeMethod::ECP_384);
        assert_eq!(profiles.group("contoso"), Some(KeyExchangeMethod::ECP_384));
        fs::write(state.path().join("profiles/contoso/group"), "70000").unwrap();
        assert_eq!(profiles.group("contoso"), None);
    }

    #[test]
    fn unknown_profile_says_so() {
        let state = tempfile::tempdir().unwrap();
        let failure = Profiles::new(state.path()).read("nowhere").unwrap_err();
        assert_eq!(failure.code, Code::PROFILE_NOT_FOUND);
    }
}
