//! PEM files: keys and certificates in any order, with anything in between.

use super::ber::{self, SEQUENCE};
use super::encryption::{self, Budget, Password};
use super::{Contents, EncodedKey, IdentityError, KeyForm, MOST_CERTIFICATES, MOST_KEYS};
use crate::pem::{self, Block, PemFault};

/// Reads a file; what is neither key nor certificate is passed over.
pub(super) fn read(octets: &[u8], password: Option<&str>) -> Result<Contents, IdentityError> {
    let blocks = pem::blocks(octets).map_err(|fault| match fault {
        PemFault::NoEnd => IdentityError::Malformed("a PEM block has no END line"),
        PemFault::NotBase64 => IdentityError::Malformed("a PEM block is not Base64"),
        PemFault::TooMany => IdentityError::TooMany,
    })?;
    let mut budget = Budget::default();
    let mut contents = Contents::default();
    for block in blocks {
        let form = match block.label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                contents.certificates.push(certificate(&block)?);
                continue;
            }
            "ENCRYPTED PRIVATE KEY" => {
                contents.keys.push(decrypt(&block, password, &mut budget)?);
                continue;
            }
            "PRIVATE KEY" => KeyForm::Pkcs8,
            "RSA PRIVATE KEY" => KeyForm::Pkcs1,
            "EC PRIVATE KEY" => KeyForm::Sec1,
            "OPENSSH PRIVATE KEY" => {
                return Err(IdentityError::Unsupported(
                    "the key format of OpenSSH".to_owned(),
                ));
            }
            _ => continue,
        };
        if block.old_encryption {
            let what = "the old encryption of PEM keys (convert it with 'openssl pkcs8 -topk8')";
            return Err(IdentityError::Unsupported(what.to_owned()));
        }
        let der = block.octets;
        contents.keys.push(EncodedKey { form, der });
    }
    if contents.keys.len() > MOST_KEYS || contents.certificates.len() > MOST_CERTIFICATES {
        return Err(IdentityError::TooMany);
    }
    Ok(contents)
}

/// The certificate alone: OpenSSL's "trusted" form has a second element behind it.
fn certificate(block: &Block) -> Result<Vec<u8>, IdentityError> {
    let mut elements = ber::elements(&block.octets);
    let first = elements
        .expect(SEQUENCE)
        .map_err(|_| IdentityError::BadCertificate)?;
    if block.label == "TRUSTED CERTIFICATE" {
        return Ok(first.to_der()?.to_vec());
    }
    Ok(block.octets.to_vec())
}

/// `EncryptedPrivateKeyInfo` of RFC 5208, section 6.
fn decrypt(
    block: &Block,
    password: Option<&str>,
    budget: &mut Budget,
) -> Result<EncodedKey, IdentityError> {
    let password = password.ok_or(IdentityError::NeedPassword)?;
    let mut fields = ber::whole(&block.octets, SEQUENCE)?.inside();
    let algorithm = fields.expect(SEQUENCE)?;
    let ciphertext = fields.expect_octets()?;
    let der = encryption::decrypt(algorithm, &ciphertext, &Password::new(password), budget)?;
    // A wrong password sometimes gives padding that looks right.
    ber::whole(&der, SEQUENCE).map_err(|_| IdentityError::WrongPassword)?;
    let form = KeyForm::Pkcs8;
    Ok(EncodedKey { form, der })
}
