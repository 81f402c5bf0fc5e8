//! SK and SKF payloads.

use azike_crypto::{Encryption, IkeAlgorithms, IkeKeys, Integrity, Prf, SkCipher};
use azike_wire::{Role, Spi};

use crate::numbers::{Chosen, Counter, file, hex, octets, secret};

const RFC_7634: &str = include_str!("../vectors/rfc7634.json");
const PREFIX: &[u8] = b"a header of 28 octets and SK";

const ALL: [(Encryption, Option<Integrity>); 7] = [
    (Encryption::Aes128Gcm16, None),
    (Encryption::Aes256Gcm16, None),
    (Encryption::ChaCha20Poly1305, None),
    (Encryption::Aes128Cbc, Some(Integrity::HmacSha1_96)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha256_128)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha384_192)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha512_256)),
];

/// RFC 7634, appendix B: an INFORMATIONAL request with a Notify payload.
#[test]
fn rfc_7634_message_opens() {
    let case = file(RFC_7634);
    let mut keys = keys(Encryption::ChaCha20Poly1305, None);
    keys.sk_er = secret(octets(&case, "keymat"));
    let (_, inbound) = keys.ciphers(Role::Initiator);
    let message = octets(&case["ike"], "message");
    let (aad, body) = message.split_at(32);
    let opened = inbound.open(aad, body).unwrap();
    assert_eq!(opened, octets(&case["ike"], "notify_payload"));
}

#[test]
fn what_one_side_seals_the_other_opens() {
    for (encryption, integrity) in ALL {
        let keys = keys(encryption, integrity);
        let (mut i_out, i_in) = keys.ciphers(Role::Initiator);
        let (mut r_out, r_in) = keys.ciphers(Role::Responder);
        for length in (0..70).chain([1000, 65000]) {
            let plaintext: Vec<u8> = (0..=255).cycle().take(length).collect();
            for (out, there, here) in [(&mut i_out, &r_in, &i_in), (&mut r_out, &i_in, &r_in)] {
                let message = out.seal(&mut Counter(7), PREFIX.to_vec(), &plaintext);
                let (prefix, body) = message.split_at(PREFIX.len());
                assert_eq!(prefix, PREFIX);
                assert_eq!(body.len(), out.body_length(plaintext.len()));
                assert_eq!(there.open(PREFIX, body).unwrap(), plaintext);
                // The keys of the two directions differ: reflection fails.
                assert!(here.open(PREFIX, body).is_none());
            }
        }
    }
}

/// N-39: a peer that begins to count again is its own enemy, not ours.
#[test]
fn n39_an_iv_of_the_peer_that_comes_again_opens() {
    for (encryption, integrity) in ALL {
        let keys = keys(encryption, integrity);
        let (_, inbound) = keys.ciphers(Role::Responder);
        for text in [&b"first"[..], b"second"] {
            let (mut outbound, _) = keys.ciphers(Role::Initiator);
            let message = outbound.seal(&mut Counter(7), PREFIX.to_vec(), text);
            let (aad, body) = message.split_at(PREFIX.len());
            assert_eq!(inbound.open(aad, body).unwrap(), text);
        }
    }
}

/// N-37: every bit of the message counts, be it IV, text, padding or ICV, or
/// the header in front.
#[test]
fn n37_a_flipped_bit_does_not_open() {
    for (encryption, integrity) in ALL {
        let (mut outbound, inbound) = pair(encryption, integrity);
        let message = outbound.seal(&mut Counter(7), PREFIX.to_vec(), &[9; 20]);
        for bit in 0..message.len() * 8 {
            let mut message = message.clone();
            message[bit / 8] ^= 1 << (bit % 8);
            let (aad, body) = message.split_at(PREFIX.len());
            assert!(
                inbound.open(aad, body).is_none(),
                "{encryption:?} bit {bit}"
            );
        }
    }
}

/// N-37: short IV, truncated text, truncated ICV.
#[test]
fn n37_a_truncated_body_does_not_open() {
    for (encryption, integrity) in ALL {
        let (mut outbound, inbound) = pair(encryption, integrity);
        let message = outbound.seal(&mut Counter(7), PREFIX.to_vec(), &[9; 20]);
        let body = &message[PREFIX.len()..];
        for length in 0..body.len() {
            assert!(
                inbound.open(PREFIX, &body[..length]).is_none(),
                "{length} octets"
            );
            assert!(inbound.open(PREFIX, &body[body.len() - length..]).is_none());
        }
    }
}

/// N-37: a peer with the right keys whose ciphertext is not whole blocks, or
/// is nothing at all.
#[test]
fn n37_authentic_text_that_is_not_whole_blocks_does_not_open() {
    let (_, inbound) = pair(Encryption::Aes256Cbc, Some(Integrity::HmacSha256_128));
    for text in [0, 1, 15, 17, 31] {
        let mut body = vec![0x11; 16 + text];
        let icv = Prf::HmacSha256.mac(&[0x5a; 32], &[PREFIX, &body]);
        body.extend_from_slice(&icv[..16]);
        assert!(inbound.open(PREFIX, &body).is_none(), "{text} octets");
    }
}

