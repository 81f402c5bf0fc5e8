//! macOS: utun for packets, ioctls and a routing socket for the interface and the routes, the dynamic store for
//! names.
//!
//! ```text
//!   Host ──▶ Mac ──▶ xnu::order ──┬─▶ kernel         ioctls, tables
//!                                 ├─▶ route_socket   routes
//!                                 └─▶ dynamic_store  names
//!   utun   the device               path_monitor, power   "the network changed"
//! ```
//!
//! What the Mac is told is made and tested in [`xnu`](crate::xnu); here it is only handed over. (Type-checked
//! only: no Mac has run this yet.)

pub(crate) mod dynamic_store;
mod kernel;
pub(crate) mod keychain;
mod layout;
mod names;
pub(crate) mod os_log;
mod path_monitor;
mod power;
mod route_socket;
pub(crate) mod udp_messages;
mod utun;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use rustix::io::Errno;

use self::kernel::Table;
use self::names::Names;
pub use self::path_monitor::NetworkWatch;
use self::route_socket::RouteSocket;
pub(crate) use self::utun::{Held, create as create_tun, read_packet, write_packet};
use crate::next_hop::{self, SeenRoute};
use crate::xnu::message::{IFF_UP, Link, Message};
use crate::xnu::order::{self, Order};
use crate::xnu::request;
use crate::xnu::route::OurRoute;
use crate::{
    Before, Certainty, Change, DnsWay, Epoch, HostConfig, Interface, IpNet, Made, NextHop,
    Observed, Setting, Standing, Surroundings, System, SystemError, Undone,
};

/// This Mac.
#[derive(Debug, Default)]
pub struct Mac {
    socket: Option<RouteSocket>,
    names: Names,
    /// The routes that this process made, which the kernel does not mark.
    ours: BTreeSet<OurRoute>,
    /// Routes, interfaces and their addresses at the last look.
    routes: Vec<SeenRoute>,
    links: Links,
}

/// The interfaces, and the addresses of each.
#[derive(Debug, Default)]
struct Links {
    links: Vec<Link>,
    addresses: BTreeSet<(u32, IpAddr)>,
}

impl Links {
    fn look() -> Result<Self, SystemError> {
        let mut all = Self::default();
        for message in kernel::table(Table::Links)? {
            match message {
                Message::Link(link) => all.links.push(link),
                Message::Address(address) => {
                    let address = address.net.map(|net| (address.index, net.addr()));
                    all.addresses.extend(address);
                }
                Message::Route(_) | Message::Other => {}
            }
        }
        Ok(all)
    }

    fn named(&self, name: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.name == name)
    }

    /// The interface, if it is the one that this process holds.
    fn same(&self, interface: &Interface) -> Option<&Link> {
        self.named(&interface.name)
            .filter(|link| link.index == interface.index && is_held(interface))
    }

    fn find(&self, interface: &Interface) -> Result<&Link, SystemError> {
        let found = self.same(interface);
        found.ok_or_else(|| SystemError::NoInterface(interface.name.clone()))
    }

    fn has(&self, interface: &Interface, net: IpNet) -> bool {
        self.addresses.contains(&(interface.index, net.addr()))
    }
}

fn is_held(interface: &Interface) -> bool {
    utun::held().get(&interface.name) == Some(&interface.index)
}

impl Mac {
    fn look_at_routes(&mut self) -> Result<(), SystemError> {
        self.routes = route_socket::table(&self.ours)?;
        Ok(())
    }

    fn next_hop(&self, host: IpAddr, tunnel: u32) -> Option<NextHop> {
        let seen = next_hop::best(host, &self.routes, tunnel)?;
        let link = self.links.links.iter().find(|it| it.index == seen.index)?;
        Some(seen.next_hop(link.name.clone()))
    }

    fn is_there(&self, route: OurRoute) -> bool {
        self.routes.iter().any(|seen| route.is(seen))
    }

    /// Hands an order over.
    fn tell(&mut self, order: Order) -> Result<(), std::io::Error> {
        match order {
            Order::Ioctl(mut request) => kernel::ask(&mut request),
            Order::Flags { name, up } => {
                let mut answer = request::get_flags(&name);
                kernel::ask(&mut answer)?;
                let flags = request::flags(&answer.octets);
                let flags = if up { flags | IFF_UP } else { flags & !IFF_UP };
                kernel::ask(&mut request::set_flags(&name, flags))
            }
            Order::Route { doing, route } => {
                let mut socket = match self.socket.take() {
                    Some(socket) => socket,
                    None => RouteSocket::open()?,
                };
                let told = socket.tell(doing, route);
                self.socket = Some(socket);
                told
            }
            Order::SetDns {
                service,
                interface,
                dns,
            } => self.names.set(&service, &dns, &interface),
            Order::RemoveDns { service } => self.names.remove(&service),
        }
    }
}

