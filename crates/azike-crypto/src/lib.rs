//! The algorithms behind IANA's numbers for `IKEv2` and ESP.
//!
//! ```text
//!  KeyExchange ──▶ g^ir ─┐                              ┌─▶ SkCipher   (SK, SKF payloads)
//!  Ni, Nr, SPIs ─────────┼─▶ IkeKeys::derive ─▶ IkeKeys ┤
//!                        │                              └─▶ Prf        (AUTH payload)
//!                        └─▶ ChildKeys::derive ─▶ DirectionKeys ─▶ EspCipher
//!
//!  Signer / SoftwareSigner ─▶ signature ─▶ verify        (AUTH payload)
//! ```
//!
//! Every primitive comes from a library: ring first, `RustCrypto` for what ring
//! does not have. Here are the names, the sizes, the order of steps, and the
//! key derivation of RFC 7296.
//!
//! The crate is pure: no clock, no files, no sockets. Randomness is an argument
//! ([`Random`]) with one exception, named at [`SoftwareSigner`].
//!
//! Secrets are in a [`Secret`], which does not print and is overwritten when
//! dropped. Two things stay in memory until the allocator uses it again: the
//! expanded keys inside ring's types, which ring does not overwrite, and
//! intermediate values on the stack.
#![forbid(unsafe_code)]

pub use child_keys::{ChildAlgorithms, ChildKeys, DirectionKeys};
pub use digest::sha1;
pub use encryption::Encryption;
pub use esp_cipher::{BadLayout, EspCipher, Sealed, Unsealed};
pub use ike_keys::{IkeAlgorithms, IkeKeys};
pub use integrity::Integrity;
pub use key_exchange::KeyExchange;
pub use prf::Prf;
pub use random::Random;
pub use secret::Secret;
pub use signature::digital_signature::{decode_digital_signature, encode_digital_signature};
pub use signature::ecdsa::{ecdsa_from_fixed, ecdsa_to_fixed};
pub use signature::scheme::SignatureScheme;
pub use signature::signer::{SignError, Signer};
pub use signature::software_signer::{KeyError, SoftwareSigner};
pub use signature::verify::{BadSignature, Encoding, verify};
pub use sk_cipher::SkCipher;
pub use unsupported::Unsupported;

mod aead;
mod cbc;
mod child_keys;
mod digest;
mod encryption;
mod esp_cipher;
mod ike_keys;
mod integrity;
mod key_exchange;
mod keyed_hash;
mod packet_mac;
mod prf;
mod protection;
mod random;
mod secret;
mod signature;
mod sk_cipher;
mod unsupported;
