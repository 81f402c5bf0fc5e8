//! The Keychain: `SecItemCopyMatching` finds, `SecKeyCreateSignature` signs.
//! (Type-checked only: no Mac has run this yet.)
#![expect(unsafe_code, reason = "Security.framework is C")]

use std::collections::BTreeSet;
use std::fmt;
use std::ptr;

use core_foundation::array::CFArray;
use core_foundation::base::{CFType, CFTypeRef, TCFType as _};
use core_foundation::boolean::CFBoolean;
use core_foundation::data::CFData;
use core_foundation::dictionary::CFDictionary;
use core_foundation::error::CFError;
use core_foundation::string::{CFString, CFStringRef};
use security_framework::certificate::SecCertificate;
use security_framework::identity::SecIdentity;
use security_framework::key::SecKey;
use security_framework_sys::certificate::SecCertificateCopySubjectSummary;
use security_framework_sys::item::{
    kSecClass, kSecClassCertificate, kSecClassIdentity, kSecMatchLimit, kSecMatchLimitAll,
    kSecReturnRef,
};
use security_framework_sys::key::{
    SecKeyAlgorithm, SecKeyCreateSignature, SecKeyIsAlgorithmSupported, kSecKeyOperationTypeSign,
};
use security_framework_sys::keychain_item::SecItemCopyMatching;

use super::dynamic_store::text;
use crate::keychain::{KeychainError, KeychainItem, KeychainKey, KeychainScheme};

/// `errSecItemNotFound`: the answer to a search that finds nothing.
const NOT_FOUND: i32 = -25300;
/// `errSecParam`, for an answer that is none.
const NO_ANSWER: i32 = -50;
/// More certificates than are looked at. The system's own roots are not searched.
const MOST: usize = 4096;

// The crate would bring all 62 of them along, and its names are needed at run time whether used or not.
#[link(name = "Security", kind = "framework")]
unsafe extern "C" {
    static kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA256: SecKeyAlgorithm;
    static kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA384: SecKeyAlgorithm;
    static kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA512: SecKeyAlgorithm;
    static kSecKeyAlgorithmRSASignatureMessagePSSSHA256: SecKeyAlgorithm;
    static kSecKeyAlgorithmRSASignatureMessagePSSSHA384: SecKeyAlgorithm;
    static kSecKeyAlgorithmRSASignatureMessagePSSSHA512: SecKeyAlgorithm;
    static kSecKeyAlgorithmECDSASignatureMessageX962SHA256: SecKeyAlgorithm;
    static kSecKeyAlgorithmECDSASignatureMessageX962SHA384: SecKeyAlgorithm;
}

/// A private key that stays where it is.
pub(crate) struct Key(SecKey);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keychain key")
    }
}

impl Key {
    /// Whether the Keychain would sign in this way.
    pub(crate) fn supports(&self, scheme: KeychainScheme) -> bool {
        let algorithm = algorithm(scheme);
        let key = self.0.as_concrete_TypeRef();
        // SAFETY: `key` lives through the call, and the algorithm is a constant of the framework.
        let able = unsafe { SecKeyIsAlgorithmSupported(key, kSecKeyOperationTypeSign, algorithm) };
        able != 0
    }

    /// Has the Keychain sign.
    pub(crate) fn sign(
        &self,
        scheme: KeychainScheme,
        message: &[u8],
    ) -> Result<Vec<u8>, KeychainError> {
        if !self.supports(scheme) {
            return Err(KeychainError::NotOffered);
        }
        let message = CFData::from_buffer(message);
        let key = self.0.as_concrete_TypeRef();
        let algorithm = algorithm(scheme);
        let mut error = ptr::null_mut();
        // SAFETY: key and message live through the call; `error` is a place for one pointer.
        let signature = unsafe {
            SecKeyCreateSignature(
                key,
                algorithm,
                message.as_concrete_TypeRef(),
                &raw mut error,
            )
        };
        if !signature.is_null() {
            // SAFETY: a function named Create gives an object that is ours.
            let signature = unsafe { CFData::wrap_under_create_rule(signature) };
            return Ok(signature.bytes().to_vec());
        }
        if error.is_null() {
            return Err(KeychainError::Other(NO_ANSWER));
        }
        // SAFETY: the error of such a function is ours too.
        let error = unsafe { CFError::wrap_under_create_rule(error) };
        let status = i32::try_from(error.code()).unwrap_or(NO_ANSWER);
        Err(KeychainError::of_status(status))
    }
}