impl System for Mac {
    fn epoch(&self) -> Epoch {
        let boot = kernel::text(c"kern.bootsessionuuid").unwrap_or_else(|error| {
            tracing::warn!(%error, "a restart of this Mac is not noticed");
            String::new()
        });
        Epoch { boot, network: 0 }
    }

    fn standing(&self, then: &Epoch) -> Standing {
        if *then == self.epoch() {
            Standing::Same
        } else {
            Standing::Restarted
        }
    }

    async fn look(&mut self, config: &HostConfig) -> Result<Surroundings, SystemError> {
        self.links = Links::look()?;
        let no_interface = || SystemError::NoInterface(config.interface.clone());
        let link = self.links.named(&config.interface);
        let interface = link.map(|link| Interface {
            name: link.name.clone(),
            index: link.index,
        });
        let interface = interface.filter(is_held).ok_or_else(no_interface)?;
        self.look_at_routes()?;
        let hosts = config.outside.iter();
        let next_hops: BTreeMap<_, _> = hosts
            .filter_map(|&host| Some((host, self.next_hop(host, interface.index)?)))
            .collect();
        Ok(Surroundings {
            interface,
            next_hops,
            dns: DnsWay::DynamicStore,
        })
    }

    async fn observe(&mut self, setting: &Setting) -> Result<Observed, SystemError> {
        self.links = Links::look()?;
        let links = &self.links;
        Ok(match setting {
            Setting::Mtu { interface, mtu } => match links.find(interface)? {
                link if link.mtu == *mtu => Observed::InForce,
                link => Observed::Free(Before::Link {
                    mtu: link.mtu,
                    queue_length: 0,
                }),
            },
            Setting::Up { interface } if links.find(interface)?.flags & IFF_UP != 0 => {
                Observed::InForce
            }
            Setting::Up { .. } => Observed::Free(Before::Down),
            Setting::Address { interface, net } if links.has(interface, *net) => Observed::InForce,
            // The kernel refuses a route where there is one; keys of ours are nobody else's.
            Setting::Address { .. }
            | Setting::Outside { .. }
            | Setting::Route { .. }
            | Setting::LinkDns { .. }
            | Setting::StoreDns { .. }
            | Setting::ResolvConf { .. } => Observed::Free(Before::Absent),
        })
    }

    async fn in_force(&mut self, change: &Change) -> Result<bool, SystemError> {
        let setting = &change.setting;
        if order::goes_with(setting).is_some_and(|interface| !is_held(interface)) {
            return Ok(false);
        }
        let links = &self.links;
        Ok(match setting {
            Setting::Mtu { interface, mtu } => {
                links.same(interface).is_some_and(|link| link.mtu == *mtu)
            }
            Setting::Up { interface } => {
                let link = links.same(interface);
                link.is_some_and(|link| link.flags & IFF_UP != 0)
            }
            Setting::Address { interface, net } => links.has(interface, *net),
            Setting::Outside { .. } | Setting::Route { .. } => {
                OurRoute::of(setting).is_some_and(|route| self.is_there(route))
            }
            Setting::StoreDns {
                interface,
                service,
                dns,
            } => self.names.in_force(service, dns, &interface.name)?,
            Setting::LinkDns { .. } | Setting::ResolvConf { .. } => false,
        })
    }

    async fn make(&mut self, change: &Change) -> Result<Made, SystemError> {
        let Some(order) = order::make(change) else {
            return Err(std::io::Error::from(std::io::ErrorKind::Unsupported).into());
        };
        if let Err(error) = self.tell(order) {
            return match Errno::from_io_error(&error) {
                Some(errno) => order::refused(&change.setting, errno),
                None => Err(refusal(error)),
            };
        }
        self.ours.extend(OurRoute::of(&change.setting));
        Ok(Made::Done)
    }

    async fn undo(&mut self, change: &Change, _: Certainty) -> Result<Undone, SystemError> {
        let setting = &change.setting;
        let route = OurRoute::of(setting);
        if let Some(route) = route {
            self.ours.remove(&route);
            // The kernel would delete whatever leads there.
            self.look_at_routes()?;
        }
        let gone = order::goes_with(setting).is_some_and(|interface| !is_held(interface))
            || route.is_some_and(|route| !self.is_there(route));
        if let Some(order) = order::undo(change).filter(|_| !gone)
            && let Err(error) = self.tell(order)
        {
            match Errno::from_io_error(&error) {
                Some(errno) => order::kept(setting, errno)?,
                None => return Err(refusal(error)),
            }
        }
        Ok(Undone::Restored)
    }
}

/// What an error without a number of the kernel means: it is of `configd`.
fn refusal(error: std::io::Error) -> SystemError {
    if error.kind() == std::io::ErrorKind::PermissionDenied {
        SystemError::NoPermission
    } else {
        error.into()
    }
}
