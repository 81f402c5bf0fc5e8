//! Interfaces, addresses and routes of this thread's network namespace, by netlink: what `ip` would do.

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsRawFd as _, BorrowedFd};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures_util::TryStreamExt as _;
use rtnetlink::packet_route::link::{LinkFlags, LinkMessage};
use rtnetlink::{Handle, LinkUnspec, LinkVeth, RouteMessageBuilder};
use tokio::runtime::{Builder, Runtime};

use crate::lab::stopwatch::wait_until;

/// A netlink socket of the network namespace of the thread that opened it.
#[derive(Debug)]
pub struct Netlink {
    runtime: Runtime,
    handle: Handle,
}

impl Netlink {
    /// Opens it.
    pub fn open() -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (connection, handle) = {
            let _inside = runtime.enter();
            let (connection, handle, _) = rtnetlink::new_connection()?;
            (connection, handle)
        };
        drop(runtime.spawn(connection));
        Ok(Self { runtime, handle })
    }

    /// Asks the kernel and waits for its answer.
    pub fn wait_for<T>(&self, question: impl Future<Output = T>) -> T {
        self.runtime.block_on(question)
    }

    /// What asks the kernel.
    pub const fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Lays a cable: its end `here` stays, its end `there` goes to the network namespace `namespace`.
    pub fn lay_cable(&self, here: &str, there: &str, namespace: BorrowedFd<'_>) -> Result<()> {
        let cable = LinkVeth::new(here, there).build();
        let add = self.handle.link().add(cable).execute();
        self.wait_for(add)
            .with_context(|| format!("a cable from {here} to {there}"))?;
        let moved = LinkUnspec::new_with_name(there).setns_by_fd(namespace.as_raw_fd());
        let set = self.handle.link().set(moved.build()).execute();
        self.wait_for(set)
            .with_context(|| format!("moving {there}"))
    }

    /// Gives `interface` addresses and switches it on.
    pub fn set_up(&self, interface: &str, addresses: &[(IpAddr, u8)]) -> Result<()> {
        let index = self.index(interface)?;
        for (address, length) in addresses {
            let add = self.handle.address();
            let add = add.add(index, *address, *length).execute();
            self.wait_for(add)
                .with_context(|| format!("{address}/{length} on {interface}"))?;
        }
        let up = LinkUnspec::new_with_index(index).up().build();
        let set = self.handle.link().set(up).execute();
        self.wait_for(set)
            .with_context(|| format!("switching {interface} on"))
    }

    /// Takes `address` from `interface`.
    pub fn take_away(&self, interface: &str, address: Ipv4Addr) -> Result<()> {
        let index = self.index(interface)?;
        let there = self.handle.address().get();
        let there = there
            .set_link_index_filter(index)
            .set_address_filter(address.into());
        let found = self.wait_for(async { there.execute().try_next().await })?;
        let found = found.with_context(|| format!("{interface} has no {address}"))?;
        let delete = self.handle.address().del(found).execute();
        self.wait_for(delete)
            .with_context(|| format!("taking {address} away"))
    }

    /// Sets the largest packet of `interface`.
    pub fn set_mtu(&self, interface: &str, mtu: u32) -> Result<()> {
        let message = LinkUnspec::new_with_index(self.index(interface)?).mtu(mtu);
        let set = self.handle.link().set(message.build()).execute();
        self.wait_for(set)
            .with_context(|| format!("an MTU of {mtu} on {interface}"))
    }

    /// Sends packets to a network into `interface`.
    pub fn route_into(&self, (network, length): (IpAddr, u8), interface: &str) -> Result<()> {
        let route = RouteMessageBuilder::<IpAddr>::new()
            .destination_prefix(network, length)?
            .output_interface(self.index(interface)?);
        let add = self.handle.route().add(route.build()).execute();
        self.wait_for(add)
            .with_context(|| format!("a route to {network}/{length}"))
    }

    /// Sends packets to everywhere to `router`, from the address `source` if none is asked for.
    pub fn default_route(&self, router: Ipv4Addr, source: Ipv4Addr) -> Result<()> {
        let route = RouteMessageBuilder::<Ipv4Addr>::new()
            .destination_prefix(Ipv4Addr::UNSPECIFIED, 0)
            .pref_source(source)
            .gateway(router);
        let add = self.handle.route().add(route.build()).replace().execute();
        self.wait_for(add)
            .with_context(|| format!("a default route by {router}"))
    }

    /// Waits until somebody switched the other end of `interface` on too.
    pub fn wait_for_carrier(&self, interface: &str) -> Result<()> {
        let mut flags = LinkFlags::empty();
        let there = wait_until(Duration::from_secs(5), || {
            let link = self.link(interface);
            flags = link.map_or(flags, |link| link.header.flags);
            flags.contains(LinkFlags::LowerUp | LinkFlags::Running)
        });
        ensure!(there, "nobody at the other end of {interface}: {flags:?}");
        Ok(())
    }

    fn index(&self, interface: &str) -> Result<u32> {
        Ok(self.link(interface)?.header.index)
    }

    fn link(&self, interface: &str) -> Result<LinkMessage> {
        let get = self.handle.link().get().match_name(interface.to_owned());
        let found = self.wait_for(async { get.execute().try_next().await });
        let found = found.with_context(|| format!("interface {interface}"))?;
        found.with_context(|| format!("there is no interface {interface}"))
    }
}
