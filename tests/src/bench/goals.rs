//! The goals of the data path, and whether a run met them. A goal over several figures is met when the worst
//! of them meets it.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use super::peers::Peer;
use super::report::{Measure, Report, Spread};

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

/// One goal and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Goal {
    /// What is compared.
    pub what: String,
    /// What is wanted of it.
    pub bound: Bound,
    /// Each figure by its name; none when it was not measured.
    pub figures: Vec<(&'static str, Option<Spread>)>,
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

impl Goal {
    /// Whether it is met by the medians; `None` when something was not measured.
    pub fn met(&self) -> Option<bool> {
        let mut met = true;
        for (_, spread) in &self.figures {
            met &= self.bound.holds(spread.as_ref()?.median);
        }
        Some(met)
    }
}

impl Display for Goal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let word = match self.met() {
            Some(true) => "met",
            Some(false) => "not met",
            None => "not measured",
        };
        let bound = match self.bound {
            Bound::AtLeast(least) => format!(">= {least}"),
            Bound::AtMost(most) => format!("<= {most}"),
        };
        write!(f, "{word:<13} {:<58} {bound:<8}", self.what)?;
        for (name, spread) in &self.figures {
            match spread {
                Some(spread) => write!(
                    f,
                    "  {name} {:.2} ({:.2}-{:.2})",
                    spread.median, spread.min, spread.max
                )?,
                None => write!(f, "  {name} -")?,
            }
        }
        Ok(())
    }
}

const OTHERS: [Peer; 4] = [
    Peer::Strongswan,
    Peer::Openvpn,
    Peer::Boringtun,
    Peer::WireguardGo,
];

/// All goals that a run of the tunnels can judge.
pub fn judge(report: &Report) -> Vec<Goal> {
    let mut goals = Vec::new();
    let mut tcp = |ours: Peer, theirs: Peer, least: f64| {
        goals.push(Goal {
            what: format!("TCP, {} : {}", ours.word(), theirs.word()),
            bound: Bound::AtLeast(least),
            figures: Measure::TCP
                .map(|measure| (measure.words(), ratio(report, measure, ours, theirs)))
                .to_vec(),
        });
    };
    tcp(Peer::Azike, Peer::Raw, 0.5);
    tcp(Peer::Azike, Peer::Strongswan, 12.0);
    for peer in [Peer::Openvpn, Peer::Boringtun, Peer::WireguardGo] {
        tcp(Peer::Azike, peer, 8.0);
    }
    for peer in [Peer::Strongswan, Peer::Openvpn, Peer::Boringtun] {
        tcp(Peer::AzikeAlone, peer, 1.5);
    }
    for (ours, most) in [(Peer::Azike, 0.15), (Peer::AzikeStrongswan, 0.5)] {
        let theirs = Peer::Strongswan;
        goals.push(Goal {
            what: format!("client CPU s/GB, {} : {}", ours.word(), theirs.word()),
            bound: Bound::AtMost(most),
            figures: vec![("ratio", ratio(report, Measure::CpuClient, ours, theirs))],
        });
    }
    goals.push(Goal {
        what: "64-octet packets per second, azike : strongswan".to_owned(),
        bound: Bound::AtLeast(3.0),
        figures: vec![(
            "ratio",
            ratio(report, Measure::Udp64, Peer::Azike, Peer::Strongswan),
        )],
    });
    goals.push(Goal {
        what: "round trip at idle, azike - raw, µs".to_owned(),
        bound: Bound::AtMost(60.0),
        figures: [
            ("10 ms apart", Measure::IdleMedian),
            ("1 ms apart", Measure::BriskMedian),
        ]
        .map(|(words, measure)| {
            let added = report.compare(measure, (Peer::Azike, Peer::Raw), |a, b| a - b);
            (words, added)
        })
        .into(),
    });
    goals.push(under_load(report));
    goals.extend(memory(report));
    goals
}

