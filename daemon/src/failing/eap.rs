//! Logins by EAP-TLS that came to nothing.

use azike_control::{Code, Failure};
use azike_ike::eap::EapFailure;

use super::trust;

/// What the user is told about a failed login.
pub fn eap(failure: &EapFailure) -> Failure {
    let code = match failure {
        EapFailure::CertificateRefused { accepted, .. } => {
            let told = Failure::new(Code::CERTIFICATE_REFUSED, failure.to_string());
            return if accepted.is_empty() {
                told
            } else {
                told.seen(format!(
                    "it accepts certificates of {}",
                    accepted.join(", ")
                ))
            };
        }
        EapFailure::GatewayNotTrusted(error) => return trust(error),
        EapFailure::Refused(_) => Code::CERTIFICATE_REFUSED,
        EapFailure::Alert(_)
        | EapFailure::OldTls
        | EapFailure::NoTlsInCommon
        | EapFailure::NoSignatureInCommon
        | EapFailure::Signing
        | EapFailure::UnexpectedData
        | EapFailure::Closed
        | EapFailure::Tls(_)
        | EapFailure::Fragment(_)
        | EapFailure::Malformed
        | EapFailure::OutOfOrder(_) => Code::LOGIN_TLS,
        EapFailure::EarlySuccess | EapFailure::NotCommitted => Code::GATEWAY_SKIPPED_LOGIN,
        EapFailure::MethodNotOffered(_) => Code::LOGIN_METHOD,
        EapFailure::TooManyRounds => Code::LOGIN_ENDLESS,
    };
    Failure::new(code, failure.to_string())
}
