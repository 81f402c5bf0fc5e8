//! `cargo xtask test`: unit, vector and golden tests, then azike against strongSwan in the lab.

use std::env;
use std::path::Path;

use anyhow::{Result, bail};
use clap::Args;

use crate::cargo::{Profile, build_azike, cargo};
use crate::{lab, sim};

/// How many weeks the long tests simulate.
const WEEKS: u64 = 1000;

/// What to test.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Also a thousand simulated weeks, gigabytes under which each octet is compared, and rows that take minutes each: hundreds of rekeys, long outages
    #[arg(long)]
    long: bool,
    /// Only a slice of the matrix, of a minute
    #[arg(long, conflicts_with = "long")]
    quick: bool,
    /// Only rows of the matrix whose title contains this; no other tests
    #[arg(long)]
    row: Vec<String>,
    /// The client in the lab: azike, or strongSwan to check the lab itself
    #[arg(long, default_value = "azike", value_parser = ["azike", "strongswan"])]
    client: String,
    /// Prefix of the lab's namespaces
    #[arg(long, default_value = "azt")]
    prefix: String,
}

/// Runs the tests.
pub(crate) fn run(options: &Options) -> Result<()> {
    let lacking = no_lab();
    if lacking.is_none() {
        lab::install()?;
    }
    if options.row.is_empty() {
        cargo(&["test", "--workspace", "--locked"])?;
        if options.long {
            gigabytes()?;
            sim::weeks(WEEKS, 1, 7)?;
        }
    }
    if let Some(why) = lacking {
        skipped("azike against strongSwan", &why)?;
        return Ok(());
    }
    let binary;
    let mut args = vec!["test", "--locked", "--package", "azike-tests"];
    args.extend(["--test", "interop", "--", "--prefix", &options.prefix]);
    if options.client == "azike" {
        binary = build_azike(Profile::Dev)?.display().to_string();
        args.extend(["--azike", &binary]);
    } else {
        args.extend(["--client", "strongswan"]);
    }
    if options.quick {
        args.push("--quick");
    }
    for row in &options.row {
        args.extend(["--row", row]);
    }
    // Rows asked for by name are looked for in the slice that was asked for.
    if !options.long || options.row.is_empty() {
        cargo(&args)?;
    }
    if options.long {
        args.push("--long");
        cargo(&args)?;
    }
    Ok(())
}

/// Gigabytes through the tunnel to the built-in gateway, as users would send them.
fn gigabytes() -> Result<()> {
    let builtin = ["--package", "azike-tests", "--test", "builtin"];
    let args = [
        &["test", "--locked", "--release"][..],
        &builtin,
        &["--", "--long"],
    ];
    cargo(&args.concat())
}

/// Why there can be no lab on this machine.
fn no_lab() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("network namespaces need Linux".to_owned());
    }
    if !Path::new("/dev/net/tun").exists() {
        return Some("this machine has no /dev/net/tun".to_owned());
    }
    // Only root sees what the first process has open.
    if std::fs::read_dir("/proc/1/fd").is_err() {
        return Some("only root may make network namespaces".to_owned());
    }
    None
}

/// Says loudly that `what` is not tested; in CI that is a failure.
pub(crate) fn skipped(what: &str, why: &str) -> Result<()> {
    println!("\n*** SKIPPED: {what}: {why} ***\n");
    if env::var_os("CI").is_some_and(|value| value == "true") {
        bail!("{what} was skipped in CI: {why}");
    }
    Ok(())
}
