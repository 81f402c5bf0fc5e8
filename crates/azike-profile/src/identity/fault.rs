//! Why a file is not an identity.

/// Why a file is not an identity. `NeedPassword` is not a failure: ask and try
/// again.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IdentityError {
    /// No octets at all.
    #[error("the identity file is empty")]
    Empty,
    /// More than 512 KiB.
    #[error("the identity file is too large ({0} octets)")]
    TooLarge(usize),
    /// Neither PKCS#12 nor PEM.
    #[error("the identity file is neither PKCS#12 (.p12, .pfx) nor PEM")]
    UnknownFormat,
    /// The file is encrypted and no password was given.
    #[error("the identity file needs a password")]
    NeedPassword,
    /// A password was given and it is wrong.
    #[error("the password of the identity file is wrong")]
    WrongPassword,
    /// Some part of the file is of a kind that azike does not read.
    #[error("the identity file uses {0}, which azike does not support")]
    Unsupported(String),
    /// Opening it would take minutes: far more rounds of key derivation than
    /// any program writes.
    #[error("the identity file asks for too much work to open ({0} rounds)")]
    TooExpensive(u64),
    /// Not what its format prescribes.
    #[error("the identity file is damaged: {0}")]
    Malformed(&'static str),
    /// Certificates, but no private key.
    #[error("the identity file has no private key; export the certificate together with its key")]
    NoKey,
    /// A private key, but no certificate.
    #[error("the identity file has a private key but no certificate")]
    NoCertificate,
    /// A key and certificates, and none of them is for this key.
    #[error("the private key does not belong to any certificate in the identity file")]
    KeyMismatch,
    /// Two or more pairs of key and certificate.
    #[error("the identity file has more than one private key with a certificate; export one only")]
    TwoKeys,
    /// More keys or certificates than anybody has in one file.
    #[error("the identity file has too many keys or certificates")]
    TooMany,
    /// An RSA key below 2048 bits.
    #[error("the private key is too weak (RSA {0}); at least RSA 2048 is needed")]
    WeakKey(u32),
    /// The private key is damaged.
    #[error("the private key is damaged")]
    BadKey,
    /// A certificate is damaged.
    #[error("a certificate in the identity file is damaged")]
    BadCertificate,
}
