//! What the stages and the status say, in words and in the spelling of the suites.

use std::net::IpAddr;

use azike_control::{ChildStatus, Drops, IkeStatus};
use azike_crypto::{Encryption, Integrity, Prf};
use azike_ike::trust::VerifiedGateway;
use azike_ike::{Authentication, ChildSa, NatStatus, Negotiated, child_suite, ike_suite};
use azike_platform::{DnsConfig, HostConfig};
use azike_wire::TrafficSelectors;

pub(super) fn resolved(host: &str, addresses: &[IpAddr]) -> String {
    format!("{host} → {}", list(addresses))
}

pub(super) fn negotiated(negotiated: &Negotiated) -> String {
    let algorithms = negotiated.algorithms;
    let mut text = cipher(algorithms.encryption()).to_owned();
    if let Some(integrity) = algorithms.integrity() {
        text = format!("{text}, {}", mac(integrity));
    }
    format!(
        "{text}, PRF {}, group {}",
        hash(algorithms.prf()),
        negotiated.group.0
    )
}

pub(super) fn nat(negotiated: &Negotiated) -> String {
    let nat = match negotiated.nat {
        NatStatus::Unknown => "UDP 4500",
        NatStatus::None => "no NAT, UDP 4500",
        NatStatus::BehindNat => "behind NAT, UDP 4500",
    };
    let fragments = if negotiated.fragmentation {
        "on"
    } else {
        "off"
    };
    format!("{nat}, fragments {fragments}")
}

pub(super) fn server(gateway: &VerifiedGateway) -> String {
    format!("{}, chain ok ({})", gateway.name(), gateway.root())
}

pub(super) const fn login(way: Authentication) -> &'static str {
    match way {
        Authentication::Signature => "certificate signature accepted",
        Authentication::EapTls => "EAP-TLS, certificate accepted",
    }
}

pub(super) const fn login_refused(way: Authentication) -> &'static str {
    match way {
        Authentication::Signature => "certificate signature refused, trying EAP-TLS",
        Authentication::EapTls => "EAP-TLS refused, trying a certificate signature",
    }
}

pub(super) fn tunnel(config: &HostConfig) -> String {
    let addresses: Vec<_> = config.addresses.iter().map(|net| net.addr()).collect();
    let most = 6;
    let mut routes: Vec<_> = config
        .routes
        .iter()
        .take(most)
        .map(ToString::to_string)
        .collect();
    let more = config.routes.len().saturating_sub(most);
    if more > 0 {
        routes.push(format!("and {more} more"));
    }
    let on = match config.interface.as_str() {
        // Only rehearsed.
        "" => String::new(),
        interface => format!(" on {interface}"),
    };
    let (addresses, routes) = (list(&addresses), routes.join(" "));
    format!("{addresses}{on}, mtu {}, {routes}", config.mtu)
}

pub(super) fn dns(dns: &DnsConfig) -> String {
    let names = if dns.all {
        "all names".to_owned()
    } else {
        dns.match_domains.join(" ")
    };
    format!("{names} → {}", list(&dns.servers))
}

pub(super) fn ike_status(negotiated: &Negotiated, mobike: bool) -> IkeStatus {
    IkeStatus {
        spi_i: format!("{:016x}", negotiated.spi_i.value()),
        spi_r: format!("{:016x}", negotiated.spi_r.value()),
        suite: ike_suite(negotiated.algorithms, negotiated.group),
        age_s: 0,
        rekey_in_s: None,
        mobike,
        fragmentation: negotiated.fragmentation,
    }
}

pub(super) fn child_status(child: &ChildSa) -> ChildStatus {
    ChildStatus {
        spi_in: format!("{:08x}", child.spi_in.value()),
        spi_out: format!("{:08x}", child.spi_out.value()),
        suite: child_suite(child.algorithms),
        bytes_in: 0,
        bytes_out: 0,
        packets_in: 0,
        packets_out: 0,
        drops: Drops::default(),
        local_ts: selectors(&child.ts_i),
        remote_ts: selectors(&child.ts_r),
        age_s: 0,
        rekey_in_s: None,
    }
}

/// Each range once, as prefixes.
fn selectors(selectors: &TrafficSelectors) -> Vec<String> {
    let routes = azike_tunnel::routes(&selectors.0);
    let text = |route: &azike_tunnel::Route| format!("{}/{}", route.address, route.prefix_length);
    routes.iter().map(text).collect()
}

fn list(addresses: &[IpAddr]) -> String {
    let texts: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

const fn cipher(encryption: Encryption) -> &'static str {
    match encryption {
        Encryption::Aes128Gcm16 => "AES-128-GCM",
        Encryption::Aes256Gcm16 => "AES-256-GCM",
        Encryption::Aes128Cbc => "AES-128-CBC",
        Encryption::Aes256Cbc => "AES-256-CBC",
        Encryption::ChaCha20Poly1305 => "ChaCha20-Poly1305",
    }
}

const fn mac(integrity: Integrity) -> &'static str {
    match integrity {
        Integrity::HmacSha1_96 => "HMAC-SHA1",
        Integrity::HmacSha256_128 => "HMAC-SHA2-256",
        Integrity::HmacSha384_192 => "HMAC-SHA2-384",
        Integrity::HmacSha512_256 => "HMAC-SHA2-512",
    }
}

const fn hash(prf: Prf) -> &'static str {
    match prf {
        Prf::HmacSha1 => "SHA1",
        Prf::HmacSha256 => "SHA2-256",
        Prf::HmacSha384 => "SHA2-384",
        Prf::HmacSha512 => "SHA2-512",
    }
}
