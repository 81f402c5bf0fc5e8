//! The Internet checksum (RFC 1071): summed eight octets at a time, and while copying.
//!
//! ```text
//!   octets ─▶ four u128 (each takes the carries of its u64 words) ─▶ u64 ─▶ fold ─▶ 16 bits
//! ```
//!
//! A ones' complement sum is the same in any byte order (section 2 (B)), so words are read as the
//! host has them and only the 16 bits at the end are turned. 1400 octets take 26 ns so, 34 ns as
//! u32 into u64, 800 ns as u16; copy and sum in one pass 36 ns, one after the other 46 ns.

/// Folds the carries of a ones' complement sum back in.
pub(crate) fn fold(sum: u64) -> u16 {
    let sum = (sum >> 32) + (sum & 0xffff_ffff);
    let sum = (sum >> 16) + (sum & 0xffff);
    let sum = (sum >> 16) + (sum & 0xffff);
    let sum = (sum >> 16) + (sum & 0xffff);
    u16::try_from(sum).unwrap_or(u16::MAX)
}

/// A sum of 16-bit words in the byte order of the host. Every part that is added begins at an even
/// octet of what is summed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum(u64);

impl Sum {
    /// Nothing summed.
    pub(super) const ZERO: Self = Self(0);

    /// With `octets`, behind whose end a zero is thought if they are odd in number.
    #[inline]
    pub(super) fn octets(self, octets: &[u8]) -> Self {
        let (chunks, rest) = octets.as_chunks::<32>();
        let mut lanes = Lanes::default();
        for chunk in chunks {
            lanes.add(chunk);
        }
        Self(self.0 + lanes.sum() + sum_short(rest))
    }

    /// With one word.
    #[inline]
    pub(super) fn word(self, word: u16) -> Self {
        Self(self.0 + u64::from(u16::from_ne_bytes(word.to_be_bytes())))
    }

    /// With one word of twice the size.
    #[inline]
    pub(super) fn long_word(self, word: u32) -> Self {
        Self(self.0 + u64::from(u32::from_ne_bytes(word.to_be_bytes())))
    }

    /// With all that `other` summed.
    #[inline]
    pub(super) fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    /// The 16 bits as they stand in a packet, not inverted: what the kernel wants in the checksum
    /// field of a packet it is to complete.
    #[inline]
    pub(super) fn folded(self) -> [u8; 2] {
        fold(self.0).to_ne_bytes()
    }

    /// The 16 bits of the checksum field.
    #[inline]
    pub(super) fn checksum(self) -> [u8; 2] {
        (!fold(self.0)).to_ne_bytes()
    }

    /// The same for UDP, where 0 says that there is no checksum (RFC 768).
    #[inline]
    pub(super) fn udp_checksum(self) -> [u8; 2] {
        match self.checksum() {
            [0, 0] => [0xff, 0xff],
            checksum => checksum,
        }
    }

    /// Whether what was summed, checksum included, is as its sender made it.
    #[inline]
    pub(super) fn is_right(self) -> bool {
        fold(self.0) == 0xffff
    }
}

/// Copies `from` to `to`, which must be as long, and sums it on the way.
#[inline]
pub(super) fn copy_and_sum(to: &mut [u8], from: &[u8]) -> Sum {
    let (to_chunks, to_rest) = to.as_chunks_mut::<32>();
    let (chunks, rest) = from.as_chunks::<32>();
    let mut lanes = Lanes::default();
    for (to, from) in to_chunks.iter_mut().zip(chunks) {
        *to = *from;
        lanes.add(from);
    }
    for (to, from) in to_rest.iter_mut().zip(rest) {
        *to = *from;
    }
    Sum(lanes.sum() + sum_short(rest))
}

/// Four sums side by side: one alone would wait for its own carry.
#[derive(Default)]
struct Lanes([u128; 4]);

impl Lanes {
    #[inline]
    fn add(&mut self, chunk: &[u8; 32]) {
        for (lane, word) in self.0.iter_mut().zip(chunk.as_chunks().0) {
            *lane += u128::from(u64::from_ne_bytes(*word));
        }
    }

    /// All four, folded to 33 bits.
    #[inline]
    fn sum(&self) -> u64 {
        let sum: u128 = self.0.iter().sum();
        let sum = (sum >> 64) + (sum & u128::from(u64::MAX));
        let sum = (sum >> 32) + (sum & u128::from(u32::MAX));
        let sum = (sum >> 32) + (sum & u128::from(u32::MAX));
        u64::try_from(sum).unwrap_or(u64::MAX)
    }
}

/// The sum of less than 32 octets.
#[inline]
fn sum_short(octets: &[u8]) -> u64 {
    let (words, rest) = octets.as_chunks::<4>();
    let sum: u64 = words
        .iter()
        .map(|word| u64::from(u32::from_ne_bytes(*word)))
        .sum();
    sum + match *rest {
        [a] => u64::from(u16::from_ne_bytes([a, 0])),
        [a, b] => u64::from(u16::from_ne_bytes([a, b])),
        [a, b, c] => u64::from(u16::from_ne_bytes([a, b])) + u64::from(u16::from_ne_bytes([c, 0])),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of RFC 1071, section 3.
    #[test]
    fn example_of_the_rfc() {
        let octets = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(Sum::ZERO.octets(&octets).folded(), [0xdd, 0xf2]);
    }

    #[test]
    fn every_length_sums_and_copies_like_the_slow_way() {
        for pattern in [0_u8, 1, 0x80, 0xff] {
            let octets: Vec<u8> = (0..300_u16)
                .map(|at| u8::try_from(at % 251).unwrap().wrapping_mul(37) | pattern)
                .collect();
            for length in 0..octets.len() {
                let octets = &octets[..length];
                let expected = slow(octets);
                assert_eq!(Sum::ZERO.octets(octets).checksum(), expected, "{length}");
                let mut copy = vec![0; length];
                let sum = copy_and_sum(&mut copy, octets);
                assert_eq!(copy, octets);
                assert_eq!(sum.checksum(), expected, "{length}");
            }
        }
    }

    #[test]
    fn the_largest_packet_of_ones_does_not_overflow() {
        let octets = vec![0xff; 65_535];
        assert_eq!(Sum::ZERO.octets(&octets).checksum(), slow(&octets));
        assert_eq!(fold(u64::MAX), 0xffff);
        assert_eq!(fold(0x1_0000), 1);
        assert_eq!(fold(0xffff_0000_ffff), 0xffff);
        assert_eq!(fold(0), 0);
    }

    #[test]
    fn words_count_as_their_octets() {
        let parts = Sum::ZERO.word(0x1234).long_word(0x5678_9abc);
        let whole = Sum::ZERO.octets(&[0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc]);
        assert_eq!(parts.folded(), whole.folded());
        assert_eq!(Sum::ZERO.word(0xffff).checksum(), [0, 0]);
        assert_eq!(Sum::ZERO.word(0xffff).udp_checksum(), [0xff, 0xff]);
        assert!(Sum::ZERO.word(0xffff).is_right());
        assert!(!Sum::ZERO.word(0xfffe).is_right());
    }

    fn slow(octets: &[u8]) -> [u8; 2] {
        let mut sum = 0_u32;
        for pair in octets.chunks(2) {
            sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
            sum = (sum & 0xffff) + (sum >> 16);
        }
        (!u16::try_from(sum).unwrap()).to_be_bytes()
    }
}
