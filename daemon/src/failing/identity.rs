//! Identities that cannot be used, or that somebody should look at.

use azike_control::{Code, Failure, Warning};
use azike_profile::{IdentityError, IdentityProblem};

/// What the user is told about an identity file.
pub fn identity(error: &IdentityError) -> Failure {
    let code = match error {
        IdentityError::Empty | IdentityError::UnknownFormat => Code::IDENTITY_FORMAT,
        IdentityError::TooLarge(_) => Code::FILE_TOO_BIG,
        IdentityError::NeedPassword => Code::IDENTITY_PASSWORD_MISSING,
        IdentityError::WrongPassword => Code::IDENTITY_PASSWORD_WRONG,
        IdentityError::Unsupported(_) => Code::IDENTITY_ENCRYPTION_UNSUPPORTED,
        IdentityError::TooExpensive(_)
        | IdentityError::Malformed(_)
        | IdentityError::TooMany
        | IdentityError::BadKey
        | IdentityError::BadCertificate => Code::IDENTITY_DAMAGED,
        IdentityError::NoKey => Code::IDENTITY_NO_KEY,
        IdentityError::NoCertificate => Code::IDENTITY_NO_CERTIFICATE,
        IdentityError::KeyMismatch => Code::IDENTITY_KEY_MISMATCH,
        IdentityError::TwoKeys => Code::IDENTITY_AMBIGUOUS,
        IdentityError::WeakKey(_) => Code::IDENTITY_KEY_UNSUPPORTED,
    };
    Failure::new(code, error.to_string())
}

/// What the user is told about a certificate that the gateway is going to refuse.
pub fn identity_problem(problem: &IdentityProblem) -> Failure {
    let code = match problem {
        IdentityProblem::Expired { .. } | IdentityProblem::IssuerExpired { .. } => {
            Code::IDENTITY_EXPIRED
        }
        IdentityProblem::ExpiresSoon { .. } => Code::IDENTITY_EXPIRES_SOON,
        IdentityProblem::NotYetValid { .. } => Code::IDENTITY_NOT_YET_VALID,
        IdentityProblem::WrongUsage { .. }
        | IdentityProblem::NotForSignatures { .. }
        | IdentityProblem::Authority { .. } => Code::IDENTITY_NOT_FOR_CLIENT,
        IdentityProblem::OtherRoot { .. } => Code::IDENTITY_OTHER_ROOT,
        IdentityProblem::NoName { .. } => Code::IDENTITY_NO_NAME,
    };
    Failure::new(code, problem.to_string())
}

/// The same as a warning, for problems that do not keep the gateway from trying.
pub fn identity_warning(problem: &IdentityProblem) -> Warning {
    Warning::new(identity_problem(problem).code, problem.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_can_tell_that_a_password_is_wanted() {
        let code = |error| identity(&error).code;
        assert_eq!(
            code(IdentityError::NeedPassword),
            Code::IDENTITY_PASSWORD_MISSING
        );
        assert_eq!(
            code(IdentityError::WrongPassword),
            Code::IDENTITY_PASSWORD_WRONG
        );
        assert_eq!(
            code(IdentityError::KeyMismatch),
            Code::IDENTITY_KEY_MISMATCH
        );
    }
}
