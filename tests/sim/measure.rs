//! How long it took until an echo came back, for each kind of trouble.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::plan::Kind;

/// Times to recover, by what had happened.
#[derive(Debug, Default)]
pub(crate) struct Measure(BTreeMap<Kind, Vec<Duration>>);

impl Measure {
    /// It took so long after this.
    pub(crate) fn add(&mut self, kind: Kind, time: Duration) {
        self.0.entry(kind).or_default().push(time);
    }

    /// Puts those of another week beside.
    pub(crate) fn merge(&mut self, other: Self) {
        for (kind, times) in other.0 {
            self.0.entry(kind).or_default().extend(times);
        }
    }

    /// The longest time of all.
    pub(crate) fn longest(&self) -> Duration {
        let all = self.0.values().flatten();
        all.max().copied().unwrap_or_default()
    }

    /// How many there were.
    pub(crate) fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// One line for each kind.
    pub(crate) fn table(&self) -> String {
        let mut text = format!(
            "{:<32}{:>9}{:>10}{:>10}{:>10}\n",
            "what happened", "times", "median s", "p99 s", "longest s"
        );
        let mut all: Vec<Duration> = Vec::new();
        for (kind, times) in &self.0 {
            line(&mut text, kind.name(), times);
            all.extend(times);
        }
        line(&mut text, "all", &all);
        text
    }
}

fn line(text: &mut String, name: &str, times: &[Duration]) {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = |part: usize| {
        let last = times.len().saturating_sub(1);
        let time = times.get((last * part).div_ceil(100));
        time.copied().unwrap_or_default().as_secs_f64()
    };
    let (median, p99, longest) = (at(50), at(99), at(100));
    let count = times.len();
    // Writing to a String does not fail.
    let _written = writeln!(
        text,
        "{name:<32}{count:>9}{median:>10.2}{p99:>10.2}{longest:>10.2}"
    );
}
