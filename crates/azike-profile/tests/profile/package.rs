//! Packages of every kind that Azure makes, and of kinds that it does not.
use std::time::Duration;

use crate::azure::{
    GUID, NOW, SERVER, azure_vpn_config, package, root, settings_v1, settings_v2, utf16, zip,
};
use azike_profile::{
    NameFault, PackageError, Profile, ProfileAuth, SettingsSchema, Sha1Thumbprint, Warning,
    XmlFault, describe_package, read_package,
};
use rustls_pki_types::UnixTime;

const CLIENT_ROOT: &str = "186f8c3f44e0fd6544b0947c5c00afd017f0070d";

#[test]
fn a_package_of_today_is_read() {
    let new = root("New Root", 2013..2038);
    let profile = read_package(&package(&new, CLIENT_ROOT)).unwrap();
    assert_eq!(profile.name, "Lab05-hub1-vnet");
    assert_eq!(profile.server.as_str(), SERVER);
    assert_eq!(profile.vnet_id.as_deref(), Some(GUID));
    assert_eq!(
        profile.accepted_names,
        [SERVER.to_owned(), format!("{GUID}.vpn.azure.com")]
    );
    assert_eq!(profile.vpn_types, ["IkeV2", "OpenVPN"]);
    assert_eq!(profile.auth, ProfileAuth::Certificate);
    assert_eq!(profile.schema, SettingsSchema::V2);
    let routes: Vec<String> = profile.routes.iter().map(ToString::to_string).collect();
    assert_eq!(routes, ["10.11.0.0/20", "10.11.16.0/20", "8.8.8.8/32"]);
    assert_eq!(profile.address_pool[0].to_string(), "192.168.0.0/24");
    assert_eq!(profile.client_root_sha1, Sha1Thumbprint::parse(CLIENT_ROOT));
    assert_eq!(profile.server_root_sha1, Some(profile.roots[0].sha1()));
    // In the file and in the XML: one root.
    assert_eq!(profile.roots.len(), 1);
    assert_eq!(profile.roots[0].der().as_ref(), new);
    assert_eq!(profile.roots[0].source, "Generic/VpnServerRoot.cer_0");
    assert_eq!(profile.warnings, []);
    assert_eq!(profile.warnings_at(now()), []);
}

#[test]
fn a_package_of_the_first_years_is_read() {
    let old = root("Old Root", 2006..2031);
    let settings = settings_v1(&old);
    let profile = read_package(&zip(&[
        ("Generic/", b""),
        ("Generic/VpnServerRoot.cer", &old),
        ("Generic/VpnSettings.xml", settings.as_bytes()),
    ]))
    .unwrap();
    assert_eq!(profile.schema, SettingsSchema::V1);
    assert_eq!((profile.roots.len(), profile.dns_servers.len()), (1, 0));
    assert_eq!(profile.client_root_sha1, None);
}

#[test]
fn every_encoding_and_every_folder_gives_the_same_profile() {
    let new = root("New Root", 2013..2038);
    let settings = settings_v2(&[&new]);
    let declared = settings.replacen("\"1.0\"?", "\"1.0\" encoding=\"utf-16\"?", 1);
    let misdeclared = settings.replacen("\"1.0\"?", "\"1.0\" encoding=\"utf-8\"?", 1);
    let wanted = read(&settings);
    for octets in [
        utf16(&declared, u16::to_le_bytes),
        utf16(&declared, u16::to_be_bytes),
        utf16(&misdeclared, u16::to_le_bytes),
        utf16(&misdeclared, u16::to_be_bytes),
        utf16(&settings, u16::to_le_bytes)[2..].to_vec(),
        format!("\u{feff}{settings}").into_bytes(),
        declared.clone().into_bytes(),
    ] {
        for name in [
            "Generic/VpnSettings.xml",
            "Generic\\VpnSettings.xml",
            "GENERIC/VPNSETTINGS.XML",
            "GenericDevice\\VpnSettings.xml",
            "genericdevice/vpnsettings.xml",
        ] {
            assert_eq!(
                read_package(&zip(&[(name, &octets)])).unwrap(),
                wanted,
                "{name}"
            );
        }
    }
}

