//! `cargo xtask bench connect`: azike beside strongSwan's own client, in one lab and one run.

mod esp;

use std::time::Duration;

use anyhow::{Result, ensure};
use azike_tests::lab::Lab;
use azike_tests::lab::azike::{Azike, UpArgs, User};
use azike_tests::lab::command::Call;
use azike_tests::lab::gateway::GatewayConfig;
use azike_tests::lab::layout::{Layout, VNET_HOST};
use azike_tests::lab::pki::client::{Client, Container};
use azike_tests::lab::reference::{Reference, ReferenceConfig};
use azike_tests::lab::stopwatch::{Stopwatch, wait_until};
use azike_tests::lab::strongswan::connection::Auth;
use azike_tests::lab::strongswan::settings::{Settings, Tls};
use clap::{Args, Subcommand};

use crate::cargo::{Profile, build_azike};
use crate::lab;

/// What to measure.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// From the start of the command to the first answered ping, daemons already running
    Connect(Connect),
    /// azike-esp beside ring alone: nanoseconds per packet of every suite (needs no root)
    Esp(esp::Options),
}

#[derive(Args, Debug)]
struct Connect {
    /// Connections of each client with each login
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// How azike is built
    #[arg(long, value_enum, default_value = "release")]
    profile: Profile,
    /// Only strongSwan: what the lab itself can do
    #[arg(long)]
    only_reference: bool,
    /// Prefix of the lab's namespaces
    #[arg(long, default_value = "azb")]
    prefix: String,
}

/// Measures it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let connect = match &options.what {
        What::Connect(connect) => connect,
        What::Esp(options) => return esp::run(options),
    };
    lab::install()?;
    let binary = if connect.only_reference {
        None
    } else {
        Some(build_azike(connect.profile)?)
    };
    let lab = Lab::raise(
        Layout::new(&connect.prefix, None),
        &GatewayConfig::default(),
    )?;
    lab::write_files(&lab)?;
    let reference = Reference::start(lab.layout(), lab.pki(), &reference_config(Auth::Signature))?;
    let mut azike = match &binary {
        Some(binary) => Some(Azike::new(lab.layout(), binary)?),
        None => None,
    };
    if let Some(azike) = &mut azike {
        azike.start(lab.layout())?;
    }
    let rounds = connect.rounds;
    println!("command start to first answered ping, {rounds} rounds each, interleaved, ms");
    println!("auth       client       min  median     max");
    for auth in [Auth::Signature, Auth::EapTls] {
        reference.load(lab.pki(), &reference_config(auth))?;
        compare(&lab, azike.as_ref(), &reference, auth, rounds)?;
    }
    reference.stop();
    Ok(())
}

fn compare(
    lab: &Lab,
    azike: Option<&Azike>,
    reference: &Reference,
    auth: Auth,
    rounds: usize,
) -> Result<()> {
    let client = lab.layout().client();
    let args = UpArgs {
        package: lab.layout().dir().join("profile.zip"),
        identity: Client::Rsa.packed(lab.pki(), Container::Pkcs12)?,
        password: Some(lab.layout().dir().join("password")),
        auth: auth.azike(),
        options: Vec::new(),
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // The first round only warms caches.
    for round in 0..=rounds {
        if let Some(azike) = azike {
            let watch = Stopwatch::start();
            let up = azike.up(User::Root, &args)?;
            ensure!(up.code == Some(0), "azike: {}", up.text());
            let seconds = first_answer(&client, watch)?;
            azike.down()?;
            if round > 0 {
                ours.push(seconds * 1000.0);
            }
        }
        let watch = Stopwatch::start();
        let up = reference.connect_inside(&client, 20)?;
        ensure!(up.code == Some(0), "strongSwan: {}", up.text());
        let seconds = first_answer(&client, watch)?;
        reference.disconnect()?;
        if round > 0 {
            theirs.push(seconds * 1000.0);
        }
    }
    let name = auth.azike();
    let reference = line(name, "strongSwan", &mut theirs);
    if azike.is_some() {
        let median = line(name, "azike", &mut ours);
        println!(
            "{name:<10} azike takes {:.2} of strongSwan's time (median)",
            median / reference
        );
    }
    Ok(())
}

fn first_answer(client: &str, watch: Stopwatch) -> Result<f64> {
    let answered = wait_until(Duration::from_secs(10), || {
        let args = ["-n", "-c", "1", "-W", "1", VNET_HOST];
        Call::inside(client, "ping").args(args).succeeds()
    });
    ensure!(answered, "connected, but no ping is answered");
    Ok(watch.seconds())
}

/// Prints smallest, middle and biggest; gives the middle.
fn line(auth: &str, client: &str, times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = |index: usize| times.get(index).copied().unwrap_or(f64::NAN);
    let median = at(times.len() / 2);
    let last = times.len().saturating_sub(1);
    println!(
        "{auth:<10} {client:<10} {:>6.0}  {median:>6.0}  {:>6.0}",
        at(0),
        at(last)
    );
    median
}

fn reference_config(auth: Auth) -> ReferenceConfig {
    ReferenceConfig {
        settings: Settings {
            signature_hashes: true,
            tls: Tls::Both,
            ..Settings::default()
        },
        auth,
        ..ReferenceConfig::default()
    }
}
