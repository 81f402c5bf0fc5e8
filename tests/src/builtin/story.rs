//! What the demo shows, told by the first process of the namespaces: from nothing to a page fetched by name
//! through the tunnel, and back to nothing.
#![expect(clippy::print_stdout, reason = "this is what a person reads")]

use std::env;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::iter;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::client::Client;
use super::credentials::Credentials;
use super::echo::Echo;
use super::load::Load;
use super::show::Show;
use super::state::State;
use super::switches;
use super::vnet::page;
use super::world::{Cable, World};
use crate::lab::command::Finished;
use crate::lab::layout::{GREETING, VNET_HOST, VNET_HOST_NAME};
use crate::lab::stopwatch::pause;

/// How long to wait for an echo.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tells it; files are in `folder`.
pub fn tell(show: &Show, folder: &Path) -> Result<()> {
    step("Making certificates, a package and an identity");
    let credentials = Credentials::make(folder)?;
    let (package, identity) = (credentials.package.clone(), credentials.identity.clone());
    step("Raising the network: client - built-in gateway - virtual network");
    let policy = switches::policy(&show.switches)?;
    let cable = show.load.as_ref().map_or_else(Cable::default, Load::cable);
    let world = World::raise(folder, credentials, policy, cable)?;
    let untouched = State::look()?;
    let client = Client::start(&show.binary, folder)?;
    let shown = in_tunnel(show, &client, folder, (&package, &identity), &world);
    if shown.is_err() {
        println!("azike's log:\n{}", client.log());
        println!("the gateway's notes:\n{}", world.notes().lines().join("\n"));
    }
    let code = client.stop();
    if let Err(error) = shown {
        let counters = world.lower()?;
        return Err(error.context(format!("the gateway's data path: {counters:?}")));
    }
    ensure!(code == Some(0), "azike daemon ended with {code:?}");
    let left = untouched.difference(&State::look()?);
    ensure!(left.is_empty(), "left on the client:\n{}", left.join("\n"));
    println!("the client is as it was before: links, addresses, routes, rules, DNS");
    world.lower().context("the gateway").map(drop)
}

fn in_tunnel(
    show: &Show,
    client: &Client,
    folder: &Path,
    (package, identity): (&Path, &Path),
    world: &World,
) -> Result<()> {
    step("Connecting");
    println!("$ azike up profile.zip --identity azike-client.pem");
    let mut up: Vec<OsString> = vec!["up".into(), package.into()];
    up.extend(["--identity".into(), identity.into()]);
    up.extend(["--auth".into(), show.auth.clone().into()]);
    up.extend(show.load.iter().flat_map(Load::options));
    told(&client.run(&up)?)?;

    step("Through the tunnel");
    let mut echo = Echo::open(VNET_HOST.parse()?)?;
    for _ in 0..3 {
        let took = echo.once(PATIENCE)?;
        let took = took.with_context(|| format!("no echo from {VNET_HOST}"))?;
        println!("echo from {VNET_HOST}: {:.2} ms", took.as_secs_f64() * 1e3);
    }
    println!("GET http://{VNET_HOST_NAME}/");
    let page = page::fetch(VNET_HOST_NAME).context("the page")?;
    print!("{page}");
    ensure!(page.trim() == GREETING, "the page says something else");
    println!("$ azike status");
    told(&client.run(&["status"])?)?;
    // Its data path is made for one client after the other: under load a second login would cost packets.
    if show.load.is_none() {
        rehearse(client, up, &mut echo, world)?;
    }
    if show.switches.iter().any(|word| word == switches::REKEYS) {
        watch_rekeys(&mut echo, world)?;
    }
    if let Some(load) = &show.load {
        step("Full load");
        load.run(client, world)?;
    }
    if show.shell {
        open_shell(show, client, folder)?;
    }

    step("Disconnecting");
    println!("$ azike down");
    told(&client.run(&["down"])?)
}

/// A login beside the tunnel, by the same client: the tunnel stays.
fn rehearse(client: &Client, mut up: Vec<OsString>, echo: &mut Echo, world: &World) -> Result<()> {
    println!("$ azike up profile.zip --identity azike-client.pem --dry-run");
    up.push("--dry-run".into());
    told(&client.run(&up)?)?;
    let answered = echo.once(PATIENCE)?.is_some();
    let notes = world.notes().lines();
    let gone = notes.iter().find(|line| line.contains("InitialContact"));
    ensure!(
        answered && gone.is_none(),
        "a login beside the tunnel ended it: {gone:?}"
    );
    Ok(())
}

/// Fifty echoes a second while both SAs get new keys again and again: each has to come back.
fn watch_rekeys(echo: &mut Echo, world: &World) -> Result<()> {
    step("New keys while packets pass");
    for number in 1..=400 {
        let answered = echo.once(PATIENCE)?.is_some();
        ensure!(answered, "echo {number} did not come back");
        pause(Duration::from_millis(20));
    }
    let lines = world.notes().lines();
    let children = lines
        .iter()
        .filter(|it| it.contains("Child SA") && it.contains("addresses"));
    let ike_sas = lines.iter().filter(|it| it.contains("rekeyed"));
    let (children, ike_sas) = (children.count().saturating_sub(1), ike_sas.count());
    println!("400 echoes, none lost; {children} new Child SAs, {ike_sas} new IKE SAs");
    ensure!(children >= 2 && ike_sas >= 1, "too few new keys");
    Ok(())
}

/// A shell on the client, in its namespaces, for a person. In it, `azike` speaks to the daemon of the demo.
fn open_shell(show: &Show, client: &Client, folder: &Path) -> Result<()> {
    step("A shell on the client; leave it with exit");
    let (binary, socket) = (show.binary.display(), client.socket().display());
    let bin = folder.join("bin");
    fs::create_dir(&bin)?;
    let script = format!("#!/bin/sh\nexec '{binary}' --socket '{socket}' \"$@\"\n");
    let azike = bin.join("azike");
    fs::write(&azike, script)?;
    fs::set_permissions(&azike, Permissions::from_mode(0o755))?;
    let others = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(iter::once(bin).chain(env::split_paths(&others)))?;
    let mut shell = Command::new("sh");
    shell.env("PATH", path).env("PS1", "azike client # ");
    // How it ends is the person's business.
    shell.current_dir(folder).status()?;
    Ok(())
}

fn step(title: &str) {
    println!("\n== {title}");
}

/// Prints what a program said; wants it to have succeeded.
fn told(finished: &Finished) -> Result<()> {
    print!("{}", finished.text());
    ensure!(finished.code == Some(0), "exit code {:?}", finished.code);
    Ok(())
}
