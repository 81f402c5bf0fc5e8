//! The last things that fit into a bound.

use std::collections::VecDeque;

/// The last of many things, as many as fit into `most` octets.
#[derive(Debug)]
pub(super) struct Ring<T> {
    kept: VecDeque<T>,
    octets: usize,
    most: usize,
}

impl<T: AsRef<[u8]>> Ring<T> {
    /// Empty.
    pub(super) const fn new(most: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            octets: 0,
            most,
        }
    }

    /// Adds `item`; the oldest go if there is no room. The newest always stays.
    pub(super) fn push(&mut self, item: T) {
        self.octets += item.as_ref().len();
        self.kept.push_back(item);
        while self.octets > self.most && self.kept.len() > 1 {
            let oldest = self.kept.pop_front();
            self.octets -= oldest.map_or(0, |it| it.as_ref().len());
        }
    }

    /// All there are, the oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.kept.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_go_first_and_no_more_than_needed() {
        let mut ring = Ring::new(10);
        for item in ["aaaa", "bbbb", "cc", "d", "eeeee"] {
            ring.push(item);
        }
        let kept: Vec<_> = ring.iter().copied().collect();
        assert_eq!(kept, ["cc", "d", "eeeee"]);
        ring.push("longer than all of it");
        assert_eq!(ring.iter().count(), 1);
    }
}
