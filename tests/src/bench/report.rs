//! The figures of a run: for each peer a sample in each round. Ratios are taken round by round, because what
//! else runs on the machine changes from one to the next.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Result;
use serde::Serialize;

use super::peers::Peer;
use crate::lab::command::Call;

/// One figure.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// TCP, client to gateway, one stream; Mbit/s.
    TcpUp1,
    /// Four streams.
    TcpUp4,
    /// Gateway to client, one stream.
    TcpDown1,
    /// Four streams.
    TcpDown4,
    /// UDP packets of 64 octets of payload that arrived at the gateway; thousands per second.
    Udp64,
    /// Of 512 octets.
    Udp512,
    /// Of 1350 octets.
    Udp1350,
    /// Round trip at idle, median; microseconds.
    IdleMedian,
    /// One of a hundred is longer.
    IdleP99,
    /// Round trip of echoes one each millisecond, median: the processors do not fall asleep.
    BriskMedian,
    /// Round trip beside four TCP streams up, median; microseconds.
    LoadedMedian,
    /// One of a hundred is longer.
    LoadedP99,
    /// Echoes lost beside four TCP streams, of a hundred.
    LoadedLost,
    /// Seconds of the processor per gigabyte of TCP payload, the client's processes.
    CpuClient,
    /// The gateway's processes.
    CpuGateway,
    /// Resident memory of the client's processes under load; MiB.
    MemoryBusy,
    /// The same when all is done.
    MemoryEnd,
}

impl Measure {
    /// TCP in all directions.
    pub const TCP: [Self; 4] = [Self::TcpUp1, Self::TcpUp4, Self::TcpDown1, Self::TcpDown4];

    /// Its name in tables.
    pub const fn words(self) -> &'static str {
        match self {
            Self::TcpUp1 => "up 1",
            Self::TcpUp4 => "up 4",
            Self::TcpDown1 => "down 1",
            Self::TcpDown4 => "down 4",
            Self::Udp64 => "64 octets",
            Self::Udp512 => "512 octets",
            Self::Udp1350 => "1350 octets",
            Self::IdleMedian => "idle p50",
            Self::IdleP99 => "idle p99",
            Self::BriskMedian => "brisk p50",
            Self::LoadedMedian => "loaded p50",
            Self::LoadedP99 => "loaded p99",
            Self::LoadedLost => "lost %",
            Self::CpuClient => "client s/GB",
            Self::CpuGateway => "gateway s/GB",
            Self::MemoryBusy => "busy MiB",
            Self::MemoryEnd => "end MiB",
        }
    }
}

/// The figures of one peer in one round.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sample(BTreeMap<Measure, f64>);

impl Sample {
    /// Notes a figure.
    pub fn set(&mut self, measure: Measure, value: f64) {
        self.0.insert(measure, value);
    }

    /// The figure, when there is one.
    pub fn get(&self, measure: Measure) -> Option<f64> {
        self.0.get(&measure).copied()
    }
}

/// One peer: a sample of each round, and what went wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Who.
    pub peer: Peer,
    /// In the order of the rounds.
    pub rounds: Vec<Sample>,
    /// What could not be measured, and why.
    pub troubles: Vec<String>,
}

/// Where and when.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Machine {
    /// The day, UTC.
    pub date: String,
    /// The processor's name and number.
    pub processor: String,
    /// The kernel.
    pub kernel: String,
    /// What ran besides, before and after: the load of the last minute.
    pub load: Vec<String>,
}

/// A run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Where and when.
    pub machine: Machine,
    /// The rows, in the order of the table.
    pub rows: Vec<Row>,
}

/// The middle of some values, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Half are smaller.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The biggest.
    pub max: f64,
}

impl Spread {
    /// Of these values; none of none.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let upper = *values.get(middle)?;
        let median = match values.get(middle.checked_sub(1).unwrap_or(middle)) {
            Some(lower) if values.len().is_multiple_of(2) => f64::midpoint(*lower, upper),
            _ => upper,
        };
        Some(Self {
            median,
            min: *values.first()?,
            max: *values.last()?,
        })
    }
}

impl Machine {
    /// This machine, now.
    pub fn look() -> Result<Self> {
        let processors = fs::read_to_string("/proc/cpuinfo")?;
        let names = processors.lines().filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.trim() == "model name").then(|| value.trim())
        });
        let names: Vec<&str> = names.collect();
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
        let load = fs::read_to_string("/proc/loadavg")?;
        let date = Call::new("date").args(["-u", "+%Y-%m-%d"]).run()?;
        Ok(Self {
            date: date.trim().to_owned(),
            processor: format!(
                "{} x {}",
                names.len(),
                names.first().unwrap_or(&"processor without a name")
            ),
            kernel: format!("Linux {}", kernel.trim()),
            load: load.split(' ').take(1).map(str::to_owned).collect(),
        })
    }
}

impl Row {
    /// The figure over all rounds.
    pub fn spread(&self, measure: Measure) -> Option<Spread> {
        let values = self.rounds.iter().filter_map(|sample| sample.get(measure));
        Spread::of(values.collect())
    }
}

impl Report {
    /// The row of a peer.
    pub fn row(&self, peer: Peer) -> Option<&Row> {
        self.rows.iter().find(|row| row.peer == peer)
    }

    /// `how` of the figures of two peers in the same round, over all rounds that have both.
    pub fn compare(
        &self,
        measure: Measure,
        (left, right): (Peer, Peer),
        how: fn(f64, f64) -> f64,
    ) -> Option<Spread> {
        let (left, right) = (self.row(left)?, self.row(right)?);
        let pairs = left.rounds.iter().zip(&right.rounds);
        let values = pairs.filter_map(|(left, right)| {
            Some(how(left.get(measure)?, right.get(measure)?)).filter(|value| value.is_finite())
        });
        Spread::of(values.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(peer: Peer, rates: &[f64]) -> Row {
        let sample = |rate: &f64| {
            let mut sample = Sample::default();
            sample.set(Measure::TcpUp1, *rate);
            sample
        };
        Row {
            peer,
            rounds: rates.iter().map(sample).collect(),
            troubles: Vec::new(),
        }
    }

    #[test]
    fn the_middle_of_an_even_number_lies_between() {
        let spread = Spread::of(vec![4.0, 1.0, 2.0, 9.0]).expect("values");
        assert_eq!((spread.min, spread.median, spread.max), (1.0, 3.0, 9.0));
        assert_eq!(Spread::of(vec![7.0]).map(|spread| spread.median), Some(7.0));
        assert_eq!(Spread::of(Vec::new()), None);
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // A machine that becomes ten times slower changes no ratio.
        let report = Report {
            rows: vec![
                row(Peer::Azike, &[200.0, 20.0, 2.0]),
                row(Peer::Raw, &[400.0, 40.0, 4.0]),
            ],
            ..Report::default()
        };
        let pair = (Peer::Azike, Peer::Raw);
        let ratio = report.compare(Measure::TcpUp1, pair, |ours, theirs| ours / theirs);
        assert_eq!(ratio.map(|ratio| (ratio.min, ratio.max)), Some((0.5, 0.5)));
        assert_eq!(report.compare(Measure::Udp64, pair, |a, b| a / b), None);
    }
}
