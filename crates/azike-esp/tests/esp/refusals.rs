//! N-83 to N-87, N-90 and N-91 of the negative tests, by number.

use azike_crypto::{ChildAlgorithms, Encryption, EspCipher};
use azike_esp::{EspDrop, Inbound, Outbound, SequenceNumbers};
use azike_wire::EspSpi;

use crate::sa::{SPI, gcm, ipv4, ipv6, keys, pair, seal, suites};

/// N-83: every length below the smallest packet of the suite, none of which moves the window.
#[test]
fn n83_short_packets() {
    for algorithms in suites() {
        let (mut outbound, mut inbound) = pair(algorithms);
        let whole = seal(&mut outbound, &ipv4(20));
        let overhead = outbound.overhead();
        for length in 0..whole.len() {
            let short = length < overhead.before() + 2 + overhead.icv();
            let reason = if short {
                EspDrop::Short
            } else {
                EspDrop::NotAuthentic
            };
            let drop = inbound.open(&mut whole[..length].to_vec()).unwrap_err();
            assert_eq!(drop, reason, "{algorithms:?}, {length} octets");
        }
        assert!(inbound.open(&mut whole.clone()).is_ok());
    }
}

/// N-83: an SPI that is not ours, reserved ones among them.
#[test]
fn n83_unknown_spi() {
    let (mut outbound, mut inbound) = gcm();
    let whole = seal(&mut outbound, &ipv4(20));
    for spi in [0, 1, 255, 256, SPI - 1, SPI + 1, u32::MAX] {
        let mut esp = whole.clone();
        esp[..4].copy_from_slice(&spi.to_be_bytes());
        assert_eq!(
            inbound.open(&mut esp).unwrap_err(),
            EspDrop::UnknownSpi,
            "{spi:#x}"
        );
    }
}

/// N-84: one bit changed anywhere but in the SPI; nothing of it is remembered.
#[test]
fn n84_any_bit_flipped() {
    for algorithms in suites() {
        let (mut outbound, mut inbound) = pair(algorithms);
        // Sequence number 3: no single bit makes it zero, which would be refused before the ICV.
        let [_, _, whole] = [(); 3].map(|()| seal(&mut outbound, &ipv4(40)));
        for bit in 32..whole.len() * 8 {
            let mut esp = whole.clone();
            esp[bit / 8] ^= 1 << (bit % 8);
            let drop = inbound.open(&mut esp).unwrap_err();
            assert_eq!(drop, EspDrop::NotAuthentic, "{algorithms:?}, bit {bit}");
            assert!(!drop.is_authentic());
        }
        assert_eq!(inbound.highest(), 0);
        assert!(inbound.open(&mut whole.clone()).is_ok());
    }
}

/// N-84: an ICV of another length: 12 octets cut from 16, and 4 more than there should be.
#[test]
fn n84_icv_of_another_length() {
    for algorithms in suites() {
        let (mut outbound, mut inbound) = pair(algorithms);
        let whole = seal(&mut outbound, &ipv4(40));
        let mut cut = whole[..whole.len() - 4].to_vec();
        assert_eq!(inbound.open(&mut cut).unwrap_err(), EspDrop::NotAuthentic);
        let mut long = [&whole[..], &[0; 4]].concat();
        assert_eq!(inbound.open(&mut long).unwrap_err(), EspDrop::NotAuthentic);
    }
}

/// N-85: the same packet again; the window's edges; zero; the last number there is.
#[test]
fn n85_replays() {
    let (_, mut inbound) = gcm();
    let mut refused = |sequence: u32| {
        let mut esp = raw(
            sequence,
            &[&ipv4(20)[..], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 4]],
        );
        inbound.open(&mut esp).err()
    };
    assert_eq!(refused(0), Some(EspDrop::Replayed));
    assert_eq!(refused(5000), None);
    assert_eq!(refused(5000), Some(EspDrop::Replayed));
    assert_eq!(refused(5000 - 2047), None);
    assert_eq!(refused(5000 - 2047), Some(EspDrop::Replayed));
    assert_eq!(refused(5000 - 2048), Some(EspDrop::Replayed));
    assert_eq!(refused(5000 - 2049), Some(EspDrop::Replayed));
    assert_eq!(refused(u32::MAX), None);
    assert_eq!(refused(u32::MAX), Some(EspDrop::Replayed));
    assert_eq!(refused(1), Some(EspDrop::Replayed));
}

