//! The service of this computer.

use azike_control::{Code, Failure};
use azike_platform::service::{InheritedError, Packager, Refusal, ServiceError};

/// What the user is told about a step that could not be made.
pub fn service(error: &ServiceError) -> Failure {
    let code = match error {
        ServiceError::Look(..) | ServiceError::Change(..) => Code::SERVICE_FILE_FAILED,
        ServiceError::Command(_) | ServiceError::Refused { .. } => Code::SERVICE_COMMAND_FAILED,
        ServiceError::InUse(_) | ServiceError::Unfinished(_) => Code::SERVICE_IN_USE,
    };
    let failure = Failure::new(code, error.to_string());
    match (error, std::error::Error::source(error)) {
        (ServiceError::Refused { said, .. }, _) if !said.trim().is_empty() => {
            failure.seen(said.trim())
        }
        (_, Some(source)) => failure.seen(source.to_string()),
        (_, None) => failure,
    }
}

/// What the user is told about a wish that cannot be granted.
pub fn refusal(refusal: &Refusal) -> Failure {
    let what = refusal.to_string();
    match refusal {
        Refusal::Packaged(packager, _) => {
            Failure::new(Code::SERVICE_PACKAGED, what).advise(match packager {
                Packager::Dpkg => {
                    "apt installs, updates and removes it (package azike); systemctl \
                                   enable --now azike has it run."
                }
                Packager::System => {
                    "The package manager of this system installs, updates and \
                                     removes it; systemctl enable --now azike has it run."
                }
                Packager::Homebrew => {
                    "Homebrew runs it: sudo brew services start azike, sudo brew \
                                       services stop azike. After the latter, sudo azike service \
                                       install can take its place."
                }
                Packager::Installer => {
                    "It came with an installer package, which has its own way to \
                                        be removed; see docs/macos.md."
                }
            })
        }
        Refusal::Foreign(_) => Failure::new(Code::SERVICE_FOREIGN, what),
        Refusal::Place(_) => Failure::new(Code::SERVICE_NO_SAFE_PLACE, what),
        Refusal::NotInstalled => Failure::new(Code::SERVICE_NOT_INSTALLED, what),
    }
}

/// What the log says about a handover that went wrong.
pub fn handover(error: &InheritedError) -> Failure {
    let failure = Failure::new(Code::SERVICE_HANDOVER, error.to_string());
    match std::error::Error::source(error) {
        Some(source) => failure.seen(source.to_string()),
        None => failure,
    }
}
