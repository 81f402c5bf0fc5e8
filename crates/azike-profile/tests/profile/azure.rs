//! Packages laid out as Azure lays them out (docs/protocol.md),
//! with roots of our own.

use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub(crate) const GUID: &str = "ec3c0068-3098-4c47-b21c-623e33b44ea6";
pub(crate) const SERVER: &str =
    "azuregateway-ec3c0068-3098-4c47-b21c-623e33b44ea6-75d615bcd8e5.vpn.azure.com";

/// 2026-11-23.
pub(crate) const NOW: u64 = 1_795_392_000;

/// A self-signed certificate authority, DER.
pub(crate) fn root(name: &str, years: std::ops::Range<i32>) -> Vec<u8> {
    certificate(name, IsCa::Ca(BasicConstraints::Unconstrained), years)
}

/// A self-signed certificate, DER.
pub(crate) fn certificate(name: &str, authority: IsCa, years: std::ops::Range<i32>) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = authority;
    params.not_before = rcgen::date_time_ymd(years.start, 1, 1);
    params.not_after = rcgen::date_time_ymd(years.end, 1, 1);
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().der().to_vec()
}

/// `VpnSettings.xml` of schema 1, as Azure wrote it until 2022.
pub(crate) fn settings_v1(root: &[u8]) -> String {
    let root = STANDARD.encode(root);
    format!(
        "<?xml version=\"1.0\"?>\r\n\
         <VpnProfile xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\r\n\
         \x20 <VpnServer>{SERVER}</VpnServer>\r\n\
         \x20 <VpnType>SSTP,IkeV2</VpnType>\r\n\
         \x20 <CaCert>{root}</CaCert>\r\n\
         \x20 <Routes>10.0.0.0/16</Routes>\r\n\
         \x20 <Auth>EAPTLS</Auth>\r\n\
         \x20 <VnetName>old-vnet</VnetName>\r\n\
         \x20 <VnetId>{GUID}</VnetId>\r\n\
         \x20 <ServerCertRootCn>Old Root</ServerCertRootCn>\r\n\
         \x20 <ServerCertIssuerCn>Old Root</ServerCertIssuerCn>\r\n\
         \x20 <VpnClientAddressPool>172.16.0.0/24</VpnClientAddressPool>\r\n\
         </VpnProfile>"
    )
}

/// `VpnSettings.xml` of schema 2, as Azure writes it today.
pub(crate) fn settings_v2(roots: &[&[u8]]) -> String {
    let line = |root: &&[u8]| format!("    <string>{}</string>\r\n", STANDARD.encode(root));
    let roots = roots.iter().map(line).collect::<Vec<_>>().concat();
    format!(
        "<?xml version=\"1.0\"?>\r\n\
         <VpnProfile xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\r\n\
         \x20 <VpnServer>{SERVER}</VpnServer>\r\n\
         \x20 <VpnType>IkeV2,OpenVPN</VpnType>\r\n\
         \x20 <CaCerts>\r\n{roots}  </CaCerts>\r\n\
         \x20 <Routes>10.11.0.0/20,10.11.16.0/20,8.8.8.8/32</Routes>\r\n\
         \x20 <Auth>EAPTLS</Auth>\r\n\
         \x20 <VnetName>Lab05-hub1-vnet</VnetName>\r\n\
         \x20 <VnetId>{GUID}</VnetId>\r\n\
         \x20 <ServerCertsRootCn>\r\n    <string>New Root</string>\r\n  </ServerCertsRootCn>\r\n\
         \x20 <ServerCertsIssuerCn>\r\n    <string>New Root</string>\r\n  </ServerCertsIssuerCn>\r\n\
         \x20 <VpnClientAddressPool>192.168.0.0/24</VpnClientAddressPool>\r\n\
         \x20 <AadIssuer />\r\n  <AadTenant />\r\n  <AadAudience />\r\n  <CustomDnsServers />\r\n\
         </VpnProfile>"
    )
}

/// `azurevpnconfig.xml` with the thumbprints of the client root and the server root.
pub(crate) fn azure_vpn_config(client_root: &str, server_root: &str) -> String {
    format!(
        "<AzVpnProfile xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns=\"http://schemas.datacontract.org/2004/07/\">\r\n\
         \x20 <any xmlns:d2p1=\"http://schemas.datacontract.org/2004/07/System.Xml\" i:nil=\"true\" />\r\n\
         \x20 <clientauth>\r\n    <aad i:nil=\"true\" />\r\n\
         \x20   <cert>\r\n      <hash i:nil=\"true\" />\r\n      <issuer>{client_root}</issuer>\r\n    </cert>\r\n\
         \x20   <type>cert</type>\r\n    <usernamepass i:nil=\"true\" />\r\n  </clientauth>\r\n\
         \x20 <clientconfig i:nil=\"true\" />\r\n  <name>Lab05-hub1-vnet</name>\r\n\
         \x20 <serverlist><ServerEntry><displayname i:nil=\"true\" /><fqdn>{SERVER}</fqdn></ServerEntry></serverlist>\r\n\
         \x20 <servervalidation>\r\n\
         \x20   <Cert><hash>{server_root}</hash><issuer i:nil=\"true\" /></Cert>\r\n\
         \x20   <serversecret>00</serversecret>\r\n    <type>cert</type>\r\n  </servervalidation>\r\n\
         \x20 <version>1</version>\r\n</AzVpnProfile>"
    )
}

/// UTF-16 with a byte order mark.
pub(crate) fn utf16(text: &str, octets: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let marked = std::iter::once(0xfeff).chain(text.encode_utf16());
    marked.flat_map(octets).collect()
}

/// A zip of these files. Names are written as they are, backslashes too.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, octets) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(*name, options).unwrap();
        zip.write_all(octets).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A whole package of 2024: backslashes, schema 2, `VpnServerRoot.cer_0`, and
/// the folders that are not for us.
pub(crate) fn package(root: &[u8], client_root: &str) -> Vec<u8> {
    let server_root = azike_profile::Sha1Thumbprint::of(root).to_string();
    zip(&[
        ("Generic\\VpnSettings.xml", settings_v2(&[root]).as_bytes()),
        ("Generic\\VpnServerRoot.cer_0", root),
        ("OpenVPN\\vpnconfig.ovpn", b"client\r\nremote x 443\r\n"),
        (
            "AzureVPN\\azurevpnconfig.xml",
            azure_vpn_config(client_root, &server_root).as_bytes(),
        ),
        ("WindowsAmd64\\VpnClientSetupAmd64.exe", &[0x4d; 5000]),
        ("WindowsX86\\VpnClientSetupX86.exe", &[0x5a; 5000]),
        (
            "WindowsPowershell\\VpnProfileSetup.ps1",
            b"Add-VpnConnection\r\n",
        ),
    ])
}
