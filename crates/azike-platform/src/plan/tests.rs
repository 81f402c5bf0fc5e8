use super::*;

fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn tunnel() -> Interface {
    Interface {
        name: "azike0".to_owned(),
        index: 7,
    }
}

fn next_hop(via: &str) -> NextHop {
    NextHop {
        via: Some(ip(via)),
        interface: Interface {
            name: "eth0".to_owned(),
            index: 2,
        },
        source: None,
        onlink: false,
    }
}

fn around(dns: DnsWay) -> Surroundings {
    Surroundings {
        interface: tunnel(),
        next_hops: [(ip("20.61.7.9"), next_hop("192.0.2.1"))].into(),
        dns,
    }
}

fn config(routes: &[&str]) -> HostConfig {
    HostConfig {
        interface: "azike0".to_owned(),
        addresses: vec![net("172.16.201.4/32")],
        mtu: 1400,
        routes: routes.iter().map(|route| net(route)).collect(),
        outside: [ip("20.61.7.9")].into(),
        dns: None,
    }
}

fn dns(domains: &[&str]) -> DnsConfig {
    DnsConfig {
        servers: vec![ip("10.1.0.4")],
        match_domains: domains.iter().map(ToString::to_string).collect(),
        ..DnsConfig::default()
    }
}

/// What is wanted, in the words of `Display`.
fn words(config: &HostConfig, around: &Surroundings) -> Vec<String> {
    let wanted = wanted(config, around).unwrap();
    wanted.settings.iter().map(ToString::to_string).collect()
}

#[test]
fn a_split_tunnel_is_its_routes_and_nothing_more() {
    assert_eq!(
        words(
            &config(&["10.2.0.0/16", "10.1.0.0/16"]),
            &around(DnsWay::Resolved)
        ),
        [
            "MTU 1400 of azike0",
            "azike0 up",
            "address 172.16.201.4/32 on azike0",
            "route 10.1.0.0/16 by azike0",
            "route 10.2.0.0/16 by azike0",
        ]
    );
}

#[test]
fn a_full_tunnel_is_two_halves_and_the_gateway_stays_outside() {
    assert_eq!(
        words(&config(&["0.0.0.0/0", "::/0"]), &around(DnsWay::Resolved)),
        [
            "MTU 1400 of azike0",
            "azike0 up",
            "address 172.16.201.4/32 on azike0",
            "route to 20.61.7.9 by eth0",
            "route 0.0.0.0/1 by azike0",
            "route 128.0.0.0/1 by azike0",
            "route ::/1 by azike0",
            "route 8000::/1 by azike0",
        ]
    );
}

#[test]
fn a_gateway_in_a_routed_prefix_stays_outside() {
    for (routes, expected) in [
        (&["20.0.0.0/8"][..], true),
        (&["20.61.7.9/32"], true),
        (&["0.0.0.0/1"], true),
        (&["128.0.0.0/1"], false),
        (&["::/0"], false),
        (&[], false),
    ] {
        let outside = words(&config(routes), &around(DnsWay::Resolved))
            .contains(&"route to 20.61.7.9 by eth0".to_owned());
        assert_eq!(outside, expected, "{routes:?}");
    }
}

#[test]
fn a_gateway_that_cannot_be_reached_otherwise_is_an_error_only_if_it_matters() {
    let mut around = around(DnsWay::Resolved);
    around.next_hops.clear();
    let error = PlanError::NoRoute(ip("20.61.7.9"));
    assert_eq!(wanted(&config(&["0.0.0.0/0"]), &around), Err(error));
    assert!(wanted(&config(&["10.1.0.0/16"]), &around).is_ok());
}

/// N-109: a name that resolves to 127.0.0.1 makes no route out of the machine.
#[test]
fn a_gateway_on_this_machine_needs_no_route() {
    let mut config = config(&["0.0.0.0/0"]);
    config.outside = [ip("127.0.0.1")].into();
    let words = words(&config, &around(DnsWay::Resolved));
    assert!(!words.iter().any(|word| word.contains("127.0.0.1")));
}

#[test]
fn host_bits_and_doubles_are_gone() {
    let words = words(
        &config(&["10.1.2.3/16", "10.1.0.0/16", "0.0.0.0/0", "0.0.0.0/1"]),
        &around(DnsWay::Resolved),
    );
    let routes = words
        .iter()
        .filter(|word| word.starts_with("route 1"))
        .count();
    assert_eq!(routes, 2, "{words:?}");
    assert_eq!(
        words.iter().filter(|w| w.contains(" 0.0.0.0/1 ")).count(),
        1
    );
}

