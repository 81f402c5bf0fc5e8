//! Many packets of one SA, opened where they lie in one receive buffer.
//!
//! ```text
//!   one by one   seen? ─▶ ICV ─▶ accept        seen? ─▶ ICV ─▶ accept      …
//!   a group      seen? seen? … ─▶ the ICVs side by side ─▶ still not seen? accept, …
//! ```

use std::ops::Range;

use azike_crypto::{EspCipher, Sealed};

use super::{Inbound, Opened, unwrap};
use crate::EspDrop;
use crate::rest::Rest;

/// What is known of a packet of a group before its ICV: its sequence number, or why it is dropped.
type Expected = Result<u64, EspDrop>;

impl Inbound {
    /// Opens the ESP packet that lies in `esp` of `buffer`, as [`Inbound::open`] does.
    pub fn open_at(&mut self, buffer: &mut [u8], esp: Range<usize>) -> Result<Opened, EspDrop> {
        let start = esp.start;
        let esp = buffer.get_mut(esp).ok_or(EspDrop::Short)?;
        Ok(self.open_here(esp)?.moved(start))
    }

    /// Opens `packets` of `buffer` in their order, each as [`Inbound::open`] does, and hands what became
    /// of it to `each`, with its place in `packets`.
    ///
    /// A dropped packet does not hinder the others. A range outside of `buffer` is
    /// [`EspDrop::Short`].
    pub fn open_batch(
        &mut self,
        buffer: &mut [u8],
        packets: &[Range<usize>],
        mut each: impl FnMut(usize, Result<Opened, EspDrop>),
    ) {
        let groups = self.cipher.opens_batches_faster();
        let mut place = 0;
        for group in packets.chunks(EspCipher::BATCH) {
            if groups && are_apart(group, buffer.len()) {
                self.open_group(buffer, group, |outcome| {
                    each(place, outcome);
                    place += 1;
                });
            } else {
                for esp in group {
                    each(place, self.open_at(buffer, esp.clone()));
                    place += 1;
                }
            }
        }
    }

    /// Opens a group of at most [`EspCipher::BATCH`] packets that lie apart.
    fn open_group(
        &mut self,
        buffer: &mut [u8],
        group: &[Range<usize>],
        mut each: impl FnMut(Result<Opened, EspDrop>),
    ) {
        let mut rest = Rest::new(buffer);
        let mut expected: [Expected; EspCipher::BATCH] = [Err(EspDrop::Short); EspCipher::BATCH];
        let mut sealed: [Sealed<'_>; EspCipher::BATCH] = Default::default();
        for ((esp, expected), sealed) in group.iter().zip(&mut expected).zip(&mut sealed) {
            let Some(packet) = rest.take(esp.start, esp.len()) else {
                continue;
            };
            *expected = self.expect_fresh(packet);
            // A packet that is dropped anyway stays out: an empty one has no ICV.
            if let Ok(sequence) = *expected {
                sealed.packet = packet;
                sealed.esn_high = self.numbers.high(sequence);
            }
        }
        let sealed = sealed.get_mut(..group.len()).unwrap_or_default();
        self.cipher.open_batch(sealed);
        for ((esp, expected), sealed) in group.iter().zip(expected).zip(sealed) {
            let opened = expected.and_then(|sequence| self.accept(sequence, sealed));
            each(opened.map(|opened| opened.moved(esp.start)));
        }
    }

    fn expect_fresh(&mut self, esp: &[u8]) -> Expected {
        let sequence = self.expect(esp)?;
        let fresh = self.window.check(sequence).map_err(|_| EspDrop::Replayed);
        fresh.map(|_| sequence)
    }

    /// What becomes of a packet of a group once its ICV was looked at. The window is asked again: a
    /// packet in front of it may have had the same number.
    fn accept(&mut self, sequence: u64, sealed: &mut Sealed<'_>) -> Result<Opened, EspDrop> {
        let plaintext = sealed.plaintext.take().ok_or(EspDrop::NotAuthentic)?;
        let fresh = self.window.check(sequence).map_err(|_| EspDrop::Replayed)?;
        fresh.accept();
        unwrap(sealed.packet, plaintext)
    }
}

impl Opened {
    /// The same in a buffer in which the ESP packet begins at `start`.
    fn moved(self, start: usize) -> Self {
        Self {
            next_header: self.next_header,
            packet: start + self.packet.start..start + self.packet.end,
        }
    }
}

/// Whether `group` lies in a buffer of `length` octets in ascending order, and no two share an octet:
/// what is decrypted must not have been another packet's ciphertext.
fn are_apart(group: &[Range<usize>], length: usize) -> bool {
    let mut end = 0;
    group.iter().all(|esp| {
        let apart = end <= esp.start && esp.start <= esp.end;
        end = esp.end;
        apart && end <= length
    })
}
