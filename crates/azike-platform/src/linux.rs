//! Linux: netlink for the interface and the routes, systemd-resolved or a
//! resolv.conf for names.

mod dns;
mod link;
mod namespace;
mod netlink;
mod network_watch;
mod route;
mod tun;
pub(crate) mod udp_messages;

use std::path::{Path, PathBuf};

use self::dns::{Resolved, resolv_conf};
use self::netlink::Netlink;
pub use self::network_watch::NetworkWatch;
pub(crate) use self::tun::create as create_tun;
use crate::next_hop::{self, SeenRoute};
use crate::plan::{DnsWay, Surroundings};
use crate::{
    Before, Certainty, Change, Epoch, HostConfig, Interface, Made, Observed, Setting, Standing,
    System, SystemError, Undone,
};

/// Where the resolver of the C library looks.
const RESOLV_CONF: &str = "/etc/resolv.conf";

/// Where things are on this machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LinuxOptions {
    /// The resolver's file. One that is not `/etc/resolv.conf` is the caller's
    /// own; that one may belong to the whole machine
    /// ([`Notice::SharedResolvConf`](crate::Notice::SharedResolvConf)).
    pub resolv_conf: PathBuf,
    /// Where systemd-resolved is looked for.
    pub system_bus: SystemBus,
}

/// Where systemd-resolved is looked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SystemBus {
    /// The D-Bus system bus of the machine.
    Standard,
    /// A bus at this D-Bus address, such as `unix:path=/run/bus`.
    Address(String),
    /// Nowhere: names are always a matter of the file.
    Unused,
}

impl Default for LinuxOptions {
    /// `/etc/resolv.conf` and the system bus.
    fn default() -> Self {
        Self {
            resolv_conf: RESOLV_CONF.into(),
            system_bus: SystemBus::Standard,
        }
    }
}

/// This machine, as its network namespace shows it.
#[derive(Debug, Default)]
pub struct Linux {
    options: LinuxOptions,
    netlink: Option<Netlink>,
    resolved: Resolved,
    /// The routing table at the last look.
    routes: Vec<SeenRoute>,
}

impl Linux {
    /// This machine, with things elsewhere than usual.
    pub fn new(options: LinuxOptions) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    fn netlink(&mut self) -> Result<&Netlink, SystemError> {
        let netlink = match self.netlink.take() {
            Some(netlink) => netlink,
            None => Netlink::open()?,
        };
        Ok(self.netlink.insert(netlink))
    }

    async fn dns_way(&mut self) -> DnsWay {
        let path = &self.options.resolv_conf;
        if self.resolved.answers(&self.options.system_bus).await {
            if resolv_conf::points_to_resolved(path) {
                DnsWay::Resolved
            } else {
                DnsWay::ResolvedBypassed
            }
        } else if path == Path::new(RESOLV_CONF) && namespace::is_shared_with_machine(path) {
            DnsWay::SharedResolvConf
        } else {
            DnsWay::ResolvConf
        }
    }
}

impl System for Linux {
    fn epoch(&self) -> Epoch {
        namespace::epoch()
    }

    fn standing(&self, then: &Epoch) -> Standing {
        namespace::standing(then)
    }

    async fn look(&mut self, config: &HostConfig) -> Result<Surroundings, SystemError> {
        let link = link::find(self.netlink()?, &config.interface).await?;
        let interface = Interface {
            name: config.interface.clone(),
            index: link.index,
        };
        self.routes = route::table(self.netlink()?).await?;
        let mut next_hops = std::collections::BTreeMap::new();
        for &host in &config.outside {
            let seen = next_hop::best(host, &self.routes, interface.index).cloned();
            let seen = match seen {
                Some(seen) => Some(seen),
                None => route::ask_kernel(self.netlink()?, host, interface.index).await?,
            };
            if let Some(seen) = seen {
                let name = link::name(seen.index)?;
                next_hops.insert(host, seen.next_hop(name));
            }
        }
        let dns = match &config.dns {
            Some(dns) if !dns.servers.is_empty() => self.dns_way().await,
            _ => DnsWay::ResolvConf,
        };
        Ok(Surroundings {
            interface,
            next_hops,
            dns,
        })
    }

