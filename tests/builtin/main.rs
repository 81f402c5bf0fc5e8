//! The demo with the built-in gateway, from end to end, by the built azike: as this user, and as a user without
//! any rights.
//!
//! It needs root or user namespaces. Where there are neither, it says so, and fails if `CI` is set.

#[cfg(target_os = "linux")]
mod linux;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    ExitCode::SUCCESS
}
