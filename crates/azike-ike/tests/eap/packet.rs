//! EAP itself (RFC 3748) and the fragments of EAP-TLS.

use azike_ike::eap::{EapFailure, EapOutcome, EapPeer, FragmentFault, Stage};
use azike_wire::EapType;
use rustls::version::{TLS12, TLS13};

use super::gateway::{Now, request};
use super::world::{VERSIONS, World, advance, converse, failed_as, plain, rounds, sent};

/// N-41, N-42: there is one place for Success, and it is the last one.
#[test]
fn n_41_n_42_success_before_the_end_is_a_failure() {
    let world = World::new();
    for version in VERSIONS {
        let rounds = rounds(&world, version);
        for early in 0..rounds {
            let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(version));
            let packet = advance(&mut peer, &mut gateway, early);
            assert_ne!(packet[0], 3);
            let outcome = peer.handle(Now::TIME, &gateway.end(3));
            if version == &TLS13 && early + 1 == rounds {
                // All but the octet 00 was there: a gateway older than RFC 9190 ends so. Its key is
                // not that of this gateway, so the AUTH payload after it would fail.
                assert!(matches!(outcome, EapOutcome::Success));
                assert_eq!(peer.msk().unwrap().expose(), gateway.old_msk());
                assert_ne!(peer.msk().unwrap().expose(), gateway.msk());
                continue;
            }
            assert!(
                failed_as(outcome, &EapFailure::EarlySuccess),
                "round {early}"
            );
            assert!(peer.msk().is_none() && peer.server().is_none());
            // Whatever comes now, it is over.
            assert!(matches!(
                peer.handle(Now::TIME, &packet),
                EapOutcome::Ignore
            ));
            assert!(matches!(
                peer.handle(Now::TIME, &gateway.end(3)),
                EapOutcome::Ignore
            ));
        }
    }
}

/// N-43: the gateway gives up; where it does says what it did not like.
#[test]
fn n_43_failure_tells_how_far_it_was() {
    let world = World::new();
    let stages = [
        Stage::BeforeTls,
        Stage::DuringTls,
        Stage::AfterCertificate,
        Stage::AfterTls,
    ];
    for version in VERSIONS {
        for (round, stage) in stages.into_iter().enumerate() {
            let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(version));
            advance(&mut peer, &mut gateway, round);
            let outcome = peer.handle(Now::TIME, &gateway.end(4));
            assert!(failed_as(outcome, &EapFailure::Refused(stage)), "{stage}");
            assert!(peer.msk().is_none());
        }
    }
}

/// N-51: other methods are answered with "EAP-TLS", three times.
#[test]
fn n_51_other_methods_are_refused_three_times() {
    let world = World::new();
    for (kind, data) in [
        (4, &[1, 0][..]),
        (6, b""),
        (21, &[0x20]),
        (26, b"x"),
        (254, &[0; 7]),
    ] {
        let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(&TLS12));
        for identifier in 1..=3 {
            let packet = gateway.request(kind, data);
            assert_eq!(sent(&mut peer, &packet), [2, identifier, 0, 6, 3, 13]);
        }
        let outcome = peer.handle(Now::TIME, &gateway.request(kind, data));
        assert!(failed_as(
            outcome,
            &EapFailure::MethodNotOffered(EapType(kind))
        ));
    }
    // One refusal is no reason not to go on with EAP-TLS, which may then not be left again.
    let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(&TLS12));
    let md5 = gateway.request(4, &[1, 0]);
    sent(&mut peer, &md5);
    let start = gateway.start();
    sent(&mut peer, &start);
    let outcome = peer.handle(Now::TIME, &gateway.request(4, &[1, 0]));
    assert!(failed_as(
        outcome,
        &EapFailure::OutOfOrder(EapType::MD5_CHALLENGE)
    ));
}

/// N-52: a request that was answered gets the same answer; TLS does not see it.
#[test]
fn n_52_a_repeated_identifier_gets_the_same_octets() {
    let world = World::new();
    for version in VERSIONS {
        let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(version));
        let mut packet = gateway.start();
        loop {
            match peer.handle(Now::TIME, &packet) {
                EapOutcome::Respond(response) => {
                    assert_eq!(sent(&mut peer, &packet), response);
                    assert_eq!(sent(&mut peer, &request(packet[1], 13, b"other")), response);
                    packet = gateway.answer(&response);
                }
                outcome => break assert!(matches!(outcome, EapOutcome::Success), "{outcome:?}"),
            }
        }
    }
}

