//! Signatures of AUTH payloads, and the names of their schemes.

use azike_crypto::{
    BadSignature, Encoding, SignatureScheme, decode_digital_signature, ecdsa_from_fixed,
    ecdsa_to_fixed, encode_digital_signature, verify,
};
use azike_wire::SignatureHash;
use serde_json::Value;

use crate::numbers::{hex, octets, tests, text};

const RFC_4754: &str = include_str!("../vectors/rfc4754.json");
const RFC_7427: &str = include_str!("../vectors/rfc7427.json");
const P256_HEADER: &str = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
const P384_HEADER: &str = "3076301006072a8648ce3d020106052b8104002203620004";

/// RFC 4754, section 8: the AUTH payloads of methods 9 and 10.
#[test]
fn rfc_4754_auth_payloads() {
    for case in tests(RFC_4754) {
        let (scheme, spki) = rfc_4754_key(&case);
        let message = octets(&case, "message");
        // Payload header (4), method and reserved (4), r, s.
        let payload = octets(&case, "AUTH_payload");
        let (_, signature) = payload.split_at(8);
        assert_eq!(signature, [octets(&case, "r"), octets(&case, "s")].concat());
        assert_eq!(
            verify(&spki, scheme, Encoding::Fixed, &message, signature),
            Ok(())
        );

        let asn1 = ecdsa_from_fixed(scheme, signature).unwrap();
        assert_eq!(
            verify(&spki, scheme, Encoding::Asn1, &message, &asn1),
            Ok(())
        );
        assert_eq!(ecdsa_to_fixed(scheme, &asn1).unwrap(), signature);

        let mismatch = Err(BadSignature::Mismatch);
        assert_eq!(
            verify(&spki, scheme, Encoding::Fixed, b"abd", signature),
            mismatch
        );
        assert_eq!(
            verify(&spki, scheme, Encoding::Asn1, &message, signature),
            mismatch
        );
        assert_eq!(
            verify(&spki, scheme, Encoding::Fixed, &message, &asn1),
            mismatch
        );
        assert_eq!(
            verify(&spki, scheme, Encoding::Fixed, &message, &[]),
            mismatch
        );
    }
}

#[test]
fn a_key_of_another_type_is_named_as_the_reason() {
    let case = &tests(RFC_4754)[0];
    let (_, spki) = rfc_4754_key(case);
    let wrong = Err(BadSignature::WrongKeyType);
    for (scheme, encoding) in [
        (SignatureScheme::RsaPkcs1Sha256, Encoding::Asn1),
        (SignatureScheme::RsaPssSha256, Encoding::Asn1),
        (SignatureScheme::Ed25519, Encoding::Asn1),
        (SignatureScheme::EcdsaP384Sha384, Encoding::Fixed),
    ] {
        assert_eq!(
            verify(&spki, scheme, encoding, b"", b""),
            wrong,
            "{scheme:?}"
        );
    }

    let unreadable = Err(BadSignature::UnreadableKey);
    let scheme = SignatureScheme::EcdsaP256Sha256;
    let p521 = hex("301b301006072a8648ce3d020106052b8104002303070004010203040506");
    let trailing = [&spki[..], &[0]].concat();
    for spki in [
        &[][..],
        &spki[1..],
        &spki[..90],
        &trailing,
        &p521,
        &[0x30, 0x80],
    ] {
        assert_eq!(verify(spki, scheme, Encoding::Fixed, b"", b""), unreadable);
    }
}

fn rfc_4754_key(case: &Value) -> (SignatureScheme, Vec<u8>) {
    let (scheme, header) = match case["auth_method"].as_u64().unwrap() {
        9 => (SignatureScheme::EcdsaP256Sha256, P256_HEADER),
        10 => (SignatureScheme::EcdsaP384Sha384, P384_HEADER),
        other => panic!("{other}"),
    };
    let spki = [hex(header), octets(case, "gwx"), octets(case, "gwy")].concat();
    (scheme, spki)
}

