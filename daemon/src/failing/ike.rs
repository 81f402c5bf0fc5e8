//! Connections that ended, or never came to be.

use azike_control::{Code, Failure, ms_status};
use azike_ike::eap::EapFailure;
use azike_ike::{AuthFault, CloseReason, ProtocolFault, Transport};
use azike_wire::{ExchangeType, NotifyType};

use super::{eap, trust};

/// What the user is told about the end of an IKE SA.
pub fn close_reason(reason: &CloseReason) -> Failure {
    match reason {
        CloseReason::NoAnswer {
            exchange,
            sent,
            transport,
        } => silence(*exchange, *sent, *transport),
        CloseReason::Refused {
            exchange,
            notify,
            ms_status,
            root_not_listed: _,
        } => refused(*exchange, (*notify, *ms_status)),
        CloseReason::NoChildSa { notify, ms_status } => {
            let code = match *notify {
                NotifyType::NO_PROPOSAL_CHOSEN => Code::NO_PROPOSAL_CHOSEN_CHILD,
                other => code(other),
            };
            let what = format!("the login succeeded, but the gateway answered {notify}");
            with_status(Failure::new(code, what), *ms_status)
        }
        CloseReason::Trust(error) => trust(error),
        CloseReason::Authentication(fault) => authentication(*fault),
        CloseReason::Eap(failure) => eap(failure),
        CloseReason::NotSigned => {
            let what = "the client's private key has no signature that this gateway can check, \
                        or did not sign (the log says which)";
            Failure::new(Code::IDENTITY_KEY_UNSUPPORTED, what)
        }
        CloseReason::Protocol(ProtocolFault::Configuration) => {
            Failure::new(Code::ADDRESS_MISSING, reason.to_string())
        }
        CloseReason::Protocol(_) => Failure::new(Code::GATEWAY_PROTOCOL, reason.to_string()),
        CloseReason::Redirected(_) => Failure::new(Code::REDIRECTED, reason.to_string()),
        CloseReason::Deleted => Failure::new(Code::GATEWAY_CLOSED, reason.to_string()),
        CloseReason::Closed => Code::CANCELLED.into(),
    }
}

/// What the user is told about a refused login. Where the gateway said which roots it accepts, that
/// is the reason, whatever it says later.
pub fn login(reason: &CloseReason, root_not_listed: bool) -> Failure {
    let refused = match reason {
        CloseReason::Eap(failure) => {
            matches!(
                failure,
                EapFailure::CertificateRefused { .. } | EapFailure::Refused(_)
            )
        }
        CloseReason::Refused { .. } => true,
        CloseReason::NoAnswer { .. }
        | CloseReason::NoChildSa { .. }
        | CloseReason::Trust(_)
        | CloseReason::Authentication(_)
        | CloseReason::NotSigned
        | CloseReason::Protocol(_)
        | CloseReason::Redirected(_)
        | CloseReason::Deleted
        | CloseReason::Closed => false,
    };
    if refused && root_not_listed {
        let what = "the gateway rejected the login, and the root of the client certificate is \
                    not among those it accepts";
        return Failure::new(Code::IDENTITY_ROOT_NOT_UPLOADED, what).seen(reason.to_string());
    }
    close_reason(reason)
}

fn silence(exchange: ExchangeType, sent: u32, transport: Transport) -> Failure {
    let code = match (exchange, transport) {
        (ExchangeType::IKE_SA_INIT | ExchangeType::IKE_AUTH, Transport::Udp500) => {
            Code::NO_ANSWER_500
        }
        (ExchangeType::IKE_SA_INIT | ExchangeType::IKE_AUTH, Transport::Udp4500) => {
            Code::NO_ANSWER_4500
        }
        _ => Code::GATEWAY_LOST,
    };
    Failure::new(code, format!("no answer to {exchange}"))
        .seen(format!("sent {sent} times to {}", port(transport)))
}

const fn port(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp500 => "UDP port 500",
        Transport::Udp4500 => "UDP port 4500",
    }
}

fn refused(exchange: ExchangeType, (notify, status): (NotifyType, Option<u32>)) -> Failure {
    let what = format!("the gateway answered {exchange} with {notify}");
    with_status(Failure::new(code(notify), what), status)
}