/// N-52: what is no request, no success and no failure.
#[test]
fn n_52_other_packets_are_ignored_or_malformed() {
    let world = World::new();
    for (packet, failure) in [
        (&[1, 1, 0, 7, 13, 0x20][..], Some(EapFailure::Malformed)),
        (&[1, 1, 0, 5, 13, 0x20], Some(EapFailure::Malformed)),
        (&[1, 1, 0, 4], Some(EapFailure::Malformed)),
        (&[1, 1], Some(EapFailure::Malformed)),
        (&[], Some(EapFailure::Malformed)),
        (&[3, 1, 0, 5, 0], Some(EapFailure::Malformed)),
        (
            &[1, 1, 0, 6, 3, 13],
            Some(EapFailure::OutOfOrder(EapType::NAK)),
        ),
        (&[2, 1, 0, 6, 13, 0x20], None),
        (&[5, 1, 0, 4], None),
        (&[6, 1, 0, 4], None),
        (&[255, 1, 0, 4], None),
    ] {
        let (mut peer, _) = world.meet(&world.ecdsa_client(), plain(&TLS12));
        let outcome = peer.handle(Now::TIME, packet);
        match failure {
            Some(failure) => assert!(failed_as(outcome, &failure), "{packet:?}"),
            None => assert!(matches!(outcome, EapOutcome::Ignore), "{packet:?}"),
        }
    }
    let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(&TLS12));
    sent(&mut peer, &gateway.start());
    let outcome = peer.handle(Now::TIME, &gateway.request(1, b""));
    assert!(failed_as(
        outcome,
        &EapFailure::OutOfOrder(EapType::IDENTITY)
    ));
}

#[test]
fn notifications_are_answered_and_kept() {
    let world = World::new();
    let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(&TLS12));
    let notice = gateway.request(2, "Zugang läuft ab\x1b[2J".as_bytes());
    assert_eq!(sent(&mut peer, &notice), [2, 1, 0, 5, 2]);
    assert_eq!(peer.notice(), Some(r"Zugang läuft ab\u{1b}[2J"));
    let first = gateway.start();
    assert!(matches!(
        converse(&mut peer, &mut gateway, first),
        EapOutcome::Success
    ));
}

/// N-53: fragments that no honest gateway sends.
#[test]
fn n_53_wrong_fragments_end_the_conversation() {
    let world = World::new();
    for (packets, fault) in [
        (vec![&b""[..]], FragmentFault::Short),
        (vec![b"\x00"], FragmentFault::NoStart),
        (vec![b"\x20", b"\x20"], FragmentFault::SecondStart),
        (
            vec![b"\x20", b"\xc0\xff\xff\xff\xff\x16"],
            FragmentFault::TooLong,
        ),
        (
            vec![b"\x20", b"\xc0\0\0\0\x04\x16\x03", b"\x00\x03\x00\x05"],
            FragmentFault::Length,
        ),
        (vec![b"\x20", b"\x40\x16", b"\x40"], FragmentFault::Empty),
        (vec![b"\x20", b"\x00"], FragmentFault::Empty),
    ] {
        let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(&TLS12));
        let (last, first) = packets.split_last().unwrap();
        for data in first {
            let packet = gateway.request(13, data);
            sent(&mut peer, &packet);
        }
        let outcome = peer.handle(Now::TIME, &gateway.request(13, last));
        assert!(failed_as(outcome, &EapFailure::Fragment(fault)), "{fault}");
        assert_eq!(peer.take_farewell(), None);
    }
    // While our own fragments are under way, only acknowledgements are in order.
    let config = world.ecdsa_client().config(world.trust());
    let mut peer = EapPeer::new(config.with_fragment_size(64).unwrap());
    let hello = sent(&mut peer, &request(1, 13, &[0x20]));
    assert_eq!(hello[5], 0xc0);
    let outcome = peer.handle(Now::TIME, &request(2, 13, b"\x00\x16"));
    assert!(failed_as(
        outcome,
        &EapFailure::Fragment(FragmentFault::NotAcknowledged)
    ));
}

/// N-53, N-59: more fragments without an end, more requests without an end.
#[test]
fn n_53_n_59_nothing_goes_on_for_ever() {
    let world = World::new();
    for (kind, data, patience, failure) in [
        (13, &[0x40, 1][..], 199, EapFailure::TooManyRounds),
        (
            13,
            &[0x40; 1001],
            66,
            EapFailure::Fragment(FragmentFault::TooLong),
        ),
        (2, b"wait", 199, EapFailure::TooManyRounds),
    ] {
        let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(&TLS12));
        sent(&mut peer, &gateway.start());
        let mut answered = 0;
        let end = loop {
            match peer.handle(Now::TIME, &gateway.request(kind, data)) {
                EapOutcome::Respond(_) => answered += 1,
                end => break end,
            }
            // Identifiers go round.
            if answered % 200 == 0 {
                gateway = world.gateway(plain(&TLS12), &world.ecdsa_client());
            }
        };
        assert!(failed_as(end, &failure), "{failure}");
        assert!(answered <= patience, "{answered} rounds");
    }
}
