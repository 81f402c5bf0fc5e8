//! What every element may say.

use super::*;
use crate::HostNameFault;

const SERVER: &str = "azuregateway-ec3c0068-3098-4c47-b21c-623e33b44ea6-75d615bcd8e5.vpn.azure.com";
const GUID: &str = "ec3c0068-3098-4c47-b21c-623e33b44ea6";

#[test]
fn an_element_that_is_missing_is_named() {
    for element in ["VpnServer", "VpnType", "Auth"] {
        let missing = Err(PackageError::MissingElement { element });
        assert_eq!(read(&without(element)).map(|_| ()), missing);
        let empty = format!("{}<{element} />", without(element));
        assert_eq!(read(&empty).map(|_| ()), missing);
    }
}

#[test]
fn an_element_that_is_there_twice_is_named() {
    for (element, value) in [
        ("VpnServer", SERVER),
        ("Auth", "EAPTLS"),
        ("Routes", "10.0.0.0/8"),
    ] {
        let twice = format!("{}<{element}>{value}</{element}>", whole());
        let repeated = PackageError::RepeatedElement { element };
        assert_eq!(read(&twice).unwrap_err(), repeated);
    }
}

#[test]
fn a_server_that_is_no_host_name_is_refused_and_shown_harmlessly() {
    let error = read(&with("VpnServer", "gw.example/&#10;x")).unwrap_err();
    let reason = HostNameFault::Character('/').to_string();
    let value = "gw.example/\\u{a}x".to_owned();
    let element = "VpnServer";
    assert_eq!(
        error,
        PackageError::BadValue {
            element,
            value,
            reason
        }
    );
}

#[test]
fn the_second_name_comes_from_the_element_or_from_the_server() {
    let second = format!("{GUID}.vpn.azure.com");
    for settings in [
        read(&whole()).unwrap(),
        read(&without("VnetId")).unwrap(),
        read(&with("VnetId", "")).unwrap(),
        read(&with("VnetId", "not a number")).unwrap(),
        read(&with("VnetId", &GUID.to_uppercase())).unwrap(),
    ] {
        let names = accepted_names(&settings.server, settings.vnet_id.as_deref());
        assert_eq!(names, [SERVER, &second]);
    }
    let hub = with("VpnServer", "hub0.abc.vpn.azure.com").replace(GUID, "");
    let hub = read(&hub).unwrap();
    let names = accepted_names(&hub.server, hub.vnet_id.as_deref());
    assert_eq!(names, ["hub0.abc.vpn.azure.com"]);
}

#[test]
fn the_second_name_is_in_the_cloud_of_the_server_and_never_elsewhere() {
    for (server, second) in [
        ("azuregateway-x.vpn.azure.us", "vpn.azure.us"),
        ("azuregateway-x.vpn.azure.cn", "vpn.azure.cn"),
        ("gw.evil.example", "vpn.azure.com"),
        ("azuregateway-x.cloudapp.net", "vpn.azure.com"),
    ] {
        let server = HostName::parse(server).unwrap();
        let names = accepted_names(&server, Some(GUID));
        assert_eq!(names.get(1), Some(&format!("{GUID}.{second}")));
    }
}

#[test]
fn a_vnet_id_that_does_not_fit_the_server_is_a_warning() {
    let other = "00000000-3098-4c47-b21c-623e33b44ea6";
    let settings = read(&with("VnetId", other)).unwrap();
    assert_eq!(settings.vnet_id.as_deref(), Some(other));
    assert_eq!(ids(&settings), ["vnet-id-differs"]);
    assert_eq!(ids(&read(&with("VnetId", "x")).unwrap()), ["vnet-id"]);
}

#[test]
fn routes_are_read_in_every_form() {
    let settings = read(&with(
        "Routes",
        "10.11.0.0/20, 10.1.2.3/16;2001:db8::/32 8.8.8.8",
    ))
    .unwrap();
    let routes: Vec<String> = settings.routes.iter().map(Prefix::to_string).collect();
    assert_eq!(
        routes,
        ["10.11.0.0/20", "10.1.0.0/16", "2001:db8::/32", "8.8.8.8/32"]
    );
    assert_eq!(ids(&settings), ["route-host-bits"]);
    assert_eq!(
        ids(&read(&with("Routes", "0.0.0.0/0")).unwrap()),
        ["route-default"]
    );
    assert_eq!(ids(&read(&with("Routes", "")).unwrap()), ["routes-none"]);
    assert_eq!(ids(&read(&without("Routes")).unwrap()), ["routes-none"]);
}

