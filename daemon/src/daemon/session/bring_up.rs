//! From keys to a working tunnel: device, address, routes, names.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use azike_control::{Code, Connected, DnsChoice, Failure, Stage, UpOptions, Warning};
use azike_esp::Overhead;
use azike_ike::{Assigned, ChildSa, Established, Maker};
use azike_platform::{DnsConfig, HostConfig, IpNet, Notice, TunDevice};
use azike_tunnel::{
    DEFAULT_PATH_MTU, InnerPolicy, InnerVersions, OuterVersion, Route, inner_mtu, routes,
};
use azike_wire::EspSpi;

use super::link::Link;
use super::{Session, wording};
use crate::daemon::setup::Setup;
use crate::daemon::stages::Stages;
use crate::failing;

/// More routes than 255 honest selectors make: ranges that are prefixes make one route each, any
/// others at most a few dozen.
const MOST_ROUTES: usize = 8192;

/// A tunnel that carries traffic.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) link: Link,
    /// Our SPIs of the Child SAs, newest last.
    pub(super) children: Vec<EspSpi>,
    config: HostConfig,
}

impl Live {
    /// The answer to whoever asked for the tunnel.
    pub(crate) fn connected(&self, setup: &Setup, elapsed_ms: u64) -> Connected {
        let dns = self.config.dns.as_ref();
        Connected {
            name: setup.name.clone(),
            gateway: setup.profile.server.as_str().to_owned(),
            interface: self.config.interface.clone(),
            addresses: self
                .config
                .addresses
                .iter()
                .map(|net| net.addr().to_string())
                .collect(),
            mtu: self.config.mtu,
            routes: self.config.routes.iter().map(ToString::to_string).collect(),
            dns_servers: dns.map_or_else(Vec::new, |dns| texts(&dns.servers)),
            elapsed_ms,
            warnings: setup.warnings.clone(),
        }
    }
}

impl Session {
    /// Puts the Child SA to work and the host in order.
    pub(super) async fn bring_up(
        &mut self,
        stages: &mut Stages,
        mut link: Link,
        established: Established,
    ) -> Result<Live, Failure> {
        stages.start(Stage::Tunnel).await;
        let Established { assigned, child } = established;
        let first = child.spi_in;
        match self.configure(&mut link, &assigned, child).await {
            Ok((config, notices)) => {
                self.show(&config, &notices);
                stages.done(Stage::Tunnel, wording::tunnel(&config)).await;
                if let Some(dns) = &config.dns {
                    stages.start(Stage::Dns).await;
                    stages.done(Stage::Dns, wording::dns(dns)).await;
                }
                Ok(Live {
                    link,
                    children: vec![first],
                    config,
                })
            }
            Err(failure) => {
                link.close().await;
                Err(failure)
            }
        }
    }

    async fn configure(
        &mut self,
        link: &mut Link,
        assigned: &Assigned,
        child: ChildSa,
    ) -> Result<(HostConfig, Vec<Notice>), Failure> {
        let tun = Arc::new(TunDevice::create().map_err(|error| failing::tun(&error))?);
        let gateway = link.gateway.address;
        let routes = routes(&child.ts_r.0);
        if routes.len() > MOST_ROUTES {
            let count = routes.len();
            let what = format!("the gateway's traffic selectors make {count} routes");
            return Err(Failure::new(Code::GATEWAY_PROTOCOL, what));
        }
        let config = self.host_config(tun.name(), gateway, assigned, (&child, &routes));
        let status = wording::child_status(&child);
        let policy = InnerPolicy::new(
            assigned
                .addresses
                .iter()
                .map(|(address, _)| *address)
                .collect(),
            &child.ts_i.0,
            &child.ts_r.0,
        );
        link.install(child, Maker::Us);
        link.datapath.attach(tun, policy).map_err(|error| {
            Failure::new(Code::SOCKET_FAILED, "the data path did not start").seen(error.to_string())
        })?;
        let mut host = self.host.lock().await;
        let applied = host
            .set(&config)
            .await
            .map_err(|error| failing::host(&error))?;
        self.board.keys(link.datapath.meter(), status);
        Ok((config, applied.notices))
    }

