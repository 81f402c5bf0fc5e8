//! `AzureVPN/azurevpnconfig.xml`, written for Microsoft's own `OpenVPN` client.
//! For us it has two thumbprints that no other file of the package has.

use super::archive::Archive;
use super::xml::{self, Element, XmlFault};
use super::{LARGEST_XML, PackageError};
use crate::{Sha1Thumbprint, Warning};

/// What the file says; empty when there is none.
#[derive(Debug, Default)]
pub(super) struct AzureVpnConfig {
    /// `clientauth/cert/issuer`: a root for client certificates.
    pub client_root: Option<Sha1Thumbprint>,
    /// `servervalidation/Cert/hash`: the root of the gateway.
    pub server_root: Option<Sha1Thumbprint>,
    /// `clientauth/type` is `aad`: Microsoft Entra ID.
    pub entra: bool,
    /// `clientauth/type` is `cert`.
    pub certificate: bool,
    /// The file is there and unreadable.
    pub warning: Option<Warning>,
}

impl AzureVpnConfig {
    /// Reads the file if there is one. It is not needed, so a damaged one is
    /// only a warning; one that attacks XML readers refuses the package.
    pub(super) fn read(archive: &mut Archive<'_>) -> Result<Self, PackageError> {
        let file = archive.read("azurevpn/azurevpnconfig.xml", LARGEST_XML)?;
        let Some(octets) = file else {
            return Ok(Self::default());
        };
        match xml::parse(&octets, "AzVpnProfile") {
            Ok(document) => Ok(Self::of(&document)),
            Err(fault @ (XmlFault::DocumentType | XmlFault::Entity)) => Err(PackageError::Xml {
                file: "azurevpnconfig.xml",
                fault,
            }),
            Err(fault) => Ok(Self {
                warning: Some(Warning::AzureVpnConfig(fault.to_string())),
                ..Self::default()
            }),
        }
    }

    fn of(document: &Element) -> Self {
        let text = |path: &[&str]| document.at(path).map_or("", Element::text);
        let kind = text(&["clientauth", "type"]);
        Self {
            client_root: Sha1Thumbprint::parse(text(&["clientauth", "cert", "issuer"])),
            server_root: Sha1Thumbprint::parse(text(&["servervalidation", "cert", "hash"])),
            entra: kind.eq_ignore_ascii_case("aad"),
            certificate: kind.eq_ignore_ascii_case("cert"),
            warning: None,
        }
    }
}
