//! Simulated weeks: the client's course, engine and ESP against the test gateway, on a virtual
//! network and in virtual time, with sleep, partitions, NATs and gateways that move.
//!
//! ```text
//!   sim [--seeds N] [--first SEED] [--days D]       cargo xtask test [--long] runs it
//! ```
//!
//! Prints how long it took until the first echo came back, for each kind of trouble; fails if it
//! took longer than the bound, if the client gave up, or if something is left over at the end.
#![expect(clippy::print_stdout, reason = "the table is the result")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a simulation that cannot go on should stop"
)]

mod client;
mod echo;
mod gateway;
mod heap;
mod measure;
mod people;
mod plan;
mod world;

use std::env;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::measure::Measure;
use crate::people::People;
use crate::world::World;

/// The tunnel is back within this time once the network is.
const BOUND: Duration = Duration::from_mins(1);
/// How many wrongs are told in full.
const TOLD: usize = 20;

/// What to simulate.
struct Options {
    seeds: u64,
    first: u64,
    days: u64,
}

/// What came of all weeks.
#[derive(Default)]
struct Sum {
    measure: Measure,
    wrong: Vec<String>,
    echoes: (u64, u64),
    made: [u64; 3],
    overlapped: u64,
    grown: usize,
}

fn main() -> ExitCode {
    let options = read_arguments();
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant can be had from the clock only"
    )]
    let start = Instant::now();
    let people = People::new(start);
    let next = AtomicU64::new(options.first);
    let sum = Mutex::new(Sum::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= options.first + options.seeds {
                        break;
                    }
                    let outcome = World::new(seed, &people, start).live(options.days);
                    let mut sum = sum.lock().unwrap();
                    let wrong = outcome.wrong.into_iter();
                    sum.wrong
                        .extend(wrong.map(|it| format!("seed {seed}, {it}")));
                    sum.measure.merge(outcome.measure);
                    sum.echoes.0 += outcome.echoes.0;
                    sum.echoes.1 += outcome.echoes.1;
                    sum.overlapped += outcome.overlapped;
                    for (sum, made) in sum.made.iter_mut().zip(outcome.made) {
                        *sum += made;
                    }
                    sum.grown = sum.grown.max(outcome.grown);
                }
            });
        }
    });
    let mut sum = sum.into_inner().unwrap();
    report(&options, &mut sum)
}

fn report(options: &Options, sum: &mut Sum) -> ExitCode {
    let longest = sum.measure.longest();
    if longest > BOUND {
        let (longest, bound) = (longest.as_secs(), BOUND.as_secs());
        sum.wrong.push(format!(
            "{longest} s until it was back, the bound is {bound} s"
        ));
    }
    if sum.measure.count() == 0 {
        sum.wrong.push("nothing happened".to_owned());
    }
    println!("{}", sum.measure.table());
    let (asked, back) = sum.echoes;
    let (seeds, days) = (options.seeds, options.days);
    println!("{seeds} seeds of {days} days: {asked} echoes asked for, {back} came back;");
    let [logins, children, ike_sas] = sum.made;
    println!("{logins} logins, {children} rekeys of Child SAs, {ike_sas} of IKE SAs;");
    println!(
        "{} troubles left out because another one was not over",
        sum.overlapped
    );
    let grown = sum.grown / 1024;
    println!("at most {grown} KiB more in use at the end of a week than on its second day");
    for wrong in sum.wrong.iter().take(TOLD) {
        println!("WRONG: {wrong}");
    }
    println!(
        "captures: {}/pcap/sim-SEED.pcapng",
        env!("CARGO_TARGET_TMPDIR")
    );
    if sum.wrong.is_empty() {
        println!(
            "the tunnel was back within {:.1} s each time",
            longest.as_secs_f64()
        );
        ExitCode::SUCCESS
    } else {
        println!("{} wrongs", sum.wrong.len());
        ExitCode::FAILURE
    }
}

fn read_arguments() -> Options {
    let mut options = Options {
        seeds: 8,
        first: 1,
        days: 7,
    };
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().and_then(|it| it.parse().ok()).unwrap();
        match arg.as_str() {
            "--seeds" => options.seeds = value(),
            "--first" => options.first = value(),
            "--days" => options.days = value(),
            // What the test runner says to tests that have a harness.
            _ => {}
        }
    }
    options
}
