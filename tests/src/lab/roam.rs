//! Where the client is: it gets other addresses, other networks, or loses its cable.
//!
//! ```text
//!   home       192.168.50.2 ─┐
//!   later      192.168.50.3 ─┼─ (cl0) ── (rin0) router
//!   elsewhere  192.168.60.2 ─┘
//! ```

use anyhow::Result;

use super::command::Call;
use super::layout::{
    CLIENT, CLIENT_ELSEWHERE, CLIENT_LATER, Layout, ROUTER_ELSEWHERE, ROUTER_INSIDE,
};

/// The client gets another address in its network, then loses the one it had.
pub fn another_address(layout: &Layout) -> Result<()> {
    let new = format!("addr add {CLIENT_LATER}/24 dev cl0");
    let old = format!("addr del {CLIENT}/24 dev cl0");
    client(layout, &[&new, &old])
}

/// The client leaves its network.
pub fn leave(layout: &Layout) -> Result<()> {
    client(layout, &["addr flush dev cl0 scope global"])
}

/// The client, which is in no network, comes into another one.
pub fn elsewhere(layout: &Layout) -> Result<()> {
    let address = format!("addr add {CLIENT_ELSEWHERE}/24 dev cl0");
    let route = format!("route add default via {ROUTER_ELSEWHERE}");
    client(layout, &[&address, &route])
}

/// Pulls the cable.
pub fn unplug(layout: &Layout) -> Result<()> {
    client(layout, &["link set cl0 down"])
}

/// Plugs it in again; the network is as before.
pub fn plug(layout: &Layout) -> Result<()> {
    let route = format!("route replace default via {ROUTER_INSIDE}");
    client(layout, &["link set cl0 up", &route])
}

/// The client is where it was at the start, wherever it is now.
pub fn home(layout: &Layout) -> Result<()> {
    let addresses = Call::new("ip").args(["-n", &layout.client(), "-br", "addr", "show", "cl0"]);
    let there = format!(" {CLIENT}/24 ");
    if !addresses.run()?.contains(&there) {
        leave(layout)?;
        client(layout, &[&format!("addr add {CLIENT}/24 dev cl0")])?;
    }
    plug(layout)
}

fn client(layout: &Layout, lines: &[&str]) -> Result<()> {
    let call = Call::new("ip").args(["-n", &layout.client(), "-batch", "-"]);
    call.input(lines.join("\n") + "\n").run().map(drop)
}
