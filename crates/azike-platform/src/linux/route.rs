//! Routes in the kernel's main table.
//!
//! Ours bear a protocol number of their own. The kernel compares it when a
//! route is removed, so a route that somebody else made cannot be removed by
//! mistake, even if it looks the same.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use futures_util::TryStreamExt as _;
use rtnetlink::RouteMessageBuilder;
use rtnetlink::packet_route::route::{
    RouteAddress, RouteAttribute, RouteFlags, RouteHeader, RouteMessage, RouteNextHop,
    RouteNextHopFlags, RouteProtocol, RouteScope, RouteType, RouteVia,
};
use rustix::io::Errno;

use super::netlink::{Netlink, errno, is_gone, sort};
use crate::next_hop::SeenRoute;
use crate::{IpNet, Made, Setting, SystemError};

/// Ours (`ip route show proto 196`); not in use by anything in
/// `/etc/iproute2/rt_protos`.
pub(super) const PROTOCOL: RouteProtocol = RouteProtocol::Other(196);

/// All routes of the main table.
pub(super) async fn table(netlink: &Netlink) -> Result<Vec<SeenRoute>, SystemError> {
    let mut routes = Vec::new();
    let v4 = RouteMessageBuilder::<Ipv4Addr>::new().build();
    let v6 = RouteMessageBuilder::<Ipv6Addr>::new().build();
    for family in [v4, v6] {
        let mut found = netlink.handle.route().get(family).execute();
        loop {
            match found.try_next().await {
                Ok(Some(message)) if is_main_unicast(&message) => routes.extend(seen(&message)),
                Ok(Some(_)) => {}
                Ok(None) => break,
                // A kernel without IPv6.
                Err(error) if errno(&error) == Some(Errno::OPNOTSUPP) => break,
                Err(error) => return Err(sort(&error)),
            }
        }
    }
    Ok(routes)
}

/// The way to `host` by the kernel's own word, for machines whose routes are
/// in other tables; `None` if there is none or it leads into `tunnel`.
pub(super) async fn ask_kernel(
    netlink: &Netlink,
    host: IpAddr,
    tunnel: u32,
) -> Result<Option<SeenRoute>, SystemError> {
    let mut request = empty(host);
    let net = IpNet::host(host);
    request.header.destination_prefix_length = net.prefix_len();
    request
        .attributes
        .push(RouteAttribute::Destination(host.into()));
    let mut found = netlink.handle.route().get(request).execute();
    match found.try_next().await {
        Ok(Some(message)) if message.header.kind == RouteType::Unicast => {
            Ok(seen(&message).filter(|route| route.index != tunnel))
        }
        Ok(_) => Ok(None),
        Err(error) if matches!(errno(&error), Some(Errno::NETUNREACH | Errno::HOSTUNREACH)) => {
            Ok(None)
        }
        Err(error) => Err(sort(&error)),
    }
}

pub(super) async fn add(netlink: &Netlink, setting: &Setting) -> Result<Made, SystemError> {
    let Some(message) = message(setting) else {
        return Ok(Made::Done);
    };
    match netlink.handle.route().add(message).execute().await {
        Ok(()) => Ok(Made::Done),
        Err(error) if errno(&error) == Some(Errno::EXIST) => Ok(Made::Existed),
        Err(error) => Err(sort(&error)),
    }
}

pub(super) async fn remove(netlink: &Netlink, setting: &Setting) -> Result<(), SystemError> {
    let Some(message) = message(setting) else {
        return Ok(());
    };
    match netlink.handle.route().del(message).execute().await {
        Err(error) if !errno(&error).is_some_and(is_gone) => Err(sort(&error)),
        _ => Ok(()),
    }
}

/// Whether a route of ours is in the table that was seen.
pub(super) fn is_among(setting: &Setting, routes: &[SeenRoute]) -> bool {
    let Some(wanted) = message(setting).as_ref().and_then(seen) else {
        return false;
    };
    routes.iter().any(|route| {
        route.ours && (route.net, route.index, route.via) == (wanted.net, wanted.index, wanted.via)
    })
}

fn is_main_unicast(message: &RouteMessage) -> bool {
    let table = message.attributes.iter().find_map(|attribute| {
        if let RouteAttribute::Table(table) = attribute {
            Some(*table)
        } else {
            None
        }
    });
    let table = table.unwrap_or_else(|| u32::from(message.header.table));
    table == u32::from(RouteHeader::RT_TABLE_MAIN) && message.header.kind == RouteType::Unicast
}