    async fn observe(&mut self, setting: &Setting) -> Result<Observed, SystemError> {
        match setting {
            Setting::Mtu { interface, mtu } => {
                let link = link::find(self.netlink()?, &interface.name).await?;
                Ok(link.observe_mtu(&interface.name, *mtu))
            }
            Setting::Up { interface } => {
                let link = link::find(self.netlink()?, &interface.name).await?;
                Ok(link.observe_up())
            }
            Setting::Address { interface, net } => {
                let there = link::has_address(self.netlink()?, interface, *net).await?;
                Ok(if there {
                    Observed::InForce
                } else {
                    Observed::Free(Before::Absent)
                })
            }
            Setting::ResolvConf { interface, dns } => {
                let path = &self.options.resolv_conf;
                let file = resolv_conf::observe(path, &interface.name, dns)?;
                Ok(Observed::Free(Before::File(file)))
            }
            // The kernel and resolved refuse, or replace, what is there.
            Setting::Outside { .. }
            | Setting::Route { .. }
            | Setting::LinkDns { .. }
            | Setting::StoreDns { .. } => Ok(Observed::Free(Before::Absent)),
        }
    }

    async fn in_force(&mut self, change: &Change) -> Result<bool, SystemError> {
        Ok(match (&change.setting, &change.before) {
            (Setting::Mtu { interface, mtu }, _) => {
                let link = link::find_same(self.netlink()?, interface).await?;
                link.is_some_and(|link| link.mtu == *mtu)
            }
            (Setting::Up { interface }, _) => {
                let link = link::find_same(self.netlink()?, interface).await?;
                link.is_some_and(|link| link.up)
            }
            (Setting::Address { interface, net }, _) => {
                link::has_address(self.netlink()?, interface, *net).await?
            }
            (Setting::Outside { .. } | Setting::Route { .. }, _) => {
                route::is_among(&change.setting, &self.routes)
            }
            (Setting::LinkDns { .. }, _) => self.resolved.remembers().await,
            (Setting::ResolvConf { .. }, Before::File(file)) => resolv_conf::in_force(file)?,
            (Setting::ResolvConf { .. } | Setting::StoreDns { .. }, _) => false,
        })
    }

    async fn make(&mut self, change: &Change) -> Result<Made, SystemError> {
        match (&change.setting, &change.before) {
            (Setting::Mtu { interface, mtu }, _) => {
                let queue_length = link::queue_length(&interface.name);
                link::set_mtu(self.netlink()?, interface, *mtu, queue_length).await?;
            }
            (Setting::Up { interface }, _) => {
                link::set_up(self.netlink()?, interface, true).await?;
            }
            (Setting::Address { interface, net }, _) => {
                return link::add_address(self.netlink()?, interface, *net).await;
            }
            (Setting::Outside { .. } | Setting::Route { .. }, _) => {
                return route::add(self.netlink()?, &change.setting).await;
            }
            (Setting::LinkDns { interface, dns }, _) => {
                let bus = &self.options.system_bus;
                self.resolved.set(bus, interface.index, dns).await?;
            }
            (Setting::ResolvConf { .. }, Before::File(file)) => resolv_conf::replace(file)?,
            (Setting::ResolvConf { .. }, _) => {}
            // Only a Mac has such a store, and only its look asks for it.
            (Setting::StoreDns { .. }, _) => {
                return Err(std::io::Error::from(std::io::ErrorKind::Unsupported).into());
            }
        }
        Ok(Made::Done)
    }

    async fn undo(&mut self, change: &Change, sure: Certainty) -> Result<Undone, SystemError> {
        match (&change.setting, &change.before) {
            (Setting::Mtu { interface, .. }, Before::Link { mtu, queue_length }) => {
                let (mtu, queue_length) = (*mtu, *queue_length);
                let set = link::set_mtu(self.netlink()?, interface, mtu, queue_length).await;
                link::unless_gone(set)?;
            }
            (Setting::Up { interface }, Before::Down) => {
                link::unless_gone(link::set_up(self.netlink()?, interface, false).await)?;
            }
            (Setting::Address { interface, net }, _) => {
                link::remove_address(self.netlink()?, interface, *net).await?;
            }
            (Setting::Outside { .. } | Setting::Route { .. }, _) => {
                route::remove(self.netlink()?, &change.setting).await?;
            }
            (Setting::LinkDns { interface, .. }, _) => {
                let bus = &self.options.system_bus;
                self.resolved.revert(bus, interface.index).await?;
            }
            (Setting::ResolvConf { .. }, Before::File(file)) => {
                return resolv_conf::put_back(file, sure);
            }
            (
                Setting::Mtu { .. }
                | Setting::Up { .. }
                | Setting::ResolvConf { .. }
                | Setting::StoreDns { .. },
                _,
            ) => {}
        }
        Ok(Undone::Restored)
    }
}
