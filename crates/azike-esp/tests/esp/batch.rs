//! Batches: the same octets and the same judgements as one packet at a time.

use std::ops::Range;

use azike_crypto::ChildAlgorithms;
use azike_esp::{
    BatchError, EspDrop, Inbound, NextHeader, Opened, Outbound, SealError, SequenceNumbers, Slot,
};
use azike_wire::EspSpi;

use crate::sa::{Random, SPI, gcm, ipv4, ipv6, keys, suites};

const BOTH: [SequenceNumbers; 2] = [SequenceNumbers::Short, SequenceNumbers::Extended];

#[test]
fn batch_is_sealed_like_packets_one_by_one_and_opens_one_by_one() {
    for (algorithms, numbers) in every_sa() {
        for lengths in mixes() {
            let what = format!("{algorithms:?} {numbers:?} {lengths:?}");
            let inner = packets(&lengths);
            let (mut batch, mut inbound) = pair(algorithms, numbers);
            let (mut single, _) = pair(algorithms, numbers);
            let (mut buffer, slots) = laid_out(&batch, &inner, 0);
            let mut expected = buffer.clone();

            assert_eq!(batch.seal_batch(&mut buffer, &slots), Ok(()), "{what}");
            for slot in &slots {
                let room = &mut expected[slot.at..];
                single.seal_in(room, slot.inner, slot.next_header).unwrap();
            }
            assert!(buffer == expected, "{what}");
            assert_eq!(batch.sequence(), single.sequence());
            for (slot, inner) in slots.iter().zip(&inner) {
                let esp = &mut buffer[esp(&batch, slot)];
                assert_eq!(inbound.open(esp).unwrap().packet, inner, "{what}");
            }
        }
    }
}

#[test]
fn packets_sealed_one_by_one_open_as_a_batch() {
    for (algorithms, numbers) in every_sa() {
        for lengths in mixes() {
            let inner = packets(&lengths);
            let (mut outbound, mut inbound) = pair(algorithms, numbers);
            let (mut buffer, slots) = laid_out(&outbound, &inner, 0);
            for slot in &slots {
                let room = &mut buffer[slot.at..];
                outbound
                    .seal_in(room, slot.inner, slot.next_header)
                    .unwrap();
            }
            let ranges: Vec<_> = slots.iter().map(|slot| esp(&outbound, slot)).collect();
            for (place, opened) in open_batch(&mut inbound, &mut buffer, &ranges) {
                let opened = opened.unwrap();
                assert_eq!(opened.next_header, slots[place].next_header);
                assert_eq!(buffer[opened.packet], inner[place], "{algorithms:?}");
            }
            for (_, again) in open_batch(&mut inbound, &mut buffer, &ranges) {
                assert_eq!(again, Err(EspDrop::Replayed), "{algorithms:?}");
            }
        }
    }
}

/// Each kind of bad packet between good ones, and a good one twice: only the good ones arrive, once.
#[test]
fn bad_packets_of_a_batch_are_dropped_and_the_others_arrive() {
    for (algorithms, numbers) in every_sa() {
        let (mut outbound, mut inbound) = pair(algorithms, numbers);
        let inner = packets(&[100; 9]);
        let (mut buffer, slots) = laid_out(&outbound, &inner, 0);
        outbound.seal_batch(&mut buffer, &slots).unwrap();
        let mut ranges: Vec<_> = slots.iter().map(|slot| esp(&outbound, slot)).collect();

        buffer[ranges[1].start] ^= 1;
        buffer[ranges[2].end - 1] ^= 1;
        buffer[ranges[3].start + 30] ^= 1;
        ranges[4].end = ranges[4].start + 20;
        let copy = buffer[ranges[5].clone()].to_vec();
        buffer[ranges[6].clone()].copy_from_slice(&copy);
        ranges[8].end = buffer.len() + 1;

        let outcomes: Vec<_> = open_batch(&mut inbound, &mut buffer, &ranges)
            .into_iter()
            .map(|(_, outcome)| outcome.map(|opened| opened.packet.len()))
            .collect();
        let expected = [
            Ok(100),
            Err(EspDrop::UnknownSpi),
            Err(EspDrop::NotAuthentic),
            Err(EspDrop::NotAuthentic),
            Err(EspDrop::Short),
            Ok(100),
            Err(EspDrop::Replayed),
            Ok(100),
            Err(EspDrop::Short),
        ];
        assert_eq!(outcomes, expected, "{algorithms:?} {numbers:?}");
        assert_eq!(inbound.highest(), 8);
    }
}

/// A batch may name its packets in any order, and a place twice; each arrives once.
#[test]
fn packets_of_a_batch_open_in_any_order() {
    for (algorithms, numbers) in every_sa() {
        let (mut outbound, mut inbound) = pair(algorithms, numbers);
        let inner = packets(&[100; 12]);
        let (mut buffer, slots) = laid_out(&outbound, &inner, 0);
        outbound.seal_batch(&mut buffer, &slots).unwrap();
        let mut ranges: Vec<_> = slots.iter().map(|slot| esp(&outbound, slot)).collect();
        ranges.reverse();
        ranges.push(ranges[0].clone());
        let mut outcomes = open_batch(&mut inbound, &mut buffer, &ranges);
        let twice = outcomes.pop().map(|(_, outcome)| outcome.is_err());
        assert_eq!(twice, Some(true), "{algorithms:?}");
        for ((_, opened), inner) in outcomes.into_iter().zip(inner.iter().rev()) {
            assert_eq!(buffer[opened.unwrap().packet], inner[..], "{algorithms:?}");
        }
    }
}

