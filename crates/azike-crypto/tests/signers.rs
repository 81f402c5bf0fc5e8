//! Private keys in every container, and what they sign.
#![expect(clippy::unwrap_used, reason = "test code")]

use azike_crypto::{
    BadSignature, Encoding, KeyError, SignError, SignatureScheme, Signer as _, SoftwareSigner,
    ecdsa_to_fixed, verify,
};

const MESSAGE: &[u8] = b"azike test message";

macro_rules! key {
    ($name:literal) => {
        &include_bytes!(concat!("keys/", $name))[..]
    };
}

/// Each container gives the same key, with the public half that OpenSSL writes.
#[test]
fn every_container_gives_the_same_public_key() {
    for (signer, spki) in [
        (
            SoftwareSigner::from_pkcs8(key!("rsa2048.pkcs8.der")),
            key!("rsa2048.spki.der"),
        ),
        (
            SoftwareSigner::from_pkcs1(key!("rsa2048.pkcs1.der")),
            key!("rsa2048.spki.der"),
        ),
        (
            SoftwareSigner::from_pkcs8(key!("p256.pkcs8.der")),
            key!("p256.spki.der"),
        ),
        (
            SoftwareSigner::from_sec1(key!("p256.sec1.der")),
            key!("p256.spki.der"),
        ),
        (
            SoftwareSigner::from_sec1(key!("p256.sec1-without-public.der")),
            key!("p256.spki.der"),
        ),
        (
            SoftwareSigner::from_sec1(key!("p256.sec1-scalar-only.der")),
            key!("p256.spki.der"),
        ),
        (
            SoftwareSigner::from_pkcs8(key!("p384.pkcs8.der")),
            key!("p384.spki.der"),
        ),
        (
            SoftwareSigner::from_sec1(key!("p384.sec1.der")),
            key!("p384.spki.der"),
        ),
        (
            SoftwareSigner::from_sec1(key!("p384.sec1-without-public.der")),
            key!("p384.spki.der"),
        ),
        (
            SoftwareSigner::from_sec1(key!("p384.sec1-scalar-only.der")),
            key!("p384.spki.der"),
        ),
        (
            SoftwareSigner::from_pkcs8(key!("ed25519.pkcs8.der")),
            key!("ed25519.spki.der"),
        ),
    ] {
        assert_eq!(signer.unwrap().public_key(), spki);
    }
}

/// Every scheme of every type of key, verified by ring; a changed message and
/// another scheme are refused.
#[test]
fn what_is_signed_verifies() {
    let mut schemes = std::collections::BTreeSet::new();
    for signer in signers() {
        for scheme in signer.schemes() {
            let signature = signer.sign(scheme, MESSAGE).unwrap();
            let spki = signer.public_key();
            let verified = |scheme, message, signature: &[u8]| {
                verify(spki, scheme, Encoding::Asn1, message, signature)
            };
            assert_eq!(verified(scheme, MESSAGE, &signature), Ok(()), "{scheme:?}");
            let mismatch = Err(BadSignature::Mismatch);
            assert_eq!(verified(scheme, b"another", &signature), mismatch);
            assert_eq!(verified(scheme, MESSAGE, &signature[1..]), mismatch);
            for other in SignatureScheme::ALL
                .into_iter()
                .filter(|other| *other != scheme)
            {
                assert!(
                    verified(other, MESSAGE, &signature).is_err(),
                    "{scheme:?} {other:?}"
                );
            }
            schemes.insert(scheme);
        }
    }
    assert_eq!(schemes, SignatureScheme::ALL.into());
}

/// The fixed form for authentication methods 9 and 10 (RFC 4754).
#[test]
fn ecdsa_signatures_verify_in_their_fixed_form() {
    for signer in signers() {
        let scheme = signer.schemes()[0];
        // r or s is shorter than the curve in one of 128 signatures.
        for _ in 0..300 {
            let Some(fixed) = ecdsa_to_fixed(scheme, &signer.sign(scheme, MESSAGE).unwrap()) else {
                break;
            };
            let result = verify(
                signer.public_key(),
                scheme,
                Encoding::Fixed,
                MESSAGE,
                &fixed,
            );
            assert_eq!(result, Ok(()));
        }
    }
}

