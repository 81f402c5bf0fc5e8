//! Pseudo-random octets that both sides can make, from any place on: AES-256-GCM over zeros, block by block. Faster
//! than what is tested, also where our own code is not optimised.

use anyhow::{Result, anyhow};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// Octets that are made at once.
pub const BLOCK: usize = 64 << 10;

/// Which way a stream goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// From who connected.
    There,
    /// To who connected.
    Back,
}

/// An endless row of octets.
#[derive(Debug)]
pub struct Stream {
    key: LessSafeKey,
    way: Way,
}

impl Stream {
    /// The one of `seed`; each way has its own.
    pub fn new(seed: u64, way: Way) -> Result<Self> {
        let key = [seed.to_be_bytes(); 4].concat();
        let key = UnboundKey::new(&AES_256_GCM, &key).map_err(|_| anyhow!("a key of 32 octets"))?;
        let key = LessSafeKey::new(key);
        Ok(Self { key, way })
    }

    /// Fills `room` with the first octets of block `number`; a block has [`BLOCK`] of them.
    pub fn fill(&self, number: u64, room: &mut [u8]) -> Result<()> {
        room.fill(0);
        let way = match self.way {
            Way::There => 0,
            Way::Back => 1,
        };
        let mut nonce = [way; 12];
        for (to, from) in nonce.iter_mut().zip(number.to_be_bytes()) {
            *to = from;
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        let sealed = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::empty(), room);
        sealed.map(drop).map_err(|_| anyhow!("a block is too long"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(seed: u64, way: Way, number: u64, length: usize) -> Vec<u8> {
        let mut room = vec![7; length];
        let stream = Stream::new(seed, way).unwrap();
        stream.fill(number, &mut room).unwrap();
        room
    }

    #[test]
    fn a_block_is_always_the_same_and_no_other_one() {
        let first = block(1, Way::There, 0, BLOCK);
        assert_eq!(first, block(1, Way::There, 0, BLOCK));
        assert_eq!(&first[..100], block(1, Way::There, 0, 100));
        for other in [
            block(2, Way::There, 0, 100),
            block(1, Way::Back, 0, 100),
            block(1, Way::There, 1, 100),
            block(1, Way::There, 1 << 40, 100),
        ] {
            let same = first.iter().zip(&other).filter(|(a, b)| a == b).count();
            assert!(same < 10, "{same} of 100 octets are the same");
        }
    }
}
