use std::fmt::Write as _;

use super::*;

fn dns() -> DnsConfig {
    DnsConfig {
        servers: vec!["10.1.0.4".parse().unwrap(), "fd00::53".parse().unwrap()],
        ..DnsConfig::default()
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn text(dns: &DnsConfig) -> String {
    let mut text = String::new();
    for (key, dictionary) in resolvers("azike-utun7", dns, "utun7").unwrap() {
        write!(text, "{key}\n{dictionary}").unwrap();
    }
    text
}

#[test]
fn match_domains_are_asked_and_not_tried_behind_short_names() {
    let mut dns = dns();
    dns.match_domains = names(&["Corp.Internal.", "10.in-addr.arpa"]);
    let golden = r#"State:/Network/Service/azike-utun7/DNS
  InterfaceName : "utun7"
  SearchOrder : 5000
  ServerAddresses : ["10.1.0.4", "fd00::53"]
  SupplementalMatchDomains : ["10.in-addr.arpa", "corp.internal"]
  SupplementalMatchDomainsNoSearch : 1
"#;
    assert_eq!(text(&dns), golden);
}

#[test]
fn search_domains_have_a_key_of_their_own_in_the_users_order() {
    let mut dns = dns();
    dns.match_domains = names(&["corp.internal", "lab"]);
    dns.search = names(&["lab", "corp.example", "lab"]);
    let golden = r#"State:/Network/Service/azike-utun7-search/DNS
  InterfaceName : "utun7"
  SearchOrder : 5000
  ServerAddresses : ["10.1.0.4", "fd00::53"]
  SupplementalMatchDomains : ["lab", "corp.example"]
  SupplementalMatchDomainsNoSearch : 0
State:/Network/Service/azike-utun7/DNS
  InterfaceName : "utun7"
  SearchOrder : 5000
  ServerAddresses : ["10.1.0.4", "fd00::53"]
  SupplementalMatchDomains : ["corp.internal"]
  SupplementalMatchDomainsNoSearch : 1
"#;
    assert_eq!(text(&dns), golden);
}

#[test]
fn all_names_are_the_empty_domain_before_the_others() {
    let mut dns = dns();
    dns.all = true;
    dns.match_domains = names(&["corp.internal"]);
    let resolvers = resolvers("azike-utun7", &dns, "utun7").unwrap();
    let domains = resolvers["State:/Network/Service/azike-utun7/DNS"]
        .texts("SupplementalMatchDomains")
        .to_vec();
    assert_eq!(domains, ["", "corp.internal"]);
}

#[test]
fn without_a_server_or_a_name_to_ask_for_there_is_no_key() {
    assert_eq!(text(&dns()), "");
    let no_server = DnsConfig {
        servers: Vec::new(),
        all: true,
        ..dns()
    };
    assert_eq!(text(&no_server), "");
}

#[test]
fn the_watch_sees_our_keys_and_no_others() {
    // The expression of OUR_KEYS, by hand: the dynamic store has its own engine for it.
    let (before, after) = OUR_KEYS.split_once("[^/]+").unwrap();
    let seen = |key: &str| {
        let middle = key
            .strip_prefix(before)
            .and_then(|key| key.strip_suffix(after));
        middle.is_some_and(|middle| !middle.is_empty() && !middle.contains('/'))
    };
    for key in keys(&service("utun12")).unwrap() {
        assert!(seen(&key), "{key}");
    }
    for foreign in [
        "State:/Network/Service/snx-rs-utun3/DNS",
        "State:/Network/Service/azike-/DNS",
        "State:/Network/Service/azike-utun3/IPv4",
        "Setup:/Network/Service/azike-utun3/DNS",
    ] {
        assert!(!seen(foreign), "{foreign}");
    }
}

#[test]
fn a_service_that_would_leave_its_place_in_the_store_has_no_keys() {
    for bad in [
        "utun7",
        "azike-",
        "azike-a/b",
        "azike-.*|x",
        "azike-x-search",
    ] {
        assert_eq!(keys(bad), None, "{bad}");
        assert_eq!(resolvers(bad, &dns(), "utun7"), None, "{bad}");
    }
}
