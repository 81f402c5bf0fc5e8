//! Keys, as Wireshark reads them: lines of its files `ikev2_decryption_table` and `esp_sa`.
//!
//! A pcapng file can carry secrets of TLS, SSH and `WireGuard`, but Wireshark has no type of
//! secret for IKE: its own tables are the only way.

use std::fmt::Write as _;

use azike_crypto::{DirectionKeys, Encryption, IkeKeys, Integrity, Secret};
use azike_wire::{EspSpi, Spi};

/// The line of `ikev2_decryption_table` for an IKE SA. Nothing for a cipher that Wireshark
/// cannot open (ChaCha20-Poly1305).
pub fn ikev2_decryption(spi_i: Spi, spi_r: Spi, keys: &IkeKeys) -> Option<String> {
    let algorithms = keys.algorithms();
    let encryption = match algorithms.encryption() {
        Encryption::Aes128Gcm16 => "AES-GCM-128 with 16 octet ICV [RFC5282]",
        Encryption::Aes256Gcm16 => "AES-GCM-256 with 16 octet ICV [RFC5282]",
        Encryption::Aes128Cbc => "AES-CBC-128 [RFC3602]",
        Encryption::Aes256Cbc => "AES-CBC-256 [RFC3602]",
        Encryption::ChaCha20Poly1305 => return None,
    };
    let integrity = match algorithms.integrity() {
        None => "NONE [RFC4306]",
        Some(Integrity::HmacSha1_96) => "HMAC_SHA1_96 [RFC2404]",
        Some(Integrity::HmacSha256_128) => "HMAC_SHA2_256_128 [RFC4868]",
        Some(Integrity::HmacSha384_192) => "HMAC_SHA2_384_192 [RFC4868]",
        Some(Integrity::HmacSha512_256) => "HMAC_SHA2_512_256 [RFC4868]",
    };
    Some(format!(
        "{spi_i},{spi_r},{},{},\"{encryption}\",{},{},\"{integrity}\"",
        hex(&keys.sk_ei),
        hex(&keys.sk_er),
        hex(&keys.sk_ai),
        hex(&keys.sk_ar),
    ))
}

/// The line of `esp_sa` for one direction of a Child SA. Nothing for a cipher that Wireshark
/// cannot open (ChaCha20-Poly1305).
pub fn esp_sa(spi: EspSpi, keys: &DirectionKeys) -> Option<String> {
    let algorithms = keys.algorithms();
    let encryption = match algorithms.encryption() {
        Encryption::Aes128Gcm16 | Encryption::Aes256Gcm16 => "AES-GCM with 16 octet ICV [RFC4106]",
        Encryption::Aes128Cbc | Encryption::Aes256Cbc => "AES-CBC [RFC3602]",
        Encryption::ChaCha20Poly1305 => return None,
    };
    let (integrity, key) = match algorithms.integrity() {
        None => ("NULL", String::new()),
        Some(integrity) => (esp_integrity(integrity), quoted(keys.integrity_key())),
    };
    Some(format!(
        "\"IPv4\",\"*\",\"*\",\"0x{spi}\",\"{encryption}\",\"{}\",\"{integrity}\",\"{key}\"",
        quoted(keys.encryption_key()),
    ))
}

const fn esp_integrity(integrity: Integrity) -> &'static str {
    match integrity {
        Integrity::HmacSha1_96 => "HMAC-SHA-1-96 [RFC2404]",
        Integrity::HmacSha256_128 => "HMAC-SHA-256-128 [RFC4868]",
        Integrity::HmacSha384_192 => "HMAC-SHA-384-192 [RFC4868]",
        Integrity::HmacSha512_256 => "HMAC-SHA-512-256 [RFC4868]",
    }
}

fn quoted(key: &Secret) -> String {
    format!("0x{}", hex(key))
}

fn hex(key: &Secret) -> String {
    let mut text = String::with_capacity(2 * key.len());
    for octet in key.expose() {
        // Writing to a String does not fail.
        let _written = write!(text, "{octet:02x}");
    }
    text
}
