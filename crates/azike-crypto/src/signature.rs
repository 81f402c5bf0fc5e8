//! Signatures of AUTH payloads (RFC 7296, section 2.15; RFC 4754; RFC 7427;
//! RFC 8420).

pub(crate) mod digital_signature;
pub(crate) mod ecdsa;
pub(crate) mod scheme;
pub(crate) mod signer;
pub(crate) mod software_signer;
pub(crate) mod verify;

mod algorithm_identifier;
mod der;
mod spki;
