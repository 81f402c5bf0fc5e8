//! What networks and gateways do to messages and packets on their way.

use super::scenario::{BOTH, Before, Evidence, Scenario};
use crate::lab::layout::{VNET, VNET_HOST_V6, VNET_V6};
use crate::lab::router::{Block, Path};
use crate::lab::strongswan::connection::{Auth, Fragmentation};
use crate::lab::strongswan::settings::Tls;

/// The rows.
pub fn rows() -> Vec<Scenario> {
    let mut rows = Vec::new();
    for auth in BOTH {
        rows.extend(paths(auth));
        rows.extend(messages(auth));
        rows.extend(selectors(auth));
    }
    rows.extend(eap());
    rows
}

fn row(name: &str, auth: Auth) -> Scenario {
    Scenario::new("network", name, auth)
}

fn page() -> Evidence {
    Evidence {
        page: true,
        ..Evidence::default()
    }
}

fn paths(auth: Auth) -> Vec<Scenario> {
    let clean = Path::default;
    let loss = |loss| Path { loss, ..clean() };
    let mtu = |mtu| Path { mtu, ..clean() };
    vec![
        row("behind NAT", auth).shows(page()).quick(),
        row("without NAT", auth).shows(page()).path(Path {
            nat: false,
            ..clean()
        }),
        row("MTU 1280 on the way", auth)
            .shows(page())
            .path(mtu(1280)),
        row("5 % loss both ways", auth).path(loss(5)),
        row("20 % loss both ways", auth)
            .options(&["--timeout", "120"])
            .path(loss(20)),
        row("a router that drops IP fragments", auth)
            .gateway(|gateway| gateway.fragmentation = Fragmentation::Force)
            .path(Path {
                block: Block::Fragments,
                ..clean()
            }),
    ]
}

fn messages(auth: Auth) -> Vec<Scenario> {
    let log = |log| Evidence {
        log: Some(log),
        ..Evidence::default()
    };
    let mut cookie = row("gateway asks for a cookie", auth)
        .gateway(|gateway| gateway.settings.cookie_threshold = Some(1))
        .shows(log("N(COOKIE)"));
    cookie.before = Before::HalfOpen(2);
    vec![
        cookie,
        row("gateway asks for another group", auth)
            .gateway(|gateway| gateway.ike = String::from("aes256gcm16-prfsha384-ecp384"))
            .shows(log("N(INVAL_KE)")),
        row("IKE fragments forced", auth)
            .gateway(|gateway| gateway.fragmentation = Fragmentation::Force)
            .shows(log("EF(")),
        row("IKE fragments of 400 octets", auth)
            .gateway(|gateway| gateway.settings.fragment_size = Some(400))
            .shows(log("EF(")),
        row("no IKE fragments, but IP fragments", auth)
            .gateway(|gateway| gateway.fragmentation = Fragmentation::No),
        row("UDP 4500 from the start", auth)
            .azike_only()
            .options(&["--port-4500"])
            .path(Path {
                block: Block::Port500,
                ..Path::default()
            }),
    ]
}

fn selectors(auth: Auth) -> Vec<Scenario> {
    let networks = |name: &str, networks: Vec<String>, answers: Vec<&'static str>| {
        let row = row(name, auth).shows(Evidence {
            answers,
            page: true,
            ..Evidence::default()
        });
        // The reference client asks for the VNet only; azike takes what the gateway has.
        row.azike_only()
            .gateway(|gateway| gateway.networks = networks)
    };
    let many = |count: u32| {
        let others =
            (1..count).map(|number| format!("10.{}.{}.0/24", 64 + number / 256, number % 256));
        others.chain([VNET.to_owned()]).collect::<Vec<_>>()
    };
    let own = |list: &[&str]| list.iter().map(|&net| net.to_owned()).collect::<Vec<_>>();
    vec![
        networks(
            "two selectors",
            own(&["192.168.77.0/24", VNET]),
            vec!["192.168.77.1"],
        ),
        networks("60 selectors", many(60), vec!["10.64.7.1"]),
        networks("255 selectors", many(255), vec!["10.64.200.1"]),
        networks("full tunnel", own(&["0.0.0.0/0"]), vec![]),
        networks(
            "full tunnel in two halves",
            own(&["0.0.0.0/1", "128.0.0.0/1"]),
            vec![],
        ),
        networks("narrowed to eight hosts", own(&["10.1.0.0/29"]), vec![]),
        networks(
            "a range that is no prefix",
            own(&["10.1.0.1-10.1.0.9"]),
            vec![],
        ),
        networks("two stacks", own(&[VNET, VNET_V6]), vec![VNET_HOST_V6])
            .gateway(|gateway| gateway.pool_v6 = Some("fd00:201::/120".to_owned())),
    ]
}

fn eap() -> Vec<Scenario> {
    let row = |name: &str| Scenario::new("EAP-TLS", name, Auth::EapTls);
    vec![
        row("TLS 1.3").gateway(|gateway| gateway.settings.tls = Tls::Only13),
        row("fragments of 200 octets")
            .gateway(|gateway| gateway.settings.eap_fragment = Some(200))
            .quick(),
        row("TLS 1.3, fragments of 200 octets").gateway(|gateway| {
            gateway.settings.tls = Tls::Only13;
            gateway.settings.eap_fragment = Some(200);
        }),
        row("no length field").gateway(|gateway| gateway.settings.eap_without_length = true),
        row("RFC 7427 announced").gateway(|gateway| gateway.settings.signature_hashes = true),
    ]
}
