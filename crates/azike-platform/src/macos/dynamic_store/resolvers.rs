//! From servers and domains to the keys that make macOS use them: pure.
//!
//! What `configd` makes of a `DNS` dictionary (its source: `dns-configuration.c`):
//!
//! * Without `ServerAddresses` or without `SupplementalMatchDomains` it ignores
//!   a service that has no addresses of its own.
//! * Each match domain becomes a resolver. The longest domain that fits a name
//!   wins; `""` fits every name. Of equally long ones the lower `SearchOrder` wins.
//!   `configd` itself counts from 100,000 (supplemental) and 200,000 (the machine's own).
//! * `SearchDomains` of a supplemental resolver are thrown away. A domain is tried
//!   behind short names if it is a match domain and `SupplementalMatchDomainsNoSearch`
//!   is not set; that holds for a whole dictionary, hence two of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Dictionary, Value};
use crate::DnsConfig;

/// Our keys, as a regular expression of the dynamic store.
pub(crate) const OUR_KEYS: &str = "State:/Network/Service/azike-[^/]+/DNS";

/// Before all that `configd` numbers itself, behind one who insists.
const SEARCH_ORDER: i64 = 5_000;

const PREFIX: &str = "azike-";
const SEARCH_SUFFIX: &str = "-search";

/// The keys of one service and what they say.
pub(crate) type Resolvers = BTreeMap<String, Dictionary>;

/// The name of the service for a tunnel: `azike-utun7`. The plan writes it; tests compare.
#[cfg(test)]
pub(crate) fn service(interface: &str) -> String {
    format!("{PREFIX}{interface}")
}

/// The keys that a service may have: names that are asked, names that are also tried
/// behind short ones. `None` if `service` cannot be one of ours.
pub(crate) fn keys(service: &str) -> Option<[String; 2]> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let id = service.strip_prefix(PREFIX)?;
    let good = !id.is_empty() && id.len() <= 64 && id.chars().all(legal);
    let good = good && !id.ends_with(SEARCH_SUFFIX);
    let key = |suffix| format!("State:/Network/Service/{service}{suffix}/DNS");
    good.then(|| ["", SEARCH_SUFFIX].map(key))
}

/// The keys that bring `dns` into force: none if there is no server or no
/// name to ask it for. `None` if `service` cannot be one of ours.
pub(crate) fn resolvers(service: &str, dns: &DnsConfig, interface: &str) -> Option<Resolvers> {
    let [matched_key, searched_key] = keys(service)?;
    let searched: BTreeSet<_> = dns.search.iter().map(|name| plain(name)).collect();
    let matched: BTreeSet<_> = dns.match_domains.iter().map(|name| plain(name)).collect();
    let matched = matched.difference(&searched).cloned();
    // The domain of all names is the empty one.
    let all = dns.all.then(String::new);
    let matched: Vec<_> = all.into_iter().chain(matched).collect();
    // The order of the search list is the user's.
    let mut seen = BTreeSet::new();
    let searched = dns.search.iter().map(|name| plain(name));
    let searched: Vec<_> = searched.filter(|name| seen.insert(name.clone())).collect();

    let mut resolvers = Resolvers::new();
    if dns.servers.is_empty() {
        return Some(resolvers);
    }
    for (key, domains, no_search) in [(matched_key, matched, 1), (searched_key, searched, 0)] {
        if !domains.is_empty() {
            resolvers.insert(key, dictionary(dns, interface, domains, no_search));
        }
    }
    Some(resolvers)
}

fn dictionary(
    dns: &DnsConfig,
    interface: &str,
    domains: Vec<String>,
    no_search: i64,
) -> Dictionary {
    let servers = dns.servers.iter().map(ToString::to_string).collect();
    Dictionary::default()
        .with("ServerAddresses", Value::Texts(servers))
        .with("SupplementalMatchDomains", Value::Texts(domains))
        .with("SupplementalMatchDomainsNoSearch", Value::Number(no_search))
        .with("SearchOrder", Value::Number(SEARCH_ORDER))
        .with("InterfaceName", Value::Text(interface.to_owned()))
}

/// A domain as macOS compares it: lower case, without the root's dot.
fn plain(domain: &str) -> String {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    domain.to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
