//! In steady state no packet costs an allocation, in any suite, good or bad.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::ops::Range;

use azike_crypto::{ChildAlgorithms, DirectionKeys, Encryption, Integrity, Secret};
use azike_esp::{Inbound, NextHeader, Outbound, PacketBuf, SequenceNumbers, Slot};
use azike_wire::EspSpi;

const LENGTHS: [u16; 6] = [20, 64, 576, 1400, 1438, 1500];

#[test]
fn no_packet_allocates() {
    let mut packet = PacketBuf::new(1500);
    for (mut outbound, mut inbound) in every_sa() {
        let allocated = allocation_counter::measure(|| {
            for length in LENGTHS {
                for _ in 0..50 {
                    fill(&mut packet, length);
                    outbound.seal(&mut packet, NextHeader::Ipv4).unwrap();
                    let opened = inbound.open(packet.octets_mut()).unwrap();
                    assert_eq!(opened.packet.len(), usize::from(length));

                    fill(&mut packet, length);
                    outbound.seal(&mut packet, NextHeader::Ipv4).unwrap();
                    if let Some(last) = packet.octets_mut().last_mut() {
                        *last ^= 1;
                    }
                    assert!(inbound.open(packet.octets_mut()).is_err());
                }
            }
        });
        assert_eq!(allocated.count_total, 0, "{outbound:?}");
    }
}

/// 37 packets of all lengths in each batch, one of them forged on its way.
#[test]
fn no_batch_allocates() {
    for (mut outbound, mut inbound) in every_sa() {
        let (mut buffer, slots, ranges) = batch(&outbound);
        let allocated = allocation_counter::measure(|| {
            for round in 0..50 {
                write_inner(&mut buffer, &slots, outbound.overhead().before());
                outbound.seal_batch(&mut buffer, &slots).unwrap();
                let forged = &ranges[round % ranges.len()];
                buffer[forged.start + 30] ^= 1;
                let mut arrived = 0;
                inbound.open_batch(&mut buffer, &ranges, |_, opened| {
                    arrived += usize::from(opened.is_ok());
                });
                assert_eq!(arrived, ranges.len() - 1);
            }
        });
        assert_eq!(allocated.count_total, 0, "{outbound:?}");
    }
}

/// Without this the two tests above could pass because nothing is counted.
#[test]
fn allocations_are_counted() {
    let allocated = allocation_counter::measure(|| drop(std::hint::black_box(Box::new(1_u8))));
    assert_eq!(allocated.count_total, 1);
}

fn batch(outbound: &Outbound) -> (Vec<u8>, Vec<Slot>, Vec<Range<usize>>) {
    let overhead = outbound.overhead();
    let (mut end, mut slots, mut ranges) = (0, Vec::new(), Vec::new());
    for length in LENGTHS.into_iter().cycle().take(37) {
        let (at, inner) = (end, usize::from(length));
        end = at + overhead.sealed(inner);
        ranges.push(at..end);
        slots.push(Slot {
            at,
            inner,
            next_header: NextHeader::Ipv4,
        });
    }
    (vec![0; end], slots, ranges)
}

/// Writes the inner packets: what sealing and a forged packet leave is no IPv4 any more.
fn write_inner(buffer: &mut [u8], slots: &[Slot], before: usize) {
    for slot in slots {
        let room = buffer.get_mut(slot.at + before..).unwrap_or_default();
        let [.., high, low] = slot.inner.to_be_bytes();
        if let Some(start) = room.first_chunk_mut() {
            *start = [0x45, 0, high, low];
        }
    }
}

fn fill(packet: &mut PacketBuf, length: u16) {
    let [high, low] = length.to_be_bytes();
    let filled = packet.fill(|room| {
        if let Some(start) = room.first_chunk_mut() {
            *start = [0x45, 0, high, low];
        }
        Ok::<_, ()>(usize::from(length))
    });
    assert_eq!(filled, Ok(usize::from(length)));
}

/// Both ends of an SA of every suite, with short numbers and with extended ones.
fn every_sa() -> Vec<(Outbound, Inbound)> {
    let spi = EspSpi::new(0x1234_5678).unwrap();
    let mut sas = Vec::new();
    for algorithms in suites() {
        for numbers in [SequenceNumbers::Short, SequenceNumbers::Extended] {
            let keys = keys(algorithms);
            let outbound = Outbound::new(spi, &keys).with_sequence_numbers(numbers);
            let inbound = Inbound::new(spi, &keys).with_sequence_numbers(numbers);
            sas.push((outbound, inbound));
        }
    }
    sas
}

fn suites() -> Vec<ChildAlgorithms> {
    let cbc = Encryption::Aes256Cbc;
    [
        ChildAlgorithms::new(Encryption::Aes128Gcm16, None),
        ChildAlgorithms::new(Encryption::Aes256Gcm16, None),
        ChildAlgorithms::new(Encryption::ChaCha20Poly1305, None),
        ChildAlgorithms::new(Encryption::Aes128Cbc, Some(Integrity::HmacSha256_128)),
        ChildAlgorithms::new(cbc, Some(Integrity::HmacSha1_96)),
        ChildAlgorithms::new(cbc, Some(Integrity::HmacSha256_128)),
        ChildAlgorithms::new(cbc, Some(Integrity::HmacSha384_192)),
        ChildAlgorithms::new(cbc, Some(Integrity::HmacSha512_256)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn keys(algorithms: ChildAlgorithms) -> DirectionKeys {
    let secret = |length| Secret::new(vec![0x42; length].into_boxed_slice());
    let integrity = algorithms.integrity().map_or(0, Integrity::key_length);
    let encryption = algorithms.encryption().keymat_length();
    DirectionKeys::new(algorithms, secret(encryption), secret(integrity)).unwrap()
}
