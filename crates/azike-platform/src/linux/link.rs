//! The tun interface in the kernel: MTU, queue, up or down, addresses.

use std::net::IpAddr;

use futures_util::TryStreamExt as _;
use rtnetlink::packet_route::address::{AddressAttribute, AddressFlags, AddressMessage};
use rtnetlink::packet_route::link::{LinkAttribute, LinkFlags};
use rtnetlink::{AddressMessageBuilder, LinkUnspec};
use rustix::io::Errno;

use super::netlink::{Netlink, errno, is_gone, sort};
use crate::{Before, Interface, IpNet, Made, Observed, SystemError};

/// How many packets may wait for the data path in a tun interface, as the kernel makes it.
const PACKETS: u32 = 500;
/// How many may if each can be 64 KiB: 4 MiB, which is 3 ms at the speed that needs a queue at all. 500 of
/// them would be a quarter of a second at a gigabit.
const SUPER_PACKETS: u32 = 64;
/// `IFF_VNET_HDR` among the flags of a tun interface.
const VNET_HEADER: u32 = 0x4000;

/// The queue length that suits the interface called `name`.
pub(super) fn queue_length(name: &str) -> u32 {
    // Where /sys is that of another network namespace, it is not there.
    let flags = std::fs::read_to_string(format!("/sys/class/net/{name}/tun_flags"));
    let flags = flags.ok().and_then(|flags| {
        let digits = flags.trim().strip_prefix("0x")?;
        u32::from_str_radix(digits, 16).ok()
    });
    if flags.is_some_and(|flags| flags & VNET_HEADER != 0) {
        SUPER_PACKETS
    } else {
        PACKETS
    }
}

/// An interface as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) index: u32,
    pub(super) mtu: u32,
    pub(super) up: bool,
    queue_length: u32,
}

impl Link {
    pub(super) fn observe_mtu(self, name: &str, wanted: u32) -> Observed {
        if self.mtu == wanted && self.queue_length == queue_length(name) {
            return Observed::InForce;
        }
        Observed::Free(Before::Link {
            mtu: self.mtu,
            queue_length: self.queue_length,
        })
    }

    pub(super) const fn observe_up(self) -> Observed {
        if self.up {
            Observed::InForce
        } else {
            Observed::Free(Before::Down)
        }
    }
}

/// Looks at the interface called `name`.
pub(super) async fn find(netlink: &Netlink, name: &str) -> Result<Link, SystemError> {
    let get = netlink.handle.link().get().match_name(name);
    let found = match get.execute().try_next().await {
        Ok(found) => found,
        Err(error) if errno(&error).is_some_and(is_gone) => None,
        Err(error) => return Err(sort(&error)),
    };
    let message = found.ok_or_else(|| SystemError::NoInterface(name.to_owned()))?;
    let mut link = Link {
        index: message.header.index,
        mtu: 0,
        queue_length: 0,
        up: message.header.flags.contains(LinkFlags::Up),
    };
    for attribute in &message.attributes {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "an interface has many attributes"
        )]
        match attribute {
            LinkAttribute::Mtu(mtu) => link.mtu = *mtu,
            LinkAttribute::TxQueueLen(packets) => link.queue_length = *packets,
            _ => {}
        }
    }
    Ok(link)
}

/// The name of the interface with that number.
pub(super) fn name(index: u32) -> Result<String, SystemError> {
    let socket = rustix::net::socket(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::DGRAM,
        None,
    );
    let name = socket.and_then(|socket| rustix::net::netdevice::index_to_name(socket, index));
    Ok(name.map_err(std::io::Error::from)?)
}

/// Looks at `interface`; `None` if it is gone, or its name went to another one.
pub(super) async fn find_same(
    netlink: &Netlink,
    interface: &Interface,
) -> Result<Option<Link>, SystemError> {
    match find(netlink, &interface.name).await {
        Ok(link) => Ok(Some(link).filter(|link| link.index == interface.index)),
        Err(SystemError::NoInterface(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn set_mtu(
    netlink: &Netlink,
    interface: &Interface,
    mtu: u32,
    queue_length: u32,
) -> Result<(), SystemError> {
    let message = LinkUnspec::new_with_index(interface.index);
    let message = message.mtu(mtu).txqueuelen(queue_length).build();
    set(netlink, interface, message).await
}

pub(super) async fn set_up(
    netlink: &Netlink,
    interface: &Interface,
    up: bool,
) -> Result<(), SystemError> {
    let message = LinkUnspec::new_with_index(interface.index);
    let message = if up { message.up() } else { message.down() };
    set(netlink, interface, message.build()).await
}

async fn set(
    netlink: &Netlink,
    interface: &Interface,
    message: rtnetlink::packet_route::link::LinkMessage,
) -> Result<(), SystemError> {
    let result = netlink.handle.link().set(message).execute().await;
    result.map_err(|error| match errno(&error) {
        Some(errno) if is_gone(errno) => SystemError::NoInterface(interface.name.clone()),
        _ => sort(&error),
    })
}

/// Takes the end of the interface for success: nothing is left to undo.
pub(super) fn unless_gone(result: Result<(), SystemError>) -> Result<(), SystemError> {
    match result {
        Err(SystemError::NoInterface(_)) => Ok(()),
        result => result,
    }
}

pub(super) async fn has_address(
    netlink: &Netlink,
    interface: &Interface,
    net: IpNet,
) -> Result<bool, SystemError> {
    let get = netlink.handle.address().get();
    let get = get.set_link_index_filter(interface.index);
    let mut addresses = get.set_address_filter(net.addr()).execute();
    loop {
        match addresses.try_next().await {
            Ok(Some(found)) if found.header.prefix_len == net.prefix_len() => return Ok(true),
            Ok(Some(_)) => {}
            Ok(None) => return Ok(false),
            Err(error) if errno(&error).is_some_and(is_gone) => return Ok(false),
            Err(error) => return Err(sort(&error)),
        }
    }
}

pub(super) async fn add_address(
    netlink: &Netlink,
    interface: &Interface,
    net: IpNet,
) -> Result<Made, SystemError> {
    let addresses = netlink.handle.address();
    let mut request = addresses.add(interface.index, net.addr(), net.prefix_len());
    *request.message_mut() = message(interface, net);
    match request.execute().await {
        Ok(()) => Ok(Made::Done),
        Err(error) if errno(&error) == Some(Errno::EXIST) => Ok(Made::Existed),
        Err(error) => Err(sort(&error)),
    }
}

pub(super) async fn remove_address(
    netlink: &Netlink,
    interface: &Interface,
    net: IpNet,
) -> Result<(), SystemError> {
    let request = netlink.handle.address().del(message(interface, net));
    match request.execute().await {
        Err(error) if !errno(&error).is_some_and(is_gone) => Err(sort(&error)),
        _ => Ok(()),
    }
}

/// The address, without the route to its prefix that the kernel would add:
/// routes are only those that were asked for.
fn message(interface: &Interface, net: IpNet) -> AddressMessage {
    let mut message = match net.addr() {
        IpAddr::V4(addr) => AddressMessageBuilder::<std::net::Ipv4Addr>::new()
            .index(interface.index)
            .address(addr, net.prefix_len())
            .build(),
        IpAddr::V6(addr) => AddressMessageBuilder::<std::net::Ipv6Addr>::new()
            .index(interface.index)
            .address(addr, net.prefix_len())
            .build(),
    };
    let flags = AddressFlags::Noprefixroute | AddressFlags::Nodad;
    message.attributes.push(AddressAttribute::Flags(flags));
    message
}
