//! `cargo xtask lab up | down | shell | status`: the network of the interop tests, to work in by hand.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use azike_tests::lab::command::Call;
use azike_tests::lab::gateway::GatewayConfig;
use azike_tests::lab::layout::{GATEWAY, Layout, SERVER_NAME, VNET_HOST_NAME, VPN_SERVER};
use azike_tests::lab::pki::authority::only_for_owner;
use azike_tests::lab::pki::client::{self, Client, Container, PASSWORD};
use azike_tests::lab::profile_zip::{ProfileZip, Schema};
use azike_tests::lab::{Lab, packages};
use clap::{Args, Subcommand};

/// Which lab, and what to do with it.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Prefix of the namespaces; labs with different prefixes stand side by side
    #[arg(long, global = true, default_value = "azl", env = "AZIKE_LAB")]
    prefix: String,
    /// Folder of the lab [default: /var/tmp/azike-lab-PREFIX]
    #[arg(long, global = true)]
    dir: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Raise it; writes profile.zip and client identities into its folder
    Up,
    /// Take it down; nothing is left
    Down,
    /// A shell, or a command, in the client's namespace
    Shell {
        /// The command
        #[arg(trailing_var_arg = true)]
        command: Vec<String>,
    },
    /// Show namespaces, addresses and IKE SAs
    Status,
}

/// Does it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let layout = Layout::new(&options.prefix, options.dir.as_deref());
    match &options.action {
        Action::Up => up(layout),
        Action::Down => Lab::lower(&layout),
        Action::Shell { command } => shell(&layout, command),
        Action::Status => status(&layout),
    }
}

/// Installs what the lab needs and says so.
pub(crate) fn install() -> Result<()> {
    let installed = packages::install_missing()?;
    if !installed.is_empty() {
        println!("installed with apt-get: {}", installed.join(" "));
    }
    Ok(())
}

fn up(layout: Layout) -> Result<()> {
    install()?;
    let mut lab = Lab::raise(layout, &GatewayConfig::default())?;
    write_files(&lab)?;
    lab.keep();
    let dir = lab.layout().dir().display();
    println!("gateway   {GATEWAY}  {VPN_SERVER} (certificate: {SERVER_NAME})");
    println!("packages  {dir}/profile.zip  {dir}/profile-v1.zip");
    println!("clients   {dir}/pki/*.p12 *.pem  password in {dir}/password");
    println!("behind it http://{VNET_HOST_NAME}/  (cargo xtask lab shell)");
    Ok(())
}

/// Writes both packages, the password and the identities into the lab's folder.
pub(crate) fn write_files(lab: &Lab) -> Result<()> {
    let dir = lab.layout().dir();
    for (name, schema) in [("profile.zip", Schema::V2), ("profile-v1.zip", Schema::V1)] {
        let profile = ProfileZip {
            schema,
            ..ProfileZip::default()
        };
        fs::write(dir.join(name), profile.octets(lab.pki())?)?;
    }
    let password = dir.join("password");
    fs::write(&password, format!("{PASSWORD}\n"))?;
    only_for_owner(&password)?;
    for client in client::ALL {
        client.packed(lab.pki(), Container::Pkcs12)?;
        client.packed(lab.pki(), Container::Pem)?;
    }
    for container in [
        Container::LegacyPkcs12,
        Container::PemTraditional,
        Container::PemEncrypted,
    ] {
        Client::Rsa.packed(lab.pki(), container)?;
    }
    Ok(())
}

fn shell(layout: &Layout, command: &[String]) -> Result<()> {
    let mut ip = Command::new("ip");
    ip.args(["netns", "exec", &layout.client()]);
    if command.is_empty() {
        ip.args(["bash", "--norc"])
            .env("PS1", "azike lab, client \\w # ");
    } else {
        ip.args(command);
    }
    // Only comes back when it could not start.
    let error = ip.current_dir(layout.dir()).exec();
    bail!("{error}; is the lab up? (cargo xtask lab up)")
}

fn status(layout: &Layout) -> Result<()> {
    for namespace in layout.namespaces() {
        println!("== {namespace}");
        for what in ["addr", "route"] {
            let args = ["-n", &namespace, "-br", what];
            let finished = Call::new("ip").args(args).finish()?;
            print!("{}", finished.text());
        }
    }
    let socket = format!("unix://{}", layout.of("gateway").join("vici").display());
    let call = Call::new("swanctl").args(["--list-sas", "--uri", &socket]);
    print!("{}", call.finish()?.text());
    Ok(())
}
