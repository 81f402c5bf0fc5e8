//! Randomness of the operating system.

use ring::rand::SecureRandom as _;

/// Fills `octets` with randomness of cryptographic quality (`getrandom(2)`,
/// `getentropy(2)` on macOS). Blocks only while the kernel has not yet
/// gathered any, early at boot.
///
/// # Panics
///
/// If the operating system has no randomness to give: no key may be made then.
pub fn entropy(octets: &mut [u8]) {
    #[expect(
        clippy::expect_used,
        reason = "without randomness every key would be known; there is nothing to go on with"
    )]
    ring::rand::SystemRandom::new()
        .fill(octets)
        .expect("the operating system gives randomness");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_fills_differ() {
        let (mut first, mut second) = ([0; 32], [0; 32]);
        entropy(&mut first);
        entropy(&mut second);
        assert_ne!(first, second);
        entropy(&mut []);
    }
}
