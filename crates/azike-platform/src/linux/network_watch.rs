//! Changes of the network, as the kernel tells them: links, addresses, routes.
//!
//! Our own changes are left out: routes by their protocol number, and whatever happens to a tun
//! interface of ours by its name.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use rtnetlink::packet_core::NetlinkPayload;
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::link::{LinkAttribute, LinkFlags, LinkMessage};
use rtnetlink::packet_route::route::{RouteMessage, RouteType};
use rtnetlink::{MulticastGroup, new_multicast_connection};
use tokio::task::JoinHandle;

use super::route;
use crate::tun_device::NAME_PREFIX;

/// What is watched.
const GROUPS: [MulticastGroup; 5] = [
    MulticastGroup::Link,
    MulticastGroup::Ipv4Ifaddr,
    MulticastGroup::Ipv6Ifaddr,
    MulticastGroup::Ipv4Route,
    MulticastGroup::Ipv6Route,
];
/// A change is over when nothing followed for so long: a new network comes in many pieces.
const QUIET: Duration = Duration::from_millis(200);
/// However many pieces there are, after so long it counts.
const LONGEST: Duration = Duration::from_secs(2);

/// Tells when the network of this machine changed.
pub struct NetworkWatch {
    messages: BoxStream<'static, RouteNetlinkMessage>,
    task: JoinHandle<()>,
    links: Links,
}

impl std::fmt::Debug for NetworkWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NetworkWatch").finish_non_exhaustive()
    }
}

impl NetworkWatch {
    /// Begins to watch. Needs a tokio runtime with I/O and time.
    pub fn open() -> io::Result<Self> {
        let (connection, _, messages) = new_multicast_connection(&GROUPS)?;
        let messages = messages.filter_map(|(message, _)| async {
            if let NetlinkPayload::InnerMessage(message) = message.payload {
                Some(message)
            } else {
                None
            }
        });
        Ok(Self {
            messages: messages.boxed(),
            task: tokio::spawn(connection),
            links: Links::default(),
        })
    }

    /// Waits until the network changed and came to rest. May be dropped and called again.
    pub async fn changed(&mut self) {
        loop {
            match self.messages.next().await {
                Some(message) if self.links.matters(&message) => break,
                Some(_) => {}
                // The kernel tells nothing any more; nor do we.
                None => std::future::pending().await,
            }
        }
        let rest = async {
            while let Ok(Some(message)) = tokio::time::timeout(QUIET, self.messages.next()).await {
                self.links.matters(&message);
            }
        };
        drop(tokio::time::timeout(LONGEST, rest).await);
    }
}

impl Drop for NetworkWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What is known of the interfaces.
#[derive(Debug, Default)]
struct Links(BTreeMap<u32, Link>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Link {
    ours: bool,
    /// Up and with a carrier.
    running: bool,
}

impl Links {
    /// Whether this may change how packets leave the machine.
    fn matters(&mut self, message: &RouteNetlinkMessage) -> bool {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "the groups bring no other messages"
        )]
        match message {
            RouteNetlinkMessage::NewLink(link) => {
                let new = Link::of(link);
                let old = self.0.insert(link.header.index, new);
                !new.ours && old.is_none_or(|old| old.running != new.running)
            }
            RouteNetlinkMessage::DelLink(link) => {
                let old = self.0.remove(&link.header.index);
                !old.map_or_else(|| Link::of(link).ours, |old| old.ours)
            }
            RouteNetlinkMessage::NewAddress(address) | RouteNetlinkMessage::DelAddress(address) => {
                let link = self.0.get(&address.header.index);
                link.is_none_or(|link| !link.ours)
            }
            RouteNetlinkMessage::NewRoute(message) | RouteNetlinkMessage::DelRoute(message) => {
                is_of_others(message)
            }
            _ => false,
        }
    }
}

impl Link {
    fn of(message: &LinkMessage) -> Self {
        let ours = message.attributes.iter().any(|attribute| {
            matches!(attribute, LinkAttribute::IfName(name) if name.starts_with(NAME_PREFIX))
        });
        let flags = message.header.flags;
        Self {
            ours,
            running: flags.contains(LinkFlags::Up | LinkFlags::Running),
        }
    }
}

fn is_of_others(message: &RouteMessage) -> bool {
    let header = &message.header;
    header.kind == RouteType::Unicast && header.protocol != route::PROTOCOL
}

#[cfg(test)]
mod tests {
    use rtnetlink::packet_route::address::AddressMessage;

    use super::*;

    fn link(index: u32, name: &str, flags: LinkFlags) -> RouteNetlinkMessage {
        let mut message = LinkMessage::default();
        message.header.index = index;
        message.header.flags = flags;
        message
            .attributes
            .push(LinkAttribute::IfName(name.to_owned()));
        RouteNetlinkMessage::NewLink(message)
    }

    fn address(index: u32) -> RouteNetlinkMessage {
        let mut message = AddressMessage::default();
        message.header.index = index;
        RouteNetlinkMessage::NewAddress(message)
    }

    #[test]
    fn a_carrier_that_comes_or_goes_matters_and_the_rest_is_noise() {
        let mut links = Links::default();
        let running = LinkFlags::Up | LinkFlags::Running;
        assert!(links.matters(&link(2, "eth0", running)));
        assert!(!links.matters(&link(2, "eth0", running)));
        assert!(links.matters(&link(2, "eth0", LinkFlags::Up)));
        assert!(links.matters(&address(2)));
    }

    #[test]
    fn our_own_doings_do_not_matter() {
        let mut links = Links::default();
        let running = LinkFlags::Up | LinkFlags::Running;
        assert!(!links.matters(&link(7, "azike0", running)));
        assert!(!links.matters(&address(7)));
        let mut route = RouteMessage::default();
        route.header.kind = RouteType::Unicast;
        route.header.protocol = route::PROTOCOL;
        assert!(!links.matters(&RouteNetlinkMessage::NewRoute(route)));
    }

    #[test]
    fn a_route_of_somebody_else_matters() {
        let mut route = RouteMessage::default();
        route.header.kind = RouteType::Unicast;
        let mut links = Links::default();
        assert!(links.matters(&RouteNetlinkMessage::DelRoute(route)));
    }
}
