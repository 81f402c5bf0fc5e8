//! `cargo xtask sim`: simulated weeks, in virtual time.

use anyhow::Result;
use clap::Args;

use crate::cargo::cargo;

/// Which weeks.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How many
    #[arg(long, default_value_t = 1000)]
    pub(crate) seeds: u64,
    /// The first seed: with `--seeds 1` it reproduces one run
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Days of each
    #[arg(long, default_value_t = 7)]
    days: u64,
}

/// Lives through them.
pub(crate) fn run(options: &Options) -> Result<()> {
    weeks(options.seeds, options.first, options.days)
}

/// So many weeks from seed `first` on, of so many days.
pub(crate) fn weeks(seeds: u64, first: u64, days: u64) -> Result<()> {
    let (seeds, first, days) = (seeds.to_string(), first.to_string(), days.to_string());
    let test = [
        "test",
        "--release",
        "--locked",
        "--package",
        "azike-tests",
        "--test",
        "sim",
        "--",
    ];
    let own = ["--seeds", &seeds, "--first", &first, "--days", &days];
    cargo(&[&test[..], &own].concat())
}
