//! Packets of one length at their places in one buffer, and what sealing and opening them takes.

use std::hint::black_box;
use std::ops::Range;

use azike_esp::{Inbound, NextHeader, Outbound, Overhead, Slot};
use ring::aead::{Aad, LessSafeKey};

use crate::{BEFORE, ICV, ipv4, nonce, ring_key};

/// How many packets a batch has.
pub const BATCH: usize = 32;

/// [`BATCH`] inner packets in a buffer, with room for what ESP adds.
#[derive(Debug)]
pub struct Batch {
    /// The send buffer, and the receive buffer.
    pub buffer: Vec<u8>,
    /// Where the packets are, to seal them.
    pub slots: Vec<Slot>,
    /// Where the ESP packets are, to open them.
    pub ranges: Vec<Range<usize>>,
}

impl Batch {
    /// Packets of `length` octets for a suite with this `overhead`.
    pub fn new(overhead: Overhead, length: usize) -> Self {
        let stride = overhead.sealed(length);
        let mut room = vec![0; overhead.before()];
        room.extend(ipv4(length));
        room.resize(stride, 0);
        let places = (0..BATCH).map(|place| place * stride);
        Self {
            buffer: room.repeat(BATCH),
            slots: places
                .clone()
                .map(|at| Slot {
                    at,
                    inner: length,
                    next_header: NextHeader::Ipv4,
                })
                .collect(),
            ranges: places.map(|at| at..at + stride).collect(),
        }
    }

    /// Seals the packets one by one.
    ///
    /// # Panics
    ///
    /// If one is refused.
    #[expect(clippy::expect_used, reason = "documented limit of this function")]
    pub fn seal_singly(&mut self, outbound: &mut Outbound) {
        for slot in &self.slots {
            let room = self.buffer.get_mut(slot.at..).unwrap_or_default();
            outbound
                .seal_in(black_box(room), slot.inner, slot.next_header)
                .expect("room, and sequence numbers");
        }
    }

    /// Seals the packets with one call.
    ///
    /// # Panics
    ///
    /// If one is refused.
    #[expect(clippy::expect_used, reason = "documented limit of this function")]
    pub fn seal(&mut self, outbound: &mut Outbound) {
        outbound
            .seal_batch(black_box(&mut self.buffer), &self.slots)
            .expect("room, and sequence numbers");
    }

    /// Opens the packets one by one; they are inner packets again afterwards.
    ///
    /// # Panics
    ///
    /// If one is refused.
    #[expect(clippy::expect_used, reason = "documented limit of this function")]
    pub fn open_singly(&mut self, inbound: &mut Inbound) {
        for range in &self.ranges {
            let opened = inbound.open_at(black_box(&mut self.buffer), range.clone());
            black_box(opened.expect("sealed, and not opened before"));
        }
    }

    /// Opens the packets with one call.
    ///
    /// # Panics
    ///
    /// If one is refused.
    #[expect(clippy::expect_used, reason = "documented limit of this function")]
    pub fn open(&mut self, inbound: &mut Inbound) {
        inbound.open_batch(black_box(&mut self.buffer), &self.ranges, |_, opened| {
            black_box(opened.expect("sealed, and not opened before"));
        });
    }
}

/// ring's AES-256-GCM alone on the octets of a [`Batch`]: what no ESP on ring can beat.
///
/// The plaintext with its padding, eight octets of additional data, a nonce from a counter, the tag
/// stored behind it.
#[derive(Debug)]
pub struct BareRing {
    key: LessSafeKey,
    counter: u64,
    batch: Batch,
}

impl BareRing {
    /// For inner packets of `length` octets.
    pub fn new(length: usize) -> Self {
        Self {
            key: ring_key(),
            counter: 0,
            batch: Batch::new(Overhead::new(BEFORE - 8, ICV), length),
        }
    }

    /// Encrypts the packets.
    ///
    /// # Panics
    ///
    /// Never: ring refuses only texts of 64 GiB and more.
    #[expect(
        clippy::expect_used,
        clippy::indexing_slicing,
        reason = "documented limit of this function; the lengths are those of the batch"
    )]
    pub fn seal(&mut self) {
        for range in &self.batch.ranges {
            self.counter += 1;
            let packet = black_box(&mut self.batch.buffer[range.clone()]);
            let (header, rest) = packet.split_at_mut(BEFORE);
            let (text, icv) = rest.split_at_mut(rest.len() - ICV);
            let aad = Aad::from(&header[..8]);
            let tag = self
                .key
                .seal_in_place_separate_tag(nonce(self.counter), aad, text);
            icv.copy_from_slice(tag.expect("a short text").as_ref());
        }
    }

    /// Decrypts the packets of the last [`BareRing::seal`].
    ///
    /// # Panics
    ///
    /// If they were decrypted before.
    #[expect(
        clippy::expect_used,
        clippy::indexing_slicing,
        reason = "documented limit of this function; the lengths are those of the batch"
    )]
    pub fn open(&mut self) {
        let first = self.counter + 1 - BATCH as u64;
        for (counter, range) in (first..).zip(&self.batch.ranges) {
            let packet = black_box(&mut self.batch.buffer[range.clone()]);
            let (header, text) = packet.split_at_mut(BEFORE);
            let aad = Aad::from(&header[..8]);
            let opened = self.key.open_in_place(nonce(counter), aad, text);
            black_box(opened.expect("sealed before").len());
        }
    }
}