#[test]
fn names_go_where_they_are_answered() {
    let mut config = config(&[]);
    config.dns = Some(dns(&["corp.internal"]));
    for (way, setting, notices) in [
        (DnsWay::Resolved, Some("DNS of azike0"), vec![]),
        (
            DnsWay::ResolvedBypassed,
            Some("DNS of azike0"),
            vec![Notice::ResolvedBypassed],
        ),
        (DnsWay::ResolvConf, Some("DNS in resolv.conf"), vec![]),
        (
            DnsWay::SharedResolvConf,
            None,
            vec![Notice::SharedResolvConf],
        ),
    ] {
        let wanted = wanted(&config, &around(way)).unwrap();
        let last = wanted.settings.last().map(ToString::to_string);
        let last = last.filter(|word| word.starts_with("DNS"));
        assert_eq!(last.as_deref(), setting);
        assert_eq!(wanted.notices, notices);
    }
}

#[test]
fn no_server_means_no_change_of_names() {
    let mut config = config(&[]);
    config.dns = Some(DnsConfig::default());
    assert_eq!(words(&config, &around(DnsWay::SharedResolvConf)).len(), 3);
}

/// A domain may come from the gateway, and a resolv.conf is lines of text.
#[test]
fn a_domain_that_is_none_does_not_reach_the_file() {
    let long = "a".repeat(64);
    for (domain, good) in [
        ("corp.internal", true),
        ("corp.internal.", true),
        ("_tcp.corp", true),
        ("x", true),
        ("", false),
        (".", false),
        ("a..b", false),
        ("a b", false),
        ("a\nnameserver 1.2.3.4", false),
        ("b\u{fc}ro.de", false),
        (&long, false),
    ] {
        let mut config = config(&[]);
        config.dns = Some(dns(&[domain]));
        let wanted = wanted(&config, &around(DnsWay::ResolvConf)).unwrap();
        assert_eq!(wanted.notices.is_empty(), good, "{domain:?}");
        let reached = wanted.settings.iter().any(|setting| {
            matches!(setting, Setting::ResolvConf { dns, .. } if !dns.match_domains.is_empty())
        });
        assert_eq!(reached, good, "{domain:?}");
    }
}

#[test]
fn a_fourth_server_is_left_out_aloud() {
    let mut config = config(&[]);
    let servers = (1..=5).map(|last| [10, 1, 0, last].into()).collect();
    config.dns = Some(DnsConfig {
        servers,
        ..DnsConfig::default()
    });
    let notices = |way| wanted(&config, &around(way)).unwrap().notices;
    assert_eq!(notices(DnsWay::ResolvConf), [Notice::ServersLeftOut(2)]);
    assert_eq!(notices(DnsWay::Resolved), []);
}

type Case<'a> = (&'a [&'a Setting], &'a [&'a Setting], Vec<Step>);

#[test]
fn removals_come_first_and_last_made_first() {
    let route = |text| Setting::Route {
        interface: tunnel(),
        net: net(text),
    };
    let outside = |via| Setting::Outside {
        host: ip("20.61.7.9"),
        next_hop: next_hop(via),
    };
    let up = Setting::Up {
        interface: tunnel(),
    };
    let (a, b, c) = (
        route("10.0.0.0/8"),
        route("11.0.0.0/8"),
        route("12.0.0.0/8"),
    );
    let (old, new) = (outside("192.0.2.1"), outside("198.51.100.1"));
    let remove = |setting: &Setting| Step::Remove(setting.clone());
    let make = |setting: &Setting| Step::Make(setting.clone());
    let cases: [Case<'_>; 5] = [
        (&[], &[], vec![]),
        (&[&a, &up], &[&up, &a], vec![]),
        (&[], &[&a, &new, &up], vec![make(&up), make(&new), make(&a)]),
        (
            &[&up, &old, &a, &b],
            &[],
            vec![remove(&b), remove(&a), remove(&old), remove(&up)],
        ),
        (
            &[&up, &old, &a, &b],
            &[&up, &new, &b, &c],
            vec![remove(&a), remove(&old), make(&new), make(&c)],
        ),
    ];
    for (have, want, steps) in cases {
        let set = |settings: &[&Setting]| settings.iter().map(|&s| s.clone()).collect();
        assert_eq!(plan(&set(have), &set(want)), steps);
    }
}
