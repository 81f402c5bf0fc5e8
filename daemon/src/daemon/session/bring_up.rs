//! From keys to a working tunnel: device, address, routes, names.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use azike_control::{Code, Connected, DnsChoice, Failure, Stage, UpOptions, Warning};
use azike_ike::{Assigned, ChildSa, Established, Maker, ike_suite};
use azike_platform::{DnsConfig, HostConfig, IpNet, Notice, TunDevice};
use azike_tunnel::course::LinkId;
use azike_tunnel::{InnerPolicy, Route, routes};

use super::link::settings;
use super::{Open, Session, wording};
use crate::daemon::setup::Setup;
use crate::failing;

/// More routes than 255 honest selectors make: ranges that are prefixes make one route each, any
/// others at most a few dozen.
const MOST_ROUTES: usize = 8192;

/// The answer to whoever asked for the tunnel.
pub(super) fn connected(setup: &Setup, config: &HostConfig, elapsed_ms: u64) -> Connected {
    let dns = config.dns.as_ref();
    let addresses = config.addresses.iter().map(|net| net.addr().to_string());
    Connected {
        name: setup.name.clone(),
        gateway: setup.profile.server.as_str().to_owned(),
        interface: config.interface.clone(),
        addresses: addresses.collect(),
        mtu: config.mtu,
        routes: config.routes.iter().map(ToString::to_string).collect(),
        dns_servers: dns.map_or_else(Vec::new, |dns| texts(&dns.servers)),
        elapsed_ms,
        warnings: setup.warnings.clone(),
    }
}

impl Session {
    /// Puts the Child SA of a link to work and the host in order. If another link carried the
    /// traffic, this one takes its device over, and the host changes only where it must.
    pub(super) async fn bring_up(&mut self, id: LinkId) -> Result<HostConfig, Failure> {
        self.stages.start(Stage::Tunnel).await;
        // It is put back below: the link is not to be found meanwhile.
        let Some(mut open) = self.take(id) else {
            return Err(Code::INTERNAL.into());
        };
        let done = match open.established.take() {
            Some(established) => self.set_up(&mut open, *established).await,
            None => Err(Code::INTERNAL.into()),
        };
        let free = self.links.iter_mut().find(|link| link.is_none());
        if let Some(free) = free {
            *free = Some(open);
        }
        let (config, notices) = done?;
        self.show_config(&config, &notices);
        self.report(&config).await;
        self.config = Some(config.clone());
        Ok(config)
    }

    /// What the tunnel of a link would be. Nothing is made of it.
    pub(super) async fn rehearse(&mut self, id: LinkId) -> Result<HostConfig, Failure> {
        self.stages.start(Stage::Tunnel).await;
        let open = self.find(id);
        let found =
            open.and_then(|open| Some((open.link.gateway.address, open.established.take()?)));
        let (gateway, established) = found.ok_or_else(|| Failure::from(Code::INTERNAL))?;
        let Established {
            assigned, child, ..
        } = *established;
        let routes = routes_of(&child)?;
        let mtu = self.path_watch(gateway, &assigned, &child).inner_mtu();
        let config = self.host_config("", gateway, &assigned, (mtu, &routes));
        self.report(&config).await;
        Ok(config)
    }

    async fn report(&mut self, config: &HostConfig) {
        let text = wording::tunnel(config);
        self.stages.done(Stage::Tunnel, text).await;
        if let Some(dns) = &config.dns {
            let text = wording::dns(dns);
            self.stages.start(Stage::Dns).await;
            self.stages.done(Stage::Dns, text).await;
        }
    }

