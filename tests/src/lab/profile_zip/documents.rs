//! The text files of a package.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use super::{ProfileZip, Schema};
use crate::lab::layout::{POOL, SERVER_NAME, VNET, VNET_ID};

const SERVER_ROOT_NAME: &str = "azike lab server root";

pub(super) fn vpn_settings(profile: &ProfileZip, server_root: &[u8]) -> String {
    let root = STANDARD.encode(server_root);
    let (roots, names) = match profile.schema {
        Schema::V1 => (
            format!("  <CaCert>{root}</CaCert>\n"),
            format!(
                "  <ServerCertRootCn>{SERVER_ROOT_NAME}</ServerCertRootCn>\n  \
                 <ServerCertIssuerCn>{SERVER_ROOT_NAME}</ServerCertIssuerCn>\n"
            ),
        ),
        Schema::V2 => (
            format!("  <CaCerts>\n    <string>{root}</string>\n  </CaCerts>\n"),
            format!(
                "  <ServerCertsRootCn>\n    <string>{SERVER_ROOT_NAME}</string>\n  </ServerCertsRootCn>\n  \
                 <ServerCertsIssuerCn>\n    <string>{SERVER_ROOT_NAME}</string>\n  </ServerCertsIssuerCn>\n"
            ),
        ),
    };
    let tenant = match profile.entra_tenant {
        "" => "  <AadIssuer />\n  <AadTenant />\n  <AadAudience />\n".to_owned(),
        tenant => format!(
            "  <AadIssuer>https://sts.windows.net/{tenant}/</AadIssuer>\n  \
             <AadTenant>https://login.microsoftonline.com/{tenant}/</AadTenant>\n  \
             <AadAudience>{tenant}</AadAudience>\n"
        ),
    };
    let ProfileZip {
        server,
        vpn_type,
        auth,
        xml_prolog,
        name,
        ..
    } = profile;
    format!(
        "<?xml version=\"1.0\"?>\n{xml_prolog}<VpnProfile xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n  \
         <VpnServer>{server}</VpnServer>\n  <VpnType>{vpn_type}</VpnType>\n{roots}  \
         <Routes>{VNET}</Routes>\n  <Auth>{auth}</Auth>\n  <VnetName>{name}</VnetName>\n  \
         <VnetId>{VNET_ID}</VnetId>\n{names}  \
         <VpnClientAddressPool>{POOL}</VpnClientAddressPool>\n{tenant}  <CustomDnsServers />\n</VpnProfile>\n"
    )
}

pub(super) fn azure_vpn_config(
    profile: &ProfileZip,
    server_root: &[u8],
    client_root: &[u8],
) -> String {
    let server_root = thumbprint(server_root);
    let client_root = thumbprint(client_root).to_lowercase();
    let ProfileZip { server, name, .. } = profile;
    let login = match profile.entra_tenant {
        "" => format!(
            "<aad i:nil=\"true\" />\n    <cert><hash i:nil=\"true\" />\
             <issuer>{client_root}</issuer></cert>\n    <type>cert</type>"
        ),
        tenant => format!(
            "<aad><audience>{tenant}</audience><issuer>https://sts.windows.net/{tenant}/</issuer>\
             <tenant>https://login.microsoftonline.com/{tenant}/</tenant></aad>\n    \
             <cert i:nil=\"true\" />\n    <type>aad</type>"
        ),
    };
    format!(
        "<AzVpnProfile xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns=\"http://schemas.datacontract.org/2004/07/\">\n  <clientauth>\n    {login}\n    \
         <usernamepass i:nil=\"true\" />\n  </clientauth>\n  <clientconfig i:nil=\"true\" />\n  \
         <name>{name}</name>\n  <serverlist><ServerEntry><displayname i:nil=\"true\" />\
         <fqdn>{server}</fqdn></ServerEntry></serverlist>\n  <servervalidation>\n    \
         <Cert><hash>{server_root}</hash><issuer i:nil=\"true\" /></Cert>\n    \
         <serversecret>{secret}</serversecret>\n    <type>cert</type>\n  </servervalidation>\n  \
         <version>1</version>\n</AzVpnProfile>\n",
        secret = "00".repeat(256),
    )
}

pub(super) fn openvpn_config(profile: &ProfileZip) -> String {
    let server = &profile.server;
    format!(
        "client\nremote {server} 443\nverify-x509-name {SERVER_NAME} name\n\
         remote-cert-tls server\ndev tun\nproto tcp\ntls-version-min 1.2\n"
    )
}

fn thumbprint(der: &[u8]) -> String {
    let octets = Sha1::digest(der);
    let hex: Vec<String> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
    hex.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_sha_1_in_hex() {
        assert_eq!(
            thumbprint(b"abc"),
            "A9993E364706816ABA3E25717850C26C9CD0D89D"
        );
    }
}
