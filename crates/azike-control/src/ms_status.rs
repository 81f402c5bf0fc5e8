//! The Windows errors that Azure's gateways send in the notify `MS_STATUS` (12345).
//!
//! The data of the notify is a Win32 error, four octets in network order. The numbers are those of
//! the Windows error list (MS-ERREF, section 2.2) that were seen with VPN gateways.

use crate::{Code, Failure};

/// The name and the meaning of a Win32 error, for those that IKE on Windows reports.
pub const fn meaning(status: u32) -> Option<(&'static str, &'static str)> {
    Some(match status {
        87 => (
            "ERROR_INVALID_PARAMETER",
            "a value in our message was not accepted",
        ),
        13801 => (
            "ERROR_IPSEC_IKE_AUTH_FAIL",
            "the gateway does not accept the certificate",
        ),
        13805 => ("ERROR_IPSEC_IKE_TIMED_OUT", "the negotiation timed out"),
        13806 => (
            "ERROR_IPSEC_IKE_NO_CERT",
            "the gateway found no certificate to use",
        ),
        13816 => (
            "ERROR_IPSEC_IKE_ERROR",
            "the gateway met an error it does not name",
        ),
        13819 => (
            "ERROR_IPSEC_IKE_INVALID_CERT_TYPE",
            "the certificate is of the wrong kind",
        ),
        13834 => (
            "ERROR_IPSEC_IKE_PROCESS_ERR_ID",
            "the gateway could not use the identity that was sent",
        ),
        13863 => (
            "ERROR_IPSEC_IKE_INVALID_SITUATION",
            "the gateway does not allow this now",
        ),
        13868 => (
            "ERROR_IPSEC_IKE_POLICY_MATCH",
            "the algorithms do not match the gateway's policy",
        ),
        _ => return None,
    })
}

/// The failure that a gateway's `MS_STATUS` means.
pub fn failure(status: u32) -> Failure {
    let code = match status {
        13801 | 13806 | 13819 => Code::AUTHENTICATION_FAILED,
        13868 => Code::NO_PROPOSAL_CHOSEN,
        _ => Code::MS_STATUS,
    };
    match meaning(status) {
        Some((name, what)) => Failure::new(code, what).seen(format!(
            "the gateway reported Windows error {status}, {name}"
        )),
        None => Failure::new(code, "the gateway reported a Windows error")
            .seen(format!("Windows error {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_certificate_is_not_worth_a_retry() {
        assert_eq!(failure(13801).exit(), 5);
        assert_eq!(failure(13868).exit(), 8);
        assert_eq!(failure(4711).code, Code::MS_STATUS);
        assert_eq!(
            failure(4711).evidence.as_deref(),
            Some("Windows error 4711")
        );
    }
}
