//! What is sealed is opened, for every suite and every length.

use azike_esp::{Inbound, NextHeader, Outbound, Overhead, PacketBuf, SequenceNumbers};
use azike_wire::EspSpi;

use crate::sa::{Random, SPI, gcm, ipv4, ipv6, keys, pair, seal, suites};

#[test]
fn every_suite_carries_every_length_from_20_to_1500() {
    for algorithms in suites() {
        let (mut outbound, mut inbound) = pair(algorithms);
        for length in 20..=1500 {
            let inner = ipv4(length);
            let mut esp = seal(&mut outbound, &inner);
            assert_eq!(esp.len(), outbound.overhead().sealed(length));
            let opened = inbound.open(&mut esp).unwrap();
            assert_eq!(opened.packet, inner, "{algorithms:?}, {length} octets");
            assert_eq!(opened.next_header, NextHeader::Ipv4);
        }
    }
}

#[test]
fn every_suite_carries_ipv6() {
    for algorithms in suites() {
        let (mut outbound, mut inbound) = pair(algorithms);
        for length in [40, 41, 1280, 1400] {
            let inner = ipv6(length);
            let opened = inbound
                .open(&mut seal(&mut outbound, &inner))
                .unwrap()
                .packet
                .to_vec();
            assert_eq!(opened, inner, "{algorithms:?}, {length} octets");
        }
    }
}

/// The MTU is worked out before there are keys; it must agree with what the keys then do.
#[test]
fn overhead_of_the_suite_is_the_overhead_of_the_packets() {
    for algorithms in suites() {
        let (mut outbound, _) = pair(algorithms);
        assert_eq!(Overhead::of(algorithms), outbound.overhead());
        for esp in [200, 576, 1232, 1280, 1432, 1452, 1472, 1500] {
            let largest = outbound.overhead().largest_inner(esp).unwrap();
            assert!(
                seal(&mut outbound, &ipv4(largest)).len() <= esp,
                "{algorithms:?}"
            );
            assert!(
                seal(&mut outbound, &ipv4(largest + 1)).len() > esp,
                "{algorithms:?}"
            );
        }
    }
}

/// Two packets, sealed where they lie in one send buffer: what a batch of one SA looks like.
#[test]
fn packets_are_sealed_next_to_each_other() {
    let (mut outbound, mut inbound) = gcm();
    let before = outbound.overhead().before();
    let inner = ipv4(500);
    let stride = outbound.overhead().sealed(inner.len());
    let mut buffer = vec![0; 2 * stride];
    for room in buffer.chunks_mut(stride) {
        room[before..before + inner.len()].copy_from_slice(&inner);
        let sealed = outbound.seal_in(room, inner.len(), NextHeader::Ipv4);
        assert_eq!(sealed, Ok(stride));
    }
    for esp in buffer.chunks_mut(stride) {
        assert_eq!(inbound.open(esp).unwrap().packet, inner);
    }
}

/// Traffic flow confidentiality padding (RFC 4303, section 2.7) is cut off.
#[test]
fn octets_behind_the_inner_packet_are_cut_off() {
    let (mut outbound, mut inbound) = gcm();
    for (inner, padded) in [(ipv4(60), 400), (ipv6(60), 61), (ipv4(20), 21)] {
        let mut packet = PacketBuf::new(600);
        let filled = packet.fill(|room| {
            room[..inner.len()].copy_from_slice(&inner);
            Ok::<_, ()>(padded)
        });
        assert_eq!(filled, Ok(padded));
        outbound
            .seal(&mut packet, NextHeader::of(&inner).unwrap())
            .unwrap();
        let opened = inbound.open(packet.octets_mut()).unwrap();
        assert_eq!(opened.packet, inner);
    }
}

/// N-85: packets that overtake each other by up to a thousand all arrive, each once.
#[test]
fn a_thousand_packets_in_any_order_arrive_once_each() {
    let (mut outbound, mut inbound) = gcm();
    let mut packets: Vec<Vec<u8>> = (0..1000).map(|_| seal(&mut outbound, &ipv4(40))).collect();
    let mut random = Random::new(85);
    for last in (1..packets.len()).rev() {
        packets.swap(last, random.below(last + 1));
    }
    for packet in &packets {
        assert!(inbound.open(&mut packet.clone()).is_ok());
    }
    assert_eq!(inbound.highest(), 1000);
    for packet in &packets {
        assert!(inbound.open(&mut packet.clone()).is_err());
    }
}

#[test]
fn extended_sequence_numbers_carry_every_suite() {
    for algorithms in suites() {
        let keys = keys(algorithms, 1);
        let spi = EspSpi::new(SPI).unwrap();
        let numbers = SequenceNumbers::Extended;
        let mut outbound = Outbound::new(spi, &keys).with_sequence_numbers(numbers);
        let mut inbound = Inbound::new(spi, &keys).with_sequence_numbers(numbers);
        let inner = ipv4(100);
        let mut esp = seal(&mut outbound, &inner);
        let mut short = Inbound::new(spi, &keys);
        assert!(
            short.open(&mut esp.clone()).is_err(),
            "the ICV covers the upper half"
        );
        assert_eq!(inbound.open(&mut esp).unwrap().packet, inner);
    }
}
