//! The text of a resolv.conf (`resolv.conf(5)`) with our servers in it.

use std::fmt::Write as _;

use crate::DnsConfig;
use crate::plan::MAX_SERVERS;

/// Our text, made from the one that was there.
///
/// The file cannot tell names apart. With [`DnsConfig::all`] our servers are
/// the only ones; else the earlier ones follow, so that names still resolve
/// when the servers behind the tunnel are silent. Search domains and options
/// of the machine stay.
pub(super) fn render(before: &str, interface: &str, dns: &DnsConfig) -> String {
    let mut text =
        format!("# Written by azike for {interface}. `azike down` brings the earlier file back.\n");
    let mut search: Vec<&str> = dns.search.iter().map(String::as_str).collect();
    for domain in search_domains(before) {
        if !search.contains(&domain) {
            search.push(domain);
        }
    }
    let ours: Vec<String> = dns.servers.iter().map(ToString::to_string).collect();
    let mut all: Vec<&str> = ours.iter().map(String::as_str).collect();
    if !dns.all {
        all.extend(servers(before).filter(|server| !ours.iter().any(|our| our == server)));
    }
    all.truncate(MAX_SERVERS);

    if !search.is_empty() {
        line(&mut text, "search", &search.join(" "));
    }
    for server in all {
        line(&mut text, "nameserver", server);
    }
    for options in values(before, "options") {
        line(&mut text, "options", options);
    }
    text
}

/// The servers in a text.
pub(super) fn servers(text: &str) -> impl Iterator<Item = &str> {
    let words = values(text, "nameserver").filter_map(|value| value.split_whitespace().next());
    words.take(MAX_SERVERS)
}

/// The last `search` or `domain` line counts.
fn search_domains(text: &str) -> impl Iterator<Item = &str> {
    let search = values(text, "search").last();
    let search = search.or_else(|| values(text, "domain").last());
    search.into_iter().flat_map(str::split_whitespace)
}

fn values<'t>(text: &'t str, keyword: &'t str) -> impl Iterator<Item = &'t str> {
    text.lines().filter_map(move |line| {
        let value = line.strip_prefix(keyword)?;
        value.starts_with([' ', '\t']).then(|| value.trim())
    })
}

fn line(text: &mut String, keyword: &str, value: &str) {
    #[expect(clippy::expect_used, reason = "writing to a String cannot fail")]
    writeln!(text, "{keyword} {value}").expect("memory");
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "# by DHCP\ndomain old\nsearch home lan\nnameserver 192.0.2.53\n\
        nameserver\t192.0.2.54 # second\n;nameserver 9.9.9.9\nnameserverx 1.1.1.1\noptions edns0\n";

    fn dns(servers: &[&str], search: &[&str], all: bool) -> DnsConfig {
        DnsConfig {
            servers: servers.iter().map(|addr| addr.parse().unwrap()).collect(),
            match_domains: vec!["never.in.the.file".to_owned()],
            search: search.iter().map(ToString::to_string).collect(),
            all,
        }
    }

    fn body(before: &str, dns: &DnsConfig) -> String {
        let text = render(before, "azike0", dns);
        let (comment, body) = text.split_once('\n').unwrap();
        assert!(comment.starts_with("# Written by azike for azike0."));
        body.to_owned()
    }

    #[test]
    fn our_servers_come_first_and_the_others_stay_behind_them() {
        assert_eq!(
            body(
                BEFORE,
                &dns(&["10.1.0.4"], &["corp.internal", "lan"], false)
            ),
            "search corp.internal lan home\nnameserver 10.1.0.4\nnameserver 192.0.2.53\n\
             nameserver 192.0.2.54\noptions edns0\n"
        );
    }

    #[test]
    fn for_all_names_only_our_servers_are_asked() {
        assert_eq!(
            body(BEFORE, &dns(&["10.1.0.4", "2001:db8::4"], &[], true)),
            "search home lan\nnameserver 10.1.0.4\nnameserver 2001:db8::4\noptions edns0\n"
        );
    }

    #[test]
    fn there_is_room_for_three() {
        let many = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];
        let text = body(BEFORE, &dns(&many, &[], false));
        assert_eq!(text.matches("nameserver").count(), 3);
        assert!(!text.contains("10.0.0.4"));
    }

    #[test]
    fn a_server_that_both_name_is_named_once() {
        let text = body(BEFORE, &dns(&["192.0.2.54"], &[], false));
        assert_eq!(text.matches("192.0.2.54").count(), 1);
    }

    #[test]
    fn nothing_and_rubbish_are_fine() {
        for before in ["", "\n\n", "\u{fffd}\u{fffd}", "search", "nameserver "] {
            let text = body(before, &dns(&["10.1.0.4"], &[], false));
            assert_eq!(text, "nameserver 10.1.0.4\n", "{before:?}");
        }
    }
}
