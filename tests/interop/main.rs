//! azike against strongSwan, with a printed matrix. Needs root; `cargo xtask test` starts it.
//!
//! ```text
//!   interop [--client strongswan | --azike PATH] [--quick | --long] [--row TEXT] [--prefix NAME]
//! ```
#![expect(clippy::print_stdout, reason = "the matrix is the result")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use azike_tests::interop::matrix::{self, Line, Outcome, Rekeys};
use azike_tests::interop::runner::{Peer, Runner};
use azike_tests::interop::{all, long, quick, rekeys, side_by_side};
use azike_tests::lab::errand;
use azike_tests::lab::layout::Layout;
use azike_tests::lab::stopwatch::Stopwatch;

/// Labs side by side for the long rows: those mostly wait.
const LABS: usize = 3;

/// Which rows there are to choose from.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Slice {
    Everyday,
    Quick,
    Long,
}

/// What to run.
struct Options {
    peer: Option<Peer>,
    slice: Slice,
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
    let mut rows = match options.slice {
        Slice::Everyday => all(),
        Slice::Quick => quick(),
        Slice::Long => long(),
    };
    if !options.rows.is_empty() {
        rows.retain(|row| options.rows.iter().any(|text| row.title().contains(text)));
    }
    if rows.is_empty() {
        bail!("no row has such a name");
    }
    let watch = Stopwatch::start();
    let artifacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/interop");
    // What an earlier run kept would be taken for ours.
    if artifacts.exists() {
        fs::remove_dir_all(&artifacts)?;
    }
    let (labs, prefix) = (options.slice.labs(), &options.prefix);
    let raise = |number: usize| {
        let prefix = match labs {
            1 => prefix.clone(),
            _ => format!("{prefix}{number}"),
        };
        Runner::new(Layout::new(&prefix, None), peer.clone(), &artifacts)
    };
    println!("{}", matrix::head());
    let lines = side_by_side::run(&rows, labs, raise, |line| println!("{line}"))?;
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
    let whole = options.slice == Slice::Long && options.rows.is_empty();
    let enough = enough_rekeys(&lines);
    Ok(if red > 0 || whole && !enough {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

impl Slice {
    const fn labs(self) -> usize {
        match self {
            Self::Everyday | Self::Quick => 1,
            Self::Long => LABS,
        }
    }
}

/// Prints how often new keys were made, and says whether that is enough for the long rows.
fn enough_rekeys(lines: &[Line]) -> bool {
    let made = Rekeys::of(lines);
    let (child, ike) = rekeys::LONG;
    println!("{made} (the long rows want {child} and {ike})");
    made.child >= child && made.ike >= ike
}

fn read_arguments() -> Result<Options> {
    let mut options = Options {
        peer: None,
        slice: Slice::Everyday,
        rows: Vec::new(),
        prefix: "azt".to_owned(),
    };
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} wants a value"));
        match arg.as_str() {
            "--client" if value()? == "strongswan" => options.peer = Some(Peer::Reference),
            "--azike" => options.peer = Some(Peer::Azike(PathBuf::from(value()?))),
            "--quick" => options.slice = Slice::Quick,
            "--long" => options.slice = Slice::Long,
            "--row" => options.rows.push(value()?),
            "--prefix" => options.prefix = value()?,
            _ => bail!("unknown argument {arg}"),
        }
    }
    Ok(options)
}
