//! The steps of a connection, as a person sees them.

use serde::{Deserialize, Serialize};

/// One step from the package to the working tunnel, in the order they happen.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The package is read.
    Profile,
    /// The client certificate and its key are read and checked.
    Identity,
    /// The gateway's name becomes addresses.
    Resolve,
    /// Algorithms and keys (`IKE_SA_INIT`).
    Negotiate,
    /// What stands between us and the gateway: NAT, ports, fragmentation.
    Nat,
    /// The gateway proves who it is.
    Server,
    /// The client proves who it is.
    Login,
    /// Device, address, routes.
    Tunnel,
    /// Names.
    Dns,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 9] = [
        Self::Profile,
        Self::Identity,
        Self::Resolve,
        Self::Negotiate,
        Self::Nat,
        Self::Server,
        Self::Login,
        Self::Tunnel,
        Self::Dns,
    ];

    /// The word for a terminal and for JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Identity => "identity",
            Self::Resolve => "resolve",
            Self::Negotiate => "negotiate",
            Self::Nat => "nat",
            Self::Server => "server",
            Self::Login => "login",
            Self::Tunnel => "tunnel",
            Self::Dns => "dns",
        }
    }
}

/// How far a stage is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    /// It has begun. A stage may be done without having been reported as started.
    Started,
    /// It is done.
    Done,
    /// It failed; the failure follows as the last reply.
    Failed,
}

/// News about one stage.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct StageReport {
    /// Which stage.
    pub stage: Stage,
    /// How far it is.
    pub state: StageState,
    /// What came out, in one line; empty when there is nothing to say yet.
    pub detail: String,
    /// How long the stage took, in milliseconds; `None` when it has no duration of its own.
    pub elapsed_ms: Option<u64>,
}

impl StageReport {
    /// The stage has begun.
    pub const fn started(stage: Stage) -> Self {
        Self {
            stage,
            state: StageState::Started,
            detail: String::new(),
            elapsed_ms: None,
        }
    }

    /// The stage is done, with `detail` to show.
    pub fn done(stage: Stage, detail: impl Into<String>, elapsed_ms: Option<u64>) -> Self {
        Self {
            stage,
            state: StageState::Done,
            detail: detail.into(),
            elapsed_ms,
        }
    }

    /// The stage failed; `detail` is the short reason.
    pub fn failed(stage: Stage, detail: impl Into<String>, elapsed_ms: Option<u64>) -> Self {
        Self {
            stage,
            state: StageState::Failed,
            detail: detail.into(),
            elapsed_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_json() {
        for stage in Stage::ALL {
            let json = serde_json::to_string(&stage).unwrap();
            assert_eq!(json, format!("\"{}\"", stage.name()));
        }
    }
}