/// RSASSA-PKCS1-v1_5 has no randomness: ours is OpenSSL's, octet for octet.
#[test]
fn rsa_pkcs1_signatures_equal_those_of_openssl() {
    let rsa2048 = SoftwareSigner::from_pkcs1(key!("rsa2048.pkcs1.der")).unwrap();
    let rsa3072 = SoftwareSigner::from_pkcs8(key!("rsa3072.pkcs8.der")).unwrap();
    for (signer, scheme, signature) in [
        (
            &rsa2048,
            SignatureScheme::RsaPkcs1Sha1,
            key!("rsa2048.pkcs1-sha1.sig"),
        ),
        (
            &rsa2048,
            SignatureScheme::RsaPkcs1Sha256,
            key!("rsa2048.pkcs1-sha256.sig"),
        ),
        (
            &rsa3072,
            SignatureScheme::RsaPkcs1Sha1,
            key!("rsa3072.pkcs1-sha1.sig"),
        ),
    ] {
        assert_eq!(signer.sign(scheme, MESSAGE).unwrap(), signature);
    }
}

#[test]
fn a_scheme_of_another_type_is_not_signed() {
    for signer in signers() {
        for scheme in SignatureScheme::ALL {
            let offered = signer.schemes().contains(&scheme);
            let result = signer.sign(scheme, MESSAGE);
            assert_eq!(result.is_ok(), offered, "{signer:?} {scheme:?}");
            assert!(offered || result == Err(SignError::NotOffered));
        }
    }
}

#[test]
fn unusable_keys_say_why() {
    let why = |signer: Result<SoftwareSigner, KeyError>| signer.err();
    let rsa1024 = why(SoftwareSigner::from_pkcs8(key!("rsa1024.pkcs8.der")));
    assert_eq!(rsa1024, Some(KeyError::RsaSize(1024)));
    let unsupported = Some(KeyError::UnsupportedType);
    assert_eq!(
        why(SoftwareSigner::from_pkcs8(key!("p521.pkcs8.der"))),
        unsupported
    );
    assert_eq!(
        why(SoftwareSigner::from_sec1(key!("p521.sec1.der"))),
        unsupported
    );
    assert_eq!(
        why(SoftwareSigner::from_pkcs8(key!("ed448.pkcs8.der"))),
        unsupported
    );
    // The wrong door.
    let malformed = Some(KeyError::Malformed);
    assert_eq!(
        why(SoftwareSigner::from_pkcs8(key!("rsa2048.pkcs1.der"))),
        malformed
    );
    assert_eq!(
        why(SoftwareSigner::from_pkcs1(key!("rsa2048.pkcs8.der"))),
        malformed
    );
    assert_eq!(why(SoftwareSigner::from_sec1(b"-----BEGIN")), malformed);
    assert_eq!(why(SoftwareSigner::from_pkcs8(&[])), malformed);
}

/// Truncated and changed keys are refused, or still sign: no panic.
#[test]
fn damaged_keys_do_not_panic() {
    for pkcs8 in [
        key!("p256.pkcs8.der"),
        key!("p384.pkcs8.der"),
        key!("ed25519.pkcs8.der"),
    ] {
        for length in 0..pkcs8.len() {
            assert!(
                SoftwareSigner::from_pkcs8(&pkcs8[..length]).is_err(),
                "{length} octets"
            );
        }
        for octet in 0..pkcs8.len() {
            let mut damaged = pkcs8.to_vec();
            damaged[octet] ^= 0x11;
            if let Ok(signer) = SoftwareSigner::from_pkcs8(&damaged) {
                signer.sign(signer.schemes()[0], MESSAGE).unwrap();
            }
        }
    }
    let rsa = key!("rsa2048.pkcs8.der");
    for length in (0..rsa.len()).step_by(37) {
        assert!(
            SoftwareSigner::from_pkcs8(&rsa[..length]).is_err(),
            "{length} octets"
        );
        let mut damaged = rsa.to_vec();
        damaged[length] ^= 0x10;
        assert!(
            SoftwareSigner::from_pkcs8(&damaged).is_err(),
            "octet {length}"
        );
    }
}

#[test]
fn debug_names_the_type_only() {
    let debug: Vec<String> = signers()
        .iter()
        .map(|signer| format!("{signer:?}"))
        .collect();
    assert_eq!(
        debug,
        [
            "SoftwareSigner(RSA)",
            "SoftwareSigner(ECDSA P-256)",
            "SoftwareSigner(ECDSA P-384)",
            "SoftwareSigner(Ed25519)",
        ]
    );
}

fn signers() -> [SoftwareSigner; 4] {
    [
        SoftwareSigner::from_pkcs8(key!("rsa2048.pkcs8.der")).unwrap(),
        SoftwareSigner::from_pkcs8(key!("p256.pkcs8.der")).unwrap(),
        SoftwareSigner::from_pkcs8(key!("p384.pkcs8.der")).unwrap(),
        SoftwareSigner::from_pkcs8(key!("ed25519.pkcs8.der")).unwrap(),
    ]
}
