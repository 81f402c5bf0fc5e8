//! Opening one packet, against ring alone.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "benchmark code"
)]

use azike_benches::batch::{BATCH, Batch};
use azike_benches::{BEFORE, LENGTHS, SAMPLE, SUITES, gcm, ipv4, nonce, plaintext, ring_key, sa};
use azike_esp::{Inbound, NextHeader, Outbound, SequenceNumbers};
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
    let mut sealed = vec![0; BEFORE + text];
    let (header, rest) = sealed.split_at_mut(BEFORE);
    let tag = key.seal_in_place_separate_tag(nonce(1), Aad::from(&header[..8]), rest);
    sealed.extend(tag.unwrap().as_ref());
    bencher
        .counter(BytesCount::new(length))
        .with_inputs(|| sealed.clone())
        .bench_local_refs(|packet| {
            let (header, rest) = packet.split_at_mut(BEFORE);
            let aad = Aad::from(&header[..8]);
            let opened = key.open_in_place(nonce(1), aad, black_box(rest));
            opened.unwrap().len()
        });
}

/// With window, padding, next header and inner length.
#[divan::bench(args = LENGTHS, sample_size = SAMPLE)]
fn azike(bencher: Bencher<'_, '_>, length: usize) {
    open(bencher, gcm(), length);
}

/// The same with extended sequence numbers.
#[divan::bench(args = LENGTHS, sample_size = SAMPLE)]
fn azike_esn(bencher: Bencher<'_, '_>, length: usize) {
    let (outbound, inbound) = gcm();
    let numbers = SequenceNumbers::Extended;
    let ends = (
        outbound.with_sequence_numbers(numbers),
        inbound.with_sequence_numbers(numbers),
    );
    open(bencher, ends, length);
}

/// Every kind of suite, 64 octets.
#[divan::bench(args = 0..SUITES.len(), sample_size = SAMPLE)]
fn suite_64(bencher: Bencher<'_, '_>, suite: usize) {
    open(bencher, sa(SUITES[suite]), 64);
}

/// Every kind of suite, 1400 octets.
#[divan::bench(args = 0..SUITES.len(), sample_size = SAMPLE)]
fn suite_1400(bencher: Bencher<'_, '_>, suite: usize) {
    open(bencher, sa(SUITES[suite]), 1400);
}

/// Every kind of suite, 32 packets of 64 octets in one call. Times are those of the batch.
#[divan::bench(args = 0..SUITES.len(), sample_size = 1)]
fn batch_of_32_64(bencher: Bencher<'_, '_>, suite: usize) {
    batch(bencher, suite, 64);
}

/// Every kind of suite, 32 packets of 1400 octets in one call. Times are those of the batch.
#[divan::bench(args = 0..SUITES.len(), sample_size = 1)]
fn batch_of_32_1400(bencher: Bencher<'_, '_>, suite: usize) {
    batch(bencher, suite, 1400);
}

fn batch(bencher: Bencher<'_, '_>, suite: usize, length: usize) {
    let (mut outbound, mut inbound) = sa(SUITES[suite]);
    let overhead = outbound.overhead();
    bencher
        .counter(ItemsCount::new(BATCH))
        .counter(BytesCount::new(BATCH * length))
        .with_inputs(|| {
            let mut batch = Batch::new(overhead, length);
            batch.seal(&mut outbound);
            batch
        })
        .bench_local_refs(|batch| batch.open(&mut inbound));
}

fn open(bencher: Bencher<'_, '_>, (mut outbound, mut inbound): (Outbound, Inbound), length: usize) {
    let inner = ipv4(length);
    let before = outbound.overhead().before();
    let stride = outbound.overhead().sealed(length);
    bencher
        .counter(BytesCount::new(length))
        .with_inputs(|| {
            let mut packet = vec![0; stride];
            packet[before..before + length].copy_from_slice(&inner);
            outbound
                .seal_in(&mut packet, length, NextHeader::Ipv4)
                .unwrap();
            packet
        })
        .bench_local_refs(|packet| inbound.open(black_box(packet)).unwrap().packet.len());
}