/// Under load azike has to be as quick as the quickest of the others.
fn under_load(report: &Report) -> Goal {
    let median = |peer: Peer| Some(report.row(peer)?.spread(Measure::LoadedMedian)?.median);
    let known = OTHERS
        .into_iter()
        .filter_map(|peer| Some((peer, median(peer)?)));
    let best = known.min_by(|left, right| left.1.total_cmp(&right.1));
    let best = best.map(|(peer, _)| peer);
    Goal {
        what: format!(
            "round trip under load, azike : the best peer ({})",
            best.map_or("none", Peer::word)
        ),
        bound: Bound::AtMost(1.0),
        figures: vec![(
            "ratio",
            best.and_then(|peer| ratio(report, Measure::LoadedMedian, Peer::Azike, peer)),
        )],
    }
}

fn memory(report: &Report) -> [Goal; 2] {
    let row = report.row(Peer::Azike);
    let spread = |measure| row.and_then(|row| row.spread(measure));
    let growth = row.and_then(|row| {
        let growth = row.rounds.iter().filter_map(|sample| {
            Some(sample.get(Measure::MemoryEnd)? - sample.get(Measure::MemoryBusy)?)
        });
        Spread::of(growth.collect())
    });
    [
        Goal {
            what: "resident memory of azike, MiB".to_owned(),
            bound: Bound::AtMost(16.0),
            figures: vec![
                ("busy", spread(Measure::MemoryBusy)),
                ("end", spread(Measure::MemoryEnd)),
            ],
        },
        Goal {
            what: "its growth from TCP load to the end of a round, MiB".to_owned(),
            bound: Bound::AtMost(1.0),
            figures: vec![("grown", growth)],
        },
    ]
}

fn ratio(report: &Report, measure: Measure, ours: Peer, theirs: Peer) -> Option<Spread> {
    report.compare(measure, (ours, theirs), |ours, theirs| ours / theirs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::{Row, Sample};

    fn report(rows: &[(Peer, &[(Measure, f64)])]) -> Report {
        let row = |(peer, figures): &(Peer, &[(Measure, f64)])| {
            let mut sample = Sample::default();
            for (measure, value) in *figures {
                sample.set(*measure, *value);
            }
            Row {
                peer: *peer,
                rounds: vec![sample],
                troubles: Vec::new(),
            }
        };
        Report {
            rows: rows.iter().map(row).collect(),
            ..Report::default()
        }
    }

    fn met(report: &Report, what: &str) -> Option<bool> {
        let goals = judge(report);
        let goal = goals.iter().find(|goal| goal.what.starts_with(what));
        goal.unwrap_or_else(|| panic!("no goal {what}")).met()
    }

    #[test]
    fn one_bad_direction_makes_a_goal_not_met() {
        let raw = Measure::TCP.map(|measure| (measure, 1000.0));
        let mut ours = Measure::TCP.map(|measure| (measure, 600.0));
        let good = report(&[(Peer::Azike, &ours), (Peer::Raw, &raw)]);
        assert_eq!(met(&good, "TCP, azike : raw"), Some(true));
        ours[3].1 = 400.0;
        let bad = report(&[(Peer::Azike, &ours), (Peer::Raw, &raw)]);
        assert_eq!(met(&bad, "TCP, azike : raw"), Some(false));
    }

    #[test]
    fn what_was_not_measured_is_neither_met_nor_missed() {
        let report = report(&[(Peer::Azike, &[(Measure::TcpUp1, 1.0)])]);
        assert_eq!(met(&report, "TCP, azike : raw"), None);
        assert_eq!(met(&report, "round trip under load"), None);
    }

    #[test]
    fn under_load_the_quickest_peer_counts() {
        let report = report(&[
            (Peer::Azike, &[(Measure::LoadedMedian, 300.0)]),
            (Peer::Openvpn, &[(Measure::LoadedMedian, 900.0)]),
            (Peer::Boringtun, &[(Measure::LoadedMedian, 200.0)]),
        ]);
        let what = "round trip under load, azike : the best peer (boringtun)";
        assert_eq!(met(&report, what), Some(false));
    }
}
