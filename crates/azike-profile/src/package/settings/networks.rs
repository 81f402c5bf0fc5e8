//! The lists of `VpnSettings.xml`: routes, address pool, DNS servers.

use std::net::IpAddr;

use super::{bad, once};
use crate::package::PackageError;
use crate::package::xml::Element;
use crate::plain_text::plain;
use crate::{Prefix, Warning};

/// The most prefixes a list may have.
const MOST_PREFIXES: usize = 4096;

/// What IKEv2 can carry: one traffic selector for each.
const IKEV2_SELECTORS: usize = 255;

pub(super) fn routes(
    document: &Element,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Prefix>, PackageError> {
    let mut routes = Vec::new();
    let list = once(document, "Routes")?
        .into_iter()
        .flat_map(Element::list);
    for text in list {
        let prefix = Prefix::parse(text).map_err(|fault| bad("Routes", text, &fault));
        let (prefix, host_bits) = prefix?;
        if host_bits {
            let written = plain(text);
            warnings.push(Warning::HostBits { written, prefix });
        }
        if prefix.is_default() {
            warnings.push(Warning::DefaultRoute(prefix));
        }
        if routes.len() == MOST_PREFIXES {
            return Err(bad("Routes", "…", &"too many routes"));
        }
        routes.push(prefix);
    }
    match routes.len() {
        0 => warnings.push(Warning::NoRoutes),
        1..=IKEV2_SELECTORS => {}
        count => warnings.push(Warning::ManyRoutes(count)),
    }
    Ok(routes)
}

/// Only shown, never used: what cannot be read is a warning.
pub(super) fn address_pool(
    document: &Element,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Prefix>, PackageError> {
    let mut pool = Vec::new();
    let list = once(document, "VpnClientAddressPool")?
        .into_iter()
        .flat_map(Element::list);
    for text in list.take(MOST_PREFIXES) {
        match Prefix::parse(text) {
            Ok((prefix, _)) => pool.push(prefix),
            Err(_) => warnings.push(Warning::AddressPool(plain(text))),
        }
    }
    Ok(pool)
}

pub(super) fn dns_servers(
    document: &Element,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<IpAddr>, PackageError> {
    let mut servers: Vec<IpAddr> = Vec::new();
    let list = once(document, "CustomDnsServers")?
        .into_iter()
        .flat_map(Element::list);
    for text in list.take(32) {
        match text.parse() {
            Ok(address) if !servers.contains(&address) => servers.push(address),
            Ok(_) => {}
            Err(_) => warnings.push(Warning::DnsServer(plain(text))),
        }
    }
    Ok(servers)
}