/// The message that adds and removes a route; `None` for what is not a route.
fn message(setting: &Setting) -> Option<RouteMessage> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "two settings are routes")]
    let (net, index, next_hop) = match setting {
        Setting::Route { interface, net } => (*net, interface.index, None),
        Setting::Outside { host, next_hop } => {
            (IpNet::host(*host), next_hop.interface.index, Some(next_hop))
        }
        _ => return None,
    };
    let mut message = empty(net.addr());
    message.header.protocol = PROTOCOL;
    message.header.destination_prefix_length = net.prefix_len();
    let attributes = &mut message.attributes;
    attributes.push(RouteAttribute::Destination(net.addr().into()));
    attributes.push(RouteAttribute::Oif(index));
    if let Some(via) = next_hop.and_then(|hop| hop.via) {
        attributes.push(match via {
            IpAddr::V6(via) if net.addr().is_ipv4() => RouteAttribute::Via(RouteVia::Inet6(via)),
            via @ (IpAddr::V4(_) | IpAddr::V6(_)) => RouteAttribute::Gateway(via.into()),
        });
    } else if net.addr().is_ipv4() {
        message.header.scope = RouteScope::Link;
    }
    if let Some(source) = next_hop.and_then(|hop| hop.source) {
        attributes.push(RouteAttribute::PrefSource(source.into()));
    }
    if next_hop.is_some_and(|hop| hop.onlink) {
        message.header.flags |= RouteFlags::Onlink;
    }
    Some(message)
}

fn empty(addr: IpAddr) -> RouteMessage {
    match addr {
        IpAddr::V4(_) => RouteMessageBuilder::<Ipv4Addr>::new().build(),
        IpAddr::V6(_) => RouteMessageBuilder::<Ipv6Addr>::new().build(),
    }
}

/// What matters of a route; `None` if it has no interface.
fn seen(message: &RouteMessage) -> Option<SeenRoute> {
    let any = match empty_family(message) {
        Family::V4 => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        Family::V6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let dead = RouteFlags::Dead | RouteFlags::Linkdown;
    let mut route = SeenRoute {
        net: IpNet::new(any, message.header.destination_prefix_length)?,
        via: None,
        index: 0,
        source: None,
        onlink: message.header.flags.contains(RouteFlags::Onlink),
        metric: 0,
        ours: message.header.protocol == PROTOCOL,
        usable: !message.header.flags.intersects(dead),
    };
    for attribute in &message.attributes {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "a route has many attributes"
        )]
        match attribute {
            RouteAttribute::Destination(addr) => {
                route.net = IpNet::new(ip(addr)?, route.net.prefix_len())?;
            }
            RouteAttribute::PrefSource(addr) => route.source = ip(addr),
            RouteAttribute::Priority(metric) => route.metric = *metric,
            RouteAttribute::MultiPath(hops) => first_usable(hops, &mut route),
            _ => take_way(attribute, &mut route),
        }
    }
    (route.index != 0).then_some(route)
}

fn take_way(attribute: &RouteAttribute, route: &mut SeenRoute) {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a route has many attributes"
    )]
    match attribute {
        RouteAttribute::Oif(index) => route.index = *index,
        RouteAttribute::Gateway(addr) => route.via = ip(addr),
        RouteAttribute::Via(RouteVia::Inet(addr)) => route.via = Some((*addr).into()),
        RouteAttribute::Via(RouteVia::Inet6(addr)) => route.via = Some((*addr).into()),
        _ => {}
    }
}

/// Of several ways at once, one is enough for one host.
fn first_usable(hops: &[RouteNextHop], route: &mut SeenRoute) {
    let dead = RouteNextHopFlags::Dead | RouteNextHopFlags::Linkdown;
    if let Some(hop) = hops.iter().find(|hop| !hop.flags.intersects(dead)) {
        route.index = hop.interface_index;
        route.onlink = hop.flags.contains(RouteNextHopFlags::Onlink);
        for attribute in &hop.attributes {
            take_way(attribute, route);
        }
    }
}

enum Family {
    V4,
    V6,
}

fn empty_family(message: &RouteMessage) -> Family {
    match u8::from(message.header.address_family) {
        10 => Family::V6,
        _ => Family::V4,
    }
}

fn ip(addr: &RouteAddress) -> Option<IpAddr> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "labels and raw octets are no IP addresses"
    )]
    match addr {
        RouteAddress::Inet(addr) => Some((*addr).into()),
        RouteAddress::Inet6(addr) => Some((*addr).into()),
        _ => None,
    }
}
