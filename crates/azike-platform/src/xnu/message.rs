//! Messages of a routing socket and of the `NET_RT_…` tables, read.
//!
//! ```text
//!   route    length(2) version type index(2) · flags(4) addrs(4) pid(4) … errno …    92 octets, sockaddrs
//!   link     length(2) version type addrs(4) flags(4) index(2) · if_data: … mtu …   112 octets, sockaddr_dl
//!   address  length(2) version type addrs(4) flags(4) index(2) · metric(4)           20 octets, sockaddrs
//! ```
//!
//! `addrs` has a bit for each address that follows. What is too short, of another version, or says that it is
//! longer than what is there, is left out; so is the rest behind a message without a length.

use std::net::IpAddr;

use super::octets::{u16_at, u32_at};
use super::sockaddr::{read_ip, read_link, read_mask};
use crate::IpNet;
use crate::next_hop::SeenRoute;

/// `RTM_VERSION`.
pub(super) const VERSION: u8 = 5;
pub(super) const ADD: u8 = 1;
pub(super) const DELETE: u8 = 2;
const CHANGE: u8 = 3;
const GET: u8 = 4;
const NEWADDR: u8 = 12;
const DELADDR: u8 = 13;
const IFINFO: u8 = 14;

/// `sizeof(struct rt_msghdr)`.
pub(crate) const ROUTE_HEADER: usize = 92;
/// `sizeof(struct if_msghdr)`.
pub(crate) const LINK_HEADER: usize = 112;
/// `sizeof(struct ifa_msghdr)`.
pub(crate) const ADDRESS_HEADER: usize = 20;

pub(super) const RTF_UP: u32 = 0x1;
pub(super) const RTF_GATEWAY: u32 = 0x2;
pub(super) const RTF_HOST: u32 = 0x4;
const RTF_REJECT: u32 = 0x8;
pub(super) const RTF_STATIC: u32 = 0x800;
const RTF_BLACKHOLE: u32 = 0x1000;
const RTF_WASCLONED: u32 = 0x0002_0000;
const RTF_BROADCAST: u32 = 0x0040_0000;
const RTF_MULTICAST: u32 = 0x0080_0000;
const RTF_IFSCOPE: u32 = 0x0100_0000;
const RTF_CONDEMNED: u32 = 0x0200_0000;
const RTF_DEAD: u32 = 0x2000_0000;

/// `IFF_UP` and `IFF_RUNNING`.
pub(crate) const IFF_UP: u32 = 0x1;
pub(crate) const IFF_RUNNING: u32 = 0x40;

/// One message, as far as it matters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Message {
    /// A route of the table, or one that came, went or changed.
    Route(RouteMessage),
    /// An interface.
    Link(Link),
    /// An address that is there, that came, or that went.
    Address(Address),
    /// Anything else.
    Other,
}

/// A route.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RouteMessage {
    /// Who asked for it; 0 for the kernel.
    pub(crate) pid: u32,
    /// The number of its interface.
    pub(crate) index: u32,
    /// It came, went or changed: neither a line of the table, nor the echo of a request that failed.
    pub(crate) is_news: bool,
    /// `RTF_…`.
    flags: u32,
    net: Option<IpNet>,
    via: Option<IpAddr>,
}

/// An interface.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Link {
    /// Its number, which a later interface of the same name may have again.
    pub(crate) index: u32,
    /// Such as `en0`; empty if the message does not say it.
    pub(crate) name: String,
    /// `IFF_…`.
    pub(crate) flags: u32,
    /// In octets.
    pub(crate) mtu: u32,
}

/// An address of an interface.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Address {
    /// The number of the interface.
    pub(crate) index: u32,
    /// The address with its prefix length; `None` if it is of another family.
    pub(crate) net: Option<IpNet>,
}

impl RouteMessage {
    /// Whether the kernel made it for its own bookkeeping: neighbours, copies for one host, groups. They come and
    /// go all the time, and follow from others.
    pub(crate) const fn is_bookkeeping(&self) -> bool {
        self.flags & (RTF_WASCLONED | RTF_BROADCAST | RTF_MULTICAST) != 0
    }

