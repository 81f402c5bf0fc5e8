//! Sealing one packet, against ring alone.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "benchmark code"
)]

use azike_benches::batch::{BATCH, Batch};
use azike_benches::{BEFORE, LENGTHS, SAMPLE, SUITES, gcm, nonce, plaintext, ring_key, sa};
use azike_esp::{NextHeader, Outbound, PacketBuf, SequenceNumbers};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use ring::aead::Aad;

fn main() {
    divan::main();
}

/// What no ESP implementation on ring can beat.
#[divan::bench(args = LENGTHS, sample_size = SAMPLE)]
fn bare_ring(bencher: Bencher<'_, '_>, length: usize) {
    let key = ring_key();
    let text = plaintext(length);
    let mut packet = vec![0; BEFORE + text + 16];
    let mut counter = 0_u64;
    bencher.counter(BytesCount::new(length)).bench_local(|| {
        counter += 1;
        let (header, rest) = packet.split_at_mut(BEFORE);
        let (text, icv) = rest.split_at_mut(text);
        let aad = Aad::from(&header[..8]);
        let tag = key.seal_in_place_separate_tag(nonce(counter), aad, black_box(text));
        icv.copy_from_slice(tag.unwrap().as_ref());
    });
}

/// A packet in a [`PacketBuf`].
#[divan::bench(args = LENGTHS, sample_size = SAMPLE)]
fn azike(bencher: Bencher<'_, '_>, length: usize) {
    let (mut outbound, _) = gcm();
    let mut packet = PacketBuf::new(1500);
    bencher.counter(BytesCount::new(length)).bench_local(|| {
        packet.fill(|_| Ok::<_, ()>(length)).unwrap();
        outbound
            .seal(black_box(&mut packet), NextHeader::Ipv4)
            .unwrap();
    });
}

/// A packet at its final place in a send buffer.
#[divan::bench(args = LENGTHS, sample_size = SAMPLE)]
fn azike_in_place(bencher: Bencher<'_, '_>, length: usize) {
    in_place(bencher, gcm().0, length);
}

/// The same with extended sequence numbers.
#[divan::bench(args = LENGTHS, sample_size = SAMPLE)]
fn azike_esn(bencher: Bencher<'_, '_>, length: usize) {
    let (outbound, _) = gcm();
    in_place(
        bencher,
        outbound.with_sequence_numbers(SequenceNumbers::Extended),
        length,
    );
}

/// Every kind of suite, 64 octets.
#[divan::bench(args = 0..SUITES.len(), sample_size = SAMPLE)]
fn suite_64(bencher: Bencher<'_, '_>, suite: usize) {
    in_place(bencher, sa(SUITES[suite]).0, 64);
}

/// Every kind of suite, 1400 octets.
#[divan::bench(args = 0..SUITES.len(), sample_size = SAMPLE)]
fn suite_1400(bencher: Bencher<'_, '_>, suite: usize) {
    in_place(bencher, sa(SUITES[suite]).0, 1400);
}

/// Every kind of suite, 32 packets of 64 octets in one call. Times are those of the batch.
#[divan::bench(args = 0..SUITES.len())]
fn batch_of_32_64(bencher: Bencher<'_, '_>, suite: usize) {
    batch(bencher, suite, 64);
}

/// Every kind of suite, 32 packets of 1400 octets in one call. Times are those of the batch.
#[divan::bench(args = 0..SUITES.len())]
fn batch_of_32_1400(bencher: Bencher<'_, '_>, suite: usize) {
    batch(bencher, suite, 1400);
}

fn in_place(bencher: Bencher<'_, '_>, mut outbound: Outbound, length: usize) {
    let mut room = vec![0; outbound.overhead().sealed(length)];
    bencher.counter(BytesCount::new(length)).bench_local(|| {
        outbound
            .seal_in(black_box(&mut room), length, NextHeader::Ipv4)
            .unwrap();
    });
}

fn batch(bencher: Bencher<'_, '_>, suite: usize, length: usize) {
    let (mut outbound, _) = sa(SUITES[suite]);
    let mut batch = Batch::new(outbound.overhead(), length);
    bencher
        .counter(ItemsCount::new(BATCH))
        .counter(BytesCount::new(BATCH * length))
        .bench_local(|| batch.seal(&mut outbound));
}
