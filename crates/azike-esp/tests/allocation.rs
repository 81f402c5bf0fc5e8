//! In steady state no packet costs an allocation, in any suite, good or bad.
#![expect(
    unsafe_code,
    reason = "counts calls of the system allocator, which it hands everything on to"
)]
#![expect(clippy::unwrap_used, reason = "test code")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use azike_crypto::{ChildAlgorithms, DirectionKeys, Encryption, Integrity, Secret};
use azike_esp::{Inbound, NextHeader, Outbound, PacketBuf};
use azike_wire::EspSpi;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system allocator as it came; counting touches no memory of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the promises of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the promises of `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn no_packet_allocates() {
    let mut packet = PacketBuf::new(1500);
    for algorithms in suites() {
        let keys = keys(algorithms);
        let spi = EspSpi::new(0x1234_5678).unwrap();
        let mut outbound = Outbound::new(spi, &keys);
        let mut inbound = Inbound::new(spi, &keys);
        let before = ALLOCATIONS.get();
        for length in [20_u16, 64, 576, 1400, 1438, 1500] {
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
        assert_eq!(ALLOCATIONS.get() - before, 0, "{algorithms:?}");
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
