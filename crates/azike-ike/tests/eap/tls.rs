//! TLS inside EAP, and a gateway that is not the right one.

use std::io::Write as _;
use std::sync::Arc;

use azike_ike::eap::{EapFailure, EapOutcome, EapPeer, Stage};
use azike_wire::EapType;
use rustls::version::{TLS12, TLS13};

use super::authority::{Authority, gateway as gateway_params};
use super::gateway::{Gateway, Manner, Now, accepts, config, request};
use super::world::{NAME, VERSIONS, World, advance, alert, converse, failed_as, plain, sent};

/// N-54: TLS 1.0 and 1.1, by a `ServerHello`, and by an alert.
#[test]
fn n_54_old_tls_is_refused() {
    let world = World::new();
    for minor in [1, 2] {
        let random = [7; 32];
        let hello = [&[3, minor][..], &random, &[0, 0xc0, 0x13, 0]].concat();
        let length = u8::try_from(hello.len()).unwrap();
        let record = [
            &[0, 22, 3, minor, 0, length + 4, 2, 0, 0, length],
            &hello[..],
        ]
        .concat();
        let failure = after_hello(&world, &record);
        assert_eq!(failure, EapFailure::OldTls);
    }
    assert_eq!(after_hello(&world, &alert(70)), EapFailure::OldTls);
}

#[test]
fn an_alert_before_our_certificate_is_about_tls() {
    let world = World::new();
    assert_eq!(after_hello(&world, &alert(40)), EapFailure::NoTlsInCommon);
    assert_eq!(after_hello(&world, &alert(80)), EapFailure::Alert(80));
    assert_eq!(after_hello(&world, &alert(48)), EapFailure::Alert(48));
    assert_eq!(after_hello(&world, &alert(0)), EapFailure::Closed);
    let nonsense = after_hello(&world, b"\x00nonsense");
    assert!(matches!(nonsense, EapFailure::Tls(_)), "{nonsense:?}");
}

/// A warning before anything is agreed on changes nothing; what the gateway makes of it counts.
#[test]
fn an_early_warning_is_acknowledged() {
    let world = World::new();
    let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(&TLS12));
    sent(&mut peer, &gateway.start());
    let warning = gateway.request(13, &[0, 21, 3, 3, 0, 2, 1, 0]);
    assert_eq!(sent(&mut peer, &warning), [2, 2, 0, 6, 13, 0]);
    let outcome = peer.handle(Now::TIME, &gateway.end(4));
    assert!(failed_as(outcome, &EapFailure::Refused(Stage::DuringTls)));
}

/// N-54: the gateway's certificate in TLS obeys the same rules as in IKE, and our alert says why not.
#[test]
fn n_54_an_untrusted_gateway_gets_an_alert_and_no_certificate() {
    let world = World::new();
    let stranger = Authority::root("Stranger");
    let mut late = gateway_params(NAME);
    late.not_after = rcgen::date_time_ymd(2027, 1, 1);
    let mut client_only = gateway_params(NAME);
    client_only.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    let lower = &world.lower;
    for (leaf, number, kind) in [
        (stranger.issue(&gateway_params(NAME)), 48, "UnknownIssuer"),
        (
            lower.issue(&gateway_params("evil.example")),
            42,
            "WrongName",
        ),
        (lower.issue(&late), 45, "Expired"),
        (lower.issue(&client_only), 43, "NotForServer"),
    ] {
        for version in VERSIONS {
            let client = world.ecdsa_client();
            let mut peer = EapPeer::new(client.config(world.trust()));
            let chain = vec![leaf.der.clone(), lower.der.clone()];
            let key = leaf.key.serialize_der();
            let config = config(chain, key, accepts(&world.root.der), version);
            let mut gateway = Gateway::new(config, plain(version));
            let first = gateway.start();
            let EapOutcome::Failure(failure) = converse(&mut peer, &mut gateway, first) else {
                unreachable!("{kind} was trusted")
            };
            let EapFailure::GatewayNotTrusted(reason) = failure else {
                unreachable!("{failure:?}")
            };
            assert!(format!("{reason:?}").starts_with(kind), "{reason}");
            let farewell = peer.take_farewell().unwrap();
            if version.version == TLS12.version {
                assert_eq!(farewell[5..], [0, 21, 3, 3, 0, 2, 2, number], "{reason}");
            }
            assert_eq!(gateway.answer(&farewell), gateway.end(4));
            assert!(gateway.tls.peer_certificates().is_none());
        }
    }
}

