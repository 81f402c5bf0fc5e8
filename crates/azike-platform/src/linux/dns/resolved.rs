//! systemd-resolved over D-Bus (`org.freedesktop.resolve1(5)`).
//!
//! It keeps DNS for each interface and forgets it with the interface, so a
//! crash leaves nothing behind; a restart of resolved forgets it too, which is
//! seen by the name that its new connection has on the bus.

use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;
use zbus::connection::Builder;
use zbus::zvariant::Type;
use zbus::{Connection, Message};

use super::super::{SystemBus, namespace};
use crate::{DnsConfig, SystemError};

const NAME: &str = "org.freedesktop.resolve1";
const PATH: &str = "/org/freedesktop/resolve1";
const MANAGER: &str = "org.freedesktop.resolve1.Manager";

/// How long resolved may take for one call; it does no network I/O in them.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Linux's numbers of the address families, as resolved counts them.
const AF_INET: i32 = 2;
const AF_INET6: i32 = 10;

/// Our end of the talk with resolved.
#[derive(Debug, Default)]
pub(in crate::linux) struct Resolved {
    bus: Option<Connection>,
    /// The connection of the resolved that has our settings.
    told: Option<String>,
}

impl Resolved {
    /// Whether there is a resolved for our network namespace, started if need be.
    pub(in crate::linux) async fn answers(&mut self, bus: &SystemBus) -> bool {
        match self.find(bus).await {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(%error, "systemd-resolved does not answer");
                self.bus = None;
                false
            }
        }
    }

    /// Whether the resolved that was told last is still the one that runs.
    pub(in crate::linux) async fn remembers(&mut self) -> bool {
        let Some(bus) = self.bus.clone() else {
            return false;
        };
        let owner = owner(&bus).await.ok();
        owner.is_some() && owner == self.told
    }

    /// Tells resolved what the interface's servers are good for.
    pub(in crate::linux) async fn set(
        &mut self,
        bus: &SystemBus,
        index: u32,
        dns: &DnsConfig,
    ) -> Result<(), SystemError> {
        let bus = self.connect(bus).await.map_err(refused)?;
        let servers: Vec<_> = dns.servers.iter().map(server).collect();
        let index = interface(index);
        call(&bus, "SetLinkDNS", &(index, servers))
            .await
            .map_err(refused)?;
        let domains = domains(dns);
        call(&bus, "SetLinkDomains", &(index, domains))
            .await
            .map_err(refused)?;
        call(&bus, "SetLinkDefaultRoute", &(index, dns.all))
            .await
            .map_err(refused)?;
        self.told = owner(&bus).await.ok();
        Ok(())
    }

    /// Has resolved forget the interface. It is no error if resolved or the
    /// interface are gone: so are the settings.
    pub(in crate::linux) async fn revert(
        &mut self,
        bus: &SystemBus,
        index: u32,
    ) -> Result<(), SystemError> {
        if !self.answers(bus).await {
            return Ok(());
        }
        let bus = self.connect(bus).await.map_err(refused)?;
        self.told = None;
        match call(&bus, "RevertLink", &interface(index)).await {
            Err(zbus::Error::MethodError(name, _, _)) if name.as_str().ends_with(".NoSuchLink") => {
                Ok(())
            }
            result => result.map(drop).map_err(refused),
        }
    }

    async fn find(&mut self, bus: &SystemBus) -> zbus::Result<bool> {
        if *bus == SystemBus::Unused {
            return Ok(false);
        }
        let bus = self.connect(bus).await?;
        let ping = Some("org.freedesktop.DBus.Peer");
        bus.call_method(Some(NAME), PATH, ping, "Ping", &()).await?;
        let owner = owner(&bus).await?;
        let pid = ask_bus(&bus, "GetConnectionUnixProcessID", &owner).await?;
        let pid: u32 = pid.body().deserialize()?;
        // Namespaces share the file system and with it the bus. The resolved
        // of another one would change whatever interface has our number there.
        // A service that may not look is not started in a namespace.
        Ok(namespace::is_neighbour(pid) != Some(false))
    }

    async fn connect(&mut self, bus: &SystemBus) -> zbus::Result<Connection> {
        if let Some(bus) = &self.bus {
            return Ok(bus.clone());
        }
        let builder = match bus {
            SystemBus::Standard | SystemBus::Unused => Builder::system(),
            SystemBus::Address(address) => Builder::address(address.as_str()),
        };
        let connecting = builder.method_timeout(TIMEOUT).build();
        let connected = tokio::time::timeout(TIMEOUT, connecting).await;
        let bus = connected.map_err(|_| zbus::Error::Failure("no answer".to_owned()))??;
        self.bus = Some(bus.clone());
        Ok(bus)
    }
}

async fn call<B>(bus: &Connection, method: &str, body: &B) -> zbus::Result<Message>
where
    B: Serialize + Type,
{
    bus.call_method(Some(NAME), PATH, Some(MANAGER), method, body)
        .await
}

async fn owner(bus: &Connection) -> zbus::Result<String> {
    ask_bus(bus, "GetNameOwner", NAME)
        .await?
        .body()
        .deserialize()
}

async fn ask_bus(bus: &Connection, method: &str, name: &str) -> zbus::Result<Message> {
    let (service, path) = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
    bus.call_method(Some(service), path, Some(service), method, &name)
        .await
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn refused(error: zbus::Error) -> SystemError {
    SystemError::Resolved(error.to_string())
}

/// Interfaces are signed numbers on the bus; the kernel's are positive.
fn interface(index: u32) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}

fn server(addr: &IpAddr) -> (i32, Vec<u8>) {
    match addr {
        IpAddr::V4(addr) => (AF_INET, addr.octets().to_vec()),
        IpAddr::V6(addr) => (AF_INET6, addr.octets().to_vec()),
    }
}

/// The domains, and for each whether it only routes queries (`~domain`).
fn domains(dns: &DnsConfig) -> Vec<(&str, bool)> {
    let routing = dns
        .match_domains
        .iter()
        .map(|domain| (domain.as_str(), true));
    let search = dns.search.iter().map(|domain| (domain.as_str(), false));
    let all = dns.all.then_some((".", true));
    search.chain(routing).chain(all).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_names_are_the_root_domain() {
        let mut dns = DnsConfig {
            match_domains: vec!["corp.internal".to_owned()],
            search: vec!["lab".to_owned()],
            ..DnsConfig::default()
        };
        assert_eq!(domains(&dns), [("lab", false), ("corp.internal", true)]);
        dns.all = true;
        assert_eq!(domains(&dns).last(), Some(&(".", true)));
    }

    #[test]
    fn servers_are_family_and_octets() {
        assert_eq!(server(&[10, 1, 0, 4].into()), (2, vec![10, 1, 0, 4]));
        let (family, octets) = server(&"2001:db8::4".parse().unwrap());
        assert_eq!((family, octets.len()), (10, 16));
    }
}
