//! `cargo xtask demo`: from nothing to a page fetched by name through the tunnel, and back to nothing.

mod builtin;
mod strongswan;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::cargo::{Profile, build_azike};

/// How to show it.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// What the client connects to
    #[arg(long, value_enum, default_value = "auto")]
    gateway: Gateway,
    /// How azike is built
    #[arg(long, value_enum, default_value = "dev")]
    profile: Profile,
    /// An azike that is built already
    #[arg(long, value_name = "PATH", conflicts_with = "profile")]
    azike: Option<PathBuf>,
    /// How the client logs in
    #[arg(long, default_value = "auto", value_parser = ["auto", "signature", "eap-tls"])]
    auth: String,
    /// Prefix of the lab's namespaces, with strongSwan
    #[arg(long, default_value = "azd")]
    prefix: String,
    #[command(flatten)]
    builtin: builtin::Wishes,
}

/// A gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Gateway {
    /// strongSwan where it is installed and this is root, else the built-in one
    Auto,
    /// The one of azike's own tests: needs no package, and no root where users may make namespaces
    Builtin,
    /// strongSwan in the lab; installs what is missing (root, Debian)
    Strongswan,
}

/// Shows it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let binary = if let Some(binary) = &options.azike {
        binary.canonicalize()?
    } else {
        step("Building azike");
        build_azike(options.profile)?
    };
    let strongswan = match options.gateway {
        Gateway::Auto => strongswan::is_possible() && !options.builtin.any(),
        Gateway::Builtin => false,
        Gateway::Strongswan => true,
    };
    if strongswan {
        options.builtin.refuse()?;
        strongswan::run(&binary, &options.auth, &options.prefix)
    } else {
        builtin::run(binary, &options.auth, &options.builtin)
    }
}

fn step(title: &str) {
    println!("\n== {title}");
}
