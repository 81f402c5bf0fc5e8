//! The zip that Azure makes: what is in it, and whether it can be used.
//!
//! ```text
//!   Generic/ or GenericDevice/            (any case, '/' or '\')
//!       VpnSettings.xml                   server, types, auth, routes, one or more roots
//!       VpnServerRoot.cer, .cer_0, _1 …   roots of the gateway, DER or PEM
//!       RadiusServerRoot.cer              root of a RADIUS server
//!   AzureVPN/azurevpnconfig.xml           thumbprints of the client and the server root
//!   OpenVPN/ WindowsAmd64/ …              not for us
//! ```

mod archive;
mod azure_vpn_config;
mod entry_name;
mod fault;
mod roots;
mod settings;
mod xml;

use rustls_pki_types::UnixTime;

use self::archive::Archive;
use self::azure_vpn_config::AzureVpnConfig;
use self::roots::FoundRoots;
use self::settings::Settings;
use crate::profile::{Profile, Root};
use crate::report::ProfileReport;
use crate::warning;

pub use self::archive::is_zip;
pub use self::entry_name::NameFault;
pub use self::fault::{PackageError, RootFault};
pub use self::xml::XmlFault;

/// The largest roots file that is read.
const LARGEST_ROOT_FILE: u64 = 256 * 1024;

/// The largest XML file that is read.
const LARGEST_XML: u64 = 2 * 1024 * 1024;

/// Folders with what an IKEv2 client needs, the better one first.
const FOLDERS: [&str; 2] = ["generic", "genericdevice"];

/// Reads a package that can be used: IKEv2, with client certificates.
///
/// `zip` is the whole file. Everything else is an error, one value for each
/// reason.
pub fn read_package(zip: &[u8]) -> Result<Profile, PackageError> {
    let package = Package::read(zip)?;
    match package.unusable {
        Some(reason) => Err(reason),
        None => package.parts.into_profile(),
    }
}

/// Says what is in a package, also when azike cannot use it.
///
/// An error means that there is nothing to describe: the zip is damaged, or its
/// settings are missing or unreadable.
pub fn describe_package(zip: &[u8], now: UnixTime) -> Result<ProfileReport, PackageError> {
    let package = Package::read(zip)?;
    let Some(reason) = package.unusable else {
        let profile = package.parts.into_profile()?;
        return Ok(ProfileReport::new(&profile, now));
    };
    let auth = package.parts.settings.auth;
    let profile = package.parts.into_profile_without_roots();
    Ok(ProfileReport::of_unusable(&profile, auth, &reason, now))
}

/// A package with what speaks against its use.
#[derive(Debug)]
struct Package {
    unusable: Option<PackageError>,
    parts: Parts,
}

/// The files of a package, read.
#[derive(Debug)]
struct Parts {
    settings: Settings,
    azure: AzureVpnConfig,
    server: FoundRoots,
    radius: FoundRoots,
}

impl Package {
    fn read(zip: &[u8]) -> Result<Self, PackageError> {
        let mut archive = Archive::open(zip)?;
        let azure = AzureVpnConfig::read(&mut archive)?;
        let folders = FOLDERS.iter();
        let Some(folder) = folders.copied().find(|folder| archive.has_folder(folder)) else {
            return Err(without_generic_folder(&archive, &azure));
        };
        let path = format!("{folder}/vpnsettings.xml");
        let Some(file) = archive.read(&path, LARGEST_XML)? else {
            return Err(PackageError::NoSettings);
        };
        let mut settings = Settings::read(&file)?;
        let mut server = roots::in_files(&mut archive, &format!("{folder}/vpnserverroot.cer"))?;
        server.add_encoded(&settings.ca_certificates);
        let radius = roots::in_files(&mut archive, &format!("{folder}/radiusserverroot.cer"))?;
        let unusable = settings.unusable(&azure);
        settings.warnings.extend(azure.warning.clone());
        let parts = Parts {
            settings,
            azure,
            server,
            radius,
        };
        Ok(Self { unusable, parts })
    }
}

impl Parts {
    fn into_profile(self) -> Result<Profile, PackageError> {
        if self.server.roots.is_empty() {
            return Err(self.server.nothing());
        }
        Ok(self.into_profile_without_roots())
    }

    /// The same when it does not matter that nobody could be trusted.
    fn into_profile_without_roots(self) -> Profile {
        let settings = self.settings;
        let mut warnings = settings.warnings;
        warnings.extend(self.server.warnings);
        warnings.extend(self.radius.warnings);
        warnings.extend(warning::only_retiring(&self.server.roots));
        let known = |wanted| {
            self.server
                .roots
                .iter()
                .any(|root: &Root| root.sha1() == wanted)
        };
        let missing = self.azure.server_root.filter(|&wanted| !known(wanted));
        warnings.extend(missing.map(warning::Warning::ServerRootMissing));
        Profile {
            accepted_names: settings::accepted_names(&settings.server, settings.vnet_id.as_deref()),
            name: settings.name,
            server: settings.server,
            vnet_id: settings.vnet_id,
            roots: self.server.roots,
            routes: settings.routes,
            address_pool: settings.address_pool,
            auth: settings.auth,
            vpn_types: settings.vpn_types,
            dns_servers: settings.dns_servers,
            client_root_sha1: self.azure.client_root,
            server_root_sha1: self.azure.server_root,
            radius_roots: self.radius.roots,
            schema: settings.schema,
            warnings,
        }
    }
}

/// Why there is no folder for IKEv2, as far as the other folders tell.
fn without_generic_folder(archive: &Archive<'_>, azure: &AzureVpnConfig) -> PackageError {
    let open_vpn = archive.has_folder("openvpn");
    if azure.entra && !open_vpn {
        return PackageError::EntraOnly;
    }
    if open_vpn {
        return PackageError::OpenVpnOnly;
    }
    PackageError::NoGenericFolder {
        found: archive.folders(),
    }
}
