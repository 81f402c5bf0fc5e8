//! `cargo xtask macos-check`: the whole workspace, tests included, linted and linked for both kinds of Mac, and the
//! files that come out looked at. Nothing of it can be run on Linux.
//!
//! ```text
//!   toolchain ──▶ sdk: headers, libSystem.tbd ──┐
//!   frameworks/*.txt ──▶ stubs ─────────────────┼──▶ clippy, build --all-targets ──▶ Mach-O ──▶ facts ──▶ judge
//!                          drivers: clang + lld ┘
//! ```

mod build;
mod driver;
mod facts;
mod frameworks;
mod judge;
mod linker;
mod sdk;
mod stub;

use anyhow::{Result, bail};
use azike_tests::lab::stopwatch::Stopwatch;
use clap::Args;

use crate::toolchain::Toolchain;

/// The kinds of Mac.
const TARGETS: [&str; 2] = ["aarch64-apple-darwin", "x86_64-apple-darwin"];

/// The oldest macOS that azike is for: the first with Apple silicon.
const OLDEST: &str = "11.0";

/// What to check.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Only these targets
    #[arg(long, value_parser = TARGETS)]
    target: Vec<String>,
    /// Only these packages
    #[arg(long, short)]
    package: Vec<String>,
    /// Only lints: nothing is linked
    #[arg(long, conflicts_with = "no_lint")]
    no_link: bool,
    /// No lints: only link and look
    #[arg(long)]
    no_lint: bool,
}

/// Checks it.
pub(crate) fn run(options: &Options) -> Result<()> {
    if cfg!(target_os = "macos") {
        bail!(
            "this is a Mac: `cargo xtask ci` and `cargo xtask test` check azike here, and run it"
        );
    }
    let targets: Vec<&str> = TARGETS
        .into_iter()
        .filter(|target| {
            options.target.is_empty() || options.target.iter().any(|one| one == target)
        })
        .collect();
    let start = Stopwatch::start();
    let tools = Toolchain::ready()?;
    sdk::ready(&tools)?;
    let names = frameworks::names()?;
    stub::write(&tools, &names)?;
    let variables = driver::write(&tools, &targets)?;
    for target in &targets {
        tools.library(target, &variables)?;
    }
    tools.unlock()?;
    println!(
        "{}, ready after {:.1} s",
        tools.compiler()?,
        start.seconds()
    );

    let work = build::Work::new(&tools, &variables, &targets, &options.package)?;
    if !options.no_lint {
        let begin = Stopwatch::start();
        work.lint()?;
        println!("lints: {:.1} s\n", begin.seconds());
    }
    if options.no_link {
        return Ok(());
    }
    let begin = Stopwatch::start();
    let files = work.link()?;
    println!("link: {:.1} s\n", begin.seconds());
    judge::all(&files, &sdk::known(&tools, names)?)?;
    println!(
        "\nmacos-check: {} for {}; not run ({:.1} s, tools of {} MB)",
        if options.no_lint {
            "linked"
        } else {
            "linted and linked"
        },
        targets.join(" and "),
        start.seconds(),
        tools.size()? / 1_000_000
    );
    Ok(())
}
