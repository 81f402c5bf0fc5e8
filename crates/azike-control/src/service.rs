//! What `azike service … --json` prints: document `azike.service/1`.

use serde::{Deserialize, Serialize};

/// The service as it is, after whatever the command did.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ServiceDocument {
    /// Always [`ServiceDocument::SCHEMA`].
    pub schema: String,
    /// Who runs services here.
    pub manager: ServiceManagerName,
    /// Who installed it; `None` when nobody did.
    pub installed_by: Option<InstalledBy>,
    /// The daemon runs.
    pub running: bool,
    /// Its process.
    pub pid: Option<u32>,
    /// It starts with the computer.
    pub enabled: bool,
    /// The manager keeps the control socket open.
    pub socket_open: bool,
    /// The program that it runs.
    pub program: Option<String>,
    /// The version of that program.
    pub version: Option<String>,
    /// What the command changed, a line for each step.
    pub done: Vec<String>,
    /// What a person should know about it.
    pub notes: Vec<String>,
}

/// Who runs services.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceManagerName {
    /// Linux.
    Systemd,
    /// macOS.
    Launchd,
}

/// Who installed the service.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InstalledBy {
    /// `azike service install`.
    Azike,
    /// A package of the system (deb, rpm and others).
    Package,
    /// `brew services`.
    Homebrew,
    /// An installer package of macOS.
    Installer,
    /// Somebody else.
    Other,
}

impl ServiceDocument {
    /// The name and major version of the schema.
    pub const SCHEMA: &str = "azike.service/1";
}
