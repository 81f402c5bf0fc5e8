//! From a wanted state to changes: pure, and where the mistakes would be.
//!
//! ```text
//!   HostConfig + Surroundings --wanted--> settings --plan (against what we did)--> steps
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::{DnsConfig, HostConfig, Interface, IpNet, NextHop, Setting};

/// The resolver of the C library reads no more `nameserver` lines (`MAXNS`).
pub(crate) const MAX_SERVERS: usize = 3;

/// What the machine looks like around a tunnel, as far as a plan needs it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Surroundings {
    /// The tun interface.
    pub interface: Interface,
    /// The way to each of [`HostConfig::outside`] that there is without us.
    pub next_hops: BTreeMap<IpAddr, NextHop>,
    /// Who answers for names.
    pub dns: DnsWay,
}

/// Who answers for names on this machine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DnsWay {
    /// systemd-resolved, and programs ask it.
    Resolved,
    /// systemd-resolved is there, but resolv.conf does not point to it:
    /// programs that read the file do not see what we set.
    ResolvedBypassed,
    /// The dynamic store of a Mac.
    DynamicStore,
    /// A resolv.conf file.
    ResolvConf,
    /// A resolv.conf file that belongs to the whole machine, while we are in a
    /// network namespace: not ours to change.
    SharedResolvConf,
}

/// Something that was done differently from what was asked, and is no failure.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Notice {
    /// It was there before us, or somebody else has its place. It stays.
    Existed(Setting),
    /// DNS is not changed: the file belongs to the machine and we run in a
    /// network namespace without a file of its own (`/etc/netns/NAME/resolv.conf`).
    SharedResolvConf,
    /// Programs that read resolv.conf directly do not use systemd-resolved.
    ResolvedBypassed,
    /// A domain that cannot be one (empty, too long, or other than letters,
    /// digits, hyphens and dots); it is left out.
    BadDomain(String),
    /// More than three servers; a resolv.conf has room for three.
    ServersLeftOut(usize),
}

/// What is to be in force.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Wanted {
    /// The settings.
    pub settings: BTreeSet<Setting>,
    /// What could not be wanted as it was asked.
    pub notices: Vec<Notice>,
}

/// Why a config cannot be put into force here.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// The tunnel would swallow the packets to this host, and there is no
    /// other way to it.
    #[error("there is no route to {0}")]
    NoRoute(IpAddr),
}

/// One step of a plan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Undo a setting of ours.
    Remove(Setting),
    /// Bring a setting into force.
    Make(Setting),
}

/// The steps from the settings we made to those that are wanted: removals
/// first, last made first; then additions in the order of [`Setting`].
pub fn plan(have: &BTreeSet<Setting>, want: &BTreeSet<Setting>) -> Vec<Step> {
    let removed = have.iter().rev().filter(|setting| !want.contains(setting));
    let made = want.difference(have);
    let removed = removed.cloned().map(Step::Remove);
    removed.chain(made.cloned().map(Step::Make)).collect()
}

/// The settings that put `config` into force on a machine that looks like `around`.
pub fn wanted(config: &HostConfig, around: &Surroundings) -> Result<Wanted, PlanError> {
    let interface = || around.interface.clone();
    let mut wanted = Wanted::default();
    let settings = &mut wanted.settings;
    settings.insert(Setting::Mtu {
        interface: interface(),
        mtu: config.mtu,
    });
    settings.insert(Setting::Up {
        interface: interface(),
    });
    settings.extend(config.addresses.iter().map(|&net| Setting::Address {
        interface: interface(),
        net,
    }));
    let routes = routes(&config.routes);
    for &host in &config.outside {
        if !host.is_loopback() && routes.iter().any(|net| net.contains(host)) {
            let next_hop = around.next_hops.get(&host).cloned();
            let next_hop = next_hop.ok_or(PlanError::NoRoute(host))?;
            settings.insert(Setting::Outside { host, next_hop });
        }
    }
    settings.extend(routes.into_iter().map(|net| Setting::Route {
        interface: interface(),
        net,
    }));
    if let Some(dns) = &config.dns {
        want_dns(dns, around, &mut wanted);
    }
    Ok(wanted)
}

/// The prefixes as they are installed: without host bits, and a default route
/// as two halves, which win over the machine's own without replacing it.
fn routes(routes: &BTreeSet<IpNet>) -> BTreeSet<IpNet> {
    let halves = |net: &IpNet| match (net.prefix_len(), net.halves()) {
        (0, Some(halves)) => halves.to_vec(),
        _ => vec![net.network()],
    };
    routes.iter().flat_map(halves).collect()
}

fn want_dns(dns: &DnsConfig, around: &Surroundings, wanted: &mut Wanted) {
    if dns.servers.is_empty() {
        return;
    }
    let notices = &mut wanted.notices;
    let mut dns = dns.clone();
    for domains in [&mut dns.match_domains, &mut dns.search] {
        domains.retain(|domain| {
            let good = is_domain(domain);
            if !good {
                notices.push(Notice::BadDomain(domain.escape_debug().take(64).collect()));
            }
            good
        });
    }
    let interface = around.interface.clone();
    let setting = match around.dns {
        DnsWay::Resolved => Setting::LinkDns { interface, dns },
        DnsWay::ResolvedBypassed => {
            notices.push(Notice::ResolvedBypassed);
            Setting::LinkDns { interface, dns }
        }
        DnsWay::DynamicStore => {
            let service = store_service(&interface.name);
            Setting::StoreDns {
                interface,
                service,
                dns,
            }
        }
        DnsWay::ResolvConf => {
            let left_out = dns.servers.len().saturating_sub(MAX_SERVERS);
            if left_out > 0 {
                notices.push(Notice::ServersLeftOut(left_out));
            }
            Setting::ResolvConf { interface, dns }
        }
        DnsWay::SharedResolvConf => {
            notices.push(Notice::SharedResolvConf);
            return;
        }
    };
    wanted.settings.insert(setting);
}

/// The name of our service in the dynamic store: the same for the same tunnel.
pub(crate) fn store_service(interface: &str) -> String {
    format!("azike-{interface}")
}

/// Whether `domain` is safe to write into a file or to hand to a resolver.
fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.len() <= 63 && label.chars().all(legal)
    };
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    domain.len() <= 253 && domain.split('.').all(label)
}

#[cfg(test)]
mod tests;
