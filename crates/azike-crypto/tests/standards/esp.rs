//! Whole ESP packets.

use azike_crypto::{
    BadLayout, ChildAlgorithms, DirectionKeys, Encryption, EspCipher, Integrity, Prf,
};

use crate::numbers::{file, hex, number, octets, secret, tests};

const MCGREW: &str = include_str!("../vectors/mcgrew_gcm_esp.json");
const RFC_3602_CBC: &str = include_str!("../vectors/rfc3602_cbc.json");
const RFC_3602_ESP: &str = include_str!("../vectors/rfc3602_esp.json");
const RFC_7634: &str = include_str!("../vectors/rfc7634.json");

const ALL: [(Encryption, Option<Integrity>); 8] = [
    (Encryption::Aes128Gcm16, None),
    (Encryption::Aes256Gcm16, None),
    (Encryption::ChaCha20Poly1305, None),
    (Encryption::Aes128Cbc, Some(Integrity::HmacSha1_96)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha1_96)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha256_128)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha384_192)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha512_256)),
];

/// The packets of draft-mcgrew-gcm-test, with and without extended sequence
/// numbers.
#[test]
fn mcgrew_aes_gcm_packets_open() {
    let cases = tests(MCGREW);
    assert!(cases.len() >= 10);
    for case in cases {
        let keymat = [octets(&case, "key"), octets(&case, "salt")].concat();
        let encryption = match keymat.len() {
            20 => Encryption::Aes128Gcm16,
            _ => Encryption::Aes256Gcm16,
        };
        let cipher = cipher(encryption, None, &keymat, &[]);
        let esn = case["esn"].as_bool().unwrap();
        let esn_high = esn.then(|| u32::from_str_radix(case["seq_hi"].as_str().unwrap(), 16));
        let esn_high = esn_high.map(Result::unwrap);

        let mut packet = octets(&case, "esp");
        let range = cipher.open_in_place(esn_high, &mut packet).unwrap();
        assert_eq!(
            packet[range],
            octets(&case, "plaintext_with_trailer"),
            "{case}"
        );

        let other_half = esn_high.map_or(Some(0), |high| Some(high ^ 1));
        let mut packet = octets(&case, "esp");
        assert!(
            cipher.open_in_place(other_half, &mut packet).is_none(),
            "{case}"
        );
        let mut packet = octets(&case, "esp");
        assert_eq!(
            cipher.open_in_place(None, &mut packet).is_some(),
            !esn,
            "{case}"
        );
    }
}

/// RFC 7634, appendix A: the packet behind its outer IPv4 header.
#[test]
fn rfc_7634_chacha20_poly1305_packet_opens() {
    let case = file(RFC_7634);
    let cipher = cipher(
        Encryption::ChaCha20Poly1305,
        None,
        &octets(&case, "keymat"),
        &[],
    );
    let mut packet = octets(&case["esp"], "ip_esp_packet").split_off(20);
    let range = cipher.open_in_place(None, &mut packet).unwrap();
    assert_eq!(range, 16..packet.len() - 16);
    let source = octets(&case["esp"], "source_packet");
    let trailer = hex("01020204");
    assert_eq!(packet[range], [source, trailer].concat());
}

/// RFC 3602, cases 1 to 4, as the text of packets. The examples have no
/// integrity: the ICV is added here.
#[test]
fn rfc_3602_aes_cbc_text_opens() {
    for case in tests(RFC_3602_CBC) {
        let packet = [
            hex("0000432100000001"),
            octets(&case, "iv"),
            octets(&case, "ct"),
        ]
        .concat();
        let opened = open_with_icv(&octets(&case, "key"), packet);
        assert_eq!(opened, octets(&case, "pt"), "{case}");
    }
}

/// RFC 3602, cases 5 to 8.
#[test]
fn rfc_3602_esp_packets_open() {
    for case in tests(RFC_3602_ESP) {
        let packet = octets(&case, "esp");
        assert_eq!(packet[..4], number::<u32>(&case, "spi").to_be_bytes());
        let opened = open_with_icv(&octets(&case, "key"), packet);
        assert_eq!(opened, octets(&case, "plaintext_with_trailer"), "{case}");
    }
}

fn open_with_icv(key: &[u8], mut packet: Vec<u8>) -> Vec<u8> {
    let integrity_key = [0x0b; 32];
    let cipher = cipher(
        Encryption::Aes128Cbc,
        Some(Integrity::HmacSha256_128),
        key,
        &integrity_key,
    );
    let icv = Prf::HmacSha256.mac(&integrity_key, &[&packet]);
    packet.extend_from_slice(&icv[..16]);
    let range = cipher.open_in_place(None, &mut packet).unwrap();
    packet[range].to_vec()
}

#[test]
fn what_is_sealed_opens() {
    for (encryption, integrity) in ALL {
        let cipher = counting(encryption, integrity);
        for blocks in [1, 2, 5, 90] {
            for esn_high in [None, Some(0), Some(7)] {
                let text: Vec<u8> = (0..=255).cycle().take(16 * blocks).collect();
                let mut packet = layout(&cipher, &text);
                cipher.seal_in_place(9, esn_high, &mut packet).unwrap();
                assert_eq!(packet[..8], hex("c0ffee0100000009"));
                assert!(!packet.windows(16).any(|window| window == &text[..16]));
                let range = cipher.open_in_place(esn_high, &mut packet).unwrap();
                assert_eq!(packet[range], text, "{encryption:?} {integrity:?}");
            }
        }
    }
}

