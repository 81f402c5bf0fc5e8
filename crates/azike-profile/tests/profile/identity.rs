//! Identities in every file people have: each fixture is opened, and what is
//! wrong is said.
use crate::fixture::{PASSWORD, fixture};
use azike_crypto::{Encoding, SignatureScheme, verify};
use azike_profile::{Certificate, Identity, IdentityError, KeyKind, LocalId, read_identity};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Name, and the common name and kind of key inside.
const WITH_PASSWORD: &[(&str, &str, KeyKind)] = &[
    ("modern.p12", "ada", KeyKind::Rsa(2048)),
    ("legacy-rc2.p12", "ada", KeyKind::Rsa(2048)),
    ("windows-3des.p12", "ada", KeyKind::Rsa(2048)),
    ("ber-outside.p12", "ada", KeyKind::Rsa(2048)),
    ("ber-inside.p12", "ada", KeyKind::Rsa(2048)),
    ("p256.p12", "grace@contoso.example", KeyKind::EcdsaP256),
    ("p384.p12", "edsger", KeyKind::EcdsaP384),
    ("rc2-128.p12", "grace@contoso.example", KeyKind::EcdsaP256),
    (
        "aes128-sha512.p12",
        "grace@contoso.example",
        KeyKind::EcdsaP256,
    ),
    (
        "sha384-mac.p12",
        "grace@contoso.example",
        KeyKind::EcdsaP256,
    ),
    (
        "no-iterations.p12",
        "grace@contoso.example",
        KeyKind::EcdsaP256,
    ),
    ("no-mac.p12", "grace@contoso.example", KeyKind::EcdsaP256),
    ("pbmac1.p12", "grace@contoso.example", KeyKind::EcdsaP256),
    (
        "encrypted-aes.pem",
        "grace@contoso.example",
        KeyKind::EcdsaP256,
    ),
    (
        "encrypted-sha1-prf.pem",
        "grace@contoso.example",
        KeyKind::EcdsaP256,
    ),
    (
        "encrypted-3des.pem",
        "grace@contoso.example",
        KeyKind::EcdsaP256,
    ),
    (
        "encrypted-scrypt.pem",
        "grace@contoso.example",
        KeyKind::EcdsaP256,
    ),
    (
        "encrypted-pbe-sha1.pem",
        "grace@contoso.example",
        KeyKind::EcdsaP256,
    ),
];

const WITHOUT_PASSWORD: &[(&str, &str, KeyKind)] = &[
    (
        "plain-no-mac.p12",
        "grace@contoso.example",
        KeyKind::EcdsaP256,
    ),
    (
        "empty-password.p12",
        "grace@contoso.example",
        KeyKind::EcdsaP256,
    ),
    (
        "empty-password-3des.p12",
        "grace@contoso.example",
        KeyKind::EcdsaP256,
    ),
    (
        "null-password.p12",
        "grace@contoso.example",
        KeyKind::EcdsaP256,
    ),
    ("pkcs8-rsa.pem", "ada", KeyKind::Rsa(2048)),
    ("pkcs1-any-order.pem", "ada", KeyKind::Rsa(2048)),
    ("sec1-p256.pem", "grace@contoso.example", KeyKind::EcdsaP256),
    ("crlf-p384.pem", "edsger", KeyKind::EcdsaP384),
    ("with-bag-attributes.pem", "ada", KeyKind::Rsa(2048)),
    ("stray-key.pem", "grace@contoso.example", KeyKind::EcdsaP256),
];

#[test]
fn every_kind_of_file_with_a_password_opens_with_it() {
    for (name, common_name, key) in WITH_PASSWORD {
        let identity = read_identity(&fixture(name), Some(PASSWORD));
        let identity = identity.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(identity.common_name(), Some(*common_name), "{name}");
        assert_eq!(identity.key(), key, "{name}");
        signs_for_its_certificate(&identity, name);
    }
}

#[test]
fn every_kind_of_file_with_a_password_asks_for_it() {
    for (name, ..) in WITH_PASSWORD {
        let error = read_identity(&fixture(name), None).unwrap_err();
        assert_eq!(error, IdentityError::NeedPassword, "{name}");
    }
}

