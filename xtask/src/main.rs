//! Everything a developer runs: `cargo xtask ci | test | macos-check | dist | demo | lab | sim | bench | fmt`.
//!
//! One command, no shell dialect. `cargo xtask ci` is what CI runs.
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these commands talk to a person"
)]

mod bench;
mod cargo;
mod ci;
mod demo;
mod dist;
mod fmt;
mod lab;
mod macos_check;
mod sim;
mod test;
mod toolchain;

use std::process::ExitCode;

use anyhow::Result;
use azike_tests::lab::errand;
use clap::{Parser, Subcommand};

/// Everything a developer runs.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Everything CI checks: format, lints, tests, documentation, dependency arrows, file sizes
    Ci,
    /// All tests, and azike against strongSwan in the lab (root)
    Test(test::Options),
    /// Lints and links everything for both kinds of Mac, on Linux, and looks at what comes out
    MacosCheck(macos_check::Options),
    /// Binaries, packages, SBOM and checksums: all that is handed out, in target/dist
    Dist(dist::Options),
    /// A tunnel from nothing to a page fetched by name, then everything taken down
    Demo(demo::Options),
    /// The network of the interop tests, to work in (root)
    Lab(lab::Options),
    /// Simulated weeks: sleep, partitions, NATs and gateways that move, in virtual time
    Sim(sim::Options),
    /// Measures azike beside other clients (root)
    Bench(bench::Options),
    /// Formats the source code
    Fmt,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // In full, but without a backtrace: what failed is a program that has already said why.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    if errand::run_if_asked()? {
        return Ok(());
    }
    #[cfg(target_os = "linux")]
    if azike_tests::builtin::show::run_if_asked()? {
        return Ok(());
    }
    match Arguments::parse().task {
        Task::Ci => ci::run(),
        Task::Test(options) => test::run(&options),
        Task::MacosCheck(options) => macos_check::run(&options),
        Task::Dist(options) => dist::run(&options),
        Task::Demo(options) => demo::run(&options),
        Task::Lab(options) => lab::run(&options),
        Task::Sim(options) => sim::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Fmt => fmt::run(),
    }
}
