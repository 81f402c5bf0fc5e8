//! The printed result: one line for each row, and the sums.

use std::fmt::{self, Display, Formatter};

use super::scenario::Scenario;

/// What became of a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// As expected.
    Green(String),
    /// Not as expected.
    Red(String),
    /// Not run, and why.
    Skipped(&'static str),
}

/// How often new keys were made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rekeys {
    /// For a Child SA.
    pub child: usize,
    /// For an IKE SA.
    pub ike: usize,
}

impl Rekeys {
    /// Those in this piece of a gateway's log.
    pub fn in_log(log: &str) -> Self {
        let count = |words: &str| log.lines().filter(|line| line.contains(words)).count();
        Self {
            child: count("outbound CHILD_SA net"),
            ike: count("rekeyed between"),
        }
    }

    /// Those of all `lines`.
    pub fn of(lines: &[Line]) -> Self {
        lines.iter().fold(Self::default(), |sum, line| Self {
            child: sum.child + line.rekeys.child,
            ike: sum.ike + line.rekeys.ike,
        })
    }
}

impl Display for Rekeys {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "rekeys: {} Child, {} IKE", self.child, self.ike)
    }
}

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    area: &'static str,
    name: String,
    login: &'static str,
    outcome: Outcome,
    seconds: f64,
    rekeys: Rekeys,
}

impl Line {
    /// The line of `row`; `seconds` is how long it took to connect or to be refused.
    pub fn new(row: &Scenario, outcome: Outcome, seconds: f64) -> Self {
        Self {
            area: row.area,
            name: row.name.clone(),
            login: row.login.word(),
            outcome,
            seconds,
            rekeys: Rekeys::default(),
        }
    }

    /// The same with new keys.
    #[must_use]
    pub const fn with(mut self, rekeys: Rekeys) -> Self {
        self.rekeys = rekeys;
        self
    }

    /// What became of it.
    pub const fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}

impl Display for Line {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (word, detail) = match &self.outcome {
            Outcome::Green(detail) => ("ok", detail.as_str()),
            Outcome::Red(detail) => ("FAILED", detail.as_str()),
            Outcome::Skipped(why) => ("skipped", *why),
        };
        let Self {
            area,
            name,
            login,
            seconds,
            ..
        } = self;
        write!(
            f,
            "{area:<19} {name:<42} {login:<9} {word:<7} {seconds:>6.2}  {detail}"
        )
    }
}

/// The head of the table.
pub fn head() -> String {
    format!(
        "{:<19} {:<42} {:<9} {:<7} {:>6}  {}\n{}",
        "area",
        "row",
        "auth",
        "outcome",
        "s",
        "what came of it",
        "-".repeat(120)
    )
}

/// How many were green, red, skipped.
pub fn sums(lines: &[Line]) -> (usize, usize, usize) {
    let mut sums = (0, 0, 0);
    for line in lines {
        match line.outcome {
            Outcome::Green(_) => sums.0 += 1,
            Outcome::Red(_) => sums.1 += 1,
            Outcome::Skipped(_) => sums.2 += 1,
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::strongswan::connection::Auth;

    const LOG: &str = "05[IKE] <azure-pubkey|1> CHILD_SA net{1} established with SPIs c1_i c2_o\n\
        06[IKE] <azure-pubkey|1> inbound CHILD_SA net{2} established with SPIs c3_i c4_o\n\
        07[IKE] <azure-pubkey|1> outbound CHILD_SA net{2} established with SPIs c3_i c4_o\n\
        08[IKE] <azure-pubkey|2> IKE_SA azure-pubkey[2] rekeyed between 203.0.113.10[a]...203.0.113.1[b]\n";

    #[test]
    fn a_rekey_counts_once_and_a_first_child_sa_does_not() {
        let rekeys = Rekeys::in_log(LOG);
        assert_eq!(rekeys, Rekeys { child: 1, ike: 1 });
        let row = Scenario::new("area", "name", Auth::Signature);
        let line = Line::new(&row, Outcome::Green(String::new()), 0.1).with(rekeys);
        let sum = Rekeys::of(&[line.clone(), line]);
        assert_eq!(sum, Rekeys { child: 2, ike: 2 });
    }

    #[test]
    fn sums_count_every_outcome() {
        let row = Scenario::new("area", "name", Auth::Signature);
        let line = |outcome| Line::new(&row, outcome, 0.1);
        let lines = [
            line(Outcome::Green(String::new())),
            line(Outcome::Red("why".to_owned())),
            line(Outcome::Green(String::new())),
        ];
        assert_eq!(sums(&lines), (2, 1, 0));
    }
}
