//! From the errors of the crates to what the user is told: a code of the catalogue, the case, the
//! evidence.
//!
//! The crates know what is wrong; that it has a number, an exit code and a next step is decided
//! here, one function for each error type.

mod eap;
mod host;
mod identity;
mod ike;
mod keychain;
mod package;
mod service;
mod trust;

pub use self::eap::eap;
pub use self::host::{bind, host, left, notice, profile_warning, tun};
pub use self::identity::{identity, identity_problem, identity_warning};
pub use self::ike::{close_reason, login};
pub use self::keychain::{keychain, pick, selector};
pub use self::package::package;
pub use self::service::{handover, refusal, service};
pub use self::trust::{trust, trust_config};
