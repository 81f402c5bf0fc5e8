//! Legal messages with something broken in them: no panic, and the invariants hold.

use crate::random::Xorshift;
use crate::{arbitrary, golden, invariant};

#[test]
fn no_broken_message_breaks_the_reader() {
    for seed in 1..=20_000 {
        let random = &mut Xorshift::new(seed);
        let mut octets = arbitrary::message(random);
        for _ in 0..=random.below(4) {
            mutate(random, &mut octets);
        }
        if random.one_in(2) {
            mend_length(&mut octets);
        }
        invariant::check(&octets);
    }
}

#[test]
fn no_broken_golden_message_breaks_the_reader() {
    for (name, original) in golden::messages() {
        for seed in 1..=2_000 {
            let random = &mut Xorshift::new(seed);
            let mut octets = original.clone();
            mutate(random, &mut octets);
            mend_length(&mut octets);
            invariant::check(&octets);
        }
        invariant::check(&original);
        assert!(!original.is_empty(), "{name}");
    }
}

/// N-1, N-3: a message cut off anywhere, with and without a length field that says so.
#[test]
fn every_prefix_of_a_golden_message_is_refused_or_whole() {
    for (_, octets) in golden::messages() {
        for length in 0..octets.len() {
            let mut prefix = octets[..length].to_vec();
            invariant::check(&prefix);
            mend_length(&mut prefix);
            invariant::check(&prefix);
        }
    }
}

#[test]
fn noise_is_harmless() {
    for seed in 1..=20_000 {
        let random = &mut Xorshift::new(seed);
        invariant::check(&random.octets(120));
    }
}

/// Breaks one thing: a bit, an octet, the length, a run of octets.
fn mutate(random: &mut Xorshift, octets: &mut Vec<u8>) {
    let at = random.below(octets.len().max(1));
    match random.below(6) {
        0 => octets.truncate(at),
        1 => octets.extend(random.octets(40)),
        2 if at < octets.len() => octets[at] ^= 1 << random.below(8),
        3 if at < octets.len() => octets[at] = [0, 1, 3, 4, 0x7f, 0x80, 0xff][random.below(7)],
        4 if at < octets.len() => drop(octets.remove(at)),
        _ => octets.insert(at.min(octets.len()), random.u8()),
    }
}

/// Makes the length field of the header right, so that the payloads are looked at.
fn mend_length(octets: &mut [u8]) {
    let length = u32::try_from(octets.len()).unwrap();
    if let Some(field) = octets.get_mut(24..28) {
        field.copy_from_slice(&length.to_be_bytes());
    }
}