/// N-37: the pad length of an authentic message is larger than what is there.
/// ring seals here, because `SkCipher` writes only pad lengths that fit.
#[test]
fn n37_pad_length_beyond_the_text_does_not_open() {
    use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

    let (_, inbound) = pair(Encryption::Aes256Gcm16, None);
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[0xe1; 32]).unwrap());
    let seal = |text: &[u8]| {
        let mut text = text.to_vec();
        let nonce = [&[0xe1; 4][..], &[0; 8]].concat();
        let nonce = Nonce::try_assume_unique_for_key(&nonce).unwrap();
        key.seal_in_place_append_tag(nonce, Aad::from(PREFIX), &mut text)
            .unwrap();
        [&[0; 8][..], &text].concat()
    };

    for (text, opened) in [
        (&[][..], None),
        (&[0], Some(&[][..])),
        (&[1], None),
        (&[255], None),
        (&[7, 1], Some(&[])),
        (&[7, 2], None),
        // What the padding contains does not matter (RFC 7296, section 3.14).
        (&[7, 8, 9, 0xff, 0x00, 0xaa, 3], Some(&[7, 8, 9])),
        (&[7, 8, 9, 0], Some(&[7, 8, 9])),
    ] {
        let found = inbound.open(PREFIX, &seal(text));
        assert_eq!(found.as_deref(), opened, "{text:?}");
    }
    let longest = [&[5; 10][..], &[0xcc; 255], &[255]].concat();
    assert_eq!(inbound.open(PREFIX, &seal(&longest)).unwrap(), [5; 10]);
}

/// N-39, our side: the IV of an AEAD counts, that of CBC is random.
#[test]
fn ivs_of_one_cipher_differ() {
    let (mut gcm, _) = pair(Encryption::Aes256Gcm16, None);
    let mut no_randomness = Chosen(Vec::new());
    for counter in 0..5_u64 {
        let message = gcm.seal(&mut no_randomness, PREFIX.to_vec(), b"same");
        assert_eq!(message[PREFIX.len()..][..8], counter.to_be_bytes());
    }

    let (mut cbc, _) = pair(Encryption::Aes256Cbc, Some(Integrity::HmacSha256_128));
    let iv: Vec<u8> = (40..56).collect();
    let message = cbc.seal(&mut Chosen(iv.clone()), PREFIX.to_vec(), b"same");
    assert_eq!(message[PREFIX.len()..][..16], iv);
}

/// The largest fragment that fits: one octet more does not.
#[test]
fn max_plaintext_fills_the_body() {
    for (encryption, integrity) in ALL {
        let (cipher, _) = pair(encryption, integrity);
        let smallest = cipher.body_length(0);
        assert_eq!(cipher.max_plaintext(0), 0);
        assert_eq!(cipher.max_plaintext(smallest - 1), 0);
        for body in smallest..smallest + 100 {
            let plaintext = cipher.max_plaintext(body);
            assert!(
                cipher.body_length(plaintext) <= body,
                "{encryption:?} {body}"
            );
            assert!(
                cipher.body_length(plaintext + 1) > body,
                "{encryption:?} {body}"
            );
        }
    }
}

#[test]
fn algorithms_that_do_not_fit_together_are_refused() {
    let integrity = Some(Integrity::HmacSha256_128);
    assert!(IkeAlgorithms::new(Encryption::Aes256Cbc, None, Prf::HmacSha256).is_none());
    assert!(IkeAlgorithms::new(Encryption::Aes256Gcm16, integrity, Prf::HmacSha256).is_none());
    assert!(IkeAlgorithms::new(Encryption::ChaCha20Poly1305, integrity, Prf::HmacSha1).is_none());
}

#[test]
fn debug_shows_no_key() {
    let keys = keys(Encryption::Aes256Cbc, Some(Integrity::HmacSha256_128));
    let (outbound, _) = keys.ciphers(Role::Initiator);
    let debug = format!("{keys:?} {outbound:?}");
    assert!(debug.contains("sk_pi: Secret(32 octets)"), "{debug}");
    assert!(!debug.contains('[') && !debug.contains("90"), "{debug}");
}

/// A cipher and the one that opens what it seals, both with the same keys.
fn pair(encryption: Encryption, integrity: Option<Integrity>) -> (SkCipher, SkCipher) {
    let mut keys = keys(encryption, integrity);
    let integrity = integrity.map_or(0, Integrity::key_length);
    keys.sk_ei = secret(vec![0xe1; encryption.keymat_length()]);
    keys.sk_er = secret(vec![0xe1; encryption.keymat_length()]);
    keys.sk_ai = secret(vec![0x5a; integrity]);
    keys.sk_ar = secret(vec![0x5a; integrity]);
    keys.ciphers(Role::Initiator)
}

fn keys(encryption: Encryption, integrity: Option<Integrity>) -> IkeKeys {
    let algorithms = IkeAlgorithms::new(encryption, integrity, Prf::HmacSha256).unwrap();
    let spi = |octet| Spi::new(u64::from_be_bytes([octet; 8])).unwrap();
    let shared = secret(hex("0123456789abcdef"));
    IkeKeys::derive(algorithms, &[1; 32], &[2; 32], &shared, spi(3), spi(4))
}
