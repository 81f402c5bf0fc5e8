//! The report for people: medians, with the smallest and the biggest beside them.

use std::fmt::{self, Display, Formatter};

use super::goals::judge;
use super::report::{Measure, Report, Spread};

/// A report to be printed.
#[derive(Debug)]
pub struct Table<'a>(pub &'a Report);

/// Figures that are read together.
const GROUPS: [(&str, &[Measure]); 5] = [
    ("TCP payload, Mbit/s, streams", &Measure::TCP),
    (
        "UDP packets delivered upwards, thousands per second",
        &[Measure::Udp64, Measure::Udp512, Measure::Udp1350],
    ),
    (
        "round trip, µs, idle (one each 10 ms; brisk: 1 ms) and beside four TCP streams up",
        &[
            Measure::IdleMedian,
            Measure::IdleP99,
            Measure::BriskMedian,
            Measure::LoadedMedian,
            Measure::LoadedP99,
            Measure::LoadedLost,
        ],
    ),
    (
        "processor seconds per gigabyte of TCP payload, own processes only",
        &[Measure::CpuClient, Measure::CpuGateway],
    ),
    (
        "resident memory of the client",
        &[Measure::MemoryBusy, Measure::MemoryEnd],
    ),
];

impl Display for Table<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let report = self.0;
        let rounds = report.rows.iter().map(|row| row.rounds.len()).max();
        let machine = &report.machine;
        writeln!(
            f,
            "{}, {}, {}",
            machine.date, machine.processor, machine.kernel
        )?;
        writeln!(f, "load of the machine: {}", machine.load.join(" … "))?;
        let rounds = rounds.unwrap_or_default();
        writeln!(f, "median (min-max) of {rounds} rounds, peers by turns\n")?;
        for (title, measures) in GROUPS {
            self.group(f, title, measures)?;
        }
        for row in &report.rows {
            for trouble in &row.troubles {
                writeln!(f, "NOT MEASURED  {}: {trouble}", row.peer.word())?;
            }
        }
        writeln!(f, "\ngoals: ratios within a round, median (min-max)")?;
        for goal in judge(report) {
            writeln!(f, "{goal}")?;
        }
        Ok(())
    }
}

impl Table<'_> {
    fn group(&self, f: &mut Formatter<'_>, title: &str, measures: &[Measure]) -> fmt::Result {
        writeln!(f, "{title}")?;
        write!(f, "{:<17}", "")?;
        for measure in measures {
            write!(f, " {:>22}", measure.words())?;
        }
        writeln!(f)?;
        for row in &self.0.rows {
            write!(f, "{:<17}", row.peer.word())?;
            for measure in measures {
                let cell = row.spread(*measure).map_or_else(|| "-".to_owned(), cell);
                write!(f, " {cell:>22}")?;
            }
            writeln!(f)?;
        }
        writeln!(f)
    }
}

/// As many digits as mean something.
fn cell(spread: Spread) -> String {
    let Spread { median, min, max } = spread;
    if median >= 100.0 {
        format!("{median:.0} ({min:.0}-{max:.0})")
    } else if median >= 10.0 {
        format!("{median:.1} ({min:.1}-{max:.1})")
    } else {
        format!("{median:.2} ({min:.2}-{max:.2})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::peers::Peer;
    use crate::bench::report::{Row, Sample};

    #[test]
    fn figures_and_troubles_are_in_the_table() {
        let mut sample = Sample::default();
        sample.set(Measure::TcpUp1, 4321.4);
        sample.set(Measure::Udp64, 12.34);
        let report = Report {
            rows: vec![Row {
                peer: Peer::Raw,
                rounds: vec![sample],
                troubles: vec!["down 1: server is busy".to_owned()],
            }],
            ..Report::default()
        };
        let text = Table(&report).to_string();
        assert!(text.contains("4321 (4321-4321)"), "{text}");
        assert!(text.contains("12.3 (12.3-12.3)"), "{text}");
        assert!(
            text.contains("NOT MEASURED  raw: down 1: server is busy"),
            "{text}"
        );
    }
}
