//! Numbers that are the same in every run.

/// Marsaglia's xorshift64: good enough to choose test cases, and nothing else.
pub(crate) struct Xorshift(u64);

impl Xorshift {
    /// Starts from `seed`, which is not zero.
    pub(crate) fn new(seed: u64) -> Self {
        assert_ne!(seed, 0, "xorshift stays at zero for ever");
        Self(seed)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`, which is not zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap();
        usize::try_from((self.next() >> 8) % end).unwrap()
    }

    /// One octet.
    pub(crate) fn u8(&mut self) -> u8 {
        self.next().to_be_bytes()[2]
    }

    /// Two octets.
    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_be_bytes([self.u8(), self.u8()])
    }

    /// Four octets.
    pub(crate) fn u32(&mut self) -> u32 {
        u32::from_be_bytes([self.u8(), self.u8(), self.u8(), self.u8()])
    }

    /// One time in `times`.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Between 0 and `most` octets, of any value.
    pub(crate) fn octets(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most + 1);
        (0..length).map(|_| self.u8()).collect()
    }
}
