//! `VpnSettings.xml`: server, tunnel types, login, routes, roots.
//!
//! ```text
//!   schema 1                      schema 2
//!   <CaCert>MII…</CaCert>         <CaCerts><string>MII…</string>…</CaCerts>
//!   <ServerCertRootCn>…           <ServerCertsRootCn><string>…
//! ```
//!
//! Everything else is the same in both.

mod networks;

use std::net::IpAddr;

use super::PackageError;
use super::azure_vpn_config::AzureVpnConfig;
use super::xml::{self, Element};
use crate::plain_text::plain;
use crate::profile::{ProfileAuth, SettingsSchema};
use crate::{HostName, Prefix, Warning};

/// The domains of Azure's clouds; the gateway's second name is in one of them.
const AZURE_DOMAINS: [&str; 3] = ["vpn.azure.com", "vpn.azure.us", "vpn.azure.cn"];

/// What the file says.
#[derive(Debug)]
pub(super) struct Settings {
    pub name: String,
    pub server: HostName,
    pub vpn_types: Vec<String>,
    pub auth: ProfileAuth,
    /// `Auth` as written.
    auth_text: String,
    /// An Entra tenant is named.
    entra: bool,
    pub vnet_id: Option<String>,
    /// Base64 of DER, unchecked.
    pub ca_certificates: Vec<String>,
    pub routes: Vec<Prefix>,
    pub address_pool: Vec<Prefix>,
    pub dns_servers: Vec<IpAddr>,
    pub schema: SettingsSchema,
    pub warnings: Vec<Warning>,
}

impl Settings {
    pub(super) fn read(octets: &[u8]) -> Result<Self, PackageError> {
        let file = "VpnSettings.xml";
        let document = xml::parse(octets, "VpnProfile");
        let document = document.map_err(|fault| PackageError::Xml { file, fault })?;
        let mut warnings = Vec::new();
        let server = server(&document)?;
        let (auth, auth_text) = auth(&document)?;
        let schema = match once(&document, "CaCerts")? {
            Some(_) => SettingsSchema::V2,
            None => SettingsSchema::V1,
        };
        let once_text = |element| -> Result<&str, PackageError> {
            Ok(once(&document, element)?.map_or("", Element::text))
        };
        let entra = !once_text("AadTenant")?.is_empty();
        Ok(Self {
            name: name(once_text("VnetName")?, &server),
            vpn_types: vpn_types(&document)?,
            auth,
            auth_text,
            entra,
            vnet_id: vnet_id(once_text("VnetId")?, &server, &mut warnings),
            ca_certificates: ca_certificates(&document)?,
            routes: networks::routes(&document, &mut warnings)?,
            address_pool: networks::address_pool(&document, &mut warnings)?,
            dns_servers: networks::dns_servers(&document, &mut warnings)?,
            server,
            schema,
            warnings,
        })
    }

    /// Why azike cannot use such a gateway, if it cannot.
    pub(super) fn unusable(&self, azure: &AzureVpnConfig) -> Option<PackageError> {
        let has = |wanted| {
            self.vpn_types
                .iter()
                .any(|t| t.eq_ignore_ascii_case(wanted))
        };
        let entra = azure.entra || (self.entra && !azure.certificate);
        if !has("IkeV2") {
            return Some(match (entra, has("OpenVPN")) {
                (true, _) => PackageError::EntraOnly,
                (false, true) => PackageError::OpenVpnOnly,
                (false, false) => PackageError::NotIkev2 {
                    types: plain(&self.vpn_types.join(", ")),
                },
            });
        }
        match self.auth {
            ProfileAuth::Certificate => None,
            ProfileAuth::RadiusPassword => Some(PackageError::RadiusPassword),
            ProfileAuth::EntraId => Some(PackageError::EntraOnly),
            ProfileAuth::Unknown => Some(PackageError::UnknownAuth(plain(&self.auth_text))),
        }
    }
}

/// The names the gateway's certificate may have.
///
/// Azure names the certificate `<VnetId>.vpn.azure.com`, while one connects to
/// `azuregateway-<VnetId>-….vpn.azure.com`. In another cloud the second name is
/// in that cloud's domain. An unknown domain never gets a second name of its
/// own, because the roots are public authorities.
pub(super) fn accepted_names(server: &HostName, vnet_id: Option<&str>) -> Vec<String> {
    let mut names = vec![server.to_string()];
    let own = server
        .parent()
        .filter(|parent| AZURE_DOMAINS.contains(parent));
    if let Some(vnet_id) = vnet_id {
        names.push(format!("{vnet_id}.{}", own.unwrap_or("vpn.azure.com")));
    }
    names
}

