//! Why a package cannot be used: the user's file, or what the administrator
//! configured.

use super::{NameFault, XmlFault};
use crate::CertificateFault;

/// Why a package cannot be used. Texts of the package inside are short and
/// printable.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PackageError {
    /// No octets at all.
    #[error("the file is empty")]
    Empty,
    /// Not a zip, whatever else it may be.
    #[error("the file is not a zip archive")]
    NotAZip,
    /// It begins as a zip, and its end is missing.
    #[error("the zip archive is cut off: download it again")]
    Truncated,
    /// The zip itself is larger than a package can be (16 MiB).
    #[error("the file is too large for a VPN client package ({0} octets)")]
    TooLarge(usize),
    /// More entries than a package can have (512).
    #[error("the zip archive has too many entries ({0})")]
    TooManyEntries(usize),
    /// An entry that unpacks to far more than it should: a zip bomb.
    #[error("'{name}' in the zip archive unpacks to an unreasonable size; nothing was unpacked")]
    Bomb {
        /// The entry.
        name: String,
    },
    /// A name that points outside, or that systems read differently.
    #[error("the zip archive has an unsafe entry name '{name}': {fault}")]
    UnsafeName {
        /// The name.
        name: String,
        /// What is wrong with it.
        fault: NameFault,
    },
    /// Two entries of one name, or names that differ only in case.
    #[error("the zip archive has '{name}' twice")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// Two entries share octets of the archive.
    #[error("entries of the zip archive overlap")]
    Overlap,
    /// A symbolic link.
    #[error("'{name}' in the zip archive is a symbolic link")]
    Symlink {
        /// The entry.
        name: String,
    },
    /// An entry is encrypted.
    #[error("'{name}' in the zip archive is encrypted; use the package as Azure made it")]
    Encrypted {
        /// The entry.
        name: String,
    },
    /// Split over several files, or a compression that no package uses.
    #[error("this kind of zip archive is not supported ({0})")]
    UnsupportedZip(String),
    /// The archive contradicts itself, or a checksum is wrong.
    #[error("the zip archive is damaged: {0}")]
    Damaged(String),
    /// No `Generic` folder: the gateway does not do IKEv2.
    #[error(
        "the package has no 'Generic' folder: IKEv2 is not enabled on this gateway, \
         or the gateway has the Basic SKU{}",
        found_folders(found)
    )]
    NoGenericFolder {
        /// The folders that are there.
        found: Vec<String>,
    },
    /// A `Generic` folder without `VpnSettings.xml`.
    #[error("the 'Generic' folder of the package has no VpnSettings.xml")]
    NoSettings,
    /// The gateway does `OpenVPN`, not IKEv2.
    #[error("the package is for OpenVPN only: IKEv2 is not enabled on this gateway")]
    OpenVpnOnly,
    /// The gateway asks for a Microsoft Entra ID login, which needs `OpenVPN`.
    #[error("the package is for Microsoft Entra ID login, which works with OpenVPN only")]
    EntraOnly,
    /// The gateway asks for a RADIUS user name and password.
    #[error(
        "the package is for RADIUS user name and password (EAP-MSCHAPv2); azike needs a certificate"
    )]
    RadiusPassword,
    /// Other tunnel types only, SSTP for one.
    #[error("the package has no IKEv2, only {types}")]
    NotIkev2 {
        /// `VpnType`.
        types: String,
    },
    /// A word in `Auth` that we do not know.
    #[error("the package asks for an unknown kind of login '{0}'")]
    UnknownAuth(String),
    /// An XML file cannot be read.
    #[error("{file}: {fault}")]
    Xml {
        /// Which file.
        file: &'static str,
        /// What is wrong.
        fault: XmlFault,
    },
    /// An element that must be there is not, or is empty.
    #[error("VpnSettings.xml has no {element}")]
    MissingElement {
        /// Which.
        element: &'static str,
    },
    /// An element that may be there once is there twice.
    #[error("VpnSettings.xml has {element} more than once")]
    RepeatedElement {
        /// Which.
        element: &'static str,
    },
    /// An element has a value it cannot have.
    #[error("VpnSettings.xml: {element} '{value}': {reason}")]
    BadValue {
        /// Which.
        element: &'static str,
        /// Its value, or the part of it that is wrong.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Neither a file nor the XML has a root certificate of the gateway.
    #[error("the package has no root certificate (VpnServerRoot.cer)")]
    NoRoot,
    /// There are roots, and none can be used; this is the first one.
    #[error("{file}: {fault}")]
    BadRoot {
        /// Where it is.
        file: String,
        /// What is wrong with it.
        fault: RootFault,
    },
}

/// Why a certificate cannot be a root.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RootFault {
    /// The file is empty.
    #[error("the root certificate is empty")]
    Empty,
    /// Neither DER, nor PEM, nor Base64.
    #[error("not a root certificate: {0}")]
    NotACertificate(CertificateFault),
    /// It is marked as not being a certificate authority.
    #[error("the certificate is not a certificate authority")]
    NotAnAuthority,
    /// RSA below 2048 bits.
    #[error("the root certificate has a weak key (RSA {0})")]
    WeakKey(usize),
    /// More roots than any package has.
    #[error("too many root certificates")]
    TooMany,
}

fn found_folders(found: &[String]) -> String {
    match found {
        [] => String::new(),
        found => format!(" (found: {})", found.join(", ")),
    }
}
