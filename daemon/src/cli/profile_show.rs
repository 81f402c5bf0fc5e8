//! `azike profile show`: what a package holds, for people and for scripts.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use azike_control::{Code, Exit, Failure};
use azike_platform::Clock;
use azike_profile::describe_package;
use rustls_pki_types::UnixTime;

use super::console::{Console, Ending, OutputFormat};
use super::files::open_file;
use crate::daemon::server::PACKAGE_MAX;
use crate::failing;

/// Reads the package and prints its report. A package that azike cannot use is described all the
/// same; the report says why, and the exit code too.
pub(super) fn run(path: &Path, console: &mut Console) -> Result<Exit, Ending> {
    let zip = read(path)?;
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

/// The file, if it is not far bigger than packages are.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let opened = open_file(path)?;
    if !opened.is_regular {
        let what = format!("{} is not a file", path.display());
        return Err(Failure::new(Code::FILE_KIND, what));
    }
    let limit = u64::try_from(PACKAGE_MAX + 1).unwrap_or(u64::MAX);
    let mut zip = Vec::new();
    let read = File::from(opened.descriptor)
        .take(limit)
        .read_to_end(&mut zip);
    read.map_err(|error| {
        let what = format!("{} cannot be read", path.display());
        Failure::new(Code::FILE_KIND, what).seen(error.to_string())
    })?;
    if zip.len() > PACKAGE_MAX {
        let what = format!("{} has more than {PACKAGE_MAX} octets", path.display());
        return Err(Failure::new(Code::FILE_TOO_BIG, what));
    }
    Ok(zip)
}
