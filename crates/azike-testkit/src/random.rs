//! Randomness that is not random: one seed gives one run.

use azike_crypto::Random;

/// A generator for tests: xorshift64*, the same octets for the same seed. Guessable, so never a
/// source of keys outside of a test.
#[derive(Clone, Debug)]
pub struct SeededRandom(u64);

impl SeededRandom {
    /// Starts at `seed`.
    pub const fn new(seed: u64) -> Self {
        // A state of zero stays zero; two seeds that differ in one bit should differ at once.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`, or 0 if there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        let number = usize::try_from(self.next() >> 33).unwrap_or_default();
        number.checked_rem(bound).unwrap_or_default()
    }

    /// True `percent` times out of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// True `parts` times out of a thousand.
    pub fn per_mille(&mut self, parts: u16) -> bool {
        self.below(1000) < usize::from(parts)
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, octets: &mut [u8]) {
        for chunk in octets.chunks_mut(8) {
            for (to, from) in chunk.iter_mut().zip(self.next().to_be_bytes()) {
                *to = from;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(seed: u64) -> [u8; 20] {
        let mut octets = [0; 20];
        SeededRandom::new(seed).fill(&mut octets);
        octets
    }

    #[test]
    fn a_seed_is_a_run() {
        assert_eq!(octets(7), octets(7));
        assert_ne!(octets(7), octets(8));
        assert_ne!(octets(0), [0; 20]);
    }

    #[test]
    fn chance_is_about_as_often_as_it_says() {
        let mut random = SeededRandom::new(1);
        let hits = (0..10_000).filter(|_| random.chance(20)).count();
        assert!((1_800..2_200).contains(&hits), "{hits}");
    }
}
