//! What the daemon answers.

use serde::{Deserialize, Serialize};

use crate::{Failure, StageReport, StatusDocument, Warning};

/// One reply. All but [`Reply::Stage`] are the last of their connection.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// A step of a connection that is being made.
    Stage(StageReport),
    /// The tunnel works.
    Connected(Connected),
    /// The same tunnel was up before.
    AlreadyConnected(Connected),
    /// The tunnel is down, the host is as it was.
    Disconnected,
    /// There was no tunnel to take down.
    NotConnected,
    /// What is.
    Status(Box<StatusDocument>),
    /// What was undone.
    Reset(ResetReport),
    /// Who answers.
    Version(Version),
    /// It could not be done.
    Failed(Failure),
}

/// A tunnel that works.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Connected {
    /// The profile's name.
    pub name: String,
    /// The gateway's name in the profile.
    pub gateway: String,
    /// The tunnel device.
    pub interface: String,
    /// Our addresses inside the tunnel.
    pub addresses: Vec<String>,
    /// The MTU of the device, in octets.
    pub mtu: u32,
    /// The networks behind the gateway, as prefixes.
    pub routes: Vec<String>,
    /// The DNS servers that came with the tunnel.
    pub dns_servers: Vec<String>,
    /// From the beginning of the attempt to the working tunnel, in milliseconds.
    pub elapsed_ms: u64,
    /// What a person should look at.
    pub warnings: Vec<Warning>,
}

/// What `azike reset` undid.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ResetReport {
    /// One line for each thing that was undone or removed.
    pub undone: Vec<String>,
    /// What a person should look at, for example a setting that somebody else changed meanwhile.
    pub warnings: Vec<Warning>,
}

/// Who answers at the socket.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Version {
    /// The version of the program.
    pub program: String,
    /// The version of the control protocol.
    pub protocol: u32,
}