/// Slots that reach beyond the buffer, go back, or overlap: what comes before them is sealed, what
/// comes from there on is as it was, and the next number is not used.
#[test]
fn batch_without_room_stops_there() {
    for (algorithms, numbers) in every_sa() {
        for bad in [0, 1, 7, 8, 9, 19] {
            for fault in [Fault::Beyond, Fault::Back, Fault::Overlaps] {
                if bad == 0 && fault != Fault::Beyond {
                    continue;
                }
                let (mut outbound, mut inbound) = pair(algorithms, numbers);
                let inner = packets(&[60; 20]);
                let (mut buffer, mut slots) = laid_out(&outbound, &inner, 3);
                slots[bad].at = match fault {
                    Fault::Beyond => buffer.len() - outbound.overhead().sealed(60) + 1,
                    Fault::Back => 0,
                    Fault::Overlaps => slots[bad].at - 4,
                };
                let before = buffer.clone();
                let ended = outbound.seal_batch(&mut buffer, &slots);
                let reason = SealError::NoRoom;
                let sealed = bad;
                assert_eq!(ended, Err(BatchError { sealed, reason }), "{fault:?}");
                assert_eq!(outbound.sequence(), bad as u64);
                let end = slots[..bad]
                    .last()
                    .map_or(0, |slot| esp(&outbound, slot).end);
                assert!(buffer[end..] == before[end..], "{algorithms:?} {fault:?}");
                for slot in &slots[..bad] {
                    let esp = &mut buffer[esp(&outbound, slot)];
                    assert!(inbound.open(esp).is_ok(), "{algorithms:?} {fault:?}");
                }
            }
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    Beyond,
    Back,
    Overlaps,
}

#[test]
fn empty_batch_does_nothing() {
    let (mut outbound, mut inbound) = gcm();
    assert_eq!(outbound.seal_batch(&mut [], &[]), Ok(()));
    assert_eq!(outbound.sequence(), 0);
    assert_eq!(open_batch(&mut inbound, &mut [], &[]), []);
}

/// Octets between the slots belong to somebody else (the headers of datagrams, for one).
#[test]
fn octets_between_the_slots_stay_as_they_are() {
    for (algorithms, numbers) in every_sa() {
        let (mut outbound, _) = pair(algorithms, numbers);
        let inner = packets(&[20, 1400, 64, 700]);
        let (mut buffer, slots) = laid_out(&outbound, &inner, 11);
        let before = buffer.clone();
        outbound.seal_batch(&mut buffer, &slots).unwrap();
        let mut at = 0;
        for slot in &slots {
            assert_eq!(buffer[at..slot.at], before[at..slot.at]);
            at = esp(&outbound, slot).end;
        }
        assert_eq!(buffer[at..], before[at..]);
    }
}

fn every_sa() -> impl Iterator<Item = (ChildAlgorithms, SequenceNumbers)> {
    let suites = suites().into_iter();
    suites.flat_map(|algorithms| BOTH.map(|numbers| (algorithms, numbers)))
}

/// Lengths of inner packets: all alike, all different, short ones between long ones, and as chance
/// has it; fewer and more than are worked on side by side.
fn mixes() -> Vec<Vec<usize>> {
    let mut mixes = vec![
        vec![1400],
        vec![20; 2],
        vec![1400; 8],
        vec![1400; 9],
        (0..33).map(|place| 20 + 43 * place).collect(),
        (0..17)
            .map(|place| if place % 2 == 0 { 40 } else { 1438 })
            .collect(),
    ];
    let mut random = Random::new(8);
    for _ in 0..20 {
        let count = 1 + random.below(40);
        mixes.push((0..count).map(|_| 40 + random.below(1500)).collect());
    }
    mixes
}

fn packets(lengths: &[usize]) -> Vec<Vec<u8>> {
    let packet = |(place, &length): (usize, &usize)| {
        if place % 3 == 2 && length >= 40 {
            ipv6(length)
        } else {
            ipv4(length)
        }
    };
    lengths.iter().enumerate().map(packet).collect()
}

/// The inner packets at their places in a buffer, with `gap` octets before each and at the end.
fn laid_out(outbound: &Outbound, inner: &[Vec<u8>], gap: usize) -> (Vec<u8>, Vec<Slot>) {
    let overhead = outbound.overhead();
    let mut buffer = Vec::new();
    let mut slots = Vec::new();
    for packet in inner {
        buffer.resize(buffer.len() + gap, 0xaa);
        let at = buffer.len();
        buffer.resize(at + overhead.before(), 0xbb);
        buffer.extend(packet);
        buffer.resize(at + overhead.sealed(packet.len()), 0xcc);
        slots.push(Slot {
            at,
            inner: packet.len(),
            next_header: NextHeader::of(packet).unwrap(),
        });
    }
    buffer.resize(buffer.len() + gap, 0xaa);
    (buffer, slots)
}

fn esp(outbound: &Outbound, slot: &Slot) -> Range<usize> {
    slot.at..slot.at + outbound.overhead().sealed(slot.inner)
}

fn open_batch(
    inbound: &mut Inbound,
    buffer: &mut [u8],
    ranges: &[Range<usize>],
) -> Vec<(usize, Result<Opened, EspDrop>)> {
    let mut outcomes = Vec::new();
    inbound.open_batch(buffer, ranges, |place, outcome| {
        outcomes.push((place, outcome));
    });
    let places = outcomes.iter().map(|(place, _)| *place);
    assert!(
        places.eq(0..ranges.len()),
        "each packet once, in their order"
    );
    outcomes
}

fn pair(algorithms: ChildAlgorithms, numbers: SequenceNumbers) -> (Outbound, Inbound) {
    let keys = keys(algorithms, 1);
    let spi = EspSpi::new(SPI).unwrap();
    (
        Outbound::new(spi, &keys).with_sequence_numbers(numbers),
        Inbound::new(spi, &keys).with_sequence_numbers(numbers),
    )
}
