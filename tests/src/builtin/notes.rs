//! What the gateway has to tell, line by line, for whoever watches it.

use std::sync::{Arc, Mutex, PoisonError};

/// Lines that one thread writes and another reads.
#[derive(Clone, Debug, Default)]
pub struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    /// Appends a line.
    pub fn tell(&self, line: impl Into<String>) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line.into());
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.clone()
    }

    /// How many lines there are that begin with `text`.
    pub fn count(&self, text: &str) -> usize {
        let lines = self.lines();
        lines.iter().filter(|line| line.starts_with(text)).count()
    }
}
