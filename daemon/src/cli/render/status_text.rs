//! `azike status` for people.

use std::borrow::Cow;

use azike_control::{ChildStatus, State, StatusDocument, TunnelStatus, printable};

use super::paint;
use super::units::{duration, octets};

/// How many networks are named before the rest is only counted.
const ROUTES_SHOWN: usize = 8;

/// Several lines:
///
/// ```text
/// contoso   connected 2h 14m   172.16.201.4   ↓ 1.2 GB ↑ 88 MB   rtt 23 ms   next rekey 41m
///   gateway 20.61.7.9:4500   ike aes256gcm16-prfsha256-modp2048   esp aes256gcm16
///   routes  10.1.0.0/16, 10.2.0.0/16
///   dns     contoso.internal → 10.1.0.4 ✓
///   ⚠ the client certificate expires in 13 days (azike explain AZK-0602)
/// ```
pub(in crate::cli) fn status_text(status: &StatusDocument, color: bool) -> String {
    if status.tunnels.is_empty() {
        return "Not connected.\n".to_owned();
    }
    let texts = status
        .tunnels
        .iter()
        .map(|tunnel| tunnel_text(tunnel, color));
    texts.collect()
}

fn tunnel_text(tunnel: &TunnelStatus, color: bool) -> String {
    let mut text = join("   ", head(tunnel, color));
    let mut line = |line: String| {
        if !line.is_empty() {
            text.push_str("\n  ");
            text.push_str(&line);
        }
    };
    line(gateway(tunnel));
    line(routes(tunnel));
    line(dns(tunnel));
    line(drops(tunnel));
    if let Some(waiting) = &tunnel.waiting {
        let until = waiting
            .next_at
            .map_or_else(String::new, |at| format!(", next try {at}"));
        line(format!("waits   {}{until}", printable(&waiting.reason)));
    }
    for warning in &tunnel.warnings {
        let sign = paint(color, "33", "⚠");
        let note = printable(&warning.text);
        line(format!("{sign} {note} (azike explain {})", warning.code));
    }
    if let Some(failure) = &tunnel.last_error {
        let sign = paint(color, "31", "✗");
        let what = printable(&failure.what);
        line(format!("{sign} {what} (azike explain {})", failure.code));
    }
    text.push('\n');
    text
}

/// Name, state, address, traffic, round trip, next rekey.
fn head(tunnel: &TunnelStatus, color: bool) -> Vec<String> {
    let attribute = match tunnel.state {
        State::Connected => "32",
        State::Failed => "31",
        State::Idle
        | State::Resolving
        | State::Negotiating
        | State::Authenticating
        | State::Configuring
        | State::Stalled
        | State::Reconnecting
        | State::Waiting
        | State::Paused
        | State::Disconnecting => "33",
    };
    let state = format!("{} {}", tunnel.state.name(), duration(tunnel.since_s));
    let mut parts = vec![
        paint(color, "1", &printable(&tunnel.name)),
        paint(color, attribute, &state),
        list(&tunnel.address),
    ];
    if !tunnel.child.is_empty() {
        let sum = |count: fn(&ChildStatus) -> u64| -> u64 { tunnel.child.iter().map(count).sum() };
        let (down, up) = (sum(|child| child.bytes_in), sum(|child| child.bytes_out));
        parts.push(format!("↓ {} ↑ {}", octets(down), octets(up)));
    }
    if let Some(rtt) = tunnel.liveness.rtt_ms {
        parts.push(format!("rtt {rtt} ms"));
    }
    let ike = tunnel.ike.as_ref().and_then(|ike| ike.rekey_in_s);
    let child = tunnel.child.first().and_then(|child| child.rekey_in_s);
    if tunnel.rekeying {
        parts.push("rekeying".to_owned());
    } else if let Some(next) = ike.into_iter().chain(child).min() {
        parts.push(format!("next rekey {}", duration(next)));
    }
    parts
}

fn gateway(tunnel: &TunnelStatus) -> String {
    let gateway = &tunnel.gateway;
    let mut parts = vec![match &gateway.addr {
        Some(addr) if addr.contains(':') => {
            format!("gateway [{}]:{}", printable(addr), gateway.port)
        }
        Some(addr) => format!("gateway {}:{}", printable(addr), gateway.port),
        None => format!("gateway {}", printable(&gateway.host)),
    }];
    if let Some(ike) = &tunnel.ike {
        parts.push(format!("ike {}", printable(&ike.suite)));
    }
    if let Some(child) = tunnel.child.first() {
        parts.push(format!("esp {}", printable(&child.suite)));
    }
    if let (Some(interface), Some(mtu)) = (&tunnel.interface, tunnel.mtu) {
        parts.push(format!("{} mtu {mtu}", printable(interface)));
    }
    join("   ", parts)
}

