//! Fragments of `IKE_AUTH` messages (RFC 7383): lost, mixed, repeated, forged.

use std::collections::VecDeque;

use azike_ike::{Authentication, CloseReason, DropReason, Transport, Verdict};
use azike_testkit::SeededRandom;
use azike_wire::{ExchangeType, Malformed, PayloadType, fragment_prefix};

use crate::support::forge::{self, describe};
use crate::support::{Setup, Table};

/// A gateway whose first `IKE_AUTH` response comes in this many pieces, all on the wire.
fn pieces(size: usize) -> Table {
    let mut setup = Setup::new(Authentication::Signature);
    setup.gateway.policy.fragment_size = Some(size);
    let mut table = setup.sit();
    table.deliver_request();
    let _verdict = table.deliver_response();
    while !table.to_gateway.is_empty() {
        table.deliver_request();
    }
    assert!(table.to_client.len() > 3);
    table
}

/// A datagram with the client's SPIs, fragment numbers as given, and nothing that opens.
fn forged(table: &Table, numbers: (u16, u16), first: PayloadType) -> Vec<u8> {
    let like = &table.to_client.front().unwrap().octets;
    let header = forge::header(like, ExchangeType::IKE_AUTH, 1);
    let mut octets = fragment_prefix(&header, first, numbers.0, numbers.1, 60);
    octets.extend([7; 60]);
    octets
}

#[test]
fn request_is_cut_when_the_gateway_takes_fragments() {
    for (size, agreed, pieces) in [(1280, true, 2), (576, true, 3), (1280, false, 1)] {
        let mut setup = Setup::new(Authentication::Signature);
        setup.client.fragment_size = size;
        if !agreed {
            setup.gateway.policy.fragment_size = None;
        }
        let mut table = setup.sit();
        table.deliver_request();
        let _verdict = table.deliver_response();
        assert_eq!(table.to_gateway.len(), pieces, "{size} {agreed}");
        if agreed {
            let longest = table.to_gateway.iter().map(|it| it.octets.len()).max();
            assert!(longest <= Some(size), "{longest:?}");
            assert_eq!(describe(&table.to_gateway[0].octets), "IKE_AUTH 1 SKF");
        }
        table.talk();
        assert!(table.established().is_some());
    }
}

/// Any order, each piece up to three times.
#[test]
fn order_and_repetition_do_not_matter() {
    for seed in 0..30 {
        let mut random = SeededRandom::new(seed);
        let mut table = pieces(300);
        let mut wire: Vec<_> = table.to_client.drain(..).collect();
        let copies = wire.clone();
        wire.extend(copies.iter().filter(|_| random.chance(50)).cloned());
        wire.extend(copies.iter().filter(|_| random.chance(50)).cloned());
        for at in (1..wire.len()).rev() {
            wire.swap(at, random.below(at + 1));
        }
        for transmit in &wire {
            let _verdict = table.give_client(transmit);
        }
        assert!(table.established().is_some(), "seed {seed}");
    }
}

/// One piece is lost: the client asks again, and the gateway sends all again.
#[test]
fn lost_piece_comes_with_the_next_answer() {
    let mut table = pieces(300);
    table.to_client.remove(2);
    table.talk();
    assert!(table.established().is_none());
    table.wait();
    assert_eq!(table.to_gateway.len(), 2);
    table.talk();
    assert!(table.established().is_some());
}

/// A piece of the request is lost.
#[test]
fn request_is_sent_again_as_a_whole() {
    let mut table = Setup::new(Authentication::Signature).sit();
    table.deliver_request();
    let _verdict = table.deliver_response();
    let sent = table.to_gateway.clone();
    table.to_gateway.pop_front();
    table.talk();
    assert!(table.established().is_none());
    table.wait();
    assert_eq!(table.to_gateway, sent, "the same octets");
    table.talk();
    assert!(table.established().is_some());
}

/// N-31, N-34, N-36: numbers that cannot be. N-33: nor an ICV that does not fit.
#[test]
fn impossible_fragments_are_dropped() {
    let number = |number, total| DropReason::Malformed(Malformed::FragmentNumber { number, total });
    let sa = PayloadType::SA;
    let none = PayloadType::NONE;
    let mut table = pieces(300);
    let total = u16::try_from(table.to_client.len()).unwrap();
    let _verdict = table.deliver_response();
    for (numbers, first, reason) in [
        ((0, total), sa, number(0, total)),
        ((1, 0), sa, number(1, 0)),
        ((total + 1, total), none, number(total + 1, total)),
        (
            (2, total),
            sa,
            DropReason::Malformed(Malformed::FragmentNextPayload(sa)),
        ),
        ((1, 65_535), sa, DropReason::TooManyFragments),
        ((1, 65), sa, DropReason::TooManyFragments),
        ((2, total - 1), none, DropReason::Fragment),
        ((1, total), sa, DropReason::Fragment),
        ((2, total), none, DropReason::NotAuthentic),
        ((2, total + 1), none, DropReason::NotAuthentic),
    ] {
        let octets = forged(&table, numbers, first);
        let verdict = table.give_octets(&octets, Transport::Udp4500);
        assert_eq!(verdict, Verdict::Dropped(reason), "{numbers:?}");
    }
    table.talk();
    assert!(table.established().is_some());
}

/// N-32, N-33: each piece is forged before and after the real one comes.
#[test]
fn forged_pieces_do_not_spoil_the_real_ones() {
    let mut table = pieces(300);
    let wire: VecDeque<_> = table.to_client.drain(..).collect();
    for real in &wire {
        let mut forged = real.clone();
        let last = forged.octets.len() - 1;
        forged.octets[last] ^= 1;
        assert_eq!(
            table.give_client(&forged),
            Verdict::Dropped(DropReason::NotAuthentic)
        );
        assert_eq!(table.give_client(real), Verdict::Accepted);
        assert!(matches!(table.give_client(&forged), Verdict::Dropped(_)));
    }
    assert!(table.established().is_some());
}

/// N-35: a whole message while its fragments are being collected is taken as well.
#[test]
fn whole_message_beside_its_fragments_is_no_harm() {
    let mut table = pieces(300);
    let _verdict = table.deliver_response();
    table.to_client.clear();
    // The gateway answers a repeated request with the same pieces: all of them count.
    table.wait();
    table.talk();
    assert!(table.established().is_some());
}

/// N-29: pieces of a message that the gateway was never asked to cut.
#[test]
fn fragments_before_they_are_agreed_on_are_dropped() {
    let mut setup = Setup::new(Authentication::Signature);
    setup.gateway.policy.fragment_size = None;
    let mut table = setup.sit();
    table.deliver_request();
    let _verdict = table.deliver_response();
    table.deliver_request();
    let octets = forged(&table, (1, 2), PayloadType::ID_R);
    assert_eq!(
        table.give_octets(&octets, Transport::Udp4500),
        Verdict::Dropped(DropReason::FragmentsNotAgreed)
    );
    table.talk();
    assert!(table.established().is_some());
}

/// Pieces that never become whole end as silence does.
#[test]
fn missing_piece_for_ever_is_silence() {
    let mut table = pieces(300);
    while table.closed().is_none() {
        table.to_client.pop_back();
        table.talk_to_client();
        assert!(table.wait());
        while !table.to_gateway.is_empty() {
            table.deliver_request();
        }
    }
    assert!(matches!(
        table.closed(),
        Some(CloseReason::NoAnswer {
            exchange: ExchangeType::IKE_AUTH,
            ..
        })
    ));
}
