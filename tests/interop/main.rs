//! azike against strongSwan, with a printed matrix. Needs root; `cargo xtask test` starts it.
//!
//! ```text
//!   interop [--client strongswan | --azike PATH] [--quick] [--row TEXT] [--prefix NAME]
//! ```
#![expect(clippy::print_stdout, reason = "the matrix is the result")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use azike_tests::interop::matrix::{self, Outcome};
use azike_tests::interop::runner::{Peer, Runner};
use azike_tests::interop::{all, quick};
use azike_tests::lab::errand;
use azike_tests::lab::layout::Layout;
use azike_tests::lab::stopwatch::Stopwatch;

/// What to run.
struct Options {
    peer: Option<Peer>,
    quick: bool,
    rows: Vec<String>,
    prefix: String,
}

fn main() -> Result<ExitCode> {
    if errand::run_if_asked()? {
        return Ok(ExitCode::SUCCESS);
    }
    let options = read_arguments()?;
    let peer = options
        .peer
        .context("--azike PATH or --client strongswan")?;
    let mut rows = if options.quick { quick() } else { all() };
    if !options.rows.is_empty() {
        rows.retain(|row| options.rows.iter().any(|text| row.title().contains(text)));
    }
    if rows.is_empty() {
        bail!("no row has such a name");
    }
    let watch = Stopwatch::start();
    let artifacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/interop");
    let layout = Layout::new(&options.prefix, None);
    let mut runner = Runner::new(layout, peer, &artifacts)?;
    println!("{}", matrix::head());
    let mut lines = Vec::new();
    for row in &rows {
        let line = runner.run(row);
        println!("{line}");
        lines.push(line);
    }
    drop(runner);
    let (green, red, skipped) = matrix::sums(&lines);
    let seconds = watch.seconds();
    if red > 0 {
        println!("\nfailed (logs in {}):", artifacts.display());
        let failed = |outcome: &Outcome| matches!(outcome, Outcome::Red(_));
        for line in lines.iter().filter(|line| failed(line.outcome())) {
            println!("{line}");
        }
    }
    println!("\ninterop, {seconds:.0} s:");
    println!("{green} passed, {red} failed, {skipped} skipped");
    Ok(if red > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn read_arguments() -> Result<Options> {
    let mut options = Options {
        peer: None,
        quick: false,
        rows: Vec::new(),
        prefix: "azt".to_owned(),
    };
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} wants a value"));
        match arg.as_str() {
            "--client" if value()? == "strongswan" => options.peer = Some(Peer::Reference),
            "--azike" => options.peer = Some(Peer::Azike(PathBuf::from(value()?))),
            "--quick" => options.quick = true,
            "--row" => options.rows.push(value()?),
            "--prefix" => options.prefix = value()?,
            _ => bail!("unknown argument {arg}"),
        }
    }
    Ok(options)
}
