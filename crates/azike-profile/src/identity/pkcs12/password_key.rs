//! Keys from passwords (RFC 7292, appendix B.2).

use sha1::digest::Digest;
use sha1::digest::block_api::BlockSizeUser;
use sha1::digest::typenum::Unsigned as _;
use zeroize::{Zeroize as _, Zeroizing};

/// What the key is for; the number is the diversifier of RFC 7292, appendix B.3.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::identity) enum Purpose {
    /// A key of a cipher.
    Key = 1,
    /// The initialisation vector of a cipher.
    Iv = 2,
    /// A key of a MAC.
    Mac = 3,
}

/// `length` octets from a password in BMP form, with the hash `D`.
///
/// Computes `rounds` hashes for each output block, at least one.
pub(in crate::identity) fn derive<D: Digest + BlockSizeUser>(
    password: &[u8],
    salt: &[u8],
    rounds: u64,
    purpose: Purpose,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let block = D::BlockSize::USIZE;
    let diversifier = vec![purpose as u8; block];
    let mut input = Zeroizing::new(Vec::with_capacity(
        filled(salt, block) + filled(password, block),
    ));
    fill(&mut input, salt, block);
    fill(&mut input, password, block);
    let mut output = Zeroizing::new(Vec::with_capacity(length + block));
    while output.len() < length {
        let mut hash = D::new()
            .chain_update(&diversifier)
            .chain_update(input.as_slice())
            .finalize();
        for _ in 1..rounds {
            hash = D::digest(&hash);
        }
        output.extend_from_slice(&hash);
        let mut add = Zeroizing::new(Vec::with_capacity(block));
        add.extend(hash.iter().cycle().take(block));
        hash.as_mut_slice().zeroize();
        for part in input.chunks_mut(block) {
            increase(part, &add);
        }
    }
    output.truncate(length);
    output
}

/// How many octets [`fill`] appends.
const fn filled(part: &[u8], block: usize) -> usize {
    part.len().div_ceil(block) * block
}

/// Appends `part` again and again until it ends on a block; nothing if empty.
fn fill(input: &mut Vec<u8>, part: &[u8], block: usize) {
    input.extend(part.iter().cycle().take(filled(part, block)));
}

/// `number + add + 1` of big-endian numbers, without the carry at the end.
fn increase(number: &mut [u8], add: &[u8]) {
    let mut carry = 1_u16;
    for (digit, add) in number.iter_mut().zip(add).rev() {
        let sum = u16::from(*digit) + u16::from(*add) + carry;
        let [high, low] = sum.to_be_bytes();
        (*digit, carry) = (low, u16::from(high));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_run_through_and_out() {
        let mut number = [0xff, 0xff, 0x00];
        increase(&mut number, &[0x00, 0x00, 0xff]);
        assert_eq!(number, [0x00, 0x00, 0x00]);
    }

    #[test]
    fn parts_fill_whole_blocks() {
        for (length, wanted) in [(0, 0), (1, 64), (64, 64), (65, 128)] {
            let mut input = Vec::new();
            fill(&mut input, &vec![7; length], 64);
            assert_eq!(input.len(), wanted);
        }
    }
}
