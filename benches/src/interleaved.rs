//! Many short blocks of every row in turn: ABAB…
//!
//! What else the machine does hits all rows alike, so their ratios hold on a busy machine. The
//! smallest block is what the machine can do; the median is what it did.

use std::time::Instant;

/// Something that is measured, again and again.
pub trait Work {
    /// What comes before each block and is not measured.
    fn prepare(&mut self);
    /// The block.
    fn run(&mut self);
}

/// Nanoseconds of one block.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// The smallest.
    pub min: f64,
    /// The middle one.
    pub median: f64,
}

/// Runs `blocks` blocks of each of `works`, all in turn.
pub fn measure(works: &mut [Box<dyn Work>], blocks: usize) -> Vec<Times> {
    let mut times = vec![Vec::with_capacity(blocks); works.len()];
    for _ in 0..blocks {
        for (work, times) in works.iter_mut().zip(&mut times) {
            // Once for the caches: the other rows have been there.
            work.prepare();
            work.run();
            work.prepare();
            times.push(clocked(work.as_mut()));
        }
    }
    times.iter_mut().map(|times| summary(times)).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock; nothing of the product is decided by it"
)]
fn clocked(work: &mut dyn Work) -> f64 {
    let start = Instant::now();
    work.run();
    start.elapsed().as_secs_f64() * 1e9
}

fn summary(times: &mut [f64]) -> Times {
    times.sort_by(f64::total_cmp);
    let at = |index: usize| times.get(index).copied().unwrap_or(f64::NAN);
    Times {
        min: at(0),
        median: at(times.len() / 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_finds_the_smallest_and_the_middle() {
        let times = summary(&mut [5.0, 1.0, 9.0, 3.0, 4.0]);
        assert!(times.min.total_cmp(&1.0).is_eq());
        assert!(times.median.total_cmp(&4.0).is_eq());
    }
}
