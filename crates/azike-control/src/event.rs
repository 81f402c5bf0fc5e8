//! What `--json` prints for commands that do something: document `azike.event/1`, one JSON object
//! on each line.
//!
//! A failure ends the output with a line of its own schema, `azike.error/1`.

use serde::{Deserialize, Serialize};

use crate::{Connected, ResetReport, StageReport};

/// Something that happened.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A step of a connection.
    Stage(StageReport),
    /// The tunnel works.
    Connected(Connected),
    /// The same tunnel was up before.
    AlreadyConnected(Connected),
    /// `azike up --dry-run` logged in and out again. The tunnel as it would have been; its interface has no name.
    DryRun(Connected),
    /// The tunnel is down, the host is as it was.
    Disconnected,
    /// There was no tunnel to take down.
    NotConnected,
    /// `azike reset` is done.
    Reset(ResetReport),
}

/// One line: an event with its schema.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct EventLine {
    /// Always [`EventLine::SCHEMA`].
    pub schema: String,
    /// What happened; its fields stand beside `schema`.
    #[serde(flatten)]
    pub event: Event,
}

impl EventLine {
    /// The name and major version of the schema.
    pub const SCHEMA: &str = "azike.event/1";

    /// Makes the line.
    pub fn new(event: Event) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            event,
        }
    }
}