/// RFC 7427, appendix A: what we know has the RFC's encoding, the rest (DSA,
/// SHA-1 with ECDSA or PSS, SHA-512 with ECDSA) is unknown.
#[test]
fn rfc_7427_algorithm_identifiers() {
    let mut known = Vec::new();
    for case in tests(RFC_7427) {
        let der = octets(&case, "der");
        let scheme = match text(&case, "name") {
            "sha1WithRSAEncryption" => Some(SignatureScheme::RsaPkcs1Sha1),
            "sha256WithRSAEncryption" => Some(SignatureScheme::RsaPkcs1Sha256),
            "sha384WithRSAEncryption" => Some(SignatureScheme::RsaPkcs1Sha384),
            "sha512WithRSAEncryption" => Some(SignatureScheme::RsaPkcs1Sha512),
            "ecdsa-with-sha256" => Some(SignatureScheme::EcdsaP256Sha256),
            "ecdsa-with-sha384" => Some(SignatureScheme::EcdsaP384Sha384),
            "RSASSA-PSS with SHA-256" => Some(SignatureScheme::RsaPssSha256),
            _ => None,
        };
        assert_eq!(
            SignatureScheme::from_algorithm_identifier(&der),
            scheme,
            "{case}"
        );
        known.extend(scheme);
        // Ours is the RFC's, but for the trailer field that DER leaves out.
        if let Some(scheme) = scheme
            && scheme != SignatureScheme::RsaPssSha256
        {
            assert_eq!(scheme.algorithm_identifier(), der);
        }
    }
    assert_eq!(known.len(), 7);
}

/// What strongSwan, OpenSSL and libreswan write, and what the RFC prints: NULL
/// or nothing after a hash, trailer field written or not.
#[test]
fn rsassa_pss_is_known_in_every_honest_encoding() {
    for (scheme, hash, salt) in [
        (SignatureScheme::RsaPssSha256, "01", "20"),
        (SignatureScheme::RsaPssSha384, "02", "30"),
        (SignatureScheme::RsaPssSha512, "03", "40"),
    ] {
        let oid = format!("06096086480165030402{hash}");
        let mask = "06092a864886f70d010108";
        let salt = format!("a2030201{salt}");
        let identifiers = [
            format!(
                "304106092a864886f70d01010a3034a00f300d{oid}0500a11c301a{mask}300d{oid}0500{salt}"
            ),
            format!("303d06092a864886f70d01010a3030a00d300b{oid}a11a3018{mask}300b{oid}{salt}"),
            format!(
                "304606092a864886f70d01010a3039a00f300d{oid}0500a11c301a{mask}300d{oid}0500{salt}a303020101"
            ),
            format!("303f06092a864886f70d01010a3032a00d300b{oid}a11c301a{mask}300d{oid}0500{salt}"),
        ];
        for identifier in &identifiers {
            let found = SignatureScheme::from_algorithm_identifier(&hex(identifier));
            assert_eq!(found, Some(scheme), "{identifier}");
        }
        assert_eq!(scheme.algorithm_identifier(), hex(&identifiers[0]));
        // Another salt, and hashes that differ, are not this scheme.
        for (from, to) in [
            ("a2030201", "a2030202"),
            ("300d06096086480165030402", "300d06096086480165030403"),
        ] {
            let other = identifiers[0].replacen(from, to, 1);
            assert_eq!(
                SignatureScheme::from_algorithm_identifier(&hex(&other)),
                None
            );
        }
    }
}

#[test]
fn digital_signature_round_trip() {
    for scheme in SignatureScheme::ALL {
        let identifier = scheme.algorithm_identifier();
        let data = encode_digital_signature(scheme, b"signature");
        assert_eq!(usize::from(data[0]), identifier.len());
        assert_eq!(&data[1..=identifier.len()], identifier);
        let decoded = decode_digital_signature(&data);
        assert_eq!(decoded, Some((scheme, &b"signature"[..])), "{scheme:?}");
        let empty = encode_digital_signature(scheme, b"");
        assert_eq!(decode_digital_signature(&empty), Some((scheme, &b""[..])));
    }
}

