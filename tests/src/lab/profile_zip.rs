//! `profile.zip` as Azure makes it: names with backslashes, the root certificate twice, and files of other
//! clients that an IKEv2 client has to pass over.

pub mod damaged;
mod documents;

use std::io::{Cursor, Write as _};

use anyhow::Result;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::layout::VPN_SERVER;
use super::pki::Pki;
use super::pki::authority::der;

/// Which generation of `VpnSettings.xml`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Schema {
    /// One `<CaCert>`; Azure wrote it until about 2022.
    V1,
    /// `<CaCerts>` with a list; today's.
    #[default]
    V2,
}

/// How `VpnSettings.xml` is encoded.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Encoding {
    /// UTF-8 without a byte order mark.
    #[default]
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8Bom,
    /// UTF-16, little endian, with a byte order mark.
    Utf16,
}

/// What the package says. The default is an Azure package of today for the lab's gateway.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProfileZip {
    /// Generation of the settings.
    pub schema: Schema,
    /// Their encoding.
    pub encoding: Encoding,
    /// Between folder and file name: `\` as Azure does it, or `/`.
    pub separator: char,
    /// The folder of the settings: `Generic`, or `GenericDevice`.
    pub folder: Option<&'static str>,
    /// Where to connect to.
    pub server: String,
    /// `<VpnType>`.
    pub vpn_type: &'static str,
    /// `<Auth>`.
    pub auth: &'static str,
    /// Value of `<AadTenant>` for packages that want a Microsoft Entra login.
    pub entra_tenant: &'static str,
    /// Text between the XML declaration and the first element.
    pub xml_prolog: &'static str,
    /// `<VnetName>`, which becomes the name of the connection.
    pub name: &'static str,
    /// Whether there are files of other clients; with `OpenVPN` also the thumbprint of the customer's root.
    pub other_clients: bool,
}

impl Default for ProfileZip {
    fn default() -> Self {
        Self {
            schema: Schema::V2,
            encoding: Encoding::Utf8,
            separator: '\\',
            folder: Some("Generic"),
            server: VPN_SERVER.to_owned(),
            vpn_type: "IkeV2,OpenVPN",
            auth: "EAPTLS",
            entra_tenant: "",
            xml_prolog: "",
            name: "lab-hub-vnet",
            other_clients: true,
        }
    }
}

impl ProfileZip {
    /// The package of the lab.
    pub fn octets(&self, pki: &Pki) -> Result<Vec<u8>> {
        let server_root = der(&pki.server_root.certificate)?;
        let client_root = der(&pki.client_root.certificate)?;
        self.octets_below(&server_root, &client_root)
    }

    /// The package with these roots, DER: the gateway's and the customer's.
    pub fn octets_below(&self, server_root: &[u8], client_root: &[u8]) -> Result<Vec<u8>> {
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        if let Some(folder) = self.folder {
            let settings = self.settings(server_root);
            files.push((self.path(folder, "VpnSettings.xml"), settings));
            let root = match self.schema {
                Schema::V1 => "VpnServerRoot.cer",
                Schema::V2 => "VpnServerRoot.cer_0",
            };
            files.push((self.path(folder, root), server_root.to_vec()));
        }
        if self.other_clients {
            files.extend(self.files_of_others(server_root, client_root));
        }
        zip(&files)
    }

    fn files_of_others(&self, server_root: &[u8], client_root: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut files = vec![
            ("WindowsAmd64", "VpnClientSetupAmd64.exe", b"MZ".to_vec()),
            ("WindowsX86", "VpnClientSetupX86.exe", b"MZ".to_vec()),
            ("WindowsPowershell", "VpnProfileSetup.ps1", b"# ".to_vec()),
        ];
        if self.vpn_type.contains("OpenVPN") {
            let azure_vpn = documents::azure_vpn_config(self, server_root, client_root);
            let openvpn = documents::openvpn_config(self);
            files.push(("AzureVPN", "azurevpnconfig.xml", azure_vpn.into_bytes()));
            files.push(("OpenVPN", "vpnconfig.ovpn", openvpn.into_bytes()));
        }
        let files = files.into_iter();
        files
            .map(|(folder, file, octets)| (self.path(folder, file), octets))
            .collect()
    }

    fn path(&self, folder: &str, file: &str) -> String {
        format!("{folder}{}{file}", self.separator)
    }

    fn settings(&self, server_root: &[u8]) -> Vec<u8> {
        let text = documents::vpn_settings(self, server_root);
        match self.encoding {
            Encoding::Utf8 => text.into_bytes(),
            Encoding::Utf8Bom => format!("\u{feff}{text}").into_bytes(),
            Encoding::Utf16 => {
                let text = text.replacen("<?xml version=\"1.0\"?>", UTF16_DECLARATION, 1);
                let text = format!("\u{feff}{text}");
                text.encode_utf16().flat_map(u16::to_le_bytes).collect()
            }
        }
    }
}

const UTF16_DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-16\"?>";

/// Packs files, names exactly as given.
fn zip(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, octets) in files {
        writer.start_file(name, SimpleFileOptions::default())?;
        writer.write_all(octets)?;
    }
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_backslashes() {
        let octets = zip(&[("Generic\\VpnSettings.xml".to_owned(), b"<a/>".to_vec())]);
        let octets = octets.expect("a zip");
        let name = b"Generic\\VpnSettings.xml";
        assert!(octets.windows(name.len()).any(|window| window == name));
    }

    #[test]
    fn utf_16_says_so_twice() {
        let profile = ProfileZip {
            encoding: Encoding::Utf16,
            ..ProfileZip::default()
        };
        let octets = profile.settings(b"root");
        assert!(octets.starts_with(&[0xff, 0xfe]));
    }
}
