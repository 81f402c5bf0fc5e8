//! EAP-TLS against a server in the same process: both versions of TLS, both ways to cut messages, and
//! the cases N-41 to N-43, N-51 to N-55, N-59 and N-64.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "test code"
)]

use azike_ike::eap::{EapOutcome, EapPeer};
use azike_ike::trust::GatewayTrust;
use rustls_pki_types::CertificateDer;

use self::gateway::{Gateway, Lengths, Manner, Now, accepts, config};
use self::world::{NAME, VERSIONS, World, advance, converse, plain, rsa_client, sent};

#[path = "pki/authority.rs"]
mod authority;
#[path = "eap/client.rs"]
mod client;
#[path = "eap/gateway.rs"]
mod gateway;
#[path = "eap/packet.rs"]
mod packet;
#[path = "eap/tls.rs"]
mod tls;
#[path = "eap/world.rs"]
mod world;

//  <-- Identity   --> Identity   <-- start   --> TLS …   <-- Success
#[test]
fn both_sides_get_the_same_key() {
    let world = World::new();
    for version in VERSIONS {
        for client in [world.ecdsa_client(), rsa_client()] {
            let (mut peer, mut gateway) = world.meet(&client, plain(version));
            let identity = gateway.request(1, b"");
            assert_eq!(sent(&mut peer, &identity), b"\x02\x01\x00\x0b\x01client");
            let first = gateway.start();
            assert!(matches!(
                converse(&mut peer, &mut gateway, first),
                EapOutcome::Success
            ));
            assert_eq!(peer.msk().unwrap().expose(), gateway.msk());
            assert_eq!(peer.server().unwrap().name(), NAME);
            assert_eq!(peer.take_farewell(), None);
        }
    }
}

#[test]
fn identity_may_be_left_out() {
    let world = World::new();
    for version in VERSIONS {
        let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(version));
        let first = gateway.start();
        assert!(matches!(
            converse(&mut peer, &mut gateway, first),
            EapOutcome::Success
        ));
    }
}

#[test]
fn a_gateway_with_an_rsa_certificate_is_fine() {
    let chain = vec![include_bytes!("data-trust/gateway-rsa.der").to_vec().into()];
    let key = include_bytes!("data-trust/gateway-rsa.pk8").to_vec();
    let root = CertificateDer::from(&include_bytes!("data-trust/root-rsa-2048.der")[..]);
    for version in VERSIONS {
        let names = ["gw.vpn.azure.com".to_owned()];
        let trust = GatewayTrust::new(vec![root.clone()], &names, &[]).unwrap();
        let mut peer = EapPeer::new(rsa_client().config(trust));
        let config = config(chain.clone(), key.clone(), accepts(&root), version);
        let mut gateway = Gateway::new(config, plain(version));
        let first = gateway.start();
        assert!(matches!(
            converse(&mut peer, &mut gateway, first),
            EapOutcome::Success
        ));
        assert_eq!(peer.msk().unwrap().expose(), gateway.msk());
    }
}

#[test]
fn messages_are_cut_as_either_side_likes() {
    let world = World::new();
    for version in VERSIONS {
        for (fragment, own, lengths) in [
            (200, 1024, Lengths::Nowhere),
            (200, 1024, Lengths::First),
            (200, 64, Lengths::Everywhere),
            (50, 200, Lengths::First),
            (9000, 9000, Lengths::Everywhere),
        ] {
            let manner = Manner {
                fragment,
                lengths,
                ..plain(version)
            };
            let client = rsa_client();
            let config = client
                .config(world.trust())
                .with_fragment_size(own)
                .unwrap();
            let mut peer = EapPeer::new(config);
            let mut gateway = world.gateway(manner, &client);
            let first = gateway.start();
            let outcome = converse(&mut peer, &mut gateway, first);
            assert!(
                matches!(outcome, EapOutcome::Success),
                "{manner:?} {own}: {outcome:?}"
            );
            assert_eq!(peer.msk().unwrap().expose(), gateway.msk());
            assert_eq!(gateway.fragments > 10, own < 200, "{manner:?} {own}");
        }
    }
}

/// One octet of one packet is damaged: no panic, no success without the same key on both sides.
#[test]
fn damaged_packets_never_give_a_wrong_key() {
    let world = World::new();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for turn in 0..300 {
        let version = VERSIONS[turn % 2];
        let (mut peer, mut gateway) = world.meet(&world.ecdsa_client(), plain(version));
        let mut packet = advance(&mut peer, &mut gateway, 1 + turn / 2 % 2);
        for shift in [13, 7, 17] {
            random ^= if shift == 7 {
                random >> shift
            } else {
                random << shift
            };
        }
        let at = usize::try_from(random % 1_000_000).unwrap() % packet.len();
        let identifier = packet[1];
        packet[at] ^= u8::try_from(random >> 56).unwrap() | 1;
        let outcome = peer.handle(Now::TIME, &packet);
        assert!(!matches!(outcome, EapOutcome::Success), "turn {turn}");
        if !matches!(outcome, EapOutcome::Failure(_))
            && matches!(peer.handle(Now::TIME, &gateway.end(3)), EapOutcome::Success)
        {
            // The identifier may be what was damaged; the gateway's TLS has to come to its end.
            if let EapOutcome::Respond(mut response) = outcome {
                response[1] = identifier;
                gateway.answer(&response);
            }
            let keys = [gateway.msk(), gateway.old_msk()];
            assert!(
                keys.contains(&peer.msk().unwrap().expose().to_vec()),
                "turn {turn}"
            );
        }
    }
}

#[test]
fn nothing_personal_is_printed() {
    let world = World::new();
    let client = world.ecdsa_client();
    let config = client.config(world.trust());
    let printed = format!("{config:?} {:?}", EapPeer::new(config.clone()));
    assert!(!printed.contains("client"), "{printed}");
}
