//! Which way a host is reached without us: a pure question to a routing table.

use std::net::IpAddr;

use crate::{Interface, IpNet, NextHop};

/// A unicast route of the machine, as the kernel told it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SeenRoute {
    pub(crate) net: IpNet,
    pub(crate) via: Option<IpAddr>,
    pub(crate) index: u32,
    pub(crate) source: Option<IpAddr>,
    pub(crate) onlink: bool,
    pub(crate) metric: u32,
    /// Made by us.
    pub(crate) ours: bool,
    /// Its link carries packets.
    pub(crate) usable: bool,
}

impl SeenRoute {
    /// The same way, for one host. `name` is that of the interface.
    pub(crate) fn next_hop(&self, name: String) -> NextHop {
        NextHop {
            via: self.via,
            interface: Interface {
                name,
                index: self.index,
            },
            source: self.source,
            onlink: self.onlink,
        }
    }
}

/// The route that packets to `host` would take without us: longest prefix,
/// then lowest metric, among those that are neither ours nor into `tunnel`.
pub(crate) fn best(host: IpAddr, routes: &[SeenRoute], tunnel: u32) -> Option<&SeenRoute> {
    routes
        .iter()
        .filter(|route| route.usable && !route.ours && route.index != tunnel)
        .filter(|route| route.net.contains(host))
        .min_by_key(|route| (u8::MAX - route.net.prefix_len(), route.metric))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(net: &str, index: u32, metric: u32) -> SeenRoute {
        SeenRoute {
            net: net.parse().unwrap(),
            via: None,
            index,
            source: None,
            onlink: false,
            metric,
            ours: false,
            usable: true,
        }
    }

    #[test]
    fn the_way_outside_ignores_the_tunnel() {
        let host = IpAddr::from([20, 61, 7, 9]);
        let ours = SeenRoute {
            ours: true,
            ..route("20.61.7.9/32", 2, 0)
        };
        let down = SeenRoute {
            usable: false,
            ..route("0.0.0.0/0", 3, 0)
        };
        for (routes, expected) in [
            (vec![], None),
            (vec![route("10.0.0.0/8", 2, 0)], None),
            (vec![route("::/0", 2, 0)], None),
            (vec![route("0.0.0.0/0", 2, 100)], Some(2)),
            (
                vec![route("0.0.0.0/0", 2, 600), route("0.0.0.0/0", 3, 100)],
                Some(3),
            ),
            (
                vec![route("0.0.0.0/0", 2, 0), route("20.0.0.0/8", 3, 900)],
                Some(3),
            ),
            (
                vec![route("0.0.0.0/0", 2, 0), route("0.0.0.0/1", 7, 0)],
                Some(2),
            ),
            (vec![route("0.0.0.0/0", 4, 0), ours], Some(4)),
            (vec![down, route("0.0.0.0/0", 2, 600)], Some(2)),
        ] {
            let found = best(host, &routes, 7).map(|route| route.index);
            assert_eq!(found, expected, "{routes:?}");
        }
    }
}
