//! Places of one buffer, in ascending order, each to be changed.

use std::mem;

/// What lies behind the places that were already taken.
pub(crate) struct Rest<'b> {
    octets: &'b mut [u8],
    /// Where it begins in the buffer.
    from: usize,
}

impl<'b> Rest<'b> {
    pub(crate) fn new(buffer: &'b mut [u8]) -> Self {
        Self {
            octets: buffer,
            from: 0,
        }
    }

    /// The `length` octets that begin at `at` in the buffer. `None`, and nothing can be taken any more, if a
    /// part of them was taken before or lies beyond the buffer.
    pub(crate) fn take(&mut self, at: usize, length: usize) -> Option<&'b mut [u8]> {
        let gap = at.checked_sub(self.from)?;
        let octets = mem::take(&mut self.octets);
        let (_, octets) = octets.split_at_mut_checked(gap)?;
        let (taken, octets) = octets.split_at_mut_checked(length)?;
        self.octets = octets;
        self.from = at + length;
        Some(taken)
    }
}
