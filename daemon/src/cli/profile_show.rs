//! `azike profile show`: what a package holds, for people and for scripts.

use std::path::Path;

use azike_control::Exit;
use azike_platform::Clock;
use azike_profile::describe_package;
use rustls_pki_types::UnixTime;

use super::console::{Console, Ending, OutputFormat};
use super::files::read_file;
use crate::daemon::server::PACKAGE_MAX;
use crate::failing;

/// Reads the package and prints its report. A package that azike cannot use is described all the
/// same; the report says why, and the exit code too.
pub(super) fn run(path: &Path, console: &mut Console) -> Result<Exit, Ending> {
    let mut zip = Vec::new();
    read_file(path, PACKAGE_MAX, &mut zip)?;
    let now = UnixTime::since_unix_epoch(Clock::start().unix_time());
    let report = describe_package(&zip, now).map_err(|error| failing::package(&error))?;
    match console.format() {
        OutputFormat::Json => console.document(&report)?,
        OutputFormat::Text => console.result(&report.to_string())?,
    }
    Ok(if report.usable {
        Exit::Ok
    } else {
        Exit::InvalidFile
    })
}
