//! A private key in our own memory (RFC 5208, RFC 8017, RFC 5915, RFC 8410).

use std::fmt;

use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::der::Decode as _;
use rsa::pkcs8::der::asn1::AnyRef;
use rsa::pkcs8::{DecodePrivateKey as _, ObjectIdentifier, PrivateKeyInfoRef};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::traits::{PublicKeyParts as _, SignatureScheme as _};
use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

use super::scheme::SignatureScheme;
use super::signer::{SignError, Signer};
use super::spki::{KeyType, PublicKey};

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// RSA keys that ring signs with, in bits.
const RSA_BITS: std::ops::RangeInclusive<u32> = 2048..=4096;

/// A private key in memory.
///
/// Here alone the crate uses the system's randomness instead of [`Random`]:
/// ring takes no other source for signing, and the same source blinds the RSA
/// operation of the SHA-1 signature. It protects the key; it is not visible in
/// what the protocol sends, but for the nonce of ECDSA and the salt of PSS.
///
/// [`Random`]: crate::Random
pub struct SoftwareSigner {
    key: Key,
    spki: Vec<u8>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "a program has one or two of them"
)]
enum Key {
    Rsa(RsaKey),
    EcdsaP256(EcdsaKeyPair),
    EcdsaP384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// The same RSA key twice: ring has no SHA-1 signature.
struct RsaKey {
    ring: RsaKeyPair,
    for_sha1: RsaPrivateKey,
}

/// Why octets are not a private key that we can use.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// Not the DER structure it should be, or the numbers in it contradict
    /// each other.
    #[error("private key is malformed")]
    Malformed,
    /// Neither RSA, nor ECDSA on P-256 or P-384, nor Ed25519.
    #[error("private key is of an unsupported type or curve")]
    UnsupportedType,
    /// An RSA key of this many bits, fewer than 2048 or more than 4096.
    #[error("RSA key of {0} bits is not supported, only 2048 to 4096")]
    RsaSize(u32),
}

impl SoftwareSigner {
    /// From the DER `PrivateKeyInfo` of PKCS#8, not encrypted: PEM label
    /// `PRIVATE KEY`.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let info = PrivateKeyInfoRef::try_from(der).map_err(|_| KeyError::Malformed)?;
        let curve = info.algorithm.parameters_oid().ok();
        match (info.algorithm.oid, curve) {
            (RSA_ENCRYPTION, _) => Self::from_pkcs1(info.private_key.as_bytes()),
            (EC_PUBLIC_KEY, Some(P256)) => {
                let key = p256::SecretKey::from_pkcs8_der(der);
                Self::p256(&key.map_err(|_| KeyError::Malformed)?)
            }
            (EC_PUBLIC_KEY, Some(P384)) => {
                let key = p384::SecretKey::from_pkcs8_der(der);
                Self::p384(&key.map_err(|_| KeyError::Malformed)?)
            }
            (ED25519, _) => Self::ed25519(der),
            _ => Err(KeyError::UnsupportedType),
        }
    }

    /// From the DER `RSAPrivateKey` of PKCS#1: PEM label `RSA PRIVATE KEY`.
    pub fn from_pkcs1(der: &[u8]) -> Result<Self, KeyError> {
        let for_sha1 = RsaPrivateKey::from_pkcs1_der(der).map_err(|_| KeyError::Malformed)?;
        let bits = for_sha1.n().bits();
        if !RSA_BITS.contains(&bits) {
            return Err(KeyError::RsaSize(bits));
        }
        let ring = RsaKeyPair::from_der(der).map_err(|_| KeyError::Malformed)?;
        let public = ring.public().as_ref().to_vec();
        let key = RsaKey { ring, for_sha1 };
        // ring does not check all numbers of the key against each other, but it
        // checks what it has signed: a damaged key is found here, and not in
        // the middle of a connection.
        if key.sign(SignatureScheme::RsaPkcs1Sha256, b"trial").is_err() {
            return Err(KeyError::Malformed);
        }
        Ok(Self::new(Key::Rsa(key), KeyType::Rsa, &public))
    }

    /// From the DER `ECPrivateKey` of SEC 1: PEM label `EC PRIVATE KEY`. A key
    /// that does not name its curve is on the one that has its length.
    pub fn from_sec1(der: &[u8]) -> Result<Self, KeyError> {
        if let Ok(key) = p256::SecretKey::from_sec1_der(der) {
            return Self::p256(&key);
        }
        if let Ok(key) = p384::SecretKey::from_sec1_der(der) {
            return Self::p384(&key);
        }
        // Well-formed on the outside: most likely another curve.
        match AnyRef::from_der(der) {
            Ok(_) => Err(KeyError::UnsupportedType),
            Err(_) => Err(KeyError::Malformed),
        }
    }

    fn p256(key: &p256::SecretKey) -> Result<Self, KeyError> {
        let scalar = Zeroizing::new(key.to_bytes());
        let point = p256::Sec1Point::from(key.public_key());
        let pair = ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING, &scalar, point.as_bytes())?;
        Ok(Self::new(
            Key::EcdsaP256(pair),
            KeyType::P256,
            point.as_bytes(),
        ))
    }

    fn p384(key: &p384::SecretKey) -> Result<Self, KeyError> {
        let scalar = Zeroizing::new(key.to_bytes());
        let point = p384::Sec1Point::from(key.public_key());
        let pair = ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING, &scalar, point.as_bytes())?;
        Ok(Self::new(
            Key::EcdsaP384(pair),
            KeyType::P384,
            point.as_bytes(),
        ))
    }

    fn ed25519(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8);
        let pair = pair.map_err(|_| KeyError::Malformed)?;
        let public = pair.public_key().as_ref().to_vec();
        Ok(Self::new(Key::Ed25519(pair), KeyType::Ed25519, &public))
    }

    fn new(key: Key, key_type: KeyType, octets: &[u8]) -> Self {
        let spki = PublicKey { key_type, octets }.encode();
        Self { key, spki }
    }
}

