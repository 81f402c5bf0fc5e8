//! PKCS#12 (RFC 7292): `.p12` and `.pfx` files.
//!
//! ```text
//!   PFX ─ authSafe ─ OCTET STRING ─ ContentInfo  data            ─ `SafeBag` key, certificate
//!    │                              ContentInfo  encryptedData   ─ `SafeBag` …
//!    └─ macData   (over the octets of authSafe)
//! ```
//!
//! Read by ourselves because the files of the field need it: indefinite lengths,
//! RC2, missing MACs, both meanings of "no password"; and because a limit on the
//! rounds of key derivation must count all parts of a file, and no copy of a key
//! may stay in memory.

mod mac;
pub(super) mod password_key;

use super::ber::{
    self, CONTEXT_0, CONTEXT_0_PRIMITIVE, Element, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE,
};
use super::encryption::{self, Budget, Password};
use super::{Contents, EncodedKey, IdentityError, KeyForm, MOST_CERTIFICATES, MOST_KEYS};

/// How deep bags may be nested in bags.
const DEEPEST_BAG: u8 = 4;

/// The most parts and bags of a file, in all.
const MOST_BAGS: usize = 200;

/// 1.2.840.113549.1.7.1
const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
/// 1.2.840.113549.1.7.2
const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
/// 1.2.840.113549.1.7.6
const ENCRYPTED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
/// 1.2.840.113549.1.12.10.1, in front of the number of a kind of bag.
const BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01";
/// 1.2.840.113549.1.9.22.1
const X509_CERTIFICATE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01";

/// Reads a file. Without a password the empty one is tried.
pub(super) fn read(octets: &[u8], password: Option<&str>) -> Result<Contents, IdentityError> {
    let mut fields = ber::whole(octets, SEQUENCE)?.inside();
    let version = fields.next()?;
    let version = version.filter(|version| version.tag == INTEGER);
    let Some(version) = version else {
        // A certificate begins with a SEQUENCE instead.
        return Err(if crate::Certificate::from_der(octets).is_ok() {
            IdentityError::NoKey
        } else {
            IdentityError::UnknownFormat
        });
    };
    match version.number()? {
        3 => {}
        // PrivateKeyInfo and the like: a key alone.
        0 | 1 => return Err(IdentityError::NoCertificate),
        _ => return Err(IdentityError::UnknownFormat),
    }
    let mut content_info = fields.expect(SEQUENCE)?.inside();
    let kind = content_info.expect(OBJECT_IDENTIFIER)?.content;
    if kind == SIGNED_DATA {
        let what = "a signature in place of a password".to_owned();
        return Err(IdentityError::Unsupported(what));
    }
    if kind != DATA {
        return Err(IdentityError::Malformed("its outer part"));
    }
    let safe = content_info.expect(CONTEXT_0)?.inside().expect_octets()?;
    let file = File {
        safe: &safe,
        mac: fields.next()?.filter(|mac| mac.tag == SEQUENCE),
    };
    file.open(password)
}

/// The outer parts of a file.
#[derive(Debug)]
struct File<'a> {
    safe: &'a [u8],
    mac: Option<Element<'a>>,
}

impl File<'_> {
    fn open(&self, password: Option<&str>) -> Result<Contents, IdentityError> {
        let given = password.filter(|password| !password.is_empty());
        let candidates = match given {
            Some(password) => vec![Password::new(password)],
            None => Password::none().into(),
        };
        let mut budget = Budget::default();
        for candidate in &candidates {
            match self.open_with(candidate, &mut budget) {
                Err(IdentityError::WrongPassword) => {}
                other => return other,
            }
        }
        Err(match password {
            Some(_) => IdentityError::WrongPassword,
            None => IdentityError::NeedPassword,
        })
    }

    fn open_with(
        &self,
        password: &Password,
        budget: &mut Budget,
    ) -> Result<Contents, IdentityError> {
        if let Some(mac) = self.mac {
            mac::verify(mac, self.safe, password, budget)?;
        }
        let mut opening = Opening {
            password,
            budget,
            bags: 0,
            contents: Contents::default(),
        };
        let read = opening.authenticated_safe(self.safe);
        match read {
            Ok(()) => Ok(opening.contents),
            // The MAC was right, so the password is; only the file can be wrong.
            Err(IdentityError::WrongPassword) if self.mac.is_some() => {
                Err(IdentityError::Malformed("an encrypted part of it"))
            }
            Err(error) => Err(error),
        }
    }
}

/// A file while it is opened.
#[derive(Debug)]
struct Opening<'a> {
    password: &'a Password,
    budget: &'a mut Budget,
    bags: usize,
    contents: Contents,
}

