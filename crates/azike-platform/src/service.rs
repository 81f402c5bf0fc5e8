//! The service: azike as systemd or launchd run it.
//!
//! ```text
//!   ServiceManager::look ──▶ Seen ──plan (pure)──▶ steps ──▶ ServiceManager::perform
//!     disk, systemctl,        what is there,        one change each:
//!     launchctl               whose it is           a file, a folder, a command
//! ```
//!
//! There is no journal here, on purpose: what `service install` makes is meant to stay, and each
//! thing says on the disk whose it is. A file of ours bears [`file::MARK`], the copy of the program
//! and its folders have names that nobody else uses. So a plan is always a difference between what is
//! there and what is wanted: installing twice does nothing, and an uninstall that was interrupted is
//! finished by the next one.
//!
//! The other half is for the daemon itself: [`inherited`] is what the manager handed over.

mod activation;
mod command;
mod file;
#[cfg(target_os = "macos")]
mod launchd_socket;
mod layout;
mod look;
mod manager;
mod notify;
mod orders;
mod perform;
mod plan;
mod seen;
mod trust;

pub use self::activation::{Inherited, InheritedError, inherited};
pub use self::command::{CommandError, Output, Runner, SystemRunner};
pub use self::layout::{Layout, ManagerKind};
pub use self::manager::{ServiceError, ServiceManager};
pub use self::notify::Notifier;
pub use self::orders::Order;
pub use self::plan::{Refusal, Step, Wish};
pub use self::seen::{Copied, FileSeen, Owner, Packager, Program, Seen, SeenFile, Standing};
pub use self::trust::{Distrust, Flaw};