/// N-85: a forged packet far ahead does not push honest ones out of the window.
#[test]
fn n85_forged_packet_does_not_move_the_window() {
    let (mut outbound, mut inbound) = gcm();
    let honest = seal(&mut outbound, &ipv4(40));
    for sequence in [2, 3000, 100_000, u32::MAX] {
        let mut forged = honest.clone();
        forged[4..8].copy_from_slice(&sequence.to_be_bytes());
        assert_eq!(
            inbound.open(&mut forged).unwrap_err(),
            EspDrop::NotAuthentic
        );
    }
    assert_eq!(inbound.highest(), 0);
    assert!(inbound.open(&mut honest.clone()).is_ok());
}

/// N-85: the upper half of an extended number is guessed once, and a wrong one fails the ICV.
#[test]
fn n85_upper_half_of_an_extended_number() {
    let (_, inbound) = gcm();
    let mut inbound = inbound.with_sequence_numbers(SequenceNumbers::Extended);
    let mut open = |low: u32, high: u32| {
        let tail = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 4];
        let mut esp = raw_extended(low, Some(high), &[&ipv4(20)[..], &tail]);
        inbound.open(&mut esp).err()
    };
    assert_eq!(open(0x7fff_0000, 0), None);
    assert_eq!(open(0xffff_fff0, 0), None);
    assert_eq!(open(5, 0), Some(EspDrop::NotAuthentic));
    assert_eq!(open(5, 2), Some(EspDrop::NotAuthentic));
    assert_eq!(open(5, 1), None);
    assert_eq!(open(5, 1), Some(EspDrop::Replayed));
    assert_eq!(open(0xffff_fff1, 1), Some(EspDrop::NotAuthentic));
    assert_eq!(open(0xffff_fff1, 0), None);
    assert_eq!(open(0xffff_fff0, 0), Some(EspDrop::Replayed));
}

/// N-86: padding that is not 1, 2, 3, …, and more of it than there is packet.
#[test]
fn n86_padding() {
    let (_, mut inbound) = gcm();
    let inner = ipv4(20);
    let cases: [(&[u8], Option<EspDrop>); 8] = [
        (&[1, 2, 2, 4], None),
        (&[0, 0, 2, 4], Some(EspDrop::Padding)),
        (&[2, 1, 2, 4], Some(EspDrop::Padding)),
        (&[1, 3, 2, 4], Some(EspDrop::Padding)),
        (&[0, 1, 2, 4], Some(EspDrop::Padding)),
        (&[1, 2, 23, 4], Some(EspDrop::Padding)),
        (&[1, 2, 255, 4], Some(EspDrop::Padding)),
        (&[9, 9, 0, 4], None),
    ];
    for (sequence, (tail, drop)) in (1..).zip(cases) {
        let mut esp = raw(sequence, &[&inner, tail]);
        assert_eq!(inbound.open(&mut esp).err(), drop, "{tail:?}");
    }
    let longest: Vec<u8> = (1..=255).chain([255, 4]).collect();
    let mut esp = raw(100, &[&ipv4(23), &longest]);
    assert_eq!(inbound.open(&mut esp).unwrap().packet, ipv4(23));
    let mut esp = raw(101, &[&longest[1..]]);
    assert_eq!(inbound.open(&mut esp).err(), Some(EspDrop::Padding));
}