#[test]
fn many_routes_are_a_warning_and_too_many_an_error() {
    let many = |count: u32| -> String {
        let routes = (0..count).map(|n| format!("10.{}.{}.0/24,", n / 256, n % 256));
        with("Routes", &routes.collect::<String>())
    };
    assert_eq!(ids(&read(&many(255)).unwrap()), [""; 0]);
    assert_eq!(ids(&read(&many(256)).unwrap()), ["routes-many"]);
    let error = read(&many(10_000)).unwrap_err();
    assert!(matches!(
        error,
        PackageError::BadValue {
            element: "Routes",
            ..
        }
    ));
}

#[test]
fn a_route_that_is_none_is_an_error() {
    let error = read(&with("Routes", "10.0.0.0/8,all")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "VpnSettings.xml: Routes 'all': it is not an address"
    );
}

#[test]
fn dns_servers_are_read_as_text_and_as_elements() {
    for value in [
        "10.0.0.4,10.0.0.5",
        "10.0.0.4; 10.0.0.5 10.0.0.4",
        "<string>10.0.0.4</string><string>10.0.0.5</string>",
    ] {
        let settings = read(&with("CustomDnsServers", value)).unwrap();
        let wanted: [IpAddr; 2] = [[10, 0, 0, 4].into(), [10, 0, 0, 5].into()];
        assert_eq!(settings.dns_servers, wanted, "{value}");
    }
    let wrong = read(&with("CustomDnsServers", "dns.example")).unwrap();
    assert_eq!(ids(&wrong), ["dns-server"]);
}

#[test]
fn types_and_login_decide_whether_azike_can_help() {
    let none = AzureVpnConfig::default();
    for (types, auth, tenant, wanted) in [
        ("IkeV2,OpenVPN", "EAPTLS", "", None),
        ("SSTP, ikev2", "eaptls", "", None),
        ("IkeV2", "EAPMSCHAPV2,EAPTLS", "", None),
        ("IkeV2", "EAPTLS", "https://login.example/", None),
        (
            "IkeV2",
            "EAPMSCHAPV2",
            "",
            Some(PackageError::RadiusPassword),
        ),
        ("OpenVPN", "EAPTLS", "", Some(PackageError::OpenVpnOnly)),
        (
            "OpenVPN",
            "EAPTLS",
            "https://login.example/",
            Some(PackageError::EntraOnly),
        ),
        ("IkeV2", "AAD", "", Some(PackageError::EntraOnly)),
        (
            "SSTP",
            "EAPTLS",
            "",
            Some(PackageError::NotIkev2 {
                types: "SSTP".to_owned(),
            }),
        ),
        (
            "IkeV2",
            "PAP",
            "",
            Some(PackageError::UnknownAuth("PAP".to_owned())),
        ),
    ] {
        let text = with("VpnType", types);
        let text = text.replace("<Auth>EAPTLS<", &format!("<Auth>{auth}<"));
        let text = text.replace("<AadTenant />", &format!("<AadTenant>{tenant}</AadTenant>"));
        let settings = read(&text).unwrap();
        assert_eq!(settings.unusable(&none), wanted, "{types} {auth} {tenant}");
    }
}

#[test]
fn the_connection_gets_a_name_that_is_safe_everywhere() {
    let server = HostName::parse("gw.example").unwrap();
    for (vnet, wanted) in [
        ("Lab05-hub1-vnet", "Lab05-hub1-vnet"),
        ("../../etc/cron.d/x", "_.._etc_cron.d_x"),
        ("a b\u{1b}[2J", "a_b__2J"),
        ("-rf", "rf"),
        ("", "gw"),
        ("...", "gw"),
    ] {
        assert_eq!(name(vnet, &server), wanted);
    }
    assert_eq!(name(&"x".repeat(1000), &server).len(), 64);
}

fn read(elements: &str) -> Result<Settings, PackageError> {
    let document = format!("<?xml version=\"1.0\"?><VpnProfile>{elements}</VpnProfile>");
    Settings::read(document.as_bytes())
}

fn whole() -> String {
    format!(
        "<VpnServer>{SERVER}</VpnServer><VpnType>IkeV2,OpenVPN</VpnType><Routes>10.0.0.0/8</Routes>\
         <Auth>EAPTLS</Auth><VnetName>net</VnetName><VnetId>{GUID}</VnetId><AadTenant />\
         <CustomDnsServers />"
    )
}

fn without(element: &str) -> String {
    with(element, "\0").replace(&format!("<{element}>\0</{element}>"), "")
}

fn with(element: &str, value: &str) -> String {
    let whole = whole().replace(
        &format!("<{element} />"),
        &format!("<{element}></{element}>"),
    );
    let (before, rest) = whole.split_once(&format!("<{element}>")).unwrap();
    let (_, after) = rest.split_once(&format!("</{element}>")).unwrap();
    format!("{before}<{element}>{value}</{element}>{after}")
}

fn ids(settings: &Settings) -> Vec<&'static str> {
    settings.warnings.iter().map(Warning::id).collect()
}
