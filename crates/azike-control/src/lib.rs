//! What the azike command line and the azike daemon say to each other, and to scripts.
//!
//! ```text
//!   azike up contoso.zip                              azike daemon
//!     opens the files as the user
//!     Request::Up + descriptors  ─────────────────▶   reads the descriptors
//!                                ◀─────────────────   Reply::Stage  (one for each step)
//!                                ◀─────────────────   Reply::Connected | Reply::Failed
//! ```
//!
//! One connection carries one request and its replies. A [frame] is a length and a JSON
//! document; files and passwords never enter the JSON, they travel beside it as
//! [descriptors](passing). The documents that scripts read (`azike status --json`, errors, the
//! events of `azike up --json`) are versioned and described by the files in `schema/`.
//!
//! The catalogue of everything that can go wrong is [`code`]; `docs/errors.md` is written from it.
#![forbid(unsafe_code)]

pub mod code;
pub mod event;
pub mod exit;
pub mod failure;
pub mod frame;
pub mod ms_status;
pub mod options;
pub mod passing;
pub mod printable;
pub mod reply;
pub mod request;
pub mod service;
pub mod stage;
pub mod state;
pub mod status;
pub mod utc_time;

pub use code::Code;
pub use event::{Event, EventLine};
pub use exit::Exit;
pub use failure::{ErrorDocument, Failure, Warning};
pub use options::{
    AuthChoice, DnsChoice, DscpChoice, OffloadChoice, OptionError, PortChoice, UpOptions,
};
pub use printable::printable;
pub use reply::{Connected, Reply, ResetReport, Version};
pub use request::{Attached, ProfileSource, Request, UpRequest};
pub use service::{InstalledBy, ServiceDocument, ServiceManagerName};
pub use stage::{Stage, StageReport, StageState};
pub use state::{Intent, State, Waiting};
pub use status::{
    CertificateStatus, ChildStatus, DnsStatus, Drops, GatewayStatus, IkeStatus, Liveness,
    StatusDocument, TransportKind, TunnelStatus,
};
pub use utc_time::UtcTime;
