//! The demo with strongSwan as the gateway, in the lab.

use std::path::Path;

use anyhow::{Result, ensure};
use azike_tests::lab::Lab;
use azike_tests::lab::azike::{Azike, UpArgs, User};
use azike_tests::lab::command::{Call, Finished};
use azike_tests::lab::gateway::GatewayConfig;
use azike_tests::lab::layout::{GREETING, Layout, VNET_HOST, VNET_HOST_NAME};
use azike_tests::lab::pki::client::{Client, Container};
use azike_tests::lab::snapshot::Snapshot;

use super::step;
use crate::lab;

/// Where a package has strongSwan's daemon.
const DAEMON: &str = "/usr/sbin/charon-systemd";

/// Whether strongSwan is installed, and this user may start it.
pub(super) fn is_possible() -> bool {
    // Only root sees what the first process has open.
    Path::new(DAEMON).exists() && std::fs::read_dir("/proc/1/fd").is_ok()
}

/// Shows it.
pub(super) fn run(binary: &Path, auth: &str, prefix: &str) -> Result<()> {
    step("Installing what the lab needs");
    lab::install()?;
    let layout = Layout::new(prefix, None);
    Lab::lower(&layout)?;
    let before = Snapshot::of_machine()?;
    step("Raising the lab: client - NAT router - strongSwan gateway - virtual network");
    let lab = Lab::raise(layout, &GatewayConfig::default())?;
    lab::write_files(&lab)?;
    let mut azike = Azike::new(lab.layout(), binary)?;
    let shown = show(&lab, &mut azike, auth);
    if shown.is_err() {
        println!("azike's log:\n{}", azike.log());
    }
    azike.stop();
    step("Taking the lab down");
    drop(lab);
    shown?;

    let left = before.difference(&Snapshot::of_machine()?);
    ensure!(
        left.is_empty(),
        "left on this machine:\n{}",
        left.join("\n")
    );
    println!("nothing is left: same namespaces, links, addresses, routes, rules and DNS as before");
    Ok(())
}

fn show(lab: &Lab, azike: &mut Azike, auth: &str) -> Result<()> {
    let layout = lab.layout();
    let client = layout.client();
    let untouched = Snapshot::of_namespace(&client)?;
    let args = UpArgs {
        package: layout.dir().join("profile.zip"),
        identity: Client::Rsa.packed(lab.pki(), Container::Pkcs12)?,
        password: Some(layout.dir().join("password")),
        auth: match auth {
            "signature" => "signature",
            "eap-tls" => "eap-tls",
            _ => "auto",
        },
        options: Vec::new(),
    };
    step("Connecting");
    azike.start(layout)?;
    println!("$ azike up profile.zip --identity azike-client.p12 --password-file password");
    told(azike.up(User::Root, &args)?)?;

    step("Through the tunnel");
    let ping = ["-n", "-c", "3", "-i", "0.2", "-W", "2", VNET_HOST];
    println!("$ ping {VNET_HOST}");
    told(Call::inside(&client, "ping").args(ping).finish()?)?;
    let url = format!("http://{VNET_HOST_NAME}/");
    println!("$ curl {url}");
    let curl = Call::inside(&client, "curl").args(["-sS", "--noproxy", "*", "--max-time", "10"]);
    let page = told(curl.arg(&url).finish()?)?;
    ensure!(page.trim() == GREETING, "the page says something else");
    println!("$ azike status");
    told(azike.status()?)?;

    step("Disconnecting");
    println!("$ azike down");
    told(azike.down()?)?;
    azike.stop();
    let left = untouched.difference(&Snapshot::of_namespace(&client)?);
    ensure!(left.is_empty(), "left on the client:\n{}", left.join("\n"));
    println!("the client is as it was before: links, addresses, routes, rules, DNS");
    Ok(())
}

/// Prints what a program said; wants it to have succeeded.
fn told(finished: Finished) -> Result<String> {
    print!("{}", finished.text());
    ensure!(finished.code == Some(0), "exit code {:?}", finished.code);
    Ok(finished.stdout)
}
