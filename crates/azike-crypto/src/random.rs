//! Randomness is an argument.

/// A source of random octets.
///
/// The pure crates never ask the system for entropy: the daemon hands in the
/// system's generator, a test hands in a counter, and the same counter gives
/// the same messages, octet for octet.
pub trait Random: Send {
    /// Overwrites `octets` with random ones of cryptographic quality.
    fn fill(&mut self, octets: &mut [u8]);
}
