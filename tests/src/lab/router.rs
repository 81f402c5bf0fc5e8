//! What the network between client and gateway does to packets: NAT, loss, a small MTU, black holes.

use anyhow::Result;

use super::command::Call;
use super::layout::{Layout, ROUTER_OUTSIDE};

/// Packets that the router swallows.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Block {
    /// None.
    #[default]
    Nothing,
    /// Everything.
    All,
    /// Everything towards the client.
    Inbound,
    /// ESP both ways; IKE and NAT keepalives get through.
    Esp,
    /// Everything to and from this address of the gateway.
    Gateway(&'static str),
    /// UDP to port 500.
    Port500,
    /// UDP to port 4500.
    Port4500,
    /// IP fragments but the first: what many home routers do.
    Fragments,
}

/// The network between client and gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Path {
    /// Whether the router masquerades the client.
    pub nat: bool,
    /// Packets lost at random, each way, in percent.
    pub loss: u32,
    /// MTU between router and gateway.
    pub mtu: u32,
    /// What is swallowed.
    pub block: Block,
}

impl Default for Path {
    fn default() -> Self {
        Self {
            nat: true,
            loss: 0,
            mtu: 1500,
            block: Block::Nothing,
        }
    }
}

/// Makes the router behave as `path` says.
pub fn set(layout: &Layout, path: Path) -> Result<()> {
    let (router, gateway) = (layout.router(), layout.gateway());
    Call::inside(&router, "nft")
        .args(["-f", "-"])
        .input(rules(path))
        .run()?;
    let mtu = path.mtu.to_string();
    for (namespace, link) in [(&router, "rout0"), (&gateway, "gw0")] {
        let args = ["-n", namespace, "link", "set", link, "mtu", &mtu];
        Call::new("ip").args(args).run()?;
    }
    // Without NAT the gateway has to know the way back.
    let verb = if path.nat { "del" } else { "replace" };
    let mut route = Call::new("ip").args(["-n", &gateway, "route", verb, "192.168.50.0/24"]);
    if !path.nat {
        route = route.args(["via", ROUTER_OUTSIDE]);
    }
    let finished = route.finish()?;
    anyhow::ensure!(
        path.nat || finished.code == Some(0),
        "no way back to the client: {}",
        finished.text()
    );
    Ok(())
}

/// Forgets all mappings and hands out other ports from now on: what a router does when it restarts.
pub fn rebind(layout: &Layout) -> Result<()> {
    let table = "table ip azike { chain rebind { type nat hook postrouting priority srcnat - 1; \
                 oifname rout0 meta l4proto udp masquerade to :30000-31000 random; }; }";
    Call::inside(&layout.router(), "nft").arg(table).run()?;
    let flush = Call::inside(&layout.router(), "conntrack").args(["-D", "-p", "udp"]);
    flush.finish().map(drop)
}

fn rules(path: Path) -> String {
    let masquerade = if path.nat {
        "oifname rout0 masquerade"
    } else {
        ""
    };
    let blocked = match path.block {
        Block::Nothing => String::new(),
        Block::All => "drop".to_owned(),
        Block::Inbound => "iifname rout0 drop".to_owned(),
        Block::Esp => {
            // IKE has four octets of zeros after the UDP header (RFC 3948, 2.2), a keepalive has
            // not even four.
            let esp = "@th,64,32 != 0 drop";
            format!("udp dport 4500 {esp}\nudp sport 4500 {esp}")
        }
        Block::Gateway(address) => format!("ip daddr {address} drop\nip saddr {address} drop"),
        Block::Port500 => "udp dport 500 drop".to_owned(),
        Block::Port4500 => "udp dport 4500 drop".to_owned(),
        Block::Fragments => "ip frag-off & 0x1fff != 0 drop".to_owned(),
    };
    let lost = if path.loss == 0 {
        String::new()
    } else {
        format!("numgen random mod 100 < {} drop", path.loss)
    };
    // Fragments have to be seen before connection tracking puts them together (priority -400).
    format!(
        "table ip azike {{ }}\ndelete table ip azike\ntable ip azike {{\n\
         chain nat_out {{ type nat hook postrouting priority srcnat\n{masquerade}\n}}\n\
         chain path_in {{ type filter hook prerouting priority -450\n{blocked}\n}}\n\
         chain path_loss {{ type filter hook forward priority 0\n{lost}\n}}\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_path_only_masquerades() {
        let rules = rules(Path::default());
        assert!(rules.contains("masquerade"));
        assert!(!rules.contains("drop"));
    }

    #[test]
    fn loss_is_a_random_number() {
        let path = Path {
            loss: 20,
            ..Path::default()
        };
        assert!(rules(path).contains("numgen random mod 100 < 20 drop"));
    }
}
