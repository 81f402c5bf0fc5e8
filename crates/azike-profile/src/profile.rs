//! What a package says, once it is known to be usable.

use std::net::IpAddr;

use rustls_pki_types::{CertificateDer, UnixTime};
use serde::{Serialize, Serializer};

use crate::{
    Certificate, HostName, Prefix, Sha1Thumbprint, Sha256Thumbprint, Timestamp, Warning, warning,
};

/// A usable profile: an IKEv2 gateway that takes certificates.
///
/// [`read_package`](crate::read_package) makes it. It has a server name and at
/// least one root; nothing in it was taken over unchecked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    /// The virtual network's name, or the first part of the server's name.
    /// Letters, digits and `-_.` only, at most 64 characters.
    pub name: String,
    /// `VpnServer`: what to resolve and connect to.
    pub server: HostName,
    /// `VnetId`, or the same number taken from an `azuregateway-…` server name.
    /// Lower case.
    pub vnet_id: Option<String>,
    /// Names the gateway's certificate may have: `VpnServer`, and
    /// `<VnetId>.vpn.azure.com` where the number is known (docs/protocol.md).
    pub accepted_names: Vec<String>,
    /// The only certificates that may have issued the gateway's chain. Never empty.
    pub roots: Vec<Root>,
    /// The routes at the time the package was made. The gateway's traffic
    /// selectors decide, not these.
    pub routes: Vec<Prefix>,
    /// Where inner addresses come from; empty when the package does not say.
    pub address_pool: Vec<Prefix>,
    /// How the gateway wants to be convinced.
    pub auth: ProfileAuth,
    /// `VpnType`, as written: `IkeV2`, `OpenVPN`, `SSTP`.
    pub vpn_types: Vec<String>,
    /// `CustomDnsServers`; empty in most packages.
    pub dns_servers: Vec<IpAddr>,
    /// SHA-1 of a root that the administrator uploaded for client certificates.
    /// A gateway may have up to twenty, the package names one.
    pub client_root_sha1: Option<Sha1Thumbprint>,
    /// SHA-1 of the root of the gateway's certificate.
    pub server_root_sha1: Option<Sha1Thumbprint>,
    /// Roots of a RADIUS server that does EAP-TLS itself.
    pub radius_roots: Vec<Root>,
    /// Which of the two layouts `VpnSettings.xml` has.
    pub schema: SettingsSchema,
    /// What a person should look at, whatever the date is.
    pub warnings: Vec<Warning>,
}

/// How the gateway wants to be convinced.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum ProfileAuth {
    /// `EAPTLS`: a client certificate, by signature or by EAP-TLS.
    #[serde(rename = "certificate")]
    Certificate,
    /// `EAPMSCHAPV2`: a RADIUS user name and password. Only in reports; no
    /// [`Profile`] has it.
    #[serde(rename = "radius-password")]
    RadiusPassword,
    /// Microsoft Entra ID. Only in reports.
    #[serde(rename = "entra-id")]
    EntraId,
    /// A word we do not know. Only in reports.
    #[serde(rename = "unknown")]
    Unknown,
}

/// The layouts of `VpnSettings.xml`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SettingsSchema {
    /// `<CaCert>`, `<ServerCertRootCn>`: one root.
    V1 = 1,
    /// `<CaCerts><string>`, `<ServerCertsRootCn><string>`: several.
    V2 = 2,
}

/// As the numbers 1 and 2.
impl Serialize for SettingsSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(*self as u8)
    }
}

/// A certificate authority of the package.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Root {
    /// Where it was: `Generic/VpnServerRoot.cer_0`, or `VpnSettings.xml`.
    pub source: String,
    /// The certificate.
    pub certificate: Certificate,
}

impl Root {
    /// The DER.
    pub const fn der(&self) -> &CertificateDer<'static> {
        self.certificate.der()
    }

    /// The subject, fit for a terminal.
    pub fn subject(&self) -> &str {
        &self.certificate.subject
    }

    /// SHA-1 of the DER.
    pub const fn sha1(&self) -> Sha1Thumbprint {
        self.certificate.sha1
    }

    /// SHA-256 of the DER.
    pub const fn sha256(&self) -> Sha256Thumbprint {
        self.certificate.sha256
    }

    /// First moment of validity.
    pub const fn not_before(&self) -> Timestamp {
        self.certificate.not_before
    }

    /// Last moment of validity.
    pub const fn not_after(&self) -> Timestamp {
        self.certificate.not_after
    }
}

impl Profile {
    /// [`Profile::warnings`], and those that depend on the date: roots that
    /// expired, expire soon, or are not valid yet.
    pub fn warnings_at(&self, now: UnixTime) -> Vec<Warning> {
        let mut warnings = self.warnings.clone();
        warnings.extend(warning::of_roots(&self.roots, now.into()));
        warnings
    }

    /// The roots' DER, as trust anchors want them.
    pub fn root_certificates(&self) -> Vec<CertificateDer<'static>> {
        self.roots.iter().map(|root| root.der().clone()).collect()
    }
}