/// The entry of an error notify (RFC 7296, section 3.10.1).
fn code(notify: NotifyType) -> Code {
    match notify {
        NotifyType::NO_PROPOSAL_CHOSEN => Code::NO_PROPOSAL_CHOSEN,
        NotifyType::INVALID_KE_PAYLOAD => Code::GROUP_REFUSED,
        NotifyType::AUTHENTICATION_FAILED => Code::AUTHENTICATION_FAILED,
        NotifyType::TS_UNACCEPTABLE => Code::TS_UNACCEPTABLE,
        NotifyType::INTERNAL_ADDRESS_FAILURE => Code::INTERNAL_ADDRESS_FAILURE,
        NotifyType::FAILED_CP_REQUIRED => Code::FAILED_CP_REQUIRED,
        NotifyType::NO_ADDITIONAL_SAS => Code::NO_ADDITIONAL_SAS,
        NotifyType::INVALID_SYNTAX
        | NotifyType::INVALID_MAJOR_VERSION
        | NotifyType::UNSUPPORTED_CRITICAL_PAYLOAD => Code::NO_COMMON_PROTOCOL,
        NotifyType::MS_STATUS => Code::MS_STATUS,
        _ => Code::OTHER_NOTIFY,
    }
}

/// Adds what a Windows gateway says beside its error.
fn with_status(failure: Failure, status: Option<u32>) -> Failure {
    let Some(status) = status else {
        return failure;
    };
    let told = match ms_status::meaning(status) {
        Some((name, meaning)) => format!("Windows error {status}, {name}: {meaning}"),
        None => format!("Windows error {status}"),
    };
    let evidence = match &failure.evidence {
        Some(evidence) => format!("{evidence}; {told}"),
        None => told,
    };
    failure.seen(evidence)
}

fn authentication(fault: AuthFault) -> Failure {
    let code = match fault {
        AuthFault::Missing | AuthFault::NoIdentity | AuthFault::EapIncomplete => {
            Code::GATEWAY_SKIPPED_LOGIN
        }
        AuthFault::Method(_) | AuthFault::Algorithm => Code::GATEWAY_AUTH_METHOD,
        AuthFault::Signature => Code::GATEWAY_PROOF_WRONG,
    };
    Failure::new(
        code,
        format!("the gateway did not prove its identity: {fault}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(notify: NotifyType, ms_status: Option<u32>) -> CloseReason {
        CloseReason::Refused {
            exchange: ExchangeType::IKE_AUTH,
            notify,
            ms_status,
            root_not_listed: false,
        }
    }

    #[test]
    fn a_root_that_is_not_uploaded_is_the_reason_and_not_just_a_failed_login() {
        let refused = refusal(NotifyType::AUTHENTICATION_FAILED, None);
        assert_eq!(login(&refused, true).code, Code::IDENTITY_ROOT_NOT_UPLOADED);
        assert_eq!(login(&refused, false).code, Code::AUTHENTICATION_FAILED);
        assert_eq!(
            login(&CloseReason::Deleted, true).code,
            Code::GATEWAY_CLOSED
        );
    }

    #[test]
    fn windows_errors_are_named() {
        let failure = close_reason(&refusal(NotifyType::MS_STATUS, Some(13801)));
        assert_eq!(failure.code, Code::MS_STATUS);
        assert!(
            failure
                .evidence
                .unwrap()
                .contains("ERROR_IPSEC_IKE_AUTH_FAIL")
        );
    }

    #[test]
    fn silence_is_told_apart_by_port_and_time() {
        for (exchange, transport, code) in [
            (
                ExchangeType::IKE_SA_INIT,
                Transport::Udp500,
                Code::NO_ANSWER_500,
            ),
            (
                ExchangeType::IKE_SA_INIT,
                Transport::Udp4500,
                Code::NO_ANSWER_4500,
            ),
            (
                ExchangeType::IKE_AUTH,
                Transport::Udp4500,
                Code::NO_ANSWER_4500,
            ),
            (
                ExchangeType::INFORMATIONAL,
                Transport::Udp4500,
                Code::GATEWAY_LOST,
            ),
        ] {
            assert_eq!(silence(exchange, 3, transport).code, code, "{exchange}");
        }
    }
}
