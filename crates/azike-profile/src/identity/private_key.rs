//! From the DER of a private key to a signer.

use azike_crypto::{KeyError, SoftwareSigner};

use super::{EncodedKey, IdentityError, KeyForm};

/// RSA keys below this are weak, not just unusual.
const LEAST_RSA: u32 = 2048;

/// The signer of a key, or what is wrong with the key.
pub(super) fn signer(key: &EncodedKey) -> Result<SoftwareSigner, IdentityError> {
    let signer = match key.form {
        KeyForm::Pkcs8 => SoftwareSigner::from_pkcs8(&key.der),
        KeyForm::Pkcs1 => SoftwareSigner::from_pkcs1(&key.der),
        KeyForm::Sec1 => SoftwareSigner::from_sec1(&key.der),
    };
    signer.map_err(|error| match error {
        KeyError::Malformed => IdentityError::BadKey,
        KeyError::UnsupportedType => {
            let what = "a kind of private key other than RSA and ECDSA on P-256 or P-384";
            IdentityError::Unsupported(what.to_owned())
        }
        KeyError::RsaSize(bits) if bits < LEAST_RSA => IdentityError::WeakKey(bits),
        KeyError::RsaSize(bits) => IdentityError::Unsupported(format!("an RSA key of {bits} bits")),
    })
}
