//! SKEYSEED, the keys of an IKE SA, and KEYMAT.

use azike_crypto::{
    ChildAlgorithms, ChildKeys, DirectionKeys, Encryption, IkeAlgorithms, IkeKeys, Integrity, Prf,
    Secret,
};
use azike_wire::Spi;
use serde_json::Value;

use crate::numbers::{file, octets, secret, tests, text};

const NIST: &str = include_str!("../vectors/nist_ikev2.json");
const RFC_4868: &str = include_str!("../vectors/rfc4868.json");

/// NIST prints more key material than an SA needs, or less; what both have
/// must be equal.
#[test]
fn nist_ike_sa_and_child_sa() {
    let nist = file(NIST);
    let mut cases = 0;
    for group in nist["groups"].as_array().unwrap() {
        let (prf, integrity) = match text(group, "hash") {
            "SHA-1" => (Prf::HmacSha1, Integrity::HmacSha1_96),
            "SHA-256" => (Prf::HmacSha256, Integrity::HmacSha256_128),
            "SHA-384" => (Prf::HmacSha384, Integrity::HmacSha384_192),
            "SHA-512" => (Prf::HmacSha512, Integrity::HmacSha512_256),
            other => panic!("{other}"),
        };
        for case in group["tests"].as_array().unwrap() {
            ike_sa(prf, integrity, case);
            rekeyed_ike_sa(prf, case);
            child_sa(prf, integrity, case);
            cases += 1;
        }
    }
    assert_eq!(cases, 27);
}

fn ike_sa(prf: Prf, integrity: Integrity, case: &Value) {
    let (ni, nr, gir) = (
        octets(case, "ni"),
        octets(case, "nr"),
        secret(octets(case, "gir")),
    );
    let skeyseed = prf.mac(&[&ni[..], &nr].concat(), &[gir.expose()]);
    assert_eq!(skeyseed, octets(case, "skeyseed"));

    let printed = octets(case, "dkm");
    let seed = [octets(case, "spii"), octets(case, "spir")].concat();
    let dkm = prf.prf_plus(&skeyseed, &[&ni, &nr, &seed], printed.len());
    assert_eq!(dkm.expose(), printed);

    for (encryption, integrity) in [
        (Encryption::Aes128Cbc, Some(integrity)),
        (Encryption::Aes256Cbc, Some(integrity)),
        (Encryption::Aes256Gcm16, None),
    ] {
        let algorithms = IkeAlgorithms::new(encryption, integrity, prf).unwrap();
        let keys = IkeKeys::derive(
            algorithms,
            &ni,
            &nr,
            &gir,
            spi(case, "spii"),
            spi(case, "spir"),
        );
        assert_eq!(keys.sk_d.len(), prf.key_length());
        assert_eq!(keys.sk_ai.len(), integrity.map_or(0, Integrity::key_length));
        assert_eq!(keys.sk_er.len(), encryption.keymat_length());
        assert_same_start(&all(&keys), &printed);
    }
}

fn rekeyed_ike_sa(prf: Prf, case: &Value) {
    let (ni, nr) = (octets(case, "ni"), octets(case, "nr"));
    let algorithms = IkeAlgorithms::new(Encryption::Aes256Gcm16, None, prf).unwrap();
    let (spi_i, spi_r) = (spi(case, "spii"), spi(case, "spir"));
    let gir_new = secret(octets(case, "gir_new"));
    let keys = IkeKeys::rekey(
        algorithms,
        prf,
        &sk_d(prf, case),
        &ni,
        &nr,
        &gir_new,
        spi_i,
        spi_r,
    );

    let skeyseed = octets(case, "skeyseed_rekey");
    let seed = [octets(case, "spii"), octets(case, "spir")].concat();
    let expected = prf.prf_plus(&skeyseed, &[&ni, &nr, &seed], all(&keys).len());
    assert_eq!(all(&keys), expected.expose());
}

fn child_sa(prf: Prf, integrity: Integrity, case: &Value) {
    let (ni, nr, sk_d) = (octets(case, "ni"), octets(case, "nr"), sk_d(prf, case));
    let gir_new = secret(octets(case, "gir_new"));
    for (encryption, integrity) in [
        (Encryption::Aes128Cbc, Some(integrity)),
        (Encryption::Aes256Gcm16, None),
        (Encryption::ChaCha20Poly1305, None),
    ] {
        let algorithms = ChildAlgorithms::new(encryption, integrity).unwrap();
        for (gir, field) in [(None, "dkm_child"), (Some(&gir_new), "dkm_child_dh")] {
            let keys = ChildKeys::derive(prf, &sk_d, gir, &ni, &nr, algorithms);
            let direction = |keys: &DirectionKeys| {
                assert_eq!(keys.encryption_key().len(), encryption.keymat_length());
                [
                    keys.encryption_key().expose(),
                    keys.integrity_key().expose(),
                ]
                .concat()
            };
            let keymat = [direction(&keys.initiator), direction(&keys.responder)].concat();
            assert_same_start(&keymat, &octets(case, field));
        }
    }
}

/// The old SA's key is the start of NIST's key material.
fn sk_d(prf: Prf, case: &Value) -> Secret {
    secret(&octets(case, "dkm")[..prf.key_length()])
}

fn spi(case: &Value, field: &str) -> Spi {
    Spi::new(u64::from_str_radix(text(case, field), 16).unwrap()).unwrap()
}

fn all(keys: &IkeKeys) -> Vec<u8> {
    let IkeKeys {
        sk_d,
        sk_ai,
        sk_ar,
        sk_ei,
        sk_er,
        sk_pi,
        sk_pr,
        ..
    } = keys;
    let keys = [sk_d, sk_ai, sk_ar, sk_ei, sk_er, sk_pi, sk_pr];
    keys.map(Secret::expose).concat()
}

fn assert_same_start(ours: &[u8], printed: &[u8]) {
    let length = ours.len().min(printed.len());
    assert!(length >= 64);
    assert_eq!(ours[..length], printed[..length]);
}

/// RFC 4868, section 2.7: the untruncated values are those of the PRFs.
#[test]
fn rfc_4868_prf() {
    let mut checked = 0;
    for case in tests(RFC_4868) {
        for (field, prf) in [
            ("prf-hmac-sha-256", Prf::HmacSha256),
            ("prf-hmac-sha-384", Prf::HmacSha384),
            ("prf-hmac-sha-512", Prf::HmacSha512),
        ] {
            if case.get(field).is_some() {
                let (key, data) = (octets(&case, "key"), octets(&case, "data"));
                assert_eq!(prf.mac(&key, &[&data]), octets(&case, field), "{case}");
                let (left, right) = data.split_at(data.len() / 2);
                assert_eq!(prf.mac(&key, &[left, &[], right]), octets(&case, field));
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 6 * 3 + 12);
}

/// One octet of counter: 255 blocks and no more (RFC 7296, section 2.13).
#[test]
fn prf_plus_ends_after_255_blocks() {
    let longest = Prf::HmacSha256.prf_plus(b"key", &[b"seed"], usize::MAX);
    assert_eq!(longest.len(), 255 * 32);
    let short = Prf::HmacSha256.prf_plus(b"key", &[b"seed"], 33);
    assert_eq!(longest.expose()[..33], *short.expose());
    assert!(Prf::HmacSha256.prf_plus(b"key", &[], 0).is_empty());
}