/// N-87: dummies, other protocols, a version that is not the one of the header.
#[test]
fn n87_next_header() {
    let (_, mut inbound) = gcm();
    let (v4, v6) = (ipv4(22), ipv6(42));
    let cases: [(&[u8], u8, EspDrop); 8] = [
        (&v4, 59, EspDrop::Dummy),
        (&[0; 2], 59, EspDrop::Dummy),
        (&v4, 41, EspDrop::NextHeader(41)),
        (&v6, 4, EspDrop::NextHeader(4)),
        (&v4, 1, EspDrop::NextHeader(1)),
        (&v4, 6, EspDrop::NextHeader(6)),
        (&v4, 0, EspDrop::NextHeader(0)),
        (&[], 4, EspDrop::NextHeader(4)),
    ];
    for (sequence, (payload, next_header, reason)) in (1..).zip(cases) {
        let tail: &[u8] = if payload.is_empty() { &[1, 2, 2] } else { &[0] };
        let mut esp = raw(sequence, &[payload, tail, &[next_header]]);
        let drop = inbound.open(&mut esp).unwrap_err();
        assert_eq!(drop, reason);
        assert!(drop.is_authentic());
        assert_eq!(inbound.open(&mut esp).err(), Some(EspDrop::Replayed));
    }
}

/// An inner packet that says it is longer than what came, or has no whole header.
#[test]
fn inner_length_beyond_the_packet() {
    let (_, mut inbound) = gcm();
    let mut long = ipv4(22);
    long[3] = 23;
    let mut tiny = ipv4(22);
    tiny[3] = 19;
    let mut long_v6 = ipv6(42);
    long_v6[5] = 3;
    let cases: [(&[u8], u8); 5] = [
        (&long, 4),
        (&tiny, 4),
        (&long_v6, 41),
        (&[0x45, 0], 4),
        (&ipv6(42)[..38], 41),
    ];
    for (sequence, (payload, number)) in (1..).zip(cases) {
        let mut esp = raw(sequence, &[payload, &[0, number]]);
        assert_eq!(inbound.open(&mut esp).err(), Some(EspDrop::InnerLength));
    }
}

/// N-90, N-91: two SAs side by side. Each opens its own packets and none of the other's, whatever
/// SPI they wear.
#[test]
fn n91_packet_for_one_sa_under_the_key_of_another() {
    let algorithms = ChildAlgorithms::new(Encryption::Aes256Gcm16, None).unwrap();
    let (a, b) = (EspSpi::new(0x1000).unwrap(), EspSpi::new(0x2000).unwrap());
    let (keys_a, keys_b) = (keys(algorithms, 1), keys(algorithms, 2));
    let mut to_a = Outbound::new(a, &keys_a);
    let mut to_b = Outbound::new(b, &keys_b);
    let mut old = Inbound::new(a, &keys_a);
    let mut new = Inbound::new(b, &keys_b);

    let packet = seal(&mut to_a, &ipv4(60));
    assert_eq!(
        new.open(&mut packet.clone()).unwrap_err(),
        EspDrop::UnknownSpi
    );
    let mut disguised = packet.clone();
    disguised[..4].copy_from_slice(&b.octets());
    assert_eq!(new.open(&mut disguised).unwrap_err(), EspDrop::NotAuthentic);
    assert_eq!(old.open(&mut packet.clone()).map(|_| ()), Ok(()));

    let mut later = seal(&mut to_b, &ipv4(60));
    assert_eq!(new.open(&mut later).map(|_| ()), Ok(()));
    let mut late = seal(&mut to_a, &ipv4(60));
    assert_eq!(
        old.open(&mut late).map(|_| ()),
        Ok(()),
        "the old SA lives until it is removed"
    );
}

/// An ESP packet of [`gcm`] with any plaintext at all: what a strange gateway could send.
fn raw(sequence: u32, plaintext: &[&[u8]]) -> Vec<u8> {
    raw_extended(sequence, None, plaintext)
}

fn raw_extended(sequence: u32, high: Option<u32>, plaintext: &[&[u8]]) -> Vec<u8> {
    let algorithms = ChildAlgorithms::new(Encryption::Aes256Gcm16, None).unwrap();
    let cipher = EspCipher::new(&keys(algorithms, 1));
    let mut esp = vec![0; cipher.header_length()];
    esp[..4].copy_from_slice(&SPI.to_be_bytes());
    esp.extend(plaintext.concat());
    esp.resize(esp.len() + cipher.icv_length(), 0);
    cipher.seal_in_place(sequence, high, &mut esp).unwrap();
    esp
}