#[test]
fn every_kind_of_file_with_a_password_refuses_another_one() {
    for (name, ..) in WITH_PASSWORD {
        for wrong in ["", "Correct horse", "correct horse "] {
            let error = read_identity(&fixture(name), Some(wrong)).unwrap_err();
            assert_eq!(error, IdentityError::WrongPassword, "{name} {wrong:?}");
        }
    }
}

#[test]
fn files_that_need_no_password_open_with_none_and_with_the_empty_one() {
    for (name, common_name, key) in WITHOUT_PASSWORD {
        for password in [None, Some("")] {
            let identity = read_identity(&fixture(name), password);
            let identity = identity.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(identity.common_name(), Some(*common_name), "{name}");
            assert_eq!(identity.key(), key, "{name}");
            signs_for_its_certificate(&identity, name);
        }
    }
}

#[test]
fn passwords_of_every_language_work() {
    let file = fixture("unicode-password.p12");
    assert!(read_identity(&file, Some("pässwörd€😀")).is_ok());
    let wrong = read_identity(&file, Some("passwörd€😀")).unwrap_err();
    assert_eq!(wrong, IdentityError::WrongPassword);
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    for (name, password, wanted) in [
        ("key-only.p12", Some(PASSWORD), IdentityError::NoCertificate),
        ("cert-only.p12", Some(PASSWORD), IdentityError::NoKey),
        ("key-only.pem", None, IdentityError::NoCertificate),
        ("cert-only.pem", None, IdentityError::NoKey),
        ("root.cer", None, IdentityError::NoKey),
        ("other-key.pem", None, IdentityError::KeyMismatch),
        ("two-keys.pem", None, IdentityError::TwoKeys),
        ("rsa-1024.pem", None, IdentityError::WeakKey(1024)),
        ("make.sh", None, IdentityError::UnknownFormat),
    ] {
        let error = read_identity(&fixture(name), password).unwrap_err();
        assert_eq!(error, wanted, "{name}");
    }
    for (name, word) in [
        ("p521.pem", "P-256 or P-384"),
        ("rc4.p12", "RC4"),
        ("old-pem-encryption.pem", "openssl pkcs8 -topk8"),
    ] {
        match read_identity(&fixture(name), Some(PASSWORD)).unwrap_err() {
            IdentityError::Unsupported(what) => assert!(what.contains(word), "{name}: {what}"),
            other => panic!("{name}: {other}"),
        }
    }
    assert_eq!(read_identity(b"", None).unwrap_err(), IdentityError::Empty);
    let large = vec![b'0'; 600_000];
    assert_eq!(
        read_identity(&large, None).unwrap_err(),
        IdentityError::TooLarge(600_000)
    );
}

/// N-99: two thousand million rounds would take half an hour.
#[test]
fn a_file_cannot_ask_for_endless_work() {
    let error = read_identity(&fixture("two-billion-rounds.p12"), Some(PASSWORD)).unwrap_err();
    assert_eq!(error, IdentityError::TooExpensive(0x7fff_ffff));
}

/// scrypt with 128 · r · N octets of memory; here 260 million.
#[test]
fn a_file_cannot_ask_for_endless_memory() {
    let file = String::from_utf8(fixture("encrypted-scrypt.pem")).unwrap();
    let (certificate, key) = file
        .split_once("-----BEGIN ENCRYPTED PRIVATE KEY-----")
        .unwrap();
    let key = key.replace("-----END ENCRYPTED PRIVATE KEY-----", "");
    let mut key = STANDARD
        .decode(key.split_whitespace().collect::<String>())
        .unwrap();
    let parameters = [2, 2, 0x40, 0, 2, 1, 8];
    let at = key
        .windows(7)
        .position(|window| window == parameters)
        .unwrap();
    key[at + 6] = 127;
    let key = STANDARD.encode(key);
    let file = format!(
        "{certificate}-----BEGIN ENCRYPTED PRIVATE KEY-----\n{key}\n-----END ENCRYPTED PRIVATE KEY-----"
    );
    let error = read_identity(file.as_bytes(), Some(PASSWORD)).unwrap_err();
    assert_eq!(error, IdentityError::TooExpensive(16_384));
}