/// Every bit of the packet is under the ICV, and so is the upper half of the
/// sequence number that is not in the packet.
#[test]
fn a_flipped_bit_does_not_open() {
    for (encryption, integrity) in ALL {
        let cipher = counting(encryption, integrity);
        let mut sealed = layout(&cipher, &[3; 32]);
        cipher.seal_in_place(1, Some(2), &mut sealed).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut packet = sealed.clone();
            packet[bit / 8] ^= 1 << (bit % 8);
            assert!(
                cipher.open_in_place(Some(2), &mut packet).is_none(),
                "bit {bit}"
            );
        }
        assert!(cipher.open_in_place(Some(3), &mut sealed.clone()).is_none());
        assert!(cipher.open_in_place(None, &mut sealed.clone()).is_none());
        assert!(cipher.open_in_place(Some(2), &mut sealed).is_some());
    }
}

#[test]
fn a_short_packet_does_not_open() {
    for (encryption, integrity) in ALL {
        let cipher = counting(encryption, integrity);
        let mut sealed = layout(&cipher, &[3; 32]);
        cipher.seal_in_place(1, None, &mut sealed).unwrap();
        for length in 0..sealed.len() {
            let mut packet = sealed[..length].to_vec();
            assert!(
                cipher.open_in_place(None, &mut packet).is_none(),
                "{length} octets"
            );
        }
    }
}

#[test]
fn a_bad_layout_is_not_sealed() {
    for (encryption, integrity) in ALL {
        let cipher = counting(encryption, integrity);
        let frame = cipher.header_length() + cipher.icv_length();
        for length in 0..frame {
            let result = cipher.seal_in_place(1, None, &mut vec![0; length]);
            assert_eq!(result, Err(BadLayout), "{length} octets");
        }
        for text in 0..64 {
            let result = cipher.seal_in_place(1, None, &mut vec![0; frame + text]);
            assert_eq!(
                result.is_ok(),
                text % cipher.alignment() == 0,
                "{text} octets of text"
            );
        }
    }
}

/// A key never sees an IV twice, and nobody can foresee that of CBC: it is
/// neither the sequence number nor close to the one before.
#[test]
fn every_sequence_number_has_its_own_iv() {
    for (encryption, integrity) in ALL {
        let cipher = counting(encryption, integrity);
        let mut seen = std::collections::BTreeSet::new();
        for sequence in 1..200 {
            for esn_high in [0, 1] {
                let mut packet = layout(&cipher, &[0; 16]);
                cipher
                    .seal_in_place(sequence, Some(esn_high), &mut packet)
                    .unwrap();
                let iv = packet[8..cipher.header_length()].to_vec();
                if !encryption.is_aead() {
                    assert!(!iv.ends_with(&sequence.to_be_bytes()));
                }
                assert!(seen.insert(iv));
            }
        }
    }
}

#[test]
fn keys_have_the_length_of_their_algorithm() {
    for (encryption, integrity) in ALL {
        let algorithms = ChildAlgorithms::new(encryption, integrity).unwrap();
        let right = (
            encryption.keymat_length(),
            integrity.map_or(0, Integrity::key_length),
        );
        for wrong in [
            (right.0 - 1, right.1),
            (right.0 + 1, right.1),
            (right.0, right.1 + 1),
        ] {
            let keys = (secret(vec![1; wrong.0]), secret(vec![1; wrong.1]));
            assert!(DirectionKeys::new(algorithms, keys.0, keys.1).is_none());
        }
    }
    assert!(ChildAlgorithms::new(Encryption::Aes256Cbc, None).is_none());
    let integrity = Some(Integrity::HmacSha256_128);
    assert!(ChildAlgorithms::new(Encryption::Aes256Gcm16, integrity).is_none());
}

#[test]
fn debug_shows_no_key() {
    let algorithms = ChildAlgorithms::new(Encryption::Aes256Gcm16, None).unwrap();
    let keys = DirectionKeys::new(algorithms, secret([0xab; 36]), secret([])).unwrap();
    let debug = format!("{keys:?} {:?}", EspCipher::new(&keys));
    assert!(debug.contains("Secret(36 octets)"), "{debug}");
    assert!(
        !debug.contains("171") && !debug.contains("ab, ab"),
        "{debug}"
    );
}

fn layout(cipher: &EspCipher, text: &[u8]) -> Vec<u8> {
    let mut packet = vec![0; cipher.header_length()];
    packet[..4].copy_from_slice(&hex("c0ffee01"));
    packet.extend_from_slice(text);
    packet.resize(packet.len() + cipher.icv_length(), 0);
    packet
}

fn counting(encryption: Encryption, integrity: Option<Integrity>) -> EspCipher {
    let key: Vec<u8> = (0..=255).take(encryption.keymat_length()).collect();
    let integrity_key = vec![0x5a; integrity.map_or(0, Integrity::key_length)];
    cipher(encryption, integrity, &key, &integrity_key)
}

fn cipher(
    encryption: Encryption,
    integrity: Option<Integrity>,
    key: &[u8],
    integrity_key: &[u8],
) -> EspCipher {
    let algorithms = ChildAlgorithms::new(encryption, integrity).unwrap();
    let keys = DirectionKeys::new(algorithms, secret(key), secret(integrity_key));
    EspCipher::new(&keys.unwrap())
}
