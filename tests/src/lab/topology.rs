//! The four namespaces and the cables between them.
//!
//! ```text
//!   client (cl0) ── (rin0) router (rout0) ── (gw0) gateway (gw1) ── (vn0) VNet host
//! ```

use std::fmt::Write as _;
use std::fs;

use anyhow::Result;

use super::command::Call;
use super::layout::{
    CLIENT, GATEWAY, GATEWAY_INSIDE, GATEWAY_INSIDE_V6, GATEWAY_LATER, Layout, ROUTER_ELSEWHERE,
    ROUTER_INSIDE, ROUTER_OUTSIDE, SERVER_NAME, VNET_HOST, VNET_HOST_V6, VPN_SERVER,
};

/// What the client's `/etc/resolv.conf` says before a tunnel is up: a server that never answers.
pub const RESOLV_CONF: &str = "# the client's own network\nnameserver 192.168.50.53\n\
                               options timeout:1 attempts:1\n";

/// Makes the namespaces and connects them.
pub fn raise(layout: &Layout) -> Result<()> {
    write_client_etc(layout)?;
    let (client, router) = (layout.client(), layout.router());
    let (gateway, vnet) = (layout.gateway(), layout.vnet());
    let mut batch = String::new();
    for namespace in layout.namespaces() {
        writeln!(batch, "netns add {namespace}")?;
    }
    Call::new("ip").args(["-batch", "-"]).input(batch).run()?;

    // Before the cables: addresses would otherwise wait for duplicate address detection.
    for namespace in layout.namespaces() {
        sysctl(&namespace, &["net.ipv6.conf.default.accept_dad=0"])?;
    }
    let mut batch = String::new();
    for (left, left_ns, right, right_ns) in [
        ("cl0", &client, "rin0", &router),
        ("rout0", &router, "gw0", &gateway),
        ("gw1", &gateway, "vn0", &vnet),
    ] {
        writeln!(
            batch,
            "link add {left} netns {left_ns} type veth peer name {right} netns {right_ns}"
        )?;
    }
    Call::new("ip").args(["-batch", "-"]).input(batch).run()?;
    // kernel-libipsec decapsulates into a tun device of its own: no reverse path filter there.
    let forward = [
        "net.ipv4.ip_forward=1",
        "net.ipv6.conf.all.forwarding=1",
        "net.ipv4.conf.all.rp_filter=0",
        "net.ipv4.conf.default.rp_filter=0",
    ];
    sysctl(&router, &forward)?;
    sysctl(&gateway, &forward)?;
    sysctl(&client, &["net.ipv4.conf.all.promote_secondaries=1"])?;

    addresses(
        &client,
        &[("cl0", CLIENT, 24)],
        &[("default", ROUTER_INSIDE)],
    )?;
    let links = [
        ("rin0", ROUTER_INSIDE, 24),
        ("rin0", ROUTER_ELSEWHERE, 24),
        ("rout0", ROUTER_OUTSIDE, 24),
    ];
    addresses(&router, &links, &[])?;
    let links = [
        ("gw0", GATEWAY, 24),
        ("gw0", GATEWAY_LATER, 24),
        ("gw1", GATEWAY_INSIDE, 16),
        ("gw1", GATEWAY_INSIDE_V6, 64),
    ];
    addresses(&gateway, &links, &[])?;
    let links = [("vn0", VNET_HOST, 16), ("vn0", VNET_HOST_V6, 64)];
    let routes = [("default", GATEWAY_INSIDE), ("default", GATEWAY_INSIDE_V6)];
    addresses(&vnet, &links, &routes)
}

/// Removes the namespaces, and with them cables, addresses, routes and firewall rules.
pub fn lower(layout: &Layout) -> Result<()> {
    let present = Call::new("ip").args(["netns", "list"]).run()?;
    let present: Vec<&str> = present
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    for namespace in layout.namespaces() {
        if present.contains(&namespace.as_str()) {
            Call::new("ip").args(["netns", "del", &namespace]).run()?;
        }
    }
    let etc = layout.client_etc();
    if etc.exists() {
        fs::remove_dir_all(&etc)?;
    }
    // Ours only when nobody else has something in it; then this fails, and that is right.
    if let Some(parent) = etc.parent() {
        drop(fs::remove_dir(parent));
    }
    Ok(())
}

/// Gives the gateway an address in each of `networks`: kernel-libipsec refuses a Child SA without.
///
/// Says whether one of them was not there before.
pub fn give_gateway(layout: &Layout, addresses: &[String]) -> Result<bool> {
    let gateway = layout.gateway();
    let show = ["-n", &gateway, "-o", "addr", "show", "dev", "lo"];
    let present = Call::new("ip").args(show).run()?;
    let new = |address: &&String| !present.contains(&format!(" {address} "));
    let mut batch = String::new();
    for address in addresses.iter().filter(new) {
        writeln!(batch, "addr add {address} dev lo")?;
    }
    let any = !batch.is_empty();
    let call = Call::new("ip").args(["-n", &gateway, "-batch", "-"]);
    call.input(batch).run()?;
    Ok(any)
}

fn write_client_etc(layout: &Layout) -> Result<()> {
    let etc = layout.client_etc();
    fs::create_dir_all(&etc)?;
    fs::write(etc.join("resolv.conf"), RESOLV_CONF)?;
    fs::write(etc.join("nsswitch.conf"), "hosts: files dns\n")?;
    name_gateway(layout, GATEWAY)
}

/// Lets the gateway's names mean `address` in the client's namespace, for running programs too.
pub fn name_gateway(layout: &Layout, address: &str) -> Result<()> {
    // The file keeps its inode: that is what is laid over /etc/hosts.
    let hosts = format!("127.0.0.1 localhost\n{address} {VPN_SERVER} {SERVER_NAME}\n");
    Ok(fs::write(layout.client_etc().join("hosts"), hosts)?)
}

fn addresses(namespace: &str, links: &[(&str, &str, u8)], routes: &[(&str, &str)]) -> Result<()> {
    let mut batch = String::from("link set lo up\n");
    for (link, address, length) in links {
        writeln!(batch, "addr add {address}/{length} dev {link}")?;
        writeln!(batch, "link set {link} up")?;
    }
    for (destination, via) in routes {
        writeln!(batch, "route add {destination} via {via}")?;
    }
    let call = Call::new("ip").args(["-n", namespace, "-batch", "-"]);
    call.input(batch).run().map(drop)
}

fn sysctl(namespace: &str, settings: &[&str]) -> Result<()> {
    let call = Call::inside(namespace, "sysctl").arg("-qw");
    call.args(settings).run().map(drop)
}
