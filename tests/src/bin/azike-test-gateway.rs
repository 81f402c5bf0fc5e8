//! The door of the built-in gateway as a program, for who wants to see azike log in without a network, without root and
//! without Linux: the test of the Homebrew formula, and you.
//!
//! ```text
//!   azike-test-gateway --folder DIR --ports 5000,4510
//!   azike up DIR/profile.zip --identity DIR/azike-client.pem --address 127.0.0.1 --gateway-ports 5000,4510 --dry-run
//! ```
#![expect(clippy::print_stdout, reason = "a program tells by its output")]

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, Result};
use azike_tests::builtin::door::Door;
use azike_tests::builtin::notes::Notes;
use azike_tests::builtin::switches;
use clap::Parser;

/// Lets clients log in and out, until it is stopped. Carries no packet, and its keys are no secret.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where to write the package and the identity of a client
    #[arg(long)]
    folder: PathBuf,
    /// The address to listen at
    #[arg(long, default_value_t = Ipv4Addr::LOCALHOST.into())]
    address: IpAddr,
    /// The UDP ports in place of 500 and 4500; 0 is any
    #[arg(long, value_delimiter = ',', default_value = "0,0")]
    ports: Vec<u16>,
    /// Other than Azure's: cookie, group-19, eap-tls-only, …
    #[arg(long, value_delimiter = ',')]
    policy: Vec<String>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let [ike, encapsulated] = arguments.ports[..] else {
        anyhow::bail!("two ports are wanted");
    };
    let policy = switches::policy(&arguments.policy)?;
    let ports = (ike, encapsulated);
    let door = Door::open(arguments.address, ports, policy, &arguments.folder)
        .context("the gateway cannot listen")?;
    let (ike, encapsulated) = door.ports();
    println!(
        "azike up {} --identity {} --address {} --gateway-ports {ike},{encapsulated} --dry-run",
        door.package().display(),
        door.identity().display(),
        arguments.address
    );
    door.keep(&Notes::aloud(), &AtomicBool::new(false))
}
