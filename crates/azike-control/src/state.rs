//! The states of a tunnel. The set is closed: scripts may match on it.

use serde::{Deserialize, Serialize};

use crate::UtcTime;

/// What a tunnel does at the moment.
///
/// New keys for a running tunnel are no state of their own: traffic flows meanwhile. They are the
/// flag [`TunnelStatus::rekeying`](crate::TunnelStatus::rekeying).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Known, and not asked to connect.
    Idle,
    /// Looks up the gateway's name.
    Resolving,
    /// Agrees on algorithms and keys.
    Negotiating,
    /// Gateway and client prove who they are.
    Authenticating,
    /// Sets up device, routes and DNS.
    Configuring,
    /// Carries traffic.
    Connected,
    /// Was connected; the gateway has not answered for a while.
    Stalled,
    /// Was connected; sets up the tunnel again.
    Reconnecting,
    /// Waits before the next try; [`Waiting`] says why and until when.
    Waiting,
    /// Ended by an error that another try does not mend; `last_error` says which.
    Failed,
    /// Held back by the user.
    Paused,
    /// Takes the tunnel down.
    Disconnecting,
}

impl State {
    /// All states.
    pub const ALL: [Self; 12] = [
        Self::Idle,
        Self::Resolving,
        Self::Negotiating,
        Self::Authenticating,
        Self::Configuring,
        Self::Connected,
        Self::Stalled,
        Self::Reconnecting,
        Self::Waiting,
        Self::Failed,
        Self::Paused,
        Self::Disconnecting,
    ];

    /// The word for a terminal and for JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Resolving => "resolving",
            Self::Negotiating => "negotiating",
            Self::Authenticating => "authenticating",
            Self::Configuring => "configuring",
            Self::Connected => "connected",
            Self::Stalled => "stalled",
            Self::Reconnecting => "reconnecting",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Paused => "paused",
            Self::Disconnecting => "disconnecting",
        }
    }
}

/// What the user asked for last.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// To be connected.
    Up,
    /// Not to be connected.
    Down,
}

/// Why a tunnel waits, and until when.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Waiting {
    /// The reason in words.
    pub reason: String,
    /// When the next try is due; `None` when it waits for an event, such as a network.
    pub next_at: Option<UtcTime>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_json() {
        for state in State::ALL {
            let json = serde_json::to_string(&state).unwrap();
            assert_eq!(json, format!("\"{}\"", state.name()));
        }
    }
}