#[test]
fn the_second_xml_file_is_useful_but_not_needed() {
    let new = root("New Root", 2013..2038);
    let settings = settings_v2(&[&new]);
    let with = |config: &[u8]| {
        read_package(&zip(&[
            ("Generic/VpnSettings.xml", settings.as_bytes()),
            ("AzureVPN/azurevpnconfig.xml", config),
        ]))
    };
    let config = azure_vpn_config(CLIENT_ROOT, CLIENT_ROOT);
    let profile = with(&utf16(&config, u16::to_le_bytes)).unwrap();
    assert_eq!(profile.client_root_sha1, Sha1Thumbprint::parse(CLIENT_ROOT));
    assert_eq!(ids(&profile.warnings), ["server-root-missing"]);
    assert_eq!(
        ids(&with(b"<AzVpnProfile>").unwrap().warnings),
        ["azurevpnconfig"]
    );
    assert_eq!(with(b"<AzVpnProfile />").unwrap().warnings, []);
    let attack = with(b"<!DOCTYPE a><AzVpnProfile />").unwrap_err();
    let (file, fault) = ("azurevpnconfig.xml", XmlFault::DocumentType);
    assert_eq!(attack, PackageError::Xml { file, fault });
}

/// The reasons an administrator can do something about.
#[test]
fn a_package_for_other_clients_says_what_it_is_for() {
    let new = root("New Root", 2013..2038);
    let settings = settings_v2(&[&new]);
    let aad = azure_vpn_config(CLIENT_ROOT, "").replace(
        "<type>cert</type>\r\n    <user",
        "<type>aad</type>\r\n    <user",
    );
    let cert = azure_vpn_config(CLIENT_ROOT, "");
    let (open_vpn, exe) = (
        "OpenVPN/vpnconfig.ovpn",
        "WindowsAmd64/VpnClientSetupAmd64.exe",
    );
    let config = "AzureVPN/azurevpnconfig.xml";
    for (files, wanted) in [
        (vec![(open_vpn, "x"), (exe, "x")], PackageError::OpenVpnOnly),
        (
            vec![(open_vpn, "x"), (config, &aad)],
            PackageError::OpenVpnOnly,
        ),
        (vec![(config, &aad)], PackageError::EntraOnly),
        (
            vec![(exe, "x"), (config, &cert)],
            no_generic(&["WindowsAmd64", "AzureVPN"]),
        ),
        (vec![("readme.txt", "x")], no_generic(&[])),
        (
            vec![("x/Generic/VpnSettings.xml", &settings)],
            no_generic(&["x"]),
        ),
        (vec![("Generic/readme.txt", "x")], PackageError::NoSettings),
        (vec![("Generic\\", "")], PackageError::NoSettings),
    ] {
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(n, text)| (*n, text.as_bytes()))
            .collect();
        assert_eq!(read_package(&zip(&files)).unwrap_err(), wanted);
    }
    let empty = read_package(&zip(&[])).unwrap_err();
    assert_eq!(empty, no_generic(&[]));
    assert!(
        empty
            .to_string()
            .contains("IKEv2 is not enabled on this gateway")
    );
    assert!(empty.to_string().contains("Basic SKU"));
    assert_eq!(
        error(&settings.replace("IkeV2,OpenVPN", "OpenVPN")),
        PackageError::OpenVpnOnly
    );
    assert_eq!(
        error(&settings.replace("EAPTLS", "EAPMSCHAPV2")),
        PackageError::RadiusPassword
    );
    let entra = settings.replace("IkeV2,OpenVPN", "OpenVPN");
    let entra = entra.replace(
        "<AadTenant />",
        "<AadTenant>https://login.example/x/</AadTenant>",
    );
    assert_eq!(error(&entra), PackageError::EntraOnly);
}

