//! Benchmarks of azike: what they share.
//!
//! `cargo bench -p azike-benches --bench esp_seal` and `--bench esp_open` compare azike-esp with
//! ring alone, AES-256-GCM, on the same octets: the plaintext with its padding, eight octets of
//! additional data, the tag stored behind it. The ratio of the two is what ESP costs.
//!
//! `cargo xtask bench esp` measures the same and more in one interleaved run ([`esp_rows`]).

pub mod batch;
pub mod esp_rows;
pub mod interleaved;

use azike_crypto::{ChildAlgorithms, DirectionKeys, Encryption, Integrity, Secret};
use azike_esp::{Inbound, Outbound, Overhead};
use azike_wire::EspSpi;
use ring::aead::{AES_256_GCM, LessSafeKey, Nonce, UnboundKey};

/// The lengths of the inner packets, in octets.
pub const LENGTHS: [usize; 4] = [64, 512, 1400, 1438];

/// Iterations between two looks at the clock. Fixed, because a short row that is measured one by one
/// beside a row that is measured in groups shows the clock and not the difference.
pub const SAMPLE: u32 = 64;

/// Octets in front of the plaintext: SPI, sequence number, IV.
pub const BEFORE: usize = 16;

/// Octets of the ICV.
pub const ICV: usize = 16;

/// Encryption, and integrity where it stands beside it.
pub type Suite = (Encryption, Option<Integrity>);

/// Every kind of suite.
pub const SUITES: [Suite; 8] = [
    (Encryption::Aes128Gcm16, None),
    (Encryption::Aes256Gcm16, None),
    (Encryption::ChaCha20Poly1305, None),
    (Encryption::Aes128Cbc, Some(Integrity::HmacSha256_128)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha1_96)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha256_128)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha384_192)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha512_256)),
];

/// What a table calls a suite.
pub const fn suite_name((encryption, integrity): Suite) -> &'static str {
    match (encryption, integrity) {
        (Encryption::Aes128Gcm16, _) => "AES-128-GCM",
        (Encryption::Aes256Gcm16, _) => "AES-256-GCM",
        (Encryption::ChaCha20Poly1305, _) => "ChaCha20-Poly1305",
        (Encryption::Aes128Cbc, Some(Integrity::HmacSha256_128)) => "AES-128-CBC SHA-256",
        (Encryption::Aes128Cbc, _) => "AES-128-CBC",
        (Encryption::Aes256Cbc, Some(Integrity::HmacSha1_96)) => "AES-256-CBC SHA-1",
        (Encryption::Aes256Cbc, Some(Integrity::HmacSha256_128)) => "AES-256-CBC SHA-256",
        (Encryption::Aes256Cbc, Some(Integrity::HmacSha384_192)) => "AES-256-CBC SHA-384",
        (Encryption::Aes256Cbc, Some(Integrity::HmacSha512_256)) => "AES-256-CBC SHA-512",
        (Encryption::Aes256Cbc, _) => "AES-256-CBC",
    }
}

/// Both ends of a Child SA of one of [`SUITES`].
///
/// # Panics
///
/// If the suite does not fit together; those of the list do.
#[expect(clippy::expect_used, reason = "documented limit of this function")]
pub fn sa((encryption, integrity): Suite) -> (Outbound, Inbound) {
    let algorithms = ChildAlgorithms::new(encryption, integrity).expect("a suite that fits");
    let secret = |length| Secret::new(vec![7; length].into_boxed_slice());
    let integrity = integrity.map_or(0, Integrity::key_length);
    let keys = DirectionKeys::new(
        algorithms,
        secret(encryption.keymat_length()),
        secret(integrity),
    )
    .expect("keys of the right length");
    let spi = EspSpi::new(0x1234_5678).expect("above 255");
    (Outbound::new(spi, &keys), Inbound::new(spi, &keys))
}

/// Both ends of a Child SA with AES-256-GCM.
pub fn gcm() -> (Outbound, Inbound) {
    sa((Encryption::Aes256Gcm16, None))
}

/// The length of the plaintext of an inner packet: with padding, pad length and next header.
pub const fn plaintext(inner: usize) -> usize {
    Overhead::new(BEFORE - 8, ICV).sealed(inner) - BEFORE - ICV
}

/// ring's AES-256-GCM and nothing else.
///
/// # Panics
///
/// Never: the key has the length that ring asks for.
#[expect(clippy::expect_used, reason = "a key of 32 octets")]
pub fn ring_key() -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).expect("32 octets"))
}

/// A nonce as ESP builds it: four octets of salt, then a counter.
pub fn nonce(counter: u64) -> Nonce {
    let mut octets = [7; 12];
    if let Some(end) = octets.last_chunk_mut() {
        *end = counter.to_be_bytes();
    }
    Nonce::assume_unique_for_key(octets)
}

/// An IPv4 packet of `length` octets that says how long it is.
pub fn ipv4(length: usize) -> Vec<u8> {
    let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    let mut packet = vec![0; length];
    if let Some(start) = packet.first_chunk_mut() {
        *start = [0x45, 0, high, low];
    }
    packet
}
