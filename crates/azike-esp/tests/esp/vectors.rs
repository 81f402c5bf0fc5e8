//! ESP packets that others printed.

use azike_crypto::{ChildAlgorithms, DirectionKeys, Encryption, Secret};
use azike_esp::{EspDrop, Inbound, NextHeader, SequenceNumbers};
use azike_wire::EspSpi;

/// RFC 7634, appendix A: an echo request in tunnel mode, ChaCha20-Poly1305, sequence number 5.
#[test]
fn rfc_7634_appendix_a() {
    let keymat = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f a0a1a2a3";
    let esp = "0102030400000005101112131415161724039428b97f417e3c13753a4f05087b
        67c352e6a7fab1b982d466ef407ae5c614ee8099d52844eb61aa95dfab4c02f7
        2aa71e7c4c4f64c9befe2facc638e8f3cbec163fac469b502773f6fb94e664da
        9165b82829f641e076aaa8266b7fb0f7b11b369907e1ad43";
    let source = "45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec10
        0007362708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223
        2425262728292a2b2c2d2e2f3031323334353637";

    let mut inbound = inbound(0x0102_0304, Encryption::ChaCha20Poly1305, keymat);
    let mut esp = octets(esp);
    let opened = inbound.open(&mut esp).unwrap();
    assert_eq!(opened.next_header, NextHeader::Ipv4);
    assert_eq!(opened.packet, octets(source));
    assert_eq!(inbound.highest(), 5);
}

/// draft-mcgrew-gcm-test-01, section 4. These packets are authentic, but their next header is 1
/// although they carry IPv4: the reason for the drop shows that ICV and padding were right.
#[test]
fn mcgrew_gcm_packets() {
    let cases = [
        (
            0x0000_a5f8,
            Encryption::Aes128Gcm16,
            SequenceNumbers::Short,
            "feffe9928665731c6d6a8f9467308308 cafebabe",
            "0000a5f80000000afacedbaddecaf888deb22cd9b07c72c16e3a65beeb8df304
             a5a5897d33ae530f1ba76d5d114d2a5c3de81827c10e9a4f51330d0eec416642
             cfbb85a5b47e48a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a",
        ),
        (
            0x4a2c_bfe3,
            Encryption::Aes256Gcm16,
            SequenceNumbers::Short,
            "abbccddef00112233445566778899aababbccddef00112233445566778899aab 11223344",
            "4a2cbfe3000000020102030405060708ff425c9b724599df7a3bcd510194e00d
             6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659f14e99d
             ef842d8eb335f4eecfdbf831824b4c4915956c96",
        ),
        (
            0x0000_0100,
            Encryption::Aes128Gcm16,
            SequenceNumbers::Extended,
            "abbccddef00112233445566778899aab decaf888",
            "0000010000000001cafedebaceface7418a6fd42f72cbf4ab2a2ea901f73d814
             e3e7f243d95412e1c349c1d2fbec168f9190feebaf2cb01984e65863965d7472
             b79da345e0e780191f0d2f0e0f496c226f2127b27db35724e7845d68651f57e6
             5f354f75ff17015769623436",
        ),
        (
            0x3354_67ae,
            Encryption::Aes128Gcm16,
            SequenceNumbers::Short,
            "7d773d00c144c525ac619d18c84a3f47 d9664267",
            "335467aeffffffff43457e9182443bc6437f866bcb3f699fe9b0822bac961c45
             04bef270",
        ),
    ];
    for (spi, encryption, numbers, key, esp) in cases {
        let mut inbound = inbound(spi, encryption, key).with_sequence_numbers(numbers);
        let mut forged = octets(esp);
        forged[20] ^= 1;
        assert_eq!(
            inbound.open(&mut forged),
            Err(EspDrop::NotAuthentic),
            "{spi:#x}"
        );
        let authentic = inbound.open(&mut octets(esp)).map(|_| ());
        assert_eq!(authentic, Err(EspDrop::NextHeader(1)), "{spi:#x}");
        let again = inbound.open(&mut octets(esp)).map(|_| ());
        assert_eq!(again, Err(EspDrop::Replayed), "{spi:#x}");
    }
}

fn inbound(spi: u32, encryption: Encryption, key: &str) -> Inbound {
    let algorithms = ChildAlgorithms::new(encryption, None).unwrap();
    let key = Secret::new(octets(key).into_boxed_slice());
    let none = Secret::new(Box::default());
    let keys = DirectionKeys::new(algorithms, key, none).unwrap();
    Inbound::new(EspSpi::new(spi).unwrap(), &keys)
}

/// Hexadecimal with white space anywhere.
fn octets(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}
