//! `cargo xtask bench tunnel`: azike's data path beside that of other tunnels, by turns in one run.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use azike_tests::bench::measure::{Scope, measure};
use azike_tests::bench::netns::Site;
use azike_tests::bench::packages;
use azike_tests::bench::peers::{self, Peer, Programs};
use azike_tests::bench::report::{Machine, Report, Row, Sample};
use azike_tests::bench::table::Table;
use azike_tests::bench::{self, goals};
use azike_tests::lab::layout::Layout;
use clap::Args;
use serde_json::json;

use crate::cargo::{Profile, build_azike};
use crate::lab;

/// How often, and who.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Rounds; each measures every peer once. Five, or one with --quick
    #[arg(long)]
    rounds: Option<usize>,
    /// Only these peers, for example raw,azike
    #[arg(long, value_name = "PEER", value_delimiter = ',', value_parser = peer)]
    only: Vec<Peer>,
    /// Short rounds, which are less sure
    #[arg(long)]
    quick: bool,
    /// Also write the figures to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// An azike that is built already, in place of a release build of this source
    #[arg(long, value_name = "FILE")]
    azike: Option<PathBuf>,
    /// Prefix of the namespaces, at most ten letters
    #[arg(long, default_value = "azbt")]
    prefix: String,
}

fn peer(word: &str) -> Result<Peer, String> {
    Peer::named(word).ok_or_else(|| {
        let words = Peer::ALL.map(Peer::word);
        format!("peers are {}", words.join(", "))
    })
}

/// Measures them.
pub(crate) fn run(options: &Options) -> Result<()> {
    ensure!(
        bench::is_root(),
        "namespaces, devices and other users' processes: this needs root"
    );
    lab::install()?;
    let installed = packages::install_missing()?;
    if !installed.is_empty() {
        println!("installed with apt-get: {}", installed.join(" "));
    }
    let mut report = Report {
        rows: rows(&options.only),
        ..Report::default()
    };
    let site = Site::raise(Layout::new(&options.prefix, None))?;
    let programs = programs(options, &site, &mut report)?;
    let mut machine = Machine::look()?;
    let (rounds, scope) = if options.quick {
        (options.rounds.unwrap_or(1), Scope::QUICK)
    } else {
        (options.rounds.unwrap_or(5), Scope::WHOLE)
    };
    for round in 1..=rounds {
        for row in &mut report.rows {
            println!("round {round} of {rounds}: {}", row.peer.title());
            let (sample, troubles) = one(&site, row.peer, &programs, scope);
            row.rounds.push(sample);
            for trouble in troubles {
                println!("  {trouble}");
                row.troubles.push(format!("round {round}, {trouble}"));
            }
        }
    }
    machine.load.extend(Machine::look()?.load);
    report.machine = machine;
    site.lower()?;
    println!("\n{}", Table(&report));
    if let Some(file) = &options.json {
        let json = json!({ "report": report, "goals": goals::judge(&report) });
        fs::write(file, format!("{json:#}\n"))
            .with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}

fn rows(only: &[Peer]) -> Vec<Row> {
    let wanted = |peer: &Peer| only.is_empty() || only.contains(peer);
    let row = |peer| Row {
        peer,
        rounds: Vec::new(),
        troubles: Vec::new(),
    };
    Peer::ALL.into_iter().filter(wanted).map(row).collect()
}

/// Builds what is measured and is no package. Without boringtun the others are measured.
fn programs(options: &Options, site: &Site, report: &mut Report) -> Result<Programs> {
    let mut programs = Programs::default();
    if report.rows.iter().any(|row| row.peer.needs_azike()) {
        let built = match &options.azike {
            Some(built) => built.clone(),
            None => build_azike(Profile::Release)?,
        };
        // A build that somebody starts meanwhile must not change what is measured.
        let copy = site.layout().dir().join("azike-measured");
        fs::copy(&built, &copy).with_context(|| built.display().to_string())?;
        programs.azike = Some(copy);
    }
    if let Some(row) = report
        .rows
        .iter_mut()
        .find(|row| row.peer == Peer::Boringtun)
    {
        match packages::boringtun() {
            Ok(program) => programs.boringtun = Some(program),
            Err(error) => row.troubles.push(format!("{error:#}")),
        }
    }
    Ok(programs)
}

/// One peer in one round, started and taken down again.
fn one(site: &Site, peer: Peer, programs: &Programs, scope: Scope) -> (Sample, Vec<String>) {
    let (sample, mut troubles) = match peers::start(site, peer, programs) {
        Ok(tunnel) => {
            let (sample, mut troubles) = measure(site, &*tunnel, scope);
            if let Err(error) = tunnel.stop() {
                troubles.push(format!("end: {error:#}"));
            }
            (sample, troubles)
        }
        Err(error) => (Sample::default(), vec![format!("start: {error:#}")]),
    };
    // What an error left standing must not disturb the next one.
    for cleaning in [
        site.stop_all(),
        site.set_cable(bench::netns::Cable::Together),
    ] {
        if let Err(error) = cleaning {
            troubles.push(format!("cleaning up: {error:#}"));
        }
    }
    (sample, troubles)
}
