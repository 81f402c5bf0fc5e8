//! `azike profile show`: the text and the JSON, as a whole.

use azike_profile::{ProfileReport, Sha1Thumbprint, Sha256Thumbprint, describe_package};
use rustls_pki_types::UnixTime;
use serde_json::json;

use crate::azure::{NOW, package, root, settings_v2, zip};

const CLIENT_ROOT: &str = "186F8C3F44E0FD6544B0947C5C00AFD017F0070D";

#[test]
fn the_text_is_for_people() {
    let report = describe(&package(&root("New Root", 2013..2027), CLIENT_ROOT));
    let wanted = "\
Lab05-hub1-vnet
  server    azuregateway-ec3c0068-3098-4c47-b21c-623e33b44ea6-75d615bcd8e5.vpn.azure.com
  names     azuregateway-ec3c0068-3098-4c47-b21c-623e33b44ea6-75d615bcd8e5.vpn.azure.com
            ec3c0068-3098-4c47-b21c-623e33b44ea6.vpn.azure.com
  tunnel    IkeV2, OpenVPN
  login     client certificate (signature or EAP-TLS)
  roots     CN=New Root, expires in 39 days, on 2027-01-01 (Generic/VpnServerRoot.cer_0)
  routes    10.11.0.0/20
            10.11.16.0/20
            8.8.8.8/32
  pool      192.168.0.0/24
  client    issued below the root 186F8C3F44E0FD6544B0947C5C00AFD017F0070D
  not used  OpenVPN: azike connects by IKEv2 only
  warning   root New Root expires on 2027-01-01, in 39 days
";
    assert_eq!(report.to_string(), wanted);
}

#[test]
fn the_json_is_a_contract() {
    let new = root("New Root", 2013..2038);
    let settings = settings_v2(&[&new]).replace("10.11.0.0/20", "10.11.0.1/20");
    let settings = settings.replace(
        "<CustomDnsServers />",
        "<CustomDnsServers>10.0.0.4</CustomDnsServers>",
    );
    let report = describe(&zip(&[("Generic/VpnSettings.xml", settings.as_bytes())]));
    let wanted = json!({
        "schema": "azike.profile/1",
        "name": "Lab05-hub1-vnet",
        "usable": true,
        "unsupported": [{"id": "tunnel-type", "text": "OpenVPN: azike connects by IKEv2 only"}],
        "server": "azuregateway-ec3c0068-3098-4c47-b21c-623e33b44ea6-75d615bcd8e5.vpn.azure.com",
        "accepted_names": [
            "azuregateway-ec3c0068-3098-4c47-b21c-623e33b44ea6-75d615bcd8e5.vpn.azure.com",
            "ec3c0068-3098-4c47-b21c-623e33b44ea6.vpn.azure.com",
        ],
        "vnet_id": "ec3c0068-3098-4c47-b21c-623e33b44ea6",
        "vpn_types": ["IkeV2", "OpenVPN"],
        "auth": "certificate",
        "settings_schema": 2,
        "roots": [{
            "subject": "CN=New Root",
            "source": "VpnSettings.xml",
            "not_before": "2013-01-01T00:00:00Z",
            "not_after": "2038-01-01T00:00:00Z",
            "days_left": 4057,
            "state": "valid",
            "sha1": Sha1Thumbprint::of(&new),
            "sha256": Sha256Thumbprint::of(&new),
        }],
        "radius_roots": [],
        "routes": ["10.11.0.0/20", "10.11.16.0/20", "8.8.8.8/32"],
        "address_pool": ["192.168.0.0/24"],
        "dns_servers": ["10.0.0.4"],
        "client_root_sha1": null,
        "warnings": [{
            "id": "route-host-bits",
            "text": "route 10.11.0.1/20 has host bits set, read as 10.11.0.0/20",
        }],
    });
    assert_eq!(serde_json::to_value(report).unwrap(), wanted);
}

#[test]
fn long_lists_are_cut_in_the_text_only() {
    let routes: Vec<String> = (0..100).map(|n| format!("10.{n}.0.0/16")).collect();
    let settings = settings_v2(&[&root("New Root", 2013..2038)]);
    let settings = settings.replace("10.11.0.0/20,10.11.16.0/20,8.8.8.8/32", &routes.join(","));
    let report = describe(&zip(&[("Generic/VpnSettings.xml", settings.as_bytes())]));
    assert_eq!(report.routes.len(), 100);
    assert!(report.to_string().contains("            … and 80 more\n"));
}

fn describe(package: &[u8]) -> ProfileReport {
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(NOW));
    describe_package(package, now).unwrap()
}
