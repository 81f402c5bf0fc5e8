//! What of the kernel's news may change how packets leave the machine.

use std::collections::{BTreeMap, BTreeSet};

use super::message::{IFF_RUNNING, IFF_UP, Message};

/// What is our own doing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Ours {
    /// This process.
    pub(crate) pid: u32,
    /// The numbers of our tunnels.
    pub(crate) interfaces: BTreeSet<u32>,
}

/// What is known of the interfaces: whether each is up and has a carrier.
#[derive(Clone, Debug, Default)]
pub(crate) struct News(BTreeMap<u32, bool>);

impl News {
    /// Whether `message` matters: a carrier that came or went, an address, a route. Not what we did ourselves, nor
    /// what the kernel keeps for its own bookkeeping.
    pub(crate) fn matters(&mut self, message: &Message, ours: &Ours) -> bool {
        match message {
            Message::Link(link) => {
                let running = link.flags & (IFF_UP | IFF_RUNNING) == IFF_UP | IFF_RUNNING;
                let before = self.0.insert(link.index, running);
                !ours.interfaces.contains(&link.index) && before != Some(running)
            }
            Message::Address(address) => !ours.interfaces.contains(&address.index),
            Message::Route(route) => {
                route.is_news
                    && route.pid != ours.pid
                    && !route.is_bookkeeping()
                    && !ours.interfaces.contains(&route.index)
            }
            Message::Other => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xnu::message::{Address, Link, messages};
    use crate::xnu::route::{Doing, OurRoute};

    fn ours() -> Ours {
        Ours {
            pid: 812,
            interfaces: [16].into(),
        }
    }

    fn link(index: u32, flags: u32) -> Message {
        Message::Link(Link {
            index,
            name: "en0".to_owned(),
            flags,
            mtu: 1500,
        })
    }

    /// The echo of a request by the process `pid`.
    fn route(pid: u16, index: u8) -> Message {
        let route = OurRoute {
            net: "10.1.0.0/16".parse().unwrap(),
            via: None,
            index: index.into(),
        };
        let mut octets = route.message(Doing::Add, 1);
        octets[4] = index;
        octets[16..18].copy_from_slice(&pid.to_le_bytes());
        messages(&octets).next().unwrap()
    }

    #[test]
    fn a_carrier_that_comes_or_goes_matters_and_the_rest_is_noise() {
        let mut news = News::default();
        let running = IFF_UP | IFF_RUNNING;
        assert!(news.matters(&link(4, running), &ours()));
        assert!(!news.matters(&link(4, running | 0x8000), &ours()));
        assert!(news.matters(&link(4, IFF_UP), &ours()));
        let address = Message::Address(Address {
            index: 4,
            net: None,
        });
        assert!(news.matters(&address, &ours()));
        assert!(!news.matters(&Message::Other, &ours()));
    }

    #[test]
    fn our_own_doings_do_not_matter() {
        let mut news = News::default();
        assert!(!news.matters(&link(16, IFF_UP | IFF_RUNNING), &ours()));
        let address = Message::Address(Address {
            index: 16,
            net: None,
        });
        assert!(!news.matters(&address, &ours()));
        // By us; by the kernel, for an address that we set.
        assert!(!news.matters(&route(812, 4), &ours()));
        assert!(!news.matters(&route(0, 16), &ours()));
    }

    #[test]
    fn a_route_of_somebody_else_matters() {
        assert!(News::default().matters(&route(90, 4), &ours()));
    }
}
