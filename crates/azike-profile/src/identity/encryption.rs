//! Encryption under a password: PBES2 (RFC 8018, section 6.2) and the schemes
//! of PKCS#12 (RFC 7292, appendix B and C), which Windows and `openssl -legacy`
//! still write.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, KeyInit, KeyIvInit as _};
use des::{TdesEde2, TdesEde3};
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::pkcs5::{EncryptionScheme, Error};
use rc2::Rc2;
use sha1::Sha1;
use zeroize::Zeroizing;

use super::IdentityError;
use super::ber::{Element, INTEGER, OBJECT_IDENTIFIER};
use super::pkcs12::password_key::{self, Purpose};

/// Rounds of key derivation for one file, all parts together. Programs write
/// 2 000 to 600 000 for each part; this many take a few seconds.
const MOST_ROUNDS: u64 = 6_000_000;

/// The memory that scrypt may use, in octets. OpenSSL writes files that need 16 MiB.
const MOST_SCRYPT_MEMORY: u64 = 64 * 1024 * 1024;

/// The longest salt, in octets.
const LONGEST_SALT: usize = 1024;

/// The work that may still be done for this file.
#[derive(Debug)]
pub(super) struct Budget(u64);

impl Default for Budget {
    fn default() -> Self {
        Self(MOST_ROUNDS)
    }
}

impl Budget {
    /// Takes `rounds`, unless that is too much.
    pub(super) fn spend(&mut self, rounds: u64) -> Result<(), IdentityError> {
        let left = self.0.checked_sub(rounds);
        self.0 = left.ok_or(IdentityError::TooExpensive(rounds))?;
        Ok(())
    }
}

/// A password in the two forms that the schemes want.
#[derive(Debug)]
pub(super) struct Password {
    /// UTF-8.
    pub utf8: Zeroizing<String>,
    /// UTF-16 with the most significant octet first, and two zeros at the end;
    /// nothing at all for "no password" as opposed to the empty one.
    pub bmp: Zeroizing<Vec<u8>>,
}

impl Password {
    /// What was typed.
    pub(super) fn new(text: &str) -> Self {
        let mut bmp = Zeroizing::new(Vec::with_capacity(2 * text.len() + 2));
        bmp.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        bmp.extend([0, 0]);
        let utf8 = Zeroizing::new(text.to_owned());
        Self { utf8, bmp }
    }

    /// The passwords that stand for "none": programs do not agree.
    pub(super) fn none() -> [Self; 2] {
        let mut null = Self::new("");
        null.bmp.clear();
        [Self::new(""), null]
    }
}

/// Decrypts `ciphertext`. `algorithm` is the `AlgorithmIdentifier` beside it.
///
/// A wrong password is most often, but not always, noticed here as
/// [`IdentityError::WrongPassword`].
pub(super) fn decrypt(
    algorithm: Element<'_>,
    ciphertext: &[u8],
    password: &Password,
    budget: &mut Budget,
) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
    let mut fields = algorithm.inside();
    let oid = fields.expect(OBJECT_IDENTIFIER)?;
    let Some(cipher) = Legacy::of(oid.content) else {
        return pbes2(algorithm, oid.content, ciphertext, password, budget);
    };
    let mut parameters = fields.expect(super::ber::SEQUENCE)?.inside();
    let salt = parameters.expect_octets()?;
    let rounds = parameters.expect(INTEGER)?.number()?;
    let derivation = Derivation::new(password, &salt, rounds, budget)?;
    match cipher? {
        Legacy::TripleDes3 => derivation.decrypt::<TdesEde3>(24, ciphertext),
        Legacy::TripleDes2 => derivation.decrypt::<TdesEde2>(16, ciphertext),
        Legacy::Rc2Bits128 => derivation.decrypt::<Rc2>(16, ciphertext),
        Legacy::Rc2Bits40 => derivation.decrypt::<Rc2>(5, ciphertext),
    }
}

/// The schemes of PKCS#12 with CBC (RFC 7292, appendix C).
#[derive(Clone, Copy, Debug)]
enum Legacy {
    TripleDes3,
    TripleDes2,
    Rc2Bits128,
    Rc2Bits40,
}

