//! The MAC over a PKCS#12 file: the old way (RFC 7292, section 4) and PBMAC1
//! (RFC 9579).

use hmac::digest::block_api::BlockSizeUser;
use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::password_key::{self, Purpose};
use crate::identity::IdentityError;
use crate::identity::ber::{Element, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE};
use crate::identity::encryption::{Budget, Password, check_salt};

/// 1.2.840.113549.1.5.14
const PBMAC1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0e";
/// 1.2.840.113549.1.5.12
const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";

/// Verifies a `MacData` over `safe`. [`IdentityError::WrongPassword`] when the
/// MAC is another one; that a damaged file looks the same cannot be helped.
pub(super) fn verify(
    mac: Element<'_>,
    safe: &[u8],
    password: &Password,
    budget: &mut Budget,
) -> Result<(), IdentityError> {
    let mut fields = mac.inside();
    let mut digest_info = fields.expect(SEQUENCE)?.inside();
    let mut algorithm = digest_info.expect(SEQUENCE)?.inside();
    let tag = digest_info.expect_octets()?;
    let oid = algorithm.expect(OBJECT_IDENTIFIER)?.content;
    let right = if oid == PBMAC1 {
        let parameters = algorithm.expect(SEQUENCE)?.inside();
        let keyed = Keyed::read(parameters, password, budget)?;
        keyed.hash.verify(&keyed.key, safe, &tag)
    } else {
        let hash = Hash::of_digest(oid)?;
        let salt = fields.expect_octets()?;
        check_salt(&salt)?;
        let rounds = fields.next()?.filter(|field| field.tag == INTEGER);
        let rounds = rounds.map_or(Ok(1), |rounds| rounds.number())?;
        budget.spend(rounds)?;
        let key = hash.password_key(&password.bmp, &salt, rounds);
        hash.verify(&key, safe, &tag)
    };
    if right {
        Ok(())
    } else {
        Err(IdentityError::WrongPassword)
    }
}

/// The hash functions in use.
#[derive(Clone, Copy, Debug)]
enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// A hash, and the key for its HMAC.
#[derive(Debug)]
struct Keyed {
    hash: Hash,
    key: Zeroizing<Vec<u8>>,
}

impl Keyed {
    /// Reads `PBMAC1-params` and derives the key.
    fn read(
        mut parameters: Elements<'_>,
        password: &Password,
        budget: &mut Budget,
    ) -> Result<Self, IdentityError> {
        let mut derivation = parameters.expect(SEQUENCE)?.inside();
        let mut scheme = parameters.expect(SEQUENCE)?.inside();
        let hash = Hash::of_hmac(scheme.expect(OBJECT_IDENTIFIER)?.content)?;
        if derivation.expect(OBJECT_IDENTIFIER)?.content != PBKDF2 {
            return Err(unknown());
        }
        let mut fields = derivation.expect(SEQUENCE)?.inside();
        let salt = fields.expect_octets()?;
        check_salt(&salt)?;
        let rounds = fields.expect(INTEGER)?.number()?;
        let length = fields.expect(INTEGER)?.number()?;
        let prf = match fields.next()? {
            Some(prf) => Hash::of_hmac(prf.inside().expect(OBJECT_IDENTIFIER)?.content)?,
            None => Hash::Sha1,
        };
        let length = usize::try_from(length)
            .ok()
            .filter(|length| (16..=64).contains(length));
        let length = length.ok_or(IdentityError::Malformed("the length of its MAC key"))?;
        // An output block costs all rounds again.
        budget.spend(rounds.saturating_mul(4))?;
        let rounds = u32::try_from(rounds).map_err(|_| IdentityError::TooExpensive(rounds))?;
        let mut key = Zeroizing::new(vec![0; length]);
        prf.pbkdf2(password.utf8.as_bytes(), &salt, rounds, &mut key);
        Ok(Self { hash, key })
    }
}

impl Hash {
    fn of_digest(oid: &[u8]) -> Result<Self, IdentityError> {
        match oid {
            b"\x2b\x0e\x03\x02\x1a" => Ok(Self::Sha1),
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x04" => Ok(Self::Sha224),
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x01" => Ok(Self::Sha256),
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x02" => Ok(Self::Sha384),
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x03" => Ok(Self::Sha512),
            _ => Err(unknown()),
        }
    }

    /// 1.2.840.113549.2.n
    fn of_hmac(oid: &[u8]) -> Result<Self, IdentityError> {
        match oid.strip_prefix(b"\x2a\x86\x48\x86\xf7\x0d\x02") {
            Some([7]) => Ok(Self::Sha1),
            Some([8]) => Ok(Self::Sha224),
            Some([9]) => Ok(Self::Sha256),
            Some([10]) => Ok(Self::Sha384),
            Some([11]) => Ok(Self::Sha512),
            _ => Err(unknown()),
        }
    }

    fn password_key(self, password: &[u8], salt: &[u8], rounds: u64) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Sha1 => mac_key::<Sha1>(password, salt, rounds),
            Self::Sha224 => mac_key::<Sha224>(password, salt, rounds),
            Self::Sha256 => mac_key::<Sha256>(password, salt, rounds),
            Self::Sha384 => mac_key::<Sha384>(password, salt, rounds),
            Self::Sha512 => mac_key::<Sha512>(password, salt, rounds),
        }
    }

    fn pbkdf2(self, password: &[u8], salt: &[u8], rounds: u32, key: &mut [u8]) {
        match self {
            Self::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, rounds, key),
            Self::Sha224 => pbkdf2::pbkdf2_hmac::<Sha224>(password, salt, rounds, key),
            Self::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds, key),
            Self::Sha384 => pbkdf2::pbkdf2_hmac::<Sha384>(password, salt, rounds, key),
            Self::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, rounds, key),
        }
    }

    fn verify(self, key: &[u8], octets: &[u8], tag: &[u8]) -> bool {
        match self {
            Self::Sha1 => is_mac::<Sha1>(key, octets, tag),
            Self::Sha224 => is_mac::<Sha224>(key, octets, tag),
            Self::Sha256 => is_mac::<Sha256>(key, octets, tag),
            Self::Sha384 => is_mac::<Sha384>(key, octets, tag),
            Self::Sha512 => is_mac::<Sha512>(key, octets, tag),
        }
    }
}

fn mac_key<D: EagerHash + BlockSizeUser>(
    password: &[u8],
    salt: &[u8],
    rounds: u64,
) -> Zeroizing<Vec<u8>> {
    let length = <D as sha1::Digest>::output_size();
    password_key::derive::<D>(password, salt, rounds, Purpose::Mac, length)
}

fn is_mac<D: EagerHash>(key: &[u8], octets: &[u8], tag: &[u8]) -> bool {
    let mac = Hmac::<D>::new_from_slice(key);
    mac.is_ok_and(|mac| mac.chain_update(octets).verify_slice(tag).is_ok())
}

fn unknown() -> IdentityError {
    IdentityError::Unsupported("an unknown kind of MAC".to_owned())
}