/// The certificates of all Keychains that this process searches.
pub(crate) fn items() -> Result<Vec<KeychainItem>, KeychainError> {
    let mut seen = BTreeSet::new();
    let mut items = Vec::new();
    for identity in search::<SecIdentity>(class(Class::Identity))? {
        let Ok(certificate) = identity.certificate() else {
            continue;
        };
        let der = certificate.to_der();
        if seen.insert(der.clone()) {
            let key = identity.private_key().ok();
            items.push(KeychainItem {
                label: label(&certificate),
                certificate: der,
                key: key.map(|key| KeychainKey(Key(key))),
            });
        }
    }
    for certificate in search::<SecCertificate>(class(Class::Certificate))? {
        let der = certificate.to_der();
        if seen.insert(der.clone()) {
            items.push(KeychainItem {
                label: label(&certificate),
                certificate: der,
                key: None,
            });
        }
    }
    Ok(items)
}

/// What is searched for.
#[derive(Clone, Copy)]
enum Class {
    Identity,
    Certificate,
}

fn class(class: Class) -> CFStringRef {
    match class {
        // SAFETY: a constant of the framework, set before the program's first line.
        Class::Identity => unsafe { kSecClassIdentity },
        // SAFETY: as above.
        Class::Certificate => unsafe { kSecClassCertificate },
    }
}

/// All items of a class. What is of another type is passed over.
fn search<T>(class: CFStringRef) -> Result<Vec<T>, KeychainError>
where
    T: core_foundation::ConcreteCFType,
{
    // SAFETY: constants of the framework, as above.
    let (class_name, limit_name, limit, reference) =
        unsafe { (kSecClass, kSecMatchLimit, kSecMatchLimitAll, kSecReturnRef) };
    let query = CFDictionary::from_CFType_pairs(&[
        (constant(class_name), constant(class).into_CFType()),
        (constant(limit_name), constant(limit).into_CFType()),
        (constant(reference), CFBoolean::true_value().into_CFType()),
    ]);
    let mut found: CFTypeRef = ptr::null();
    // SAFETY: the query lives through the call; `found` is a place for one pointer.
    let status = unsafe { SecItemCopyMatching(query.as_concrete_TypeRef(), &raw mut found) };
    match status {
        0 if found.is_null() => return Ok(Vec::new()),
        0 => {}
        NOT_FOUND => return Ok(Vec::new()),
        status => return Err(KeychainError::of_status(status)),
    }
    // SAFETY: a function named Copy gives an object that is ours.
    let found = unsafe { CFType::wrap_under_create_rule(found) };
    let Some(list) = found.downcast::<CFArray>() else {
        return Ok(found.downcast_into().into_iter().collect());
    };
    let item = |item: *const std::ffi::c_void| {
        // SAFETY: members of this list are objects, kept alive by the list.
        (!item.is_null()).then(|| unsafe { CFType::wrap_under_get_rule(item) })
    };
    let items = list.get_all_values().into_iter().take(MOST);
    Ok(items
        .filter_map(|member| item(member)?.downcast_into())
        .collect())
}

fn constant(text: CFStringRef) -> CFString {
    // SAFETY: only called with constants of the framework, which are never null.
    unsafe { CFString::wrap_under_get_rule(text) }
}

/// How Keychain Access names the certificate.
fn label(certificate: &SecCertificate) -> String {
    // SAFETY: the certificate lives through the call.
    let summary = unsafe { SecCertificateCopySubjectSummary(certificate.as_concrete_TypeRef()) };
    if summary.is_null() {
        return String::new();
    }
    // SAFETY: a function named Copy gives an object that is ours.
    let summary = unsafe { CFString::wrap_under_create_rule(summary) };
    text(&summary).unwrap_or_default()
}

fn algorithm(scheme: KeychainScheme) -> SecKeyAlgorithm {
    // SAFETY: constants of the framework, set before the program's first line.
    unsafe {
        match scheme {
            KeychainScheme::RsaPkcs1Sha256 => kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA256,
            KeychainScheme::RsaPkcs1Sha384 => kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA384,
            KeychainScheme::RsaPkcs1Sha512 => kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA512,
            KeychainScheme::RsaPssSha256 => kSecKeyAlgorithmRSASignatureMessagePSSSHA256,
            KeychainScheme::RsaPssSha384 => kSecKeyAlgorithmRSASignatureMessagePSSSHA384,
            KeychainScheme::RsaPssSha512 => kSecKeyAlgorithmRSASignatureMessagePSSSHA512,
            KeychainScheme::EcdsaP256Sha256 => kSecKeyAlgorithmECDSASignatureMessageX962SHA256,
            KeychainScheme::EcdsaP384Sha384 => kSecKeyAlgorithmECDSASignatureMessageX962SHA384,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is in the Keychains of this Mac: each item has a certificate, and asking what a
    /// key can do asks nobody.
    #[test]
    fn the_keychain_answers() {
        for item in items().unwrap() {
            assert!(!item.certificate.is_empty(), "{}", item.label);
            if let Some(key) = item.key {
                drop(key.schemes());
            }
        }
    }
}
