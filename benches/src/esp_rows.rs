//! The rows of `cargo xtask bench esp`: each suite, singly and in batches, beside ring alone.

use azike_esp::{Inbound, Outbound, SequenceNumbers};
use serde::Serialize;

use crate::batch::{BATCH, BareRing, Batch};
use crate::interleaved::{self, Work};
use crate::{SUITES, Suite, sa, suite_name};

/// The lengths of the inner packets that have a row, in octets.
const LENGTHS: [usize; 2] = [64, 1400];

/// Which half of a Child SA.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// [`Outbound`].
    Seal,
    /// [`Inbound`].
    Open,
}

/// How the packets of a block are handed over.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// ring alone, without ESP.
    BareRing,
    /// One call for each packet.
    Singly,
    /// One call for all packets of the block.
    Batch,
}

/// What one row measures.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Subject {
    /// Which half.
    pub direction: Direction,
    /// The length of the inner packets, in octets.
    pub length: usize,
    /// How they are handed over.
    pub how: How,
    /// The suite.
    pub suite: &'static str,
    /// Whether sequence numbers are extended.
    pub esn: bool,
}

/// A measured row.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Row {
    /// What was measured.
    #[serde(flatten)]
    pub subject: Subject,
    /// Nanoseconds per packet in the fastest block.
    pub min_ns: f64,
    /// Nanoseconds per packet in the middle block.
    pub median_ns: f64,
}

/// Measures all rows, with so many blocks each.
pub fn measure(blocks: usize) -> Vec<Row> {
    let (subjects, mut works): (Vec<_>, Vec<_>) = rows().into_iter().unzip();
    let times = interleaved::measure(&mut works, blocks);
    let packets = f64::from(u32::try_from(BATCH).unwrap_or(u32::MAX));
    let row = |(subject, times): (Subject, interleaved::Times)| Row {
        subject,
        min_ns: times.min / packets,
        median_ns: times.median / packets,
    };
    subjects.into_iter().zip(times).map(row).collect()
}

fn rows() -> Vec<(Subject, Box<dyn Work>)> {
    let mut rows = Vec::new();
    for direction in [Direction::Seal, Direction::Open] {
        for length in LENGTHS {
            let bare = Subject {
                direction,
                length,
                how: How::BareRing,
                suite: "AES-256-GCM",
                esn: false,
            };
            let work: Box<dyn Work> = Box::new(Bare(direction, BareRing::new(length)));
            rows.push((bare, work));
            for suite in SUITES {
                for how in [How::Singly, How::Batch] {
                    for esn in [false, true] {
                        let suite_name = suite_name(suite);
                        let subject = Subject {
                            how,
                            esn,
                            suite: suite_name,
                            ..bare
                        };
                        let work: Box<dyn Work> = Box::new(Azike::new(subject, suite));
                        rows.push((subject, work));
                    }
                }
            }
        }
    }
    rows
}

/// ring alone.
struct Bare(Direction, BareRing);

impl Work for Bare {
    fn prepare(&mut self) {
        if self.0 == Direction::Open {
            self.1.seal();
        }
    }

    fn run(&mut self) {
        match self.0 {
            Direction::Seal => self.1.seal(),
            Direction::Open => self.1.open(),
        }
    }
}

/// Both ends of an SA; one of them is measured.
struct Azike {
    direction: Direction,
    batched: bool,
    outbound: Outbound,
    inbound: Inbound,
    batch: Batch,
}

impl Azike {
    fn new(subject: Subject, suite: Suite) -> Self {
        let (outbound, inbound) = sa(suite);
        let numbers = if subject.esn {
            SequenceNumbers::Extended
        } else {
            SequenceNumbers::Short
        };
        Self {
            direction: subject.direction,
            batched: subject.how == How::Batch,
            batch: Batch::new(outbound.overhead(), subject.length),
            outbound: outbound.with_sequence_numbers(numbers),
            inbound: inbound.with_sequence_numbers(numbers),
        }
    }
}

impl Work for Azike {
    fn prepare(&mut self) {
        if self.direction == Direction::Open {
            self.batch.seal(&mut self.outbound);
        }
    }

    fn run(&mut self) {
        match (self.direction, self.batched) {
            (Direction::Seal, false) => self.batch.seal_singly(&mut self.outbound),
            (Direction::Seal, true) => self.batch.seal(&mut self.outbound),
            (Direction::Open, false) => self.batch.open_singly(&mut self.inbound),
            (Direction::Open, true) => self.batch.open(&mut self.inbound),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_runs() {
        let rows = measure(2);
        assert_eq!(rows.len(), 4 * (1 + SUITES.len() * 4));
        assert!(rows.iter().all(|row| row.min_ns > 0.0));
    }
}
