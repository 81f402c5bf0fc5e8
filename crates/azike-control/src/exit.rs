//! How the process ends: the exit codes that scripts may rely on.
//!
//! The numbers are a contract. A script reads them to decide whether to try again
//! ([`Exit::Network`]), to ask a person ([`Exit::AuthenticationRejected`], [`Exit::Trust`]) or to
//! give up ([`Exit::Usage`]).

use std::process::ExitCode;

/// Why the process ended.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Exit {
    /// 0: what was asked for is done.
    Ok,
    /// 1: a mistake in azike.
    Internal,
    /// 2: the command line is wrong, or this system cannot do it.
    Usage,
    /// 3: not connected, or the condition that was asked about is false.
    NotConnected,
    /// 4: the daemon does not answer.
    DaemonNotReachable,
    /// 5: the gateway rejected the login; another try gives the same answer.
    AuthenticationRejected,
    /// 6: the gateway could not prove who it is.
    Trust,
    /// 7: the network or the host's network settings; another try may help.
    Network,
    /// 8: gateway and client have no common settings, or the gateway refused.
    Refused,
    /// 9: a package, profile or certificate file is not usable.
    InvalidFile,
    /// 10: the user has no right to do this.
    PermissionDenied,
    /// 11: `azike doctor` found a problem.
    DoctorFinding,
    /// 12: already in the requested state; only with `--strict`.
    AlreadyInState,
    /// 130: ended by Ctrl-C.
    Interrupted,
    /// 143: ended by SIGTERM.
    Terminated,
}

impl Exit {
    /// Every way to end, in the order of the numbers.
    pub const ALL: [Self; 15] = [
        Self::Ok,
        Self::Internal,
        Self::Usage,
        Self::NotConnected,
        Self::DaemonNotReachable,
        Self::AuthenticationRejected,
        Self::Trust,
        Self::Network,
        Self::Refused,
        Self::InvalidFile,
        Self::PermissionDenied,
        Self::DoctorFinding,
        Self::AlreadyInState,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number the shell sees.
    pub const fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::NotConnected => 3,
            Self::DaemonNotReachable => 4,
            Self::AuthenticationRejected => 5,
            Self::Trust => 6,
            Self::Network => 7,
            Self::Refused => 8,
            Self::InvalidFile => 9,
            Self::PermissionDenied => 10,
            Self::DoctorFinding => 11,
            Self::AlreadyInState => 12,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The meaning of the number, for the reference and for `azike explain`.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "done",
            Self::Internal => "a mistake in azike",
            Self::Usage => "wrong command line, or not possible on this system",
            Self::NotConnected => "not connected, or the condition is false",
            Self::DaemonNotReachable => "the daemon does not answer",
            Self::AuthenticationRejected => "the gateway rejected the login (do not retry)",
            Self::Trust => "the gateway could not prove who it is",
            Self::Network => "network problem or timeout (a retry may help)",
            Self::Refused => "no common settings, or the gateway refused",
            Self::InvalidFile => "package, profile or certificate file not usable",
            Self::PermissionDenied => "permission denied",
            Self::DoctorFinding => "the doctor found a problem",
            Self::AlreadyInState => "already in the requested state (only with --strict)",
            Self::Interrupted => "ended by Ctrl-C",
            Self::Terminated => "ended by SIGTERM",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_contract() {
        let numbers = Exit::ALL.map(Exit::number);
        assert_eq!(
            numbers,
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 130, 143]
        );
    }
}
