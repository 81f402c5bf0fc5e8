//! A Child SA with both its ends, packets for it, and repeatable chance.

use azike_crypto::{ChildAlgorithms, DirectionKeys, Encryption, Integrity, Secret};
use azike_esp::{Inbound, NextHeader, Outbound, PacketBuf};
use azike_wire::EspSpi;

/// The SPI of [`pair`].
pub(crate) const SPI: u32 = 0xc0de_0001;

/// Every suite of Azure's ESP policy tables, and what else we offer.
pub(crate) fn suites() -> Vec<ChildAlgorithms> {
    let mut suites = Vec::new();
    for encryption in [
        Encryption::Aes128Gcm16,
        Encryption::Aes256Gcm16,
        Encryption::ChaCha20Poly1305,
    ] {
        suites.push(ChildAlgorithms::new(encryption, None).unwrap());
    }
    for encryption in [Encryption::Aes128Cbc, Encryption::Aes256Cbc] {
        for integrity in [
            Integrity::HmacSha1_96,
            Integrity::HmacSha256_128,
            Integrity::HmacSha384_192,
            Integrity::HmacSha512_256,
        ] {
            suites.push(ChildAlgorithms::new(encryption, Some(integrity)).unwrap());
        }
    }
    suites
}

/// Keys that are different for each `seed`.
pub(crate) fn keys(algorithms: ChildAlgorithms, seed: u64) -> DirectionKeys {
    let mut random = Random::new(seed);
    let integrity = algorithms.integrity().map_or(0, Integrity::key_length);
    let encryption = random.octets(algorithms.encryption().keymat_length());
    let integrity = random.octets(integrity);
    let secret = |octets: Vec<u8>| Secret::new(octets.into_boxed_slice());
    DirectionKeys::new(algorithms, secret(encryption), secret(integrity)).unwrap()
}

/// Both ends of one direction of a Child SA.
pub(crate) fn pair(algorithms: ChildAlgorithms) -> (Outbound, Inbound) {
    let keys = keys(algorithms, 1);
    let spi = EspSpi::new(SPI).unwrap();
    (Outbound::new(spi, &keys), Inbound::new(spi, &keys))
}

/// Both ends with AES-256-GCM.
pub(crate) fn gcm() -> (Outbound, Inbound) {
    pair(ChildAlgorithms::new(Encryption::Aes256Gcm16, None).unwrap())
}

/// An IPv4 packet of `length` octets, at least 20.
pub(crate) fn ipv4(length: usize) -> Vec<u8> {
    let mut packet = Random::new(length as u64).octets(length);
    packet[0] = 0x45;
    packet[2..4].copy_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
    packet
}

/// An IPv6 packet of `length` octets, at least 40.
pub(crate) fn ipv6(length: usize) -> Vec<u8> {
    let mut packet = Random::new(length as u64).octets(length);
    packet[0] = 0x60;
    packet[4..6].copy_from_slice(&u16::try_from(length - 40).unwrap().to_be_bytes());
    packet
}

/// The ESP packet of `inner`.
pub(crate) fn seal(outbound: &mut Outbound, inner: &[u8]) -> Vec<u8> {
    let mut packet = PacketBuf::new(1600);
    let filled = packet.fill(|room| {
        room[..inner.len()].copy_from_slice(inner);
        Ok::<_, ()>(inner.len())
    });
    assert_eq!(filled, Ok(inner.len()));
    let version = NextHeader::of(inner).unwrap();
    outbound.seal(&mut packet, version).unwrap();
    packet.octets().to_vec()
}

/// The same run for the same seed (xorshift).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ (seed << 17) ^ seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number from 0 to below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub(crate) fn octets(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_be_bytes()[3]).collect()
    }
}