impl Opening<'_> {
    fn authenticated_safe(&mut self, safe: &[u8]) -> Result<(), IdentityError> {
        let mut parts = ber::whole(safe, SEQUENCE)?.inside();
        while let Some(part) = parts.next()? {
            self.count()?;
            let mut fields = part.inside();
            let kind = fields.expect(OBJECT_IDENTIFIER)?.content;
            let mut content = fields.expect(CONTEXT_0)?.inside();
            if kind == DATA {
                let bags = content.expect_octets()?;
                self.safe_contents(ber::whole(&bags, SEQUENCE)?.inside(), DEEPEST_BAG)?;
            } else if kind == ENCRYPTED_DATA {
                self.encrypted_data(content.expect(SEQUENCE)?.inside())?;
            } else {
                let what = "encryption with a public key".to_owned();
                return Err(IdentityError::Unsupported(what));
            }
        }
        Ok(())
    }

    /// `EncryptedData` of RFC 5652, section 8.
    fn encrypted_data(&mut self, mut fields: Elements<'_>) -> Result<(), IdentityError> {
        fields.expect(INTEGER)?;
        let mut info = fields.expect(SEQUENCE)?.inside();
        info.expect(OBJECT_IDENTIFIER)?;
        let algorithm = info.expect(SEQUENCE)?;
        let ciphertext = match info.next()? {
            Some(piece) if matches!(piece.tag, CONTEXT_0 | CONTEXT_0_PRIMITIVE) => {
                piece.octets()?
            }
            _ => return Ok(()),
        };
        let bags = encryption::decrypt(algorithm, &ciphertext, self.password, self.budget)?;
        // A wrong password sometimes gives padding that looks right.
        let bags = ber::whole(&bags, SEQUENCE).map_err(|_| IdentityError::WrongPassword)?;
        self.safe_contents(bags.inside(), DEEPEST_BAG)
    }

    fn safe_contents(&mut self, mut bags: Elements<'_>, depth: u8) -> Result<(), IdentityError> {
        let depth = depth.checked_sub(1).ok_or(IdentityError::TooMany)?;
        while let Some(bag) = bags.next()? {
            self.count()?;
            let mut fields = bag.inside();
            let kind = fields.expect(OBJECT_IDENTIFIER)?.content;
            let mut value = fields.expect(CONTEXT_0)?.inside();
            match kind.strip_prefix(BAG) {
                Some([1]) => {
                    let key = value.expect(SEQUENCE)?;
                    self.key(key)?;
                }
                Some([2]) => self.shrouded_key(value.expect(SEQUENCE)?.inside())?,
                Some([3]) => self.certificate(value.expect(SEQUENCE)?.inside())?,
                Some([6]) => self.safe_contents(value.expect(SEQUENCE)?.inside(), depth)?,
                // CRLs, secrets, and what is yet to come.
                _ => {}
            }
        }
        Ok(())
    }

    /// `EncryptedPrivateKeyInfo` of RFC 5208, section 6.
    fn shrouded_key(&mut self, mut fields: Elements<'_>) -> Result<(), IdentityError> {
        let algorithm = fields.expect(SEQUENCE)?;
        let ciphertext = fields.expect_octets()?;
        let key = encryption::decrypt(algorithm, &ciphertext, self.password, self.budget)?;
        let key = ber::whole(&key, SEQUENCE).map_err(|_| IdentityError::WrongPassword)?;
        self.key(key)
    }

    fn key(&mut self, key: Element<'_>) -> Result<(), IdentityError> {
        if self.contents.keys.len() == MOST_KEYS {
            return Err(IdentityError::TooMany);
        }
        self.contents.keys.push(EncodedKey {
            form: KeyForm::Pkcs8,
            der: key.to_der()?,
        });
        Ok(())
    }

    fn certificate(&mut self, mut fields: Elements<'_>) -> Result<(), IdentityError> {
        if fields.expect(OBJECT_IDENTIFIER)?.content != X509_CERTIFICATE {
            return Ok(());
        }
        if self.contents.certificates.len() == MOST_CERTIFICATES {
            return Err(IdentityError::TooMany);
        }
        let der = fields.expect(CONTEXT_0)?.inside().expect_octets()?;
        self.contents.certificates.push(der.to_vec());
        Ok(())
    }

    fn count(&mut self) -> Result<(), IdentityError> {
        self.bags += 1;
        if self.bags > MOST_BAGS {
            return Err(IdentityError::TooMany);
        }
        Ok(())
    }
}
