//! `cargo xtask bench esp`: azike-esp beside ring alone, in one interleaved run.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use serde_json::{Value, json};

use crate::cargo::{cargo, metadata, works};

/// How to measure and to print.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Blocks of 32 packets for each row
    #[arg(long, default_value_t = 1000)]
    blocks: u32,
    /// JSON in place of the table
    #[arg(long)]
    json: bool,
}

/// The suite that the goals are about.
const SUITE: &str = "AES-256-GCM";

/// Direction, octets, and what one packet may take of the time that ring takes alone.
const GOALS: [(&str, u64, f64); 4] = [
    ("seal", 1400, 1.10),
    ("open", 1400, 1.10),
    ("seal", 64, 1.5),
    ("open", 64, 1.5),
];

/// A row of the table.
#[derive(Debug)]
struct Row {
    direction: String,
    length: u64,
    how: String,
    suite: String,
    esn: bool,
    min: f64,
    median: f64,
}

/// Measures and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    let load = load_average();
    let figures = figures(options.blocks, options.json)?;
    let rows = rows(&figures)?;
    if options.json {
        println!("{:#}", report(&rows, options.blocks, &load)?);
    } else {
        println!(
            "{} blocks of 32 packets for each row, in turn; ns per packet; load {load}",
            options.blocks
        );
        table(&rows)?;
        for goal in goals(&rows)? {
            println!("{goal}");
        }
    }
    Ok(())
}

fn table(rows: &[Row]) -> Result<()> {
    println!(
        "       octets  suite                 numbers  call         min  median   times ring alone: min, median"
    );
    for row in rows {
        let bare = bare_ring(rows, row)?;
        println!(
            "{:<6} {:>6}  {:<20}  {:<7}  {:<9} {:>6.0}  {:>6.0}   {:>5.2}  {:>5.2}",
            row.direction,
            row.length,
            row.suite,
            if row.esn { "64 bits" } else { "32 bits" },
            row.how,
            row.min,
            row.median,
            row.min / bare.min,
            row.median / bare.median,
        );
    }
    Ok(())
}

fn report(rows: &[Row], blocks: u32, load: &str) -> Result<Value> {
    let mut lines = Vec::new();
    for row in rows {
        let bare = bare_ring(rows, row)?;
        lines.push(json!({
            "direction": row.direction,
            "octets": row.length,
            "suite": row.suite,
            "esn": row.esn,
            "call": row.how,
            "min_ns": row.min,
            "median_ns": row.median,
            "ratio_of_min": row.min / bare.min,
            "ratio_of_median": row.median / bare.median,
        }));
    }
    let goals: Vec<Value> = goals(rows)?.iter().map(Goal::json).collect();
    Ok(json!({ "blocks": blocks, "load": load, "rows": lines, "goals": goals }))
}

/// A goal, and how near a run came.
#[derive(Debug)]
struct Goal {
    direction: &'static str,
    length: u64,
    how: String,
    within: f64,
    min: f64,
    median: f64,
}

impl Goal {
    /// By the smallest blocks and by the middle ones.
    fn is_met(&self) -> bool {
        self.min <= self.within && self.median <= self.within
    }

    fn json(&self) -> Value {
        json!({
            "direction": self.direction,
            "octets": self.length,
            "call": self.how,
            "within": self.within,
            "ratio_of_min": self.min,
            "ratio_of_median": self.median,
            "met": self.is_met(),
        })
    }
}

impl std::fmt::Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {} {} octets, {}: {:.2} (median {:.2}) of ring alone, goal {:.2}",
            if self.is_met() { "met" } else { "not met" },
            self.direction,
            self.length,
            self.how,
            self.min,
            self.median,
            self.within
        )
    }
}

fn goals(rows: &[Row]) -> Result<Vec<Goal>> {
    let mut goals = Vec::new();
    for (direction, length, within) in GOALS {
        let of_goal = rows.iter().filter(|row| {
            (row.direction == direction && row.length == length)
                && (row.suite == SUITE && !row.esn && row.how != "bare ring")
        });
        for row in of_goal {
            let bare = bare_ring(rows, row)?;
            goals.push(Goal {
                direction,
                length,
                how: row.how.clone(),
                within,
                min: row.min / bare.min,
                median: row.median / bare.median,
            });
        }
    }
    ensure!(goals.len() == 2 * GOALS.len(), "a goal has no row");
    Ok(goals)
}

/// ring alone on the octets of `row`.
fn bare_ring<'r>(rows: &'r [Row], row: &Row) -> Result<&'r Row> {
    rows.iter()
        .find(|bare| {
            bare.how == "bare ring" && bare.direction == row.direction && bare.length == row.length
        })
        .context("no row of ring alone")
}

fn rows(figures: &Value) -> Result<Vec<Row>> {
    let rows = figures.as_array().context("not an array")?;
    rows.iter()
        .map(|row| parse(row).with_context(|| format!("a row: {row}")))
        .collect()
}

fn parse(row: &Value) -> Result<Row> {
    let text = |name| row.get(name).and_then(Value::as_str).context("a text");
    let number = |name| row.get(name).and_then(Value::as_f64).context("a number");
    Ok(Row {
        direction: text("direction")?.to_owned(),
        length: row
            .get("length")
            .and_then(Value::as_u64)
            .context("a length")?,
        how: text("how")?.replace('_', " "),
        suite: text("suite")?.to_owned(),
        esn: row.get("esn").and_then(Value::as_bool).context("esn")?,
        min: number("min_ns")?,
        median: number("median_ns")?,
    })
}

/// Builds the program that measures, and runs it: xtask itself is not built for speed.
fn figures(blocks: u32, quiet: bool) -> Result<Value> {
    let build = [
        "build",
        "--locked",
        "--release",
        "--package",
        "azike-benches",
        "--bin",
        "esp-figures",
    ];
    if !quiet || !works(&build) {
        cargo(&build)?;
    }
    let metadata = metadata(&["--no-deps"])?;
    let target = metadata
        .pointer("/target_directory")
        .and_then(Value::as_str);
    let target = target.context("cargo metadata has no target directory")?;
    let program = Path::new(target).join("release").join("esp-figures");
    let output = Command::new(&program)
        .arg(blocks.to_string())
        .output()
        .with_context(|| program.display().to_string())?;
    ensure!(
        output.status.success(),
        "{}: {}",
        program.display(),
        output.status
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The load of the last minute: figures of a busy machine are to be read with care.
fn load_average() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ')
        .next()
        .filter(|load| !load.is_empty())
        .unwrap_or("unknown")
        .to_owned()
}