impl Signer for SoftwareSigner {
    /// For RSA, PKCS#1 comes before PSS: the peer's list of hashes says
    /// nothing about padding (RFC 7427, section 4), and every implementation
    /// knows the older one.
    fn schemes(&self) -> Vec<SignatureScheme> {
        match self.key {
            Key::Rsa(_) => vec![
                SignatureScheme::RsaPkcs1Sha256,
                SignatureScheme::RsaPkcs1Sha384,
                SignatureScheme::RsaPkcs1Sha512,
                SignatureScheme::RsaPssSha256,
                SignatureScheme::RsaPssSha384,
                SignatureScheme::RsaPssSha512,
                SignatureScheme::RsaPkcs1Sha1,
            ],
            Key::EcdsaP256(_) => vec![SignatureScheme::EcdsaP256Sha256],
            Key::EcdsaP384(_) => vec![SignatureScheme::EcdsaP384Sha384],
            Key::Ed25519(_) => vec![SignatureScheme::Ed25519],
        }
    }

    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match (&self.key, scheme) {
            (Key::Rsa(key), _) => key.sign(scheme, message),
            (Key::EcdsaP256(pair), SignatureScheme::EcdsaP256Sha256)
            | (Key::EcdsaP384(pair), SignatureScheme::EcdsaP384Sha384) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                let signature = signature.map_err(|_| SignError::Failed)?;
                Ok(signature.as_ref().to_vec())
            }
            (Key::Ed25519(pair), SignatureScheme::Ed25519) => {
                Ok(pair.sign(message).as_ref().to_vec())
            }
            (Key::EcdsaP256(_) | Key::EcdsaP384(_) | Key::Ed25519(_), _) => {
                Err(SignError::NotOffered)
            }
        }
    }
}

impl fmt::Debug for SoftwareSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.key {
            Key::Rsa(_) => "SoftwareSigner(RSA)",
            Key::EcdsaP256(_) => "SoftwareSigner(ECDSA P-256)",
            Key::EcdsaP384(_) => "SoftwareSigner(ECDSA P-384)",
            Key::Ed25519(_) => "SoftwareSigner(Ed25519)",
        })
    }
}

impl RsaKey {
    fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let encoding: &dyn RsaEncoding = match scheme {
            SignatureScheme::RsaPkcs1Sha1 => return self.sign_sha1(message),
            SignatureScheme::RsaPkcs1Sha256 => &RSA_PKCS1_SHA256,
            SignatureScheme::RsaPkcs1Sha384 => &RSA_PKCS1_SHA384,
            SignatureScheme::RsaPkcs1Sha512 => &RSA_PKCS1_SHA512,
            SignatureScheme::RsaPssSha256 => &RSA_PSS_SHA256,
            SignatureScheme::RsaPssSha384 => &RSA_PSS_SHA384,
            SignatureScheme::RsaPssSha512 => &RSA_PSS_SHA512,
            SignatureScheme::EcdsaP256Sha256
            | SignatureScheme::EcdsaP384Sha384
            | SignatureScheme::Ed25519 => return Err(SignError::NotOffered),
        };
        let mut signature = vec![0; self.ring.public().modulus_len()];
        self.ring
            .sign(encoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| SignError::Failed)?;
        Ok(signature)
    }

    fn sign_sha1(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let digest = Sha1::digest(message);
        rsa::Pkcs1v15Sign::new::<Sha1>()
            .sign(Some(&mut Blinding), &self.for_sha1, &digest)
            .map_err(|_| SignError::Failed)
    }
}

fn ecdsa(
    algorithm: &'static EcdsaSigningAlgorithm,
    scalar: &[u8],
    point: &[u8],
) -> Result<EcdsaKeyPair, KeyError> {
    EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, point, &SystemRandom::new())
        .map_err(|_| KeyError::Malformed)
}

/// ring's randomness with the face that `rsa` wants.
struct Blinding;

/// The system has no randomness to give.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no randomness from the system")]
struct NoEntropy;

impl TryRng for Blinding {
    type Error = NoEntropy;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets)?;
        Ok(u32::from_ne_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets)?;
        Ok(u64::from_ne_bytes(octets))
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Self::Error> {
        SystemRandom::new().fill(octets).map_err(|_| NoEntropy)
    }
}

impl TryCryptoRng for Blinding {}
