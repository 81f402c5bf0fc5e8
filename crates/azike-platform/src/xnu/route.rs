//! Messages that add and remove routes.
//!
//! ```text
//!   rt_msghdr (92) · destination · gateway · netmask, unless it is one host
//! ```
//!
//! The gateway is the router, or the interface itself by its number. None of ours belongs to one interface only
//! (`RTF_IFSCOPE`): all programs of the machine are to use them.

use std::net::IpAddr;

use super::message::{
    ADD, DELETE, ROUTE_HEADER, RTF_GATEWAY, RTF_HOST, RTF_STATIC, RTF_UP, VERSION,
};
use super::octets::put;
use super::sockaddr::{link, mask, write_ip};
use crate::next_hop::SeenRoute;
use crate::{IpNet, Setting};

/// `RTA_DST`, `RTA_GATEWAY`, `RTA_NETMASK`.
const DESTINATION: u32 = 1;
const GATEWAY: u32 = 2;
const NETMASK: u32 = 4;

/// A route of ours.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct OurRoute {
    /// Without host bits.
    pub(crate) net: IpNet,
    /// The router; `None` if the interface leads there itself.
    pub(crate) via: Option<IpAddr>,
    /// The number of the interface.
    pub(crate) index: u32,
}

/// What is done with a route.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Doing {
    /// `RTM_ADD`: refused with `EEXIST` if there is one to the same destination.
    Add,
    /// `RTM_DELETE`: the kernel compares the destination only.
    Delete,
}

impl OurRoute {
    /// The route that `setting` is; `None` if it is something else.
    pub(crate) fn of(setting: &Setting) -> Option<Self> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "two settings are routes")]
        match setting {
            Setting::Route { interface, net } => Some(Self {
                net: net.network(),
                via: None,
                index: interface.index,
            }),
            Setting::Outside { host, next_hop } => Some(Self {
                net: IpNet::host(*host),
                via: next_hop.via,
                index: next_hop.interface.index,
            }),
            _ => None,
        }
    }

    /// Whether `seen` is this route.
    pub(crate) fn is(self, seen: &SeenRoute) -> bool {
        (seen.net, seen.via, seen.index) == (self.net, self.via, self.index)
    }

    /// The message to the kernel. `sequence` comes back in its echo.
    pub(crate) fn message(self, doing: Doing, sequence: u32) -> Vec<u8> {
        let host = IpNet::host(self.net.addr()) == self.net;
        let mut flags = RTF_UP | RTF_STATIC;
        let mut addresses = DESTINATION | GATEWAY;
        let mut octets = vec![0; ROUTE_HEADER];
        octets.extend(write_ip(self.net.addr(), self.index));
        match self.via {
            Some(router) => {
                flags |= RTF_GATEWAY;
                octets.extend(write_ip(router, self.index));
            }
            None => octets.extend(link(self.index)),
        }
        if host {
            flags |= RTF_HOST;
        } else {
            addresses |= NETMASK;
            octets.extend(write_ip(mask(self.net.addr(), self.net.prefix_len()), 0));
        }
        // Three addresses are 76 octets at most.
        let length = u16::try_from(octets.len()).unwrap_or(u16::MAX);
        let kind = match doing {
            Doing::Add => ADD,
            Doing::Delete => DELETE,
        };
        put(&mut octets, 0, &length.to_le_bytes());
        put(&mut octets, 2, &[VERSION, kind]);
        put(&mut octets, 8, &flags.to_le_bytes());
        put(&mut octets, 12, &addresses.to_le_bytes());
        put(&mut octets, 20, &sequence.to_le_bytes());
        octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xnu::message::{Message, messages};

    fn ours(net: &str, via: Option<&str>, index: u32) -> OurRoute {
        OurRoute {
            net: net.parse().unwrap(),
            via: via.map(|via| via.parse().unwrap()),
            index,
        }
    }

    /// Octet by octet after `net/route.h`.
    #[test]
    fn the_host_route_to_the_gateway_has_the_octets_of_the_kernel() {
        let message = ours("20.61.7.9/32", Some("192.168.1.1"), 4).message(Doing::Add, 7);
        let mut expected = vec![124, 0, 5, 1, 0, 0, 0, 0, 0x07, 0x08, 0, 0, 3, 0, 0, 0];
        expected.extend([0, 0, 0, 0, 7, 0, 0, 0]);
        expected.resize(92, 0);
        expected.extend([16, 2, 0, 0, 20, 61, 7, 9, 0, 0, 0, 0, 0, 0, 0, 0]);
        expected.extend([16, 2, 0, 0, 192, 168, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(message, expected);
    }

    #[test]
    fn a_route_into_the_tunnel_names_the_interface_by_its_number() {
        let message = ours("10.1.0.0/16", None, 16).message(Doing::Delete, 0);
        let mut expected = vec![144, 0, 5, 2, 0, 0, 0, 0, 0x01, 0x08, 0, 0, 7, 0, 0, 0];
        expected.resize(92, 0);
        expected.extend([16, 2, 0, 0, 10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        expected.extend([
            20, 18, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ]);
        expected.extend([16, 2, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(message, expected);
    }

    /// The kernel's table shows a route in the same layout.
    #[test]
    fn what_is_written_is_read_back_as_the_same_route() {
        for route in [
            ours("20.61.7.9/32", Some("192.168.1.1"), 4),
            ours("20.61.7.9/32", None, 4),
            ours("0.0.0.0/1", None, 16),
            ours("128.0.0.0/1", None, 16),
            ours("::/1", None, 16),
            ours("2001:db8::9/128", Some("fe80::1"), 4),
            ours("2001:db8::/32", Some("2001:db8::1"), 4),
        ] {
            let mut octets = route.message(Doing::Add, 1);
            octets[4..6].copy_from_slice(&u16::try_from(route.index).unwrap().to_le_bytes());
            let read: Vec<_> = messages(&octets).collect();
            let [Message::Route(read)] = &read[..] else {
                panic!("{read:?}");
            };
            let seen = read.seen().unwrap();
            assert!(route.is(&seen) && seen.usable, "{route:?} {seen:?}");
        }
    }
}
