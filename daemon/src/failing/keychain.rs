//! Identities in the Keychain that are not found, or that it does not let us use.

use azike_control::{Code, Failure};
use azike_platform::KeychainError;
use azike_profile::{PickFault, SelectorFault};

/// What the user is told when the Keychain refuses.
pub fn keychain(error: KeychainError) -> Failure {
    let code = match error {
        KeychainError::NotHere => Code::KEYCHAIN_ABSENT,
        KeychainError::Locked(_) => Code::KEYCHAIN_LOCKED,
        KeychainError::Denied(_) | KeychainError::Cancelled => Code::KEYCHAIN_DENIED,
        KeychainError::Gone(_) | KeychainError::NotOffered | KeychainError::Other(_) => {
            Code::KEYCHAIN_FAILED
        }
    };
    Failure::new(code, error.to_string())
}

/// What the user is told when not exactly one identity fits.
pub fn pick(fault: &PickFault) -> Failure {
    let code = match fault {
        PickFault::Empty | PickFault::NoneFits { .. } => Code::KEYCHAIN_NONE_FITS,
        PickFault::WithoutKey { .. } => Code::KEYCHAIN_NO_KEY,
        PickFault::Expired { .. } => Code::IDENTITY_EXPIRED,
        PickFault::NotYetValid { .. } => Code::IDENTITY_NOT_YET_VALID,
        PickFault::Several { .. } => Code::KEYCHAIN_SEVERAL_FIT,
    };
    let failure = Failure::new(code, fault.to_string());
    let choices: Vec<_> = fault.choices();
    if choices.is_empty() {
        return failure;
    }
    let words: Vec<_> = choices
        .iter()
        .map(|choice| format!("--keychain {choice}"))
        .collect();
    failure.advise(format!("Use one of: {}.", words.join(", ")))
}

/// What the user is told when the words do not name an identity.
pub fn selector(fault: SelectorFault) -> Failure {
    Failure::new(Code::OPTION_INVALID, format!("--keychain: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_keychain_says_has_its_code_and_its_status() {
        let cases = [
            (
                KeychainError::Locked(-25308),
                Code::KEYCHAIN_LOCKED,
                "-25308",
            ),
            (
                KeychainError::Denied(-25293),
                Code::KEYCHAIN_DENIED,
                "-25293",
            ),
            (
                KeychainError::Cancelled,
                Code::KEYCHAIN_DENIED,
                "did not allow",
            ),
            (KeychainError::Gone(-25300), Code::KEYCHAIN_FAILED, "gone"),
            (KeychainError::NotHere, Code::KEYCHAIN_ABSENT, "no Keychain"),
        ];
        for (error, code, evidence) in cases {
            let failure = keychain(error);
            assert_eq!(failure.code, code);
            assert!(failure.what.contains(evidence), "{}", failure.what);
        }
    }

    #[test]
    fn a_name_that_names_nothing_is_a_wrong_option() {
        let failure = selector(SelectorFault::DigitCount(3));
        assert_eq!(failure.code, Code::OPTION_INVALID);
        assert!(failure.what.contains("--keychain") && failure.what.contains("not 3"));
    }
}
