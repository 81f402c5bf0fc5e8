//! `azike service` with a real systemd: install, socket activation, a crash, an upgrade, a tunnel
//! behind all the walls of the unit, uninstall.
//!
//! It boots a systemd in namespaces and needs root for that. Where it cannot, it says so, and fails if
//! `CI` is set.
#![cfg_attr(
    target_os = "linux",
    expect(
        clippy::print_stdout,
        clippy::print_stderr,
        reason = "a test without the harness tells by itself what it does"
    )
)]

#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod story;
#[cfg(target_os = "linux")]
mod tunnel;
#[cfg(target_os = "linux")]
mod walls;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
pub(crate) use linux::NotHere;

#[cfg(target_os = "linux")]
mod linux {
    use std::env;
    use std::process::ExitCode;

    use anyhow::Result;
    use azike_tests::lab::errand;

    use super::story;

    /// This machine does not allow it.
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    pub(crate) struct NotHere(pub(crate) String);

    pub(super) fn main() -> ExitCode {
        match errand::run_if_asked().and_then(|done| if done { Ok(()) } else { test() }) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.is::<NotHere>() => {
                eprintln!("*** SKIPPED, azike service under systemd: {error}");
                // CI must not skip it.
                if env::var_os("CI").is_none() {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::FAILURE
                }
            }
            Err(error) => {
                println!("test azike_service_under_systemd ... FAILED\n{error:#}");
                ExitCode::FAILURE
            }
        }
    }

    fn test() -> Result<()> {
        if env::args().any(|arg| arg == "--list") {
            return Ok(());
        }
        story::tell()?;
        println!("test azike_service_under_systemd ... ok");
        Ok(())
    }
}
