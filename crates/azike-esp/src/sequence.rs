//! Sequence numbers: 32 bits, or 64 of which the upper half stays home (RFC 4303, section 2.2.1).

/// Which sequence numbers an SA counts with (RFC 4303, section 2.2).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SequenceNumbers {
    /// 32 bits, all of them in the packet.
    #[default]
    Short,
    /// 64 bits (ESN); the packet carries the lower half, the ICV covers both.
    Extended,
}

impl SequenceNumbers {
    /// The last number there is.
    pub(crate) const fn last(self) -> u64 {
        match self {
            Self::Short => u32::MAX as u64,
            Self::Extended => u64::MAX,
        }
    }

    /// The lower half of `sequence`, which the packet carries.
    pub(crate) fn low(sequence: u64) -> u32 {
        let [_, _, _, _, a, b, c, d] = sequence.to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    /// The upper half of `sequence`, where it enters the ICV.
    pub(crate) fn high(self, sequence: u64) -> Option<u32> {
        let [a, b, c, d, ..] = sequence.to_be_bytes();
        match self {
            Self::Short => None,
            Self::Extended => Some(u32::from_be_bytes([a, b, c, d])),
        }
    }

    /// The whole number of a packet that carries `low`, when `highest` is the highest number that
    /// was accepted and the window is `depth` numbers wide (RFC 4303, appendix A2.2).
    ///
    /// `None` if it lies before the first number.
    pub(crate) fn infer(self, highest: u64, depth: u64, low: u32) -> Option<u64> {
        match self {
            Self::Short => Some(u64::from(low)),
            Self::Extended => {
                let top = highest >> 32;
                let top_low = highest & u64::from(u32::MAX);
                let low = u64::from(low);
                // The window's lower edge is in the same 2^32 as its upper edge, or one earlier.
                let high = match top_low.checked_sub(depth - 1) {
                    Some(bottom) if low >= bottom => Some(top),
                    Some(_) => top
                        .checked_add(1)
                        .filter(|&high| u32::try_from(high).is_ok()),
                    None if low >= (top_low + (1 << 32)).saturating_sub(depth - 1) => {
                        top.checked_sub(1)
                    }
                    None => Some(top),
                };
                high.map(|high| (high << 32) | low)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPTH: u64 = 2048;

    #[test]
    fn short_numbers_are_what_the_packet_says() {
        for low in [0, 1, u32::MAX] {
            let whole = SequenceNumbers::Short.infer(7, DEPTH, low);
            assert_eq!(whole, Some(u64::from(low)));
        }
        assert_eq!(SequenceNumbers::Short.high(7), None);
    }

    /// Whatever is in the window, or ahead of it by less than 2^32 less the window, is found.
    #[test]
    fn extended_numbers_are_found_around_the_highest() {
        let tops = [
            0,
            1,
            DEPTH,
            0xffff_fffe,
            0x1_0000_0000,
            0x1_0000_0005,
            0x7_8000_0000,
            0x8765_4321_0000_0010,
            u64::MAX - 5000,
        ];
        for highest in tops {
            let ahead = (1_u64 << 32) - DEPTH;
            for step in [0, 1, 2, 64, DEPTH - 1, ahead / 2, ahead] {
                for sequence in [highest.checked_add(step), highest.checked_sub(step)] {
                    let Some(sequence) = sequence else { continue };
                    if sequence < highest && highest - sequence >= DEPTH {
                        continue;
                    }
                    let low = u32::try_from(sequence & 0xffff_ffff).unwrap();
                    let whole = SequenceNumbers::Extended.infer(highest, DEPTH, low);
                    assert_eq!(whole, Some(sequence), "highest {highest:#x}");
                }
            }
        }
    }

    #[test]
    fn there_is_no_number_before_the_first() {
        assert_eq!(SequenceNumbers::Extended.infer(5, DEPTH, u32::MAX), None);
        let end = (u64::MAX - 1, 1);
        assert_eq!(SequenceNumbers::Extended.infer(end.0, DEPTH, end.1), None);
    }
}