/// N-54: TLS is closed in the middle, and data comes where none belongs.
#[test]
fn n_54_data_and_ends_at_the_wrong_time() {
    let world = World::new();
    // TLS 1.2, closed while the gateway's Finished is awaited.
    let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(&TLS12));
    advance(&mut peer, &mut gateway, 2);
    let outcome = peer.handle(Now::TIME, &gateway.request(13, &alert(0)));
    assert!(failed_as(outcome, &EapFailure::Closed));

    // TLS 1.3, closed in place of the octet 00.
    let manner = Manner {
        commitment: b"",
        ..plain(&TLS13)
    };
    let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), manner);
    let packet = advance(&mut peer, &mut gateway, 2);
    sent(&mut peer, &packet);
    gateway.tls.send_close_notify();
    gateway.send();
    let outcome = peer.handle(Now::TIME, &gateway.fragment());
    assert!(failed_as(outcome, &EapFailure::Closed));

    // After the end of the handshake.
    for version in VERSIONS {
        let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(version));
        let packet = advance(&mut peer, &mut gateway, 2);
        sent(&mut peer, &packet);
        gateway.tls.writer().write_all(b"more").unwrap();
        gateway.send();
        let outcome = peer.handle(Now::TIME, &gateway.fragment());
        assert!(failed_as(outcome, &EapFailure::OutOfOrder(EapType::TLS)));
    }

    // Together with the end of the handshake, in TLS 1.2.
    let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(&TLS12));
    let finished = advance(&mut peer, &mut gateway, 2);
    gateway.tls.writer().write_all(b"data").unwrap();
    gateway.send();
    let data = gateway.fragment();
    let both = [&finished[5..], &data[6..]].concat();
    let outcome = peer.handle(Now::TIME, &request(finished[1], 13, &both));
    assert!(failed_as(outcome, &EapFailure::UnexpectedData));
}

/// N-55: TLS 1.3 ends with one octet 00, nothing else.
#[test]
fn n_55_tls_1_3_without_the_commitment_is_no_end() {
    let world = World::new();
    for commitment in [&b"\x01"[..], b"\0\0", b"hello"] {
        let manner = Manner {
            commitment,
            ..plain(&TLS13)
        };
        let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), manner);
        let first = gateway.start();
        let outcome = converse(&mut peer, &mut gateway, first);
        assert!(
            failed_as(outcome, &EapFailure::NotCommitted),
            "{commitment:?}"
        );
        assert!(peer.msk().is_none());
    }
    // Left out altogether, as strongSwan does: the AUTH payload with the MSK proves as much.
    let manner = Manner {
        commitment: b"",
        ..plain(&TLS13)
    };
    let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), manner);
    let first = gateway.start();
    let outcome = converse(&mut peer, &mut gateway, first);
    assert!(matches!(outcome, EapOutcome::Success), "{outcome:?}");
    assert_eq!(peer.msk().unwrap().expose(), gateway.msk());

    // An octet 00 that left before our certificate was seen promises nothing.
    let clients = rustls::server::NoClientAuth;
    let mut config = world.config(&TLS13, Arc::new(clients));
    config.send_half_rtt_data = true;
    let mut gateway = Gateway::new(config, manner);
    gateway.tls.writer().write_all(b"\0").unwrap();
    let mut peer = EapPeer::new(world.ecdsa_client().config(world.trust()));
    let first = gateway.start();
    let outcome = converse(&mut peer, &mut gateway, first);
    assert!(failed_as(outcome, &EapFailure::NotCommitted));
}

/// The failure when `data` is the gateway's first TLS message.
fn after_hello(world: &World, data: &[u8]) -> EapFailure {
    let mut peer = EapPeer::new(world.ecdsa_client().config(world.trust()));
    sent(&mut peer, &request(1, 13, &[0x20]));
    match peer.handle(Now::TIME, &request(2, 13, data)) {
        EapOutcome::Failure(failure) => failure,
        other => unreachable!("{other:?}"),
    }
}
