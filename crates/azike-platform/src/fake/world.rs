//! The state of a machine in memory, and what changes do to it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::{
    Before, Change, DnsConfig, FileChange, FileState, Interface, IpNet, NextHop, Observed, Octets,
    Setting, SystemError,
};

/// All that can be seen of a machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct World {
    /// By name.
    pub links: BTreeMap<String, FakeLink>,
    /// The routing table.
    pub routes: BTreeMap<IpNet, FakeRoute>,
    /// Where the default route leads; `None` without network.
    pub next_hop: Option<NextHop>,
    /// `/etc/resolv.conf`.
    pub resolv_conf: FileState,
    /// What systemd-resolved keeps for each interface number; `None` if it
    /// does not run.
    pub resolved: Option<BTreeMap<u32, DnsConfig>>,
    /// The DNS keys in the dynamic store, by service; `None` if this is no Mac.
    pub store: Option<BTreeMap<String, DnsConfig>>,
}

/// An interface.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FakeLink {
    /// Its number.
    pub index: u32,
    /// Whether it is the one that we know. A Mac gives the number again to the next of that name.
    pub same: bool,
    /// In octets.
    pub mtu: u32,
    /// In packets.
    pub queue_length: u32,
    /// Whether it is up.
    pub up: bool,
    /// Its addresses.
    pub addresses: BTreeSet<IpNet>,
}

/// A route.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FakeRoute {
    /// The number of its interface.
    pub index: u32,
    /// Its router.
    pub via: Option<IpAddr>,
    /// Whether it bears our mark (the protocol number of a Linux route).
    pub ours: bool,
}

pub(super) const QUEUE_LENGTH: u32 = 5000;

impl World {
    /// A machine with `eth0` and a fresh tun interface `azike0`, a default
    /// route by 192.0.2.1, and a plain resolv.conf.
    pub fn new() -> Self {
        let link = |index, up| FakeLink {
            index,
            same: true,
            mtu: 1500,
            queue_length: 500,
            up,
            addresses: BTreeSet::new(),
        };
        let router = IpAddr::from([192, 0, 2, 1]);
        Self {
            links: [("eth0", link(2, true)), ("azike0", link(7, false))]
                .map(|(name, link)| (name.to_owned(), link))
                .into(),
            routes: BTreeMap::new(),
            next_hop: Some(NextHop {
                via: Some(router),
                interface: Interface {
                    name: "eth0".to_owned(),
                    index: 2,
                },
                source: None,
                onlink: false,
            }),
            resolv_conf: regular(b"nameserver 192.0.2.53\n".to_vec()),
            resolved: None,
            store: None,
        }
    }

    /// A Mac with `en0` and a fresh tun interface `utun4`, a default route by 192.168.1.1 and a local network
    /// 192.168.1.0/24.
    pub fn mac() -> Self {
        let mut world = Self::new();
        let names = [("eth0", "en0", 4), ("azike0", "utun4", 16)];
        for (linux, mac, index) in names {
            if let Some(mut link) = world.links.remove(linux) {
                link.index = index;
                world.links.insert(mac.to_owned(), link);
            }
        }
        world.next_hop = Some(NextHop {
            via: Some([192, 168, 1, 1].into()),
            interface: Interface {
                name: "en0".to_owned(),
                index: 4,
            },
            source: None,
            onlink: false,
        });
        let local = IpNet::new([192, 168, 1, 0].into(), 24);
        let route = FakeRoute {
            index: 4,
            via: None,
            ours: false,
        };
        world.routes.extend(local.map(|net| (net, route)));
        world.store = Some(BTreeMap::new());
        world
    }

    /// The interface called `name`.
    pub fn interface(&self, name: &str) -> Option<Interface> {
        self.links.get(name).map(|link| Interface {
            name: name.to_owned(),
            index: link.index,
        })
    }

    /// Takes an interface away, with all that the kernel takes away with it.
    pub fn remove_link(&mut self, name: &str) {
        if let Some(link) = self.links.remove(name) {
            self.routes.retain(|_, route| route.index != link.index);
            if let Some(resolved) = &mut self.resolved {
                resolved.remove(&link.index);
            }
        }
    }

