//! What the command line asks of the daemon: one request for each connection.

use serde::{Deserialize, Serialize};

use crate::UpOptions;

/// The version of the control protocol, the first field of a request.
pub const PROTOCOL_VERSION: u32 = 1;

/// One request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Make a tunnel. Replies: [`Stage`](crate::Reply::Stage) many times, then
    /// [`Connected`](crate::Reply::Connected), [`AlreadyConnected`](crate::Reply::AlreadyConnected)
    /// or [`Failed`](crate::Reply::Failed). When the connection closes before the end, the
    /// attempt is given up and undone.
    Up(Box<UpRequest>),
    /// Take the tunnel down, or give up an attempt that is under way. Reply:
    /// [`Disconnected`](crate::Reply::Disconnected) or
    /// [`NotConnected`](crate::Reply::NotConnected).
    Down,
    /// Say what is. Reply: [`Status`](crate::Reply::Status).
    Status,
    /// Take everything down and undo what earlier processes left behind. Reply:
    /// [`Reset`](crate::Reply::Reset).
    Reset,
    /// Say who answers. Reply: [`Version`](crate::Reply::Version).
    Version,
}

/// What a tunnel is made from. The files themselves travel as descriptors beside the frame, in
/// the order of `attached`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UpRequest {
    /// Which profile.
    pub profile: ProfileSource,
    /// What the descriptors are, first to last.
    pub attached: Vec<Attached>,
    /// The identity in the Keychain of the daemon's process, in place of a file:
    /// `cn:NAME`, `issuer:NAME`, `sha256:DIGITS` or a common name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keychain: Option<String>,
    /// How to make it.
    #[serde(default)]
    pub options: UpOptions,
}

/// Where the profile comes from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ProfileSource {
    /// A package that comes as a descriptor.
    Package {
        /// The name the profile gets, see [`is_profile_name`].
        name: String,
    },
    /// A profile that the daemon keeps.
    Stored {
        /// Its name.
        name: String,
    },
}

/// What a descriptor holds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attached {
    /// The package, a zip file.
    Package,
    /// The client certificate with its key, PKCS#12 or PEM.
    Identity,
    /// The password of the identity file, UTF-8 without a line end; usually a pipe.
    Password,
}

/// The most descriptors that a request may carry.
pub const DESCRIPTORS_MAX: usize = 3;

impl ProfileSource {
    /// The name of the profile.
    pub fn name(&self) -> &str {
        match self {
            Self::Package { name } | Self::Stored { name } => name,
        }
    }
}

impl UpRequest {
    /// Whether `attached` is what such a request must bring: a package exactly when the profile is
    /// one; an identity, with a password or without, unless it is in the Keychain; nothing twice.
    pub fn attachments_fit(&self) -> bool {
        let count = |wanted| self.attached.iter().filter(|&&item| item == wanted).count();
        let packages = match self.profile {
            ProfileSource::Package { .. } => 1,
            ProfileSource::Stored { .. } => 0,
        };
        let identities = usize::from(self.keychain.is_none());
        count(Attached::Package) == packages
            && count(Attached::Identity) == identities
            && count(Attached::Password) <= identities
    }
}

/// Whether `name` can be the name of a profile: it also becomes the name of a folder. Letters,
/// digits, `.`, `-` and `_`, 1 to 64 octets, beginning with a letter, a digit or `_`.
pub fn is_profile_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        && !name.starts_with(['.', '-'])
}

/// The profile name for a package file whose name without `.zip` is `stem`: what cannot be part
/// of a name becomes a dash.
pub fn profile_name_from(stem: &str) -> String {
    let mapped = stem.chars().map(|c| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' => c,
        _ => '-',
    });
    let name: String = mapped
        .skip_while(|&c| c == '-' || c == '.')
        .take(64)
        .collect();
    if name.is_empty() {
        "profile".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leaves_its_folder() {
        for name in ["contoso", "vnet1-GW_2.west", "0"] {
            assert!(is_profile_name(name), "{name}");
        }
        for name in [
            "", ".", "..", "../x", "a/b", "a\\b", "-v", "a b", "ü", "a\0",
        ] {
            assert!(!is_profile_name(name), "{name}");
            assert!(is_profile_name(&profile_name_from(name)), "{name}");
        }
        assert!(is_profile_name(&profile_name_from(&"x".repeat(500))));
        assert_eq!(profile_name_from("vpnClient (2)"), "vpnClient--2-");
    }

    #[test]
    fn attachments_must_fit_the_profile() {
        use Attached::{Identity, Package, Password};
        let package = || ProfileSource::Package { name: "a".into() };
        let stored = || ProfileSource::Stored { name: "a".into() };
        let fits_with = |profile, attached: &[Attached], keychain: Option<&str>| {
            let attached = attached.to_vec();
            let options = UpOptions::default();
            UpRequest {
                profile,
                attached,
                keychain: keychain.map(str::to_owned),
                options,
            }
            .attachments_fit()
        };
        let fits = |profile, attached: &[Attached]| fits_with(profile, attached, None);
        assert!(fits(package(), &[Package, Identity]));
        assert!(fits(package(), &[Identity, Password, Package]));
        assert!(fits(stored(), &[Identity]));
        assert!(!fits(stored(), &[Package, Identity]));
        assert!(!fits(package(), &[Identity]));
        assert!(!fits(package(), &[Package, Package, Identity]));
        assert!(!fits(package(), &[Package, Identity, Password, Password]));
        assert!(!fits(package(), &[]));
        let in_keychain = |attached: &[Attached]| fits_with(package(), attached, Some("ada"));
        assert!(in_keychain(&[Package]));
        assert!(!in_keychain(&[Package, Identity]));
        assert!(!in_keychain(&[Package, Password]));
    }
}
