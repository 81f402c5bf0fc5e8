//! From a change to what the Mac is told, and from its refusal to what that means.

use rustix::io::Errno;

use super::request::{self, Request};
use super::route::{Doing, OurRoute};
use crate::{Before, Change, DnsConfig, Interface, Made, Setting, SystemError};

/// One thing that the Mac is told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    /// An ioctl on an interface.
    Ioctl(Request),
    /// Two of them: the flags are read, and written with `IFF_UP` or without.
    Flags {
        /// The interface.
        name: String,
        /// Which.
        up: bool,
    },
    /// A message to the routing socket.
    Route {
        /// Added or deleted.
        doing: Doing,
        /// Which.
        route: OurRoute,
    },
    /// Keys of the dynamic store.
    SetDns {
        /// The name of our service there.
        service: String,
        /// The tunnel that the servers are behind.
        interface: String,
        /// Servers and domains.
        dns: DnsConfig,
    },
    /// Those keys are taken away.
    RemoveDns {
        /// The name of our service there.
        service: String,
    },
}

/// What brings `change` into force; `None` for what a Mac does not have.
pub(crate) fn make(change: &Change) -> Option<Order> {
    match &change.setting {
        Setting::Mtu { interface, mtu } => {
            Some(Order::Ioctl(request::set_mtu(&interface.name, *mtu)))
        }
        Setting::Up { interface } => Some(Order::Flags {
            name: interface.name.clone(),
            up: true,
        }),
        Setting::Address { interface, net } => Some(Order::Ioctl(request::add_address(
            &interface.name,
            net.addr(),
        ))),
        Setting::Outside { .. } | Setting::Route { .. } => route(&change.setting, Doing::Add),
        Setting::StoreDns {
            interface,
            service,
            dns,
        } => Some(Order::SetDns {
            service: service.clone(),
            interface: interface.name.clone(),
            dns: dns.clone(),
        }),
        Setting::LinkDns { .. } | Setting::ResolvConf { .. } => None,
    }
}

/// What undoes `change`; `None` if nothing can be there to undo.
///
/// Ask [`goes_with`] first: what went with its interface must not be taken from the next one of that name.
pub(crate) fn undo(change: &Change) -> Option<Order> {
    match (&change.setting, &change.before) {
        (Setting::Mtu { interface, .. }, Before::Link { mtu, .. }) => {
            Some(Order::Ioctl(request::set_mtu(&interface.name, *mtu)))
        }
        (Setting::Up { interface }, Before::Down) => Some(Order::Flags {
            name: interface.name.clone(),
            up: false,
        }),
        (Setting::Address { interface, net }, _) => Some(Order::Ioctl(request::remove_address(
            &interface.name,
            net.addr(),
        ))),
        (Setting::Outside { .. } | Setting::Route { .. }, _) => {
            route(&change.setting, Doing::Delete)
        }
        (Setting::StoreDns { service, .. }, _) => Some(Order::RemoveDns {
            service: service.clone(),
        }),
        (
            Setting::Mtu { .. }
            | Setting::Up { .. }
            | Setting::LinkDns { .. }
            | Setting::ResolvConf { .. },
            _,
        ) => None,
    }
}

/// The interface that takes `setting` with it when it goes.
///
/// A tunnel of a Mac lives no longer than the process that made it, and the next one, of whatever program, may
/// have its name and its number. So whoever does not hold the interface has nothing on it to undo.
pub(crate) const fn goes_with(setting: &Setting) -> Option<&Interface> {
    match setting {
        Setting::Mtu { interface, .. }
        | Setting::Up { interface }
        | Setting::Address { interface, .. }
        | Setting::Route { interface, .. } => Some(interface),
        Setting::Outside { .. }
        | Setting::LinkDns { .. }
        | Setting::StoreDns { .. }
        | Setting::ResolvConf { .. } => None,
    }
}

/// What a refusal to make `setting` means.
pub(crate) fn refused(setting: &Setting, error: Errno) -> Result<Made, SystemError> {
    if error == Errno::EXIST {
        return Ok(Made::Existed);
    }
    Err(why(setting, error))
}

/// What a refusal to undo `setting` means: what is gone needs no undoing.
pub(crate) fn kept(setting: &Setting, error: Errno) -> Result<(), SystemError> {
    let gone = [Errno::SRCH, Errno::ADDRNOTAVAIL, Errno::NXIO, Errno::NODEV];
    if gone.contains(&error) {
        return Ok(());
    }
    Err(why(setting, error))
}

fn why(setting: &Setting, error: Errno) -> SystemError {
    let no_way = [Errno::NETUNREACH, Errno::HOSTUNREACH, Errno::NXIO];
    match setting {
        _ if error == Errno::PERM || error == Errno::ACCESS => SystemError::NoPermission,
        Setting::Outside { host, .. } if no_way.contains(&error) => SystemError::NoRoute(*host),
        Setting::Mtu { interface, .. }
        | Setting::Up { interface }
        | Setting::Address { interface, .. }
        | Setting::Route { interface, .. }
            if error == Errno::NXIO || error == Errno::NODEV =>
        {
            SystemError::NoInterface(interface.name.clone())
        }
        Setting::Mtu { .. }
        | Setting::Up { .. }
        | Setting::Address { .. }
        | Setting::Outside { .. }
        | Setting::Route { .. }
        | Setting::LinkDns { .. }
        | Setting::StoreDns { .. }
        | Setting::ResolvConf { .. } => SystemError::Io(error.into()),
    }
}

fn route(setting: &Setting, doing: Doing) -> Option<Order> {
    let route = OurRoute::of(setting)?;
    Some(Order::Route { doing, route })
}