/// The element, which may be there once or not at all.
fn once<'e>(
    document: &'e Element,
    element: &'static str,
) -> Result<Option<&'e Element>, PackageError> {
    let mut found = document.all(element);
    match (found.next(), found.next()) {
        (found, None) => Ok(found),
        (_, Some(_)) => Err(PackageError::RepeatedElement { element }),
    }
}

/// The text of an element that must be there and say something.
fn required<'e>(document: &'e Element, element: &'static str) -> Result<&'e str, PackageError> {
    match once(document, element)?.map(Element::text) {
        None | Some("") => Err(PackageError::MissingElement { element }),
        Some(text) => Ok(text),
    }
}

fn bad(element: &'static str, value: &str, reason: &impl ToString) -> PackageError {
    PackageError::BadValue {
        element,
        value: plain(value),
        reason: reason.to_string(),
    }
}

fn server(document: &Element) -> Result<HostName, PackageError> {
    let text = required(document, "VpnServer")?;
    HostName::parse(text).map_err(|fault| bad("VpnServer", text, &fault))
}

fn vpn_types(document: &Element) -> Result<Vec<String>, PackageError> {
    required(document, "VpnType")?;
    let types = once(document, "VpnType")?
        .into_iter()
        .flat_map(Element::list);
    Ok(types.take(16).map(plain).collect())
}

fn auth(document: &Element) -> Result<(ProfileAuth, String), PackageError> {
    let text = once(document, "Auth")?.map_or("", Element::text);
    let has = |wanted: &str| {
        text.split(',')
            .any(|word| word.trim().eq_ignore_ascii_case(wanted))
    };
    let auth = if has("EAPTLS") {
        ProfileAuth::Certificate
    } else if has("EAPMSCHAPV2") {
        ProfileAuth::RadiusPassword
    } else if has("AAD") || has("EntraID") {
        ProfileAuth::EntraId
    } else if text.is_empty() {
        return Err(PackageError::MissingElement { element: "Auth" });
    } else {
        ProfileAuth::Unknown
    };
    Ok((auth, text.to_owned()))
}

/// A name for the connection that is safe in a file name and on a screen.
fn name(vnet: &str, server: &HostName) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let name: String = vnet.chars().take(64).map(safe).collect();
    let name = name.trim_start_matches(['.', '-']);
    if !name.is_empty() {
        return name.to_owned();
    }
    let label = server.as_str().split('.').next();
    label.unwrap_or(server.as_str()).to_owned()
}

/// `VnetId`, or the number in `azuregateway-<number>-….`.
fn vnet_id(text: &str, server: &HostName, warnings: &mut Vec<Warning>) -> Option<String> {
    let inside = server.as_str().strip_prefix("azuregateway-");
    let inside = inside
        .and_then(|rest| rest.get(..36))
        .filter(|id| is_guid(id));
    if text.is_empty() {
        return inside.map(str::to_owned);
    }
    if !is_guid(text) {
        warnings.push(Warning::VnetId(plain(text)));
        return inside.map(str::to_owned);
    }
    let vnet_id = text.to_ascii_lowercase();
    if inside.is_some_and(|inside| inside != vnet_id) {
        warnings.push(Warning::VnetIdDiffers {
            vnet_id: vnet_id.clone(),
            server: server.clone(),
        });
    }
    Some(vnet_id)
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_guid(text: &str) -> bool {
    let parts = text.split('-').map(str::len);
    let digits = text.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    digits && parts.eq([8, 4, 4, 4, 12])
}

fn ca_certificates(document: &Element) -> Result<Vec<String>, PackageError> {
    let mut certificates = Vec::new();
    for element in ["CaCert", "CaCerts"] {
        let Some(found) = once(document, element)? else {
            continue;
        };
        let texts = std::iter::once(found).chain(&found.children);
        let texts = texts.map(Element::text).filter(|text| !text.is_empty());
        certificates.extend(texts.map(str::to_owned));
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests;
