//! Every row of Azure's policy tables: both ends come to the same keys.

use azike_crypto::{DirectionKeys, Encryption, Integrity, Prf};
use azike_gateway::{ChildSuite, IkeSuite, TunnelEnd};
use azike_ike::{Authentication, Offer, Strength};
use azike_wire::KeyExchangeMethod;

use crate::support::{Setup, Table};

const GROUPS: [KeyExchangeMethod; 6] = [
    KeyExchangeMethod::MODP_2048,
    KeyExchangeMethod::MODP_2048_256,
    KeyExchangeMethod::ECP_256,
    KeyExchangeMethod::ECP_384,
    KeyExchangeMethod::CURVE25519,
    KeyExchangeMethod::MODP_1024,
];

const IKE: [(Encryption, Option<Integrity>); 7] = [
    (Encryption::Aes256Gcm16, None),
    (Encryption::Aes128Gcm16, None),
    (Encryption::ChaCha20Poly1305, None),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha256_128)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha384_192)),
    (Encryption::Aes128Cbc, Some(Integrity::HmacSha256_128)),
    (Encryption::Aes128Cbc, Some(Integrity::HmacSha384_192)),
];

const CHILD: [(Encryption, Option<Integrity>); 6] = [
    (Encryption::Aes256Gcm16, None),
    (Encryption::Aes128Gcm16, None),
    (Encryption::ChaCha20Poly1305, None),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha256_128)),
    (Encryption::Aes128Cbc, Some(Integrity::HmacSha256_128)),
    (Encryption::Aes256Cbc, Some(Integrity::HmacSha1_96)),
];

/// An empty UDP datagram from 172.16.201.1 to 10.1.0.4.
const PACKET: [u8; 28] = [
    0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 172, 16, 201, 1, 10, 1, 0, 4, 0, 53, 0, 53, 0, 8, 0,
    0,
];

#[test]
fn every_group_is_agreed_on() {
    for group in GROUPS {
        let table = connect(
            IkeSuite::AES_256_GCM.with_group(group),
            ChildSuite::AES_256_GCM,
        );
        assert_same_keys(&table);
    }
}

#[test]
fn every_suite_of_the_ike_sa_is_agreed_on() {
    for (encryption, integrity) in IKE {
        for prf in [Prf::HmacSha256, Prf::HmacSha384] {
            let suite = IkeSuite {
                encryption,
                integrity,
                prf,
                group: KeyExchangeMethod::CURVE25519,
            };
            assert_same_keys(&connect(suite, ChildSuite::AES_256_GCM));
        }
    }
}

#[test]
fn every_suite_of_the_child_sa_is_agreed_on() {
    for (encryption, integrity) in CHILD {
        let suite = ChildSuite {
            encryption,
            integrity,
        };
        let ike = IkeSuite::AES_256_GCM.with_group(KeyExchangeMethod::CURVE25519);
        let table = connect(ike, suite);
        assert_eq!(
            table.established().unwrap().child.algorithms.encryption(),
            encryption
        );
        assert_same_keys(&table);
    }
}

/// What the gateway wants and the client does not offer.
#[test]
fn suite_of_old_times_is_not_offered() {
    let mut setup = Setup::new(Authentication::Signature);
    setup.gateway.policy.ike = vec![IkeSuite {
        encryption: Encryption::Aes256Cbc,
        integrity: Some(Integrity::HmacSha1_96),
        prf: Prf::HmacSha1,
        group: KeyExchangeMethod::MODP_2048,
    }];
    let mut table = setup.sit();
    table.settle();
    assert!(table.established().is_none());
}

fn connect(ike: IkeSuite, child: ChildSuite) -> Table {
    let mut setup = Setup::new(Authentication::Signature);
    setup.client.offer = Offer::azure(Strength::AllowWeak);
    setup.gateway.policy.ike = vec![ike];
    setup.gateway.policy.child = vec![child];
    let mut table = setup.sit();
    table.talk();
    assert!(table.established().is_some(), "{ike:?} {child:?}");
    table
}

/// What one seals the other can open: SPIs and keys are the same, crosswise.
fn assert_same_keys(table: &Table) {
    let ours = &table.established().unwrap().child;
    let theirs = table.gateway_child().unwrap();
    assert_eq!((ours.spi_in, ours.spi_out), (theirs.spi_out, theirs.spi_in));
    assert_eq!(octets(&ours.inbound), octets(&theirs.outbound));
    assert_eq!(octets(&ours.outbound), octets(&theirs.inbound));
    assert_ne!(octets(&ours.inbound), octets(&ours.outbound));
    assert_carries(&mut ends(table));
}

/// A packet each way, once; and each only once.
fn assert_carries((client, gateway): &mut (TunnelEnd, TunnelEnd)) {
    for _ in 0..3 {
        let up = client.seal(&PACKET).unwrap();
        assert_eq!(gateway.open(&up), Some(PACKET.to_vec()));
        assert_eq!(gateway.open(&up), None, "a replay");
        let mut down = gateway.seal(&PACKET).unwrap();
        let last = down.len() - 1;
        down[last] ^= 1;
        assert_eq!(client.open(&down), None, "a forgery");
        down[last] ^= 1;
        assert_eq!(client.open(&down), Some(PACKET.to_vec()));
    }
}

/// The ends of the tunnel: the client's and the gateway's.
fn ends(table: &Table) -> (TunnelEnd, TunnelEnd) {
    let ours = &table.established().unwrap().child;
    let inbound = (ours.spi_in, &ours.inbound);
    let client = TunnelEnd::with_keys(inbound, (ours.spi_out, &ours.outbound));
    (client, TunnelEnd::new(table.gateway_child().unwrap()))
}

fn octets(keys: &DirectionKeys) -> (&[u8], &[u8]) {
    (
        keys.encryption_key().expose(),
        keys.integrity_key().expose(),
    )
}
