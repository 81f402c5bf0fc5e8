//! Rows in several labs at once, for rows that wait most of the time.
//!
//! ```text
//!            ┌─ lab 1: row ─▶ row ─▶ …
//!   rows ────┼─ lab 2: row ─▶ …            each lab takes the next row when it has time
//!            └─ lab 3: row ─▶ row ─▶ …
//! ```

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Result;

use super::matrix::Line;
use super::runner::Runner;
use super::scenario::Scenario;

/// Runs `rows` with as many runners as `raise` is asked for, from 1 to `labs`. Each line is shown
/// as soon as it is there.
pub fn run(
    rows: &[Scenario],
    labs: usize,
    raise: impl Fn(usize) -> Result<Runner> + Sync,
    show: impl Fn(&Line) + Sync,
) -> Result<Vec<Line>> {
    let left = Mutex::new(rows.iter());
    let lines = Mutex::new(Vec::new());
    let work = |number| -> Result<()> {
        let mut runner = raise(number)?;
        loop {
            let next = locked(&left).next();
            let Some(row) = next else { return Ok(()) };
            let line = runner.run(row);
            let mut lines = locked(&lines);
            show(&line);
            lines.push(line);
        }
    };
    thread::scope(|scope| {
        let work = &work;
        let labs = (1..=labs).map(|number| scope.spawn(move || work(number)));
        let labs: Vec<_> = labs.collect();
        for lab in labs {
            lab.join()
                .map_err(|_| anyhow::anyhow!("a lab panicked"))??;
        }
        anyhow::Ok(())
    })?;
    Ok(lines.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