    async fn set_up(
        &mut self,
        open: &mut Open,
        established: Established,
    ) -> Result<(HostConfig, Vec<Notice>), Failure> {
        let tun = self.device()?;
        let Established {
            assigned,
            child,
            mobike,
        } = established;
        let gateway = open.link.gateway.address;
        let routes = routes_of(&child)?;
        let path = self.path_watch(gateway, &assigned, &child);
        let mtu = path.inner_mtu();
        let config = self.host_config(tun.name(), gateway, &assigned, (mtu, &routes));
        let status = wording::child_status(&child);
        let addresses = assigned.addresses.iter().map(|(address, _)| *address);
        let policy = InnerPolicy::new(addresses.collect(), &child.ts_i.0, &child.ts_r.0);
        open.children.push(child.spi_in);
        open.link.install(child, Maker::Us);
        for other in self.links.iter_mut().flatten() {
            other.link.datapath.stop_upload();
        }
        open.link.datapath.attach(tun, policy);
        open.link.set_mtu(config.mtu);
        let mut host = self.tools.host.lock().await;
        let applied = host
            .set(&config)
            .await
            .map_err(|error| failing::host(&error))?;
        drop(host);
        self.path = Some(path);
        let (ike, address) = (
            open.negotiated
                .as_ref()
                .map(|negotiated| wording::ike_status(negotiated, mobike)),
            gateway.to_string(),
        );
        self.tools.board.keys(open.link.datapath.meter(), status);
        self.tools.board.note(|status| {
            status.ike = ike;
            status.gateway.addr = Some(address);
        });
        if let Some(it) = &open.negotiated {
            let suite = ike_suite(it.algorithms, it.group);
            self.tools.board.ike_keys((it.spi_i, it.spi_r), suite);
        }
        Ok((config, applied.notices))
    }

    /// The tun device: that of the link before, or a new one.
    fn device(&mut self) -> Result<Arc<TunDevice>, Failure> {
        if let Some(tun) = &self.tun {
            return Ok(Arc::clone(tun));
        }
        let offload = settings(&self.tools.setup.options).offload;
        let tun = TunDevice::create_offloading(offload).map_err(|error| failing::tun(&error))?;
        Ok(Arc::clone(self.tun.insert(Arc::new(tun))))
    }

    fn host_config(
        &self,
        interface: &str,
        gateway: IpAddr,
        assigned: &Assigned,
        (mtu, routes): (u16, &[Route]),
    ) -> HostConfig {
        let addresses = &assigned.addresses;
        let others = self.links.iter().flatten();
        let others = others.map(|open| open.link.gateway.address);
        HostConfig {
            interface: interface.to_owned(),
            addresses: addresses
                .iter()
                .filter_map(|(address, length)| IpNet::new(*address, *length))
                .collect(),
            mtu: u32::from(mtu),
            routes: prefixes(routes, addresses),
            // The link before still says goodbye.
            outside: others.chain([gateway]).collect(),
            dns: self.dns(assigned),
        }
    }

    fn dns(&self, assigned: &Assigned) -> Option<DnsConfig> {
        let options: &UpOptions = &self.tools.setup.options;
        let servers = if assigned.dns.is_empty() {
            self.tools.setup.profile.dns_servers.clone()
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

    fn show_config(&mut self, config: &HostConfig, notices: &[Notice]) {
        let mut warnings: Vec<Warning> = notices.iter().map(failing::notice).collect();
        if config
            .routes
            .iter()
            .any(|route| config.outside.iter().any(|ip| route.contains(*ip)))
        {
            let text = "the gateway's own address lies inside the tunnel's networks; a host route keeps it outside";
            warnings.push(Warning::new(Code::SELECTOR_COVERS_GATEWAY, text));
        }
        warnings.retain(|warning| !self.tools.setup.warnings.contains(warning));
        self.tools.setup.warnings.extend(warnings);
        let certificate = self.tools.setup.certificate.clone();
        let warnings = self.tools.setup.warnings.clone();
        let ports = self.tools.setup.options.gateway_ports;
        let port = ports.map_or(4500, |(_, encapsulated)| encapsulated);
        self.tools.board.note(|status| {
            status.address = config
                .addresses
                .iter()
                .map(|net| net.addr().to_string())
                .collect();
            status.interface = Some(config.interface.clone());
            status.mtu = Some(config.mtu);
            status.routes = config.routes.iter().map(ToString::to_string).collect();
            status.gateway.port = port;
            if let Some(dns) = &config.dns {
                status.dns.servers = texts(&dns.servers);
                status.dns.match_domains.clone_from(&dns.match_domains);
            }
            status.certificate = Some(certificate);
            status.warnings = warnings;
        });
    }
}

/// What the gateway's traffic selectors make.
fn routes_of(child: &ChildSa) -> Result<Vec<Route>, Failure> {
    let routes = routes(&child.ts_r.0);
    let count = routes.len();
    if count > MOST_ROUTES {
        let what = format!("the gateway's traffic selectors make {count} routes");
        return Err(Failure::new(Code::GATEWAY_PROTOCOL, what));
    }
    Ok(routes)
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