impl Legacy {
    /// 1.2.840.113549.1.12.1.n
    fn of(oid: &[u8]) -> Option<Result<Self, IdentityError>> {
        let scheme = oid.strip_prefix(b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01")?;
        Some(match scheme {
            [3] => Ok(Self::TripleDes3),
            [4] => Ok(Self::TripleDes2),
            [5] => Ok(Self::Rc2Bits128),
            [6] => Ok(Self::Rc2Bits40),
            _ => Err(IdentityError::Unsupported("RC4 encryption".to_owned())),
        })
    }
}

/// Key and IV from a password (RFC 7292, appendix B.2, with SHA-1).
struct Derivation<'p> {
    password: &'p Password,
    salt: &'p [u8],
    rounds: u64,
}

impl<'p> Derivation<'p> {
    fn new(
        password: &'p Password,
        salt: &'p [u8],
        rounds: u64,
        budget: &mut Budget,
    ) -> Result<Self, IdentityError> {
        check_salt(salt)?;
        // The key needs up to two blocks of SHA-1, the IV one.
        budget.spend(rounds.saturating_mul(3))?;
        Ok(Self {
            password,
            salt,
            rounds,
        })
    }

    fn derive(&self, purpose: Purpose, length: usize) -> Zeroizing<Vec<u8>> {
        password_key::derive::<Sha1>(&self.password.bmp, self.salt, self.rounds, purpose, length)
    }

    fn decrypt<C: KeyInit + BlockCipherDecrypt>(
        &self,
        key_length: usize,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
        let key = self.derive(Purpose::Key, key_length);
        let iv = self.derive(Purpose::Iv, 8);
        let cipher = cbc::Decryptor::<C>::new_from_slices(&key, &iv);
        let cipher = cipher.map_err(|_| IdentityError::Malformed("its encryption"))?;
        let mut octets = Zeroizing::new(ciphertext.to_vec());
        let plain = cipher.decrypt_padded::<Pkcs7>(&mut octets);
        let length = plain.map_err(|_| IdentityError::WrongPassword)?.len();
        octets.truncate(length);
        Ok(octets)
    }
}

fn pbes2(
    algorithm: Element<'_>,
    oid: &[u8],
    ciphertext: &[u8],
    password: &Password,
    budget: &mut Budget,
) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
    // 1.2.840.113549.1.5.13; its neighbours are PBES1 with DES.
    if oid != b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d" {
        return Err(IdentityError::Unsupported(
            "an unknown encryption".to_owned(),
        ));
    }
    let der = algorithm.to_der()?;
    let unknown = || IdentityError::Unsupported("an unknown cipher or key derivation".to_owned());
    let scheme = EncryptionScheme::try_from(der.as_slice()).map_err(|_| unknown())?;
    let EncryptionScheme::Pbes2(parameters) = scheme else {
        return Err(unknown());
    };
    spend_for(&parameters, budget)?;
    let mut octets = Zeroizing::new(ciphertext.to_vec());
    let plain = parameters.decrypt_in_place(password.utf8.as_bytes(), &mut octets);
    let length = match plain {
        Ok(plain) => plain.len(),
        Err(Error::UnsupportedAlgorithm { .. }) => return Err(unknown()),
        Err(_) => return Err(IdentityError::WrongPassword),
    };
    octets.truncate(length);
    Ok(octets)
}

fn spend_for(parameters: &Parameters, budget: &mut Budget) -> Result<(), IdentityError> {
    if let Kdf::Pbkdf2(kdf) = &parameters.kdf {
        check_salt(kdf.salt.as_ref())?;
        return budget.spend(u64::from(kdf.iteration_count));
    }
    let Kdf::Scrypt(kdf) = &parameters.kdf else {
        return Err(IdentityError::Unsupported(
            "an unknown key derivation".to_owned(),
        ));
    };
    check_salt(kdf.salt.as_ref())?;
    let block = 128 * u64::from(kdf.block_size);
    let memory = block.saturating_mul(kdf.cost_parameter);
    let all = memory.saturating_mul(u64::from(kdf.parallelization));
    if memory > MOST_SCRYPT_MEMORY {
        return Err(IdentityError::TooExpensive(kdf.cost_parameter));
    }
    // A round of HMAC and 256 octets of scrypt take about the same time.
    budget.spend(all / 256)
}

/// Refuses a salt that is only there to waste time.
pub(super) fn check_salt(salt: &[u8]) -> Result<(), IdentityError> {
    if salt.len() > LONGEST_SALT {
        return Err(IdentityError::Malformed("a salt is too long"));
    }
    Ok(())
}