/// N-46: unknown identifier, octets behind it, length 0 or 255, too short.
#[test]
fn n46_bad_digital_signatures() {
    let good = encode_digital_signature(SignatureScheme::RsaPkcs1Sha256, &[1; 256]);
    let with_length = |length: u8| [&[length], &good[1..]].concat();
    assert_eq!(decode_digital_signature(&[]), None);
    assert_eq!(decode_digital_signature(&[15]), None);
    assert_eq!(decode_digital_signature(&good[..15]), None);
    for length in (0..=255).filter(|length| *length != 15) {
        assert_eq!(
            decode_digital_signature(&with_length(length)),
            None,
            "length {length}"
        );
    }
    for octet in 1..16 {
        let mut other = good.clone();
        other[octet] ^= 0x40;
        assert_eq!(decode_digital_signature(&other), None, "octet {octet}");
    }
    // BER: a length in its long form, parameters left out.
    for identifier in [
        "30810d06092a864886f70d01010b0500",
        "300b06092a864886f70d01010b",
    ] {
        let identifier = hex(identifier);
        let length = u8::try_from(identifier.len()).unwrap();
        let data = [&[length], &identifier[..], &[1; 256]].concat();
        assert_eq!(decode_digital_signature(&data), None);
    }
}

#[test]
fn ecdsa_encodings_are_strict() {
    let scheme = SignatureScheme::EcdsaP256Sha256;
    let one_and_two = [&[0; 31][..], &[1], &[0; 31], &[2]].concat();
    assert_eq!(
        ecdsa_from_fixed(scheme, &one_and_two).unwrap(),
        hex("3006020101020102")
    );
    assert_eq!(
        ecdsa_to_fixed(scheme, &hex("3006020101020102")).unwrap(),
        one_and_two
    );
    let high_bit = ecdsa_from_fixed(scheme, &[0xff; 64]).unwrap();
    assert_eq!(high_bit[..5], hex("3046022100"));
    assert_eq!(ecdsa_to_fixed(scheme, &high_bit).unwrap(), [0xff; 64]);

    assert!(ecdsa_from_fixed(scheme, &[1; 63]).is_none());
    assert!(ecdsa_from_fixed(scheme, &[1; 65]).is_none());
    assert!(ecdsa_from_fixed(SignatureScheme::Ed25519, &[1; 64]).is_none());
    assert!(ecdsa_to_fixed(SignatureScheme::RsaPkcs1Sha256, &hex("3006020101020102")).is_none());
    for bad in [
        "",
        "30",
        "3006",
        "3003020101",
        "300602010102010200",
        "3007020101020102",
        "300802010102010205",
        "30060201010201",
        // A long form of the length, a useless zero, a negative number, zero.
        "308106020101020102",
        "30070202000102010200",
        "3007020200010201",
        "3006020181020102",
        "3006020100020102",
        "300502000201",
    ] {
        assert_eq!(ecdsa_to_fixed(scheme, &hex(bad)), None, "{bad}");
    }
    // 33 octets of magnitude do not fit.
    let too_long = [hex("30260221"), vec![1; 33], hex("020101")].concat();
    assert_eq!(ecdsa_to_fixed(scheme, &too_long), None);
}

#[test]
fn schemes_name_their_hash() {
    for (scheme, hash) in [
        (SignatureScheme::RsaPkcs1Sha1, SignatureHash::SHA1),
        (SignatureScheme::RsaPssSha256, SignatureHash::SHA2_256),
        (SignatureScheme::EcdsaP384Sha384, SignatureHash::SHA2_384),
        (SignatureScheme::RsaPkcs1Sha512, SignatureHash::SHA2_512),
        (SignatureScheme::Ed25519, SignatureHash::IDENTITY),
    ] {
        assert_eq!(scheme.hash(), hash);
    }
}
