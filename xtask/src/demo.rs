//! `cargo xtask demo`: from nothing to a page fetched by name through the tunnel, and back to nothing.

use anyhow::{Result, ensure};
use azike_tests::lab::Lab;
use azike_tests::lab::azike::{Azike, UpArgs, User};
use azike_tests::lab::command::{Call, Finished};
use azike_tests::lab::gateway::GatewayConfig;
use azike_tests::lab::layout::{GREETING, Layout, VNET_HOST, VNET_HOST_NAME};
use azike_tests::lab::pki::client::{Client, Container};
use azike_tests::lab::snapshot::Snapshot;
use clap::Args;

use crate::cargo::{Profile, build_azike};
use crate::lab;

/// How to show it.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How azike is built
    #[arg(long, value_enum, default_value = "dev")]
    profile: Profile,
    /// How the client logs in
    #[arg(long, default_value = "auto", value_parser = ["auto", "signature", "eap-tls"])]
    auth: String,
    /// Prefix of the lab's namespaces
    #[arg(long, default_value = "azd")]
    prefix: String,
}

/// Shows it.
pub(crate) fn run(options: &Options) -> Result<()> {
    step("Installing what the lab needs");
    lab::install()?;
    step("Building azike");
    let binary = build_azike(options.profile)?;

    let layout = Layout::new(&options.prefix, None);
    Lab::lower(&layout)?;
    let before = Snapshot::of_machine()?;
    step("Raising the lab: client - NAT router - strongSwan gateway - virtual network");
    let lab = Lab::raise(layout, &GatewayConfig::default())?;
    lab::write_files(&lab)?;
    let mut azike = Azike::new(lab.layout(), &binary)?;
    let shown = show(&lab, &mut azike, &options.auth);
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

fn step(title: &str) {
    println!("\n== {title}");
}

/// Prints what a program said; wants it to have succeeded.
fn told(finished: Finished) -> Result<String> {
    print!("{}", finished.text());
    ensure!(finished.code == Some(0), "exit code {:?}", finished.code);
    Ok(finished.stdout)
}
