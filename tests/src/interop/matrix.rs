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

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    area: &'static str,
    name: String,
    login: &'static str,
    outcome: Outcome,
    seconds: f64,
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
        }
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
