//! The anti-replay window (RFC 4303, section 3.4.3), as a ring of words (RFC 6479).
//!
//! ```text
//!    too old │        window: `depth` numbers        │ new
//!   ─────────┼───────────────────────────────────────┼────────▶
//!            highest - depth + 1                highest
//! ```
//!
//! The ring has room for one word more than the window, so moving ahead clears whole words and
//! shifts nothing.

/// How many sequence numbers back a packet may be, unless told otherwise.
///
/// A receive batch holds at most 64 datagrams for each path; this leaves room for many of them to
/// overtake each other.
pub const DEFAULT_DEPTH: u64 = 2048;

/// The bits of a word.
const WORD: u64 = u64::BITS as u64;

/// The sequence number was seen before, or is too old to know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Replayed;

/// Which sequence numbers were already accepted.
///
/// Takes two steps, so that a forged packet cannot move the window: [`Window::check`] before the
/// ICV is verified, [`Fresh::accept`] after.
#[derive(Debug)]
pub struct Window {
    highest: u64,
    depth: u64,
    /// A power of two of words; bit `n % 64` of word `n / 64 % len` stands for the number `n`.
    seen: Box<[u64]>,
}

/// A sequence number that was not seen yet. Holds the window until the packet is authenticated, or
/// dropped.
#[derive(Debug)]
#[must_use = "an authentic packet must be accepted, or it can be replayed"]
pub struct Fresh<'w> {
    window: &'w mut Window,
    sequence: u64,
}

impl Window {
    /// A window of `depth` numbers, at least 32 (RFC 4303, section 3.4.3) and at most 2^20.
    pub fn new(depth: u64) -> Self {
        let depth = depth.clamp(32, 1 << 20);
        let words = (depth.div_ceil(WORD) + 1).next_power_of_two();
        let words = usize::try_from(words).unwrap_or(1 << 15);
        Self {
            highest: 0,
            depth,
            seen: vec![0; words].into_boxed_slice(),
        }
    }

    /// The highest number accepted so far; 0 before the first.
    pub const fn highest(&self) -> u64 {
        self.highest
    }

    /// How many numbers the window holds.
    pub const fn depth(&self) -> u64 {
        self.depth
    }

    /// Looks whether `sequence` is new. Changes nothing.
    pub fn check(&mut self, sequence: u64) -> Result<Fresh<'_>, Replayed> {
        let too_old = sequence == 0 || self.highest.saturating_sub(sequence) >= self.depth;
        if too_old || (sequence <= self.highest && self.is_seen(sequence)) {
            return Err(Replayed);
        }
        Ok(Fresh {
            window: self,
            sequence,
        })
    }

    fn is_seen(&self, sequence: u64) -> bool {
        let word = self.seen.get(self.index(sequence / WORD));
        word.is_none_or(|word| word >> (sequence % WORD) & 1 == 1)
    }

    fn mark(&mut self, sequence: u64) {
        if sequence > self.highest {
            self.clear(self.highest / WORD, sequence / WORD);
            self.highest = sequence;
        }
        let index = self.index(sequence / WORD);
        if let Some(word) = self.seen.get_mut(index) {
            *word |= 1 << (sequence % WORD);
        }
    }

    /// Empties the words after `from`, up to and with `to`; all of them at most once.
    fn clear(&mut self, from: u64, to: u64) {
        let words = self.seen.len() as u64;
        for number in from.max(to.saturating_sub(words)) + 1..=to {
            let index = self.index(number);
            if let Some(word) = self.seen.get_mut(index) {
                *word = 0;
            }
        }
    }

    fn index(&self, word: u64) -> usize {
        // The length is a power of two, so the mask is the remainder.
        usize::try_from(word & (self.seen.len() as u64 - 1)).unwrap_or(0)
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::new(DEFAULT_DEPTH)
    }
}

impl Fresh<'_> {
    /// Marks the number as seen. Call it once the ICV is verified.
    pub fn accept(self) {
        self.window.mark(self.sequence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The window against the simplest model that can be right: a set.
    #[test]
    fn agrees_with_a_set_of_numbers() {
        for (depth, jump) in [
            (32, 100),
            (64, 90),
            (1000, 3000),
            (2048, 6000),
            (2048, 200_000),
        ] {
            let mut model = BTreeSet::new();
            let mut window = Window::new(depth);
            let mut random = 0x9e37_79b9_7f4a_7c15_u64 ^ depth;
            for step in 0..60_000_u64 {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let sequence = (step + random % jump).saturating_sub(jump / 2);
                let highest = model.last().copied().unwrap_or(0);
                let old = sequence == 0 || sequence + depth <= highest;
                match window.check(sequence) {
                    Ok(fresh) if random.is_multiple_of(5) => drop_unaccepted(&fresh, old, &model),
                    Ok(fresh) => {
                        assert!(!old && model.insert(sequence), "{sequence} accepted twice");
                        fresh.accept();
                    }
                    Err(Replayed) => assert!(old || model.contains(&sequence), "{sequence} lost"),
                }
                assert_eq!(window.highest(), model.last().copied().unwrap_or(0));
            }
        }
    }

    /// N-85: W - 1, W and W + 1 behind the highest, zero, and the last number there is.
    #[test]
    fn edges_of_the_window_are_exact() {
        let mut window = Window::default();
        assert_eq!(window.check(0).map(Fresh::accept), Err(Replayed));
        window.check(10_000).unwrap().accept();
        for (behind, fresh) in [(2047, true), (2048, false), (2049, false), (0, false)] {
            assert_eq!(
                window.check(10_000 - behind).is_ok(),
                fresh,
                "{behind} behind"
            );
        }
        window.check(u64::from(u32::MAX)).unwrap().accept();
        assert!(window.check(u64::from(u32::MAX)).is_err());
        window.check(u64::MAX).unwrap().accept();
        assert!(window.check(u64::MAX).is_err());
        window.check(u64::MAX - 2047).unwrap().accept();
        assert!(window.check(u64::MAX - 2048).is_err());
    }

    #[test]
    fn depth_is_kept_in_bounds() {
        for (asked, got) in [(0, 32), (32, 32), (100, 100), (u64::MAX, 1 << 20)] {
            assert_eq!(Window::new(asked).depth(), got);
        }
    }

    fn drop_unaccepted(fresh: &Fresh<'_>, old: bool, model: &BTreeSet<u64>) {
        assert!(!old && !model.contains(&fresh.sequence));
    }
}
