//! Gateways that are not trusted.

use azike_control::{Code, Failure};
use azike_ike::trust::{TrustConfigError, TrustError};

/// What the user is told about a gateway's certificate.
pub fn trust(error: &TrustError) -> Failure {
    let code = match error {
        TrustError::NoCertificate => Code::GATEWAY_NO_CERTIFICATE,
        TrustError::TooMany(_)
        | TrustError::TooLarge(_)
        | TrustError::Malformed
        | TrustError::UnknownExtension { .. }
        | TrustError::TooComplex
        | TrustError::Constraint(_)
        | TrustError::BadSignature { .. } => Code::GATEWAY_CERTIFICATE_MALFORMED,
        TrustError::UnknownIssuer { .. } => Code::GATEWAY_UNKNOWN_ISSUER,
        TrustError::Expired { .. } => Code::GATEWAY_EXPIRED,
        TrustError::NotYetValid { .. } => Code::GATEWAY_NOT_YET_VALID,
        TrustError::WrongName { .. } => Code::GATEWAY_WRONG_NAME,
        TrustError::NotForServer { .. } => Code::GATEWAY_NOT_FOR_SERVER,
        TrustError::KeyUsage { .. } => Code::GATEWAY_KEY_USAGE,
        TrustError::WeakKey { .. } | TrustError::WeakSignature { .. } => Code::GATEWAY_WEAK_KEY,
        TrustError::Revoked { .. } | TrustError::RevocationList(_) => Code::GATEWAY_REVOKED,
    };
    Failure::new(code, error.to_string())
}

/// What the user is told about roots and names that nobody can be checked against.
pub fn trust_config(error: &TrustConfigError) -> Failure {
    let code = match error {
        TrustConfigError::NoRoot => Code::NO_ROOT,
        TrustConfigError::Root { .. } | TrustConfigError::RevocationList { .. } => {
            Code::ROOT_INVALID
        }
        TrustConfigError::NoName | TrustConfigError::Name(_) => Code::OPTION_INVALID,
    };
    Failure::new(code, error.to_string())
}