    /// The route as packets without a chosen interface see it. Those of one interface only (`RTF_IFSCOPE`), which
    /// a Mac has for every network but the first, are for sockets that asked for that interface.
    pub(crate) fn seen(&self) -> Option<SeenRoute> {
        if self.is_bookkeeping() || self.flags & RTF_IFSCOPE != 0 || self.index == 0 {
            return None;
        }
        let dead = RTF_REJECT | RTF_BLACKHOLE | RTF_CONDEMNED | RTF_DEAD;
        Some(SeenRoute {
            net: self.net?,
            via: self.via,
            index: self.index,
            source: None,
            onlink: false,
            metric: 0,
            ours: false,
            usable: self.flags & RTF_UP != 0 && self.flags & dead == 0,
        })
    }
}

/// The messages in `octets`.
pub(crate) fn messages(octets: &[u8]) -> impl Iterator<Item = Message> {
    let mut rest = octets;
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(rest, 0)?);
        if length < 4 {
            return None;
        }
        let (message, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some(read(message))
    })
}

fn read(message: &[u8]) -> Message {
    let [_, _, VERSION, kind, ..] = *message else {
        return Message::Other;
    };
    let read = match kind {
        ADD | DELETE | CHANGE => route(message, true).map(Message::Route),
        GET => route(message, false).map(Message::Route),
        IFINFO => link(message).map(Message::Link),
        NEWADDR | DELADDR => address(message).map(Message::Address),
        _ => None,
    };
    read.unwrap_or(Message::Other)
}

fn route(message: &[u8], event: bool) -> Option<RouteMessage> {
    let addresses = Addresses::read(message.get(ROUTE_HEADER..)?, u32_at(message, 12)?);
    let flags = u32_at(message, 8)?;
    let gateway = addresses.gateway.filter(|_| flags & RTF_GATEWAY != 0);
    Some(RouteMessage {
        pid: u32_at(message, 16)?,
        index: u16_at(message, 4)?.into(),
        is_news: event && u32_at(message, 24)? == 0,
        flags,
        net: destination(&addresses, flags),
        via: gateway.and_then(read_ip),
    })
}

fn destination(addresses: &Addresses<'_>, flags: u32) -> Option<IpNet> {
    let address = read_ip(addresses.destination?)?;
    if flags & RTF_HOST != 0 {
        return Some(IpNet::host(address));
    }
    // Without a mask it is the default route.
    let length = read_mask(addresses.mask.unwrap_or_default(), address)?;
    IpNet::new(address, length).map(IpNet::network)
}

fn link(message: &[u8]) -> Option<Link> {
    let addresses = Addresses::read(message.get(LINK_HEADER..)?, u32_at(message, 4)?);
    let name = addresses.interface.and_then(read_link);
    Some(Link {
        index: u16_at(message, 12)?.into(),
        name: name.map(|(_, name)| name).unwrap_or_default(),
        flags: u32_at(message, 8)?,
        mtu: u32_at(message, 24)?,
    })
}

fn address(message: &[u8]) -> Option<Address> {
    let addresses = Addresses::read(message.get(ADDRESS_HEADER..)?, u32_at(message, 4)?);
    let net = addresses.address.and_then(read_ip).and_then(|address| {
        let length = read_mask(addresses.mask.unwrap_or_default(), address)?;
        IpNet::new(address, length)
    });
    Some(Address {
        index: u16_at(message, 12)?.into(),
        net,
    })
}

/// The addresses behind a header, each as the octets of a `sockaddr`.
struct Addresses<'m> {
    destination: Option<&'m [u8]>,
    gateway: Option<&'m [u8]>,
    mask: Option<&'m [u8]>,
    interface: Option<&'m [u8]>,
    address: Option<&'m [u8]>,
}

impl<'m> Addresses<'m> {
    /// Those of which `present` has a bit, as far as they are there.
    fn read(mut octets: &'m [u8], present: u32) -> Self {
        let mut places = [None; 8];
        for (place, slot) in places.iter_mut().enumerate() {
            if present & 1 << place == 0 {
                continue;
            }
            let Some(&length) = octets.first() else { break };
            let length = usize::from(length);
            *slot = octets.get(..length);
            let next = length.max(1).next_multiple_of(4);
            octets = octets.get(next..).unwrap_or_default();
        }
        let [destination, gateway, mask, _, interface, address, ..] = places;
        Self {
            destination,
            gateway,
            mask,
            interface,
            address,
        }
    }
}

#[cfg(test)]
mod tests;