fn routes(tunnel: &TunnelStatus) -> String {
    let routes = &tunnel.routes;
    let shown = list(routes.get(..ROUTES_SHOWN).unwrap_or(routes));
    let rest = routes.len().saturating_sub(ROUTES_SHOWN);
    match (shown.is_empty(), rest) {
        (true, _) => String::new(),
        (false, 0) => format!("routes  {shown}"),
        (false, rest) => format!("routes  {shown} and {rest} more"),
    }
}

fn dns(tunnel: &TunnelStatus) -> String {
    let dns = &tunnel.dns;
    if dns.servers.is_empty() {
        return String::new();
    }
    let servers = list(&dns.servers);
    let sign = match dns.verified {
        Some(true) => " ✓",
        Some(false) => " ✗",
        None => "",
    };
    if dns.match_domains.is_empty() {
        format!("dns     {servers}{sign}")
    } else {
        format!("dns     {} → {servers}{sign}", list(&dns.match_domains))
    }
}

/// Packets that were not let through, when there are any.
fn drops(tunnel: &TunnelStatus) -> String {
    let mut counts = [
        ("replayed", 0),
        ("forged", 0),
        ("policy", 0),
        ("malformed", 0),
    ];
    for child in &tunnel.child {
        let drops = child.drops;
        let new = [drops.replay, drops.icv, drops.policy, drops.malformed];
        for ((_, count), new) in counts.iter_mut().zip(new) {
            *count += new;
        }
    }
    let parts = counts.iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("dropped {}", parts.join(", "))
    }
}

fn list(items: &[String]) -> String {
    let items: Vec<Cow<'_, str>> = items.iter().map(|item| printable(item)).collect();
    items.join(", ")
}

fn join(separator: &str, parts: Vec<String>) -> String {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(separator)
}

#[cfg(test)]
mod tests {
    use azike_control::Code;

    use super::*;

    fn example() -> StatusDocument {
        let text = include_str!("../../../../crates/azike-control/schema/status.example.json");
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_connected_tunnel_is_a_few_lines() {
        assert_eq!(
            status_text(&example(), false),
            "\
contoso   connected 2h 14m   172.16.201.4   ↓ 1.2 GB ↑ 92 MB   rtt 23 ms   next rekey 41m
  gateway 20.61.7.9:4500   ike aes256gcm16-prfsha256-modp2048   esp aes256gcm16   azike0 mtu 1378
  routes  10.1.0.0/16, 10.2.0.0/16
  dns     contoso.internal → 10.1.0.4 ✓
  dropped policy 2
  ⚠ the client certificate expires in 13 days (azike explain AZK-0602)
"
        );
    }

    #[test]
    fn no_tunnel_is_one_line() {
        let none = StatusDocument::new(1, Vec::new());
        assert_eq!(status_text(&none, true), "Not connected.\n");
    }

    #[test]
    fn a_failed_tunnel_says_why() {
        let mut status = example();
        let tunnel = status.tunnels.first_mut().unwrap();
        tunnel.state = State::Failed;
        tunnel.since_s = 12;
        tunnel.ike = None;
        tunnel.child.clear();
        tunnel.address.clear();
        tunnel.interface = None;
        tunnel.routes.clear();
        tunnel.dns.servers.clear();
        tunnel.liveness.rtt_ms = None;
        tunnel.warnings.clear();
        tunnel.gateway.addr = None;
        tunnel.gateway.host = "gw\u{1b}[2J".into();
        tunnel.last_error = Some(Code::AUTHENTICATION_FAILED.into());
        assert_eq!(
            status_text(&status, false),
            "\
contoso   failed 12s
  gateway gw\\u{1b}[2J
  ✗ The gateway rejected the login (azike explain AZK-0401)
"
        );
    }

    #[test]
    fn many_networks_are_counted() {
        let mut status = example();
        let tunnel = status.tunnels.first_mut().unwrap();
        tunnel.routes = (0..20).map(|n| format!("10.{n}.0.0/16")).collect();
        let text = status_text(&status, false);
        assert!(text.contains("10.7.0.0/16 and 12 more\n"), "{text}");
    }
}
