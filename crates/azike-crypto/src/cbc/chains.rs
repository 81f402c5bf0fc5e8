//! Several AES-CBC chains in lock step.
//!
//! ```text
//!   packet 0   once ─▶ E ─▶ ⊕ text ─▶ E ─▶ ⊕ text ─▶ E ─▶ …
//!   packet 1   once ─▶ E ─▶ ⊕ text ─▶ E ─▶ ⊕ text ─▶ E ─▶ …
//!   …                  │              │              │
//!                      └ a row        └ a row        └ a row
//! ```
//!
//! In a chain each block waits for the one before it, so one packet leaves most of the processor's AES units
//! idle. The blocks of a row do not wait for each other.

use aes::Block;
use aes::cipher::common::BlockSizeUser;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncBackend, BlockCipherEncClosure};

/// How many chains go side by side: enough to fill the AES units, few enough for the registers.
pub(crate) const CHAINS: usize = 8;

/// The chains, at most [`CHAINS`], each with the zero IV. They may have different lengths.
#[derive(Debug)]
pub(super) struct Chains<'c, 't>(pub(super) &'c mut [&'t mut [Block]]);

impl BlockSizeUser for Chains<'_, '_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Chains<'_, '_> {
    #[expect(
        clippy::inline_always,
        reason = "the library calls it in a function that is compiled for the AES instructions; \
                  outside of that function each block would be a call"
    )]
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let mut last = [Block::default(); CHAINS];
        let rows = self.0.iter().map(|chain| chain.len()).max().unwrap_or(0);
        for row in 0..rows {
            for (chain, last) in self.0.iter_mut().zip(&mut last) {
                if let Some(block) = chain.get_mut(row) {
                    let sum = u128::from_ne_bytes(last.0) ^ u128::from_ne_bytes(block.0);
                    *last = Block::from(sum.to_ne_bytes());
                    backend.encrypt_block_inplace(last);
                    *block = *last;
                }
            }
        }
    }
}
