//! The ones' complement checksum of IPv4, TCP and ICMP (RFC 1071), made anew or brought up to date.

pub(crate) use crate::offload::fold;

/// Adds up 16-bit words; a last odd octet counts as if a zero stood behind it.
pub(crate) fn sum(octets: &[u8]) -> u64 {
    let (words, last) = octets.as_chunks::<2>();
    let words = words
        .iter()
        .map(|word| u64::from(u16::from_be_bytes(*word)));
    let last = last.first().map_or(0, |last| u64::from(*last) << 8);
    words.fold(last, u64::wrapping_add)
}

/// The checksum after one word of what it covers changed (RFC 1624, equation 3).
pub(crate) fn updated(checksum: u16, before: u16, after: u16) -> u16 {
    !fold(u64::from(!checksum) + u64::from(!before) + u64::from(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1071, section 3: the example.
    #[test]
    fn the_example_of_the_rfc() {
        let octets = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(fold(sum(&octets)), 0xddf2);
        assert_eq!(fold(sum(&octets[..7])), 0xddf2 - 0xf7);
        assert_eq!(fold(sum(&[])), 0);
    }

    /// RFC 1624, section 4: the example that equation 2 gets wrong.
    #[test]
    fn an_update_is_what_a_new_sum_would_be() {
        assert_eq!(updated(0xdd2f, 0x5555, 0x3285), 0x0000);
        for word in [0, 1, 0x1234, 0x7fff, 0xfffe, 0xffff] {
            let octets = |word: u16| [[0x45, 0], word.to_be_bytes(), [0xab, 0xcd]].concat();
            let checksum = !fold(sum(&octets(0x2222)));
            assert_eq!(updated(checksum, 0x2222, word), !fold(sum(&octets(word))));
        }
    }
}