    pub(super) fn link(&mut self, interface: &Interface) -> Option<&mut FakeLink> {
        let link = self.links.get_mut(&interface.name);
        link.filter(|link| link.index == interface.index && link.same)
    }

    pub(super) fn observe(&self, setting: &Setting) -> Result<Observed, SystemError> {
        let mut world = self.clone();
        let mut link = |interface: &Interface| {
            let link = world.link(interface).cloned();
            link.ok_or(SystemError::NoInterface(interface.name.clone()))
        };
        Ok(match setting {
            Setting::Mtu { interface, mtu } => match link(interface)? {
                link if link.mtu == *mtu && link.queue_length == QUEUE_LENGTH => Observed::InForce,
                link => Observed::Free(Before::Link {
                    mtu: link.mtu,
                    queue_length: link.queue_length,
                }),
            },
            Setting::Up { interface } if link(interface)?.up => Observed::InForce,
            Setting::Up { .. } => Observed::Free(Before::Down),
            Setting::Address { interface, net } if link(interface)?.addresses.contains(net) => {
                Observed::InForce
            }
            Setting::ResolvConf { dns, .. } => Observed::Free(Before::File(FileChange {
                path: "/etc/resolv.conf".into(),
                before: self.resolv_conf.clone(),
                ours: Octets(format!("# ours: {dns:?}\n").into_bytes()),
            })),
            Setting::Address { .. }
            | Setting::Outside { .. }
            | Setting::Route { .. }
            | Setting::LinkDns { .. }
            | Setting::StoreDns { .. } => Observed::Free(Before::Absent),
        })
    }

    pub(super) fn in_force(&self, change: &Change) -> bool {
        let mut world = self.clone();
        match &change.setting {
            Setting::Mtu { interface, mtu } => {
                world.link(interface).is_some_and(|link| link.mtu == *mtu)
            }
            Setting::Up { interface } => world.link(interface).is_some_and(|link| link.up),
            Setting::Address { interface, net } => {
                let link = world.link(interface);
                link.is_some_and(|link| link.addresses.contains(net))
            }
            Setting::Route { interface, .. } if world.link(interface).is_none() => false,
            Setting::Outside { .. } | Setting::Route { .. } => {
                let (net, route) = route(&change.setting);
                self.routes.get(&net) == Some(&route)
            }
            Setting::LinkDns { interface, dns } => {
                let resolved = self.resolved.as_ref();
                resolved.is_some_and(|links| links.get(&interface.index) == Some(dns))
            }
            Setting::StoreDns { service, dns, .. } => {
                let store = self.store.as_ref();
                store.is_some_and(|store| store.get(service) == Some(dns))
            }
            Setting::ResolvConf { .. } => {
                matches!((&self.resolv_conf, &change.before),
                    (FileState::Regular { octets, .. }, Before::File(file)) if *octets == file.ours)
            }
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

pub(super) fn route(setting: &Setting) -> (IpNet, FakeRoute) {
    let (net, index, via) = match setting {
        Setting::Outside { host, next_hop } => {
            (IpNet::host(*host), next_hop.interface.index, next_hop.via)
        }
        Setting::Route { interface, net } => (*net, interface.index, None),
        Setting::Mtu { interface, .. }
        | Setting::Up { interface }
        | Setting::Address { interface, .. }
        | Setting::LinkDns { interface, .. }
        | Setting::StoreDns { interface, .. }
        | Setting::ResolvConf { interface, .. } => {
            (IpNet::host([0, 0, 0, 0].into()), interface.index, None)
        }
    };
    let route = FakeRoute {
        index,
        via,
        ours: true,
    };
    (net, route)
}

pub(super) fn regular(octets: Vec<u8>) -> FileState {
    FileState::Regular {
        octets: Octets(octets),
        mode: 0o644,
        uid: 0,
        gid: 0,
    }
}
