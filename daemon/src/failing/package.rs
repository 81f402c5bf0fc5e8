//! Packages that cannot be used.

use azike_control::{Code, Failure};
use azike_profile::{PackageError, XmlFault};

/// What the user is told about a package.
pub fn package(error: &PackageError) -> Failure {
    Failure::new(code(error), error.to_string())
}

const fn code(error: &PackageError) -> Code {
    match error {
        PackageError::Empty | PackageError::NotAZip => Code::NOT_A_ZIP,
        PackageError::Truncated => Code::ZIP_TRUNCATED,
        PackageError::TooLarge(_) => Code::FILE_TOO_BIG,
        PackageError::TooManyEntries(_) | PackageError::Bomb { .. } | PackageError::Overlap => {
            Code::ZIP_BOMB
        }
        PackageError::UnsafeName { .. }
        | PackageError::DuplicateName { .. }
        | PackageError::Symlink { .. } => Code::ZIP_NAMES,
        PackageError::Encrypted { .. } => Code::ZIP_ENCRYPTED,
        PackageError::UnsupportedZip(_) | PackageError::Damaged(_) => Code::ZIP_DAMAGED,
        PackageError::NoGenericFolder { .. } => Code::NO_GENERIC_FOLDER,
        PackageError::NoSettings => Code::SETTINGS_MISSING,
        PackageError::OpenVpnOnly => Code::OPENVPN_ONLY,
        PackageError::EntraOnly => Code::ENTRA_ONLY,
        PackageError::RadiusPassword => Code::RADIUS_PASSWORD,
        PackageError::NotIkev2 { .. } => Code::SSTP_ONLY,
        PackageError::UnknownAuth(_) => Code::AUTHENTICATION_UNKNOWN,
        PackageError::Xml { fault, .. } => xml(*fault),
        PackageError::MissingElement { .. } => Code::SETTINGS_INCOMPLETE,
        PackageError::RepeatedElement { .. } | PackageError::BadValue { .. } => {
            Code::SETTINGS_VALUE
        }
        PackageError::NoRoot => Code::NO_ROOT,
        PackageError::BadRoot { .. } => Code::ROOT_INVALID,
    }
}

const fn xml(fault: XmlFault) -> Code {
    match fault {
        XmlFault::DocumentType | XmlFault::Entity => Code::SETTINGS_DTD,
        XmlFault::Encoding | XmlFault::Malformed | XmlFault::TooLarge | XmlFault::OtherDocument => {
            Code::SETTINGS_NOT_XML
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_package_is_an_invalid_file() {
        let name = || "a".to_owned();
        let errors = [
            PackageError::NotAZip,
            PackageError::Truncated,
            PackageError::Bomb { name: name() },
            PackageError::DuplicateName { name: name() },
            PackageError::NoGenericFolder { found: Vec::new() },
            PackageError::OpenVpnOnly,
            PackageError::EntraOnly,
            PackageError::RadiusPassword,
            PackageError::Xml {
                file: "VpnSettings.xml",
                fault: XmlFault::DocumentType,
            },
            PackageError::NoRoot,
        ];
        let mut codes: Vec<Code> = errors.iter().map(code).collect();
        assert!(errors.iter().all(|error| package(error).exit() == 9));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), errors.len(), "each has its own code");
    }
}