#[test]
fn the_chain_is_put_in_order_and_the_root_left_out() {
    for name in ["modern.p12", "legacy-rc2.p12", "pkcs1-any-order.pem"] {
        let identity = read_identity(&fixture(name), Some(PASSWORD)).unwrap();
        let names: Vec<String> = identity
            .intermediates()
            .iter()
            .map(Certificate::short_subject)
            .collect();
        assert_eq!(names, ["Fixture Intermediate"], "{name}");
        assert_eq!(
            identity.root().unwrap().short_subject(),
            "Fixture P2S Root",
            "{name}"
        );
        let sent = identity.certificates();
        assert_eq!(sent.len(), 2, "{name}");
        assert_eq!(sent.first(), Some(identity.leaf().der()), "{name}");
    }
    // Issued by the root itself; the intermediate in the file is not its issuer.
    let identity = read_identity(&fixture("p256.p12"), Some(PASSWORD)).unwrap();
    assert!(identity.intermediates().is_empty());
    assert!(identity.root().is_some());
    let identity = read_identity(&fixture("sec1-p256.pem"), None).unwrap();
    assert_eq!((identity.certificates().len(), identity.root()), (1, None));
}

#[test]
fn the_name_is_the_common_name_and_its_kind_follows_its_look() {
    let identity = read_identity(&fixture("modern.p12"), Some(PASSWORD)).unwrap();
    assert_eq!(identity.local_id(), Some(LocalId::Fqdn("ada".to_owned())));
    assert_eq!(identity.eap_identity().as_deref(), Some("ada"));
    let identity = read_identity(&fixture("sec1-p256.pem"), None).unwrap();
    let email = LocalId::Email("grace@contoso.example".to_owned());
    assert_eq!(identity.local_id(), Some(email));
    let subject = identity.local_id_from("dn:").unwrap();
    assert_eq!(subject.id_type(), 9);
    assert!(subject.data().ends_with(b"grace@contoso.example"));
}

/// The same keys and certificates come out of an independent reader.
#[test]
fn another_reader_finds_the_same() {
    for (name, ..) in WITH_PASSWORD {
        let skipped = [
            "ber-outside.p12",
            "ber-inside.p12",
            "pbmac1.p12",
            "rc2-128.p12",
        ];
        if !fixture(name).starts_with(b"0") || skipped.contains(name) {
            continue;
        }
        let other = p12_keystore::Pkcs12Archive::from_pkcs12(&fixture(name), PASSWORD);
        let other = other.unwrap_or_else(|error| panic!("{name}: {error}"));
        let identity = read_identity(&fixture(name), Some(PASSWORD)).unwrap();
        let key =
            azike_crypto::SoftwareSigner::from_pkcs8(other.keys.first().unwrap().key.as_der());
        let key = key.unwrap();
        assert_eq!(
            azike_crypto::Signer::public_key(&key),
            identity.signer().public_key(),
            "{name}"
        );
        let known = |der: &[u8]| other.certs.iter().any(|bag| bag.cert.as_der() == der);
        assert!(
            identity.certificates().iter().all(|der| known(der)),
            "{name}"
        );
    }
}

#[test]
fn nothing_of_the_key_is_printed() {
    let identity = read_identity(&fixture("pkcs8-rsa.pem"), None).unwrap();
    let shown = format!("{:?}", identity.signer());
    assert_eq!(shown, "SoftwareSigner(RSA)");
}

/// The key is really the one of the certificate, and can be used.
fn signs_for_its_certificate(identity: &Identity, name: &str) {
    let signer = identity.signer();
    assert_eq!(signer.public_key(), identity.leaf().public_key(), "{name}");
    let scheme = *signer.schemes().first().unwrap();
    assert_ne!(scheme, SignatureScheme::RsaPkcs1Sha1);
    let signature = signer.sign(scheme, b"octets").unwrap();
    let spki = identity.leaf().public_key();
    assert!(
        verify(spki, scheme, Encoding::Asn1, b"octets", &signature).is_ok(),
        "{name}"
    );
}
