//! Where the private key is, is nobody's business here.

use std::fmt::Debug;

use super::scheme::SignatureScheme;

/// A private key that signs, wherever it is: in memory, in a key store, in
/// another process.
pub trait Signer: Debug + Send + Sync {
    /// The schemes it can sign with, preferred ones first.
    fn schemes(&self) -> Vec<SignatureScheme>;

    /// The public half, as DER `SubjectPublicKeyInfo`.
    fn public_key(&self) -> &[u8];

    /// Signs `message`, which is not hashed yet. ECDSA signatures are in
    /// ASN.1; [`ecdsa_to_fixed`](crate::ecdsa_to_fixed) gives the other form.
    fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// Why there is no signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignError {
    /// The scheme is not among [`Signer::schemes`].
    #[error("the private key cannot sign with this scheme")]
    NotOffered,
    /// The key, or what holds it, did not do its work.
    #[error("the private key did not sign")]
    Failed,
}
