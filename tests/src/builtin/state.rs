//! The state of this network and mount namespace in lines of text, so that before and after can be compared.
//! It asks the kernel and reads files; no program is needed.

use std::fs;

use anyhow::Result;
use futures_util::TryStreamExt as _;
use rtnetlink::packet_route::link::LinkAttribute;
use rtnetlink::{IpVersion, RouteMessageBuilder};

use super::netlink::Netlink;
use crate::lab::snapshot::difference;

/// Everything a tunnel may change: interfaces, addresses, routes, rules, name resolution.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct State(Vec<String>);

impl State {
    /// Looks.
    pub fn look() -> Result<Self> {
        let netlink = Netlink::open()?;
        let mut lines = netlink.wait_for(lines(&netlink))?;
        for file in ["/etc/resolv.conf", "/etc/hosts"] {
            lines.push(format!("{file}: {}", fs::read_to_string(file)?));
        }
        lines.sort();
        Ok(Self(lines))
    }

    /// What is only before (`-`) and only after (`+`); nothing when both are equal.
    pub fn difference(&self, after: &Self) -> Vec<String> {
        difference(&self.0, &after.0)
    }
}

async fn lines(netlink: &Netlink) -> Result<Vec<String>> {
    let handle = netlink.handle();
    let mut lines = Vec::new();
    let mut links = handle.link().get().execute();
    while let Some(link) = links.try_next().await? {
        // Not its counters, and nothing else that changes by itself.
        let (mut name, mut size) = (String::new(), 0);
        for attribute in &link.attributes {
            if let LinkAttribute::IfName(is) = attribute {
                name.clone_from(is);
            } else if let LinkAttribute::Mtu(is) = attribute {
                size = *is;
            }
        }
        let (index, flags) = (link.header.index, link.header.flags);
        lines.push(format!("link {index} {name}: {flags:?}, mtu {size}"));
    }
    let mut addresses = handle.address().get().execute();
    while let Some(address) = addresses.try_next().await? {
        lines.push(format!("address {:?}", address.attributes.first()));
    }
    for version in [IpVersion::V4, IpVersion::V6] {
        let mut rules = handle.rule().get(version.clone()).execute();
        while let Some(rule) = rules.try_next().await? {
            lines.push(format!("rule {rule:?}"));
        }
        let wanted = match version {
            IpVersion::V4 => RouteMessageBuilder::<std::net::Ipv4Addr>::new().build(),
            IpVersion::V6 => RouteMessageBuilder::<std::net::Ipv6Addr>::new().build(),
        };
        let mut routes = handle.route().get(wanted).execute();
        while let Some(route) = routes.try_next().await? {
            lines.push(format!("route {:?}", steady(route)));
        }
    }
    Ok(lines)
}

/// A route without its age.
fn steady(
    mut route: rtnetlink::packet_route::route::RouteMessage,
) -> rtnetlink::packet_route::route::RouteMessage {
    use rtnetlink::packet_route::route::RouteAttribute;

    let ages = |attribute: &RouteAttribute| matches!(attribute, RouteAttribute::CacheInfo(_));
    route.attributes.retain(|attribute| !ages(attribute));
    route
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_that_stayed_is_shown() {
        let before = State(vec!["a".to_owned()]);
        let after = State(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(before.difference(&after), ["+ b"]);
        assert_eq!(after.difference(&before), ["- b"]);
    }
}