/// N-97, as whole packages.
#[test]
fn hostile_xml_is_refused() {
    let settings = settings_v2(&[&root("New Root", 2013..2038)]);
    let doctype = settings.replacen("?>", "?><!DOCTYPE VpnProfile SYSTEM \"http://x/\">", 1);
    let entity = settings.replacen(SERVER, "&server;", 1);
    for (text, fault) in [
        (doctype.as_bytes(), XmlFault::DocumentType),
        (entity.as_bytes(), XmlFault::Entity),
        (b"", XmlFault::Malformed),
        (b"<html></html>", XmlFault::OtherDocument),
        (b"\xff\xfe<", XmlFault::Encoding),
    ] {
        let file = "VpnSettings.xml";
        let error = read_package(&zip(&[("Generic/VpnSettings.xml", text)])).unwrap_err();
        assert_eq!(error, PackageError::Xml { file, fault });
    }
    let utf16_doctype = utf16(&doctype, u16::to_le_bytes);
    let error = read_package(&zip(&[("Generic/VpnSettings.xml", &utf16_doctype)])).unwrap_err();
    let fault = XmlFault::DocumentType;
    assert_eq!(
        error,
        PackageError::Xml {
            file: "VpnSettings.xml",
            fault
        }
    );
}

#[test]
fn the_report_of_a_package_that_cannot_be_used_says_why() {
    let settings = settings_v2(&[]).replace("EAPTLS", "EAPMSCHAPV2");
    let octets = zip(&[("Generic/VpnSettings.xml", settings.as_bytes())]);
    let report = describe_package(&octets, now()).unwrap();
    assert!(!report.usable);
    assert_eq!(report.auth, ProfileAuth::RadiusPassword);
    let ids: Vec<&str> = report.unsupported.iter().map(|note| note.id).collect();
    assert_eq!(ids, ["radius-password", "tunnel-type"]);
    assert!(report.to_string().contains("azike cannot use this package"));
    assert!(describe_package(b"no zip", now()).is_err());
}

#[test]
fn a_name_in_the_archive_must_stay_in_the_archive() {
    let settings = settings_v2(&[&root("New Root", 2013..2038)]);
    for (name, fault) in [
        ("../evil", NameFault::Escape),
        ("Generic\\..\\..\\evil", NameFault::Escape),
        ("/etc/cron.d/evil", NameFault::Absolute),
        ("C:\\evil", NameFault::Colon),
        ("evil\u{1b}[2J", NameFault::Control),
        ("evil\0.txt", NameFault::Control),
    ] {
        let octets = zip(&[
            ("Generic/VpnSettings.xml", settings.as_bytes()),
            (name, b"x"),
        ]);
        match read_package(&octets).unwrap_err() {
            PackageError::UnsafeName {
                name: shown,
                fault: found,
            } => {
                assert_eq!(found, fault);
                assert!(!shown.chars().any(char::is_control));
            }
            other => panic!("{name:?}: {other}"),
        }
    }
}

pub(crate) fn now() -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(NOW))
}

pub(crate) fn read(settings: &str) -> Profile {
    read_package(&zip(&[("Generic/VpnSettings.xml", settings.as_bytes())])).unwrap()
}

pub(crate) fn error(settings: &str) -> PackageError {
    read_package(&zip(&[("Generic/VpnSettings.xml", settings.as_bytes())])).unwrap_err()
}

fn no_generic(found: &[&str]) -> PackageError {
    let found = found.iter().map(|&folder| folder.to_owned()).collect();
    PackageError::NoGenericFolder { found }
}

pub(crate) fn ids(warnings: &[Warning]) -> Vec<&'static str> {
    warnings.iter().map(Warning::id).collect()
}