    fn host_config(
        &self,
        interface: &str,
        gateway: IpAddr,
        assigned: &Assigned,
        (child, routes): (&ChildSa, &[Route]),
    ) -> HostConfig {
        let addresses = &assigned.addresses;
        let inner = if addresses.iter().any(|(address, _)| address.is_ipv6()) {
            InnerVersions::Ipv6
        } else {
            InnerVersions::Ipv4
        };
        let overhead = Overhead::of(child.algorithms);
        let outer = OuterVersion::towards(gateway);
        let computed = inner_mtu(DEFAULT_PATH_MTU, outer, overhead, inner);
        let mtu = self.setup.options.mtu.unwrap_or(computed);
        HostConfig {
            interface: interface.to_owned(),
            addresses: addresses
                .iter()
                .filter_map(|(address, length)| IpNet::new(*address, *length))
                .collect(),
            mtu: u32::from(mtu),
            routes: prefixes(routes, addresses),
            outside: BTreeSet::from([gateway]),
            dns: self.dns(assigned),
        }
    }

    fn dns(&self, assigned: &Assigned) -> Option<DnsConfig> {
        let options: &UpOptions = &self.setup.options;
        let servers = if assigned.dns.is_empty() {
            self.setup.profile.dns_servers.clone()
        } else {
            assigned.dns.clone()
        };
        if servers.is_empty() || options.dns == DnsChoice::Off {
            return None;
        }
        let mut domains = options.match_domains.clone();
        domains.extend(assigned.domains.iter().cloned());
        // Azure names no domain (facts of its gateways: one server, nothing else). Servers that are
        // asked for nothing would leave every name of the VNet unknown.
        let all = options.dns == DnsChoice::All || domains.is_empty();
        Some(DnsConfig {
            servers,
            search: domains.clone(),
            match_domains: domains,
            all,
        })
    }

    fn show(&mut self, config: &HostConfig, notices: &[Notice]) {
        let mut warnings: Vec<Warning> = notices.iter().map(failing::notice).collect();
        if config
            .routes
            .iter()
            .any(|route| config.outside.iter().any(|ip| route.contains(*ip)))
        {
            let text = "the gateway's own address lies inside the tunnel's networks; a host route keeps it outside";
            warnings.push(Warning::new(Code::SELECTOR_COVERS_GATEWAY, text));
        }
        warnings.retain(|warning| !self.setup.warnings.contains(warning));
        self.setup.warnings.extend(warnings);
        let certificate = self.setup.certificate.clone();
        let warnings = self.setup.warnings.clone();
        self.board.note(|status| {
            status.address = config
                .addresses
                .iter()
                .map(|net| net.addr().to_string())
                .collect();
            status.interface = Some(config.interface.clone());
            status.mtu = Some(config.mtu);
            status.routes = config.routes.iter().map(ToString::to_string).collect();
            status.gateway.port = 4500;
            if let Some(dns) = &config.dns {
                status.dns.servers = texts(&dns.servers);
                status.dns.match_domains.clone_from(&dns.match_domains);
            }
            status.certificate = Some(certificate);
            status.warnings = warnings;
        });
    }
}

/// The routes of the families that we have an address for.
fn prefixes(routes: &[Route], addresses: &[(IpAddr, u8)]) -> BTreeSet<IpNet> {
    let speaks = |route: IpAddr| {
        addresses
            .iter()
            .any(|(address, _)| address.is_ipv4() == route.is_ipv4())
    };
    routes
        .iter()
        .filter(|route| speaks(route.address))
        .filter_map(|route| IpNet::new(route.address, route.prefix_length))
        .collect()
}

fn texts(addresses: &[IpAddr]) -> Vec<String> {
    addresses.iter().map(ToString::to_string).collect()
}
