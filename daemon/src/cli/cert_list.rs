//! `azike cert list`: which identities there are, and for each whether it can log in.
//!
//! Files on every system; without a file, the Keychain of a Mac.

use std::path::Path;

use azike_control::{Code, Exit, Failure};
use azike_platform::Clock;
use azike_profile::{Identity, IdentityError, read_identity};
use rustls_pki_types::UnixTime;
use zeroize::Zeroizing;

use super::console::{Console, Ending, OutputFormat};
use super::files::{public_file, read_file};
use super::password;
use super::render::{CertificateRow, CertificatesReport, certificates_text};
use crate::daemon::keychain::Keychain;
use crate::daemon::server::IDENTITY_MAX;
use crate::failing;

/// Reads the files, or the Keychain, and prints a report. A file that is no identity is listed all
/// the same, with the reason, and the exit code says so.
pub(super) async fn run(
    files: &[impl AsRef<Path>],
    password_file: Option<&Path>,
    console: &mut Console,
) -> Result<Exit, Ending> {
    let now = UnixTime::since_unix_epoch(Clock::start().unix_time());
    let mut rows = Vec::new();
    let mut exit = Exit::Ok;
    if files.is_empty() {
        let keychain = Keychain::open().map_err(|failure| match failure.code {
            Code::KEYCHAIN_ABSENT => failure.advise("Name files: azike cert list FILE…"),
            _ => failure,
        });
        let shown = keychain?.show();
        rows.extend(
            shown
                .iter()
                .filter_map(|shown| CertificateRow::in_keychain(shown, now)),
        );
    }
    let password = password_file.map(password::from_file).transpose()?;
    if let (Some((_, true)), Some(path)) = (&password, password_file) {
        console.warn(&public_file(path))?;
    }
    let password = password.map(|(password, _)| password);
    for path in files.iter().map(AsRef::as_ref) {
        let mut octets = Zeroizing::new(Vec::with_capacity(IDENTITY_MAX + 1));
        read_file(path, IDENTITY_MAX, &mut octets)?;
        match identity(path, &octets, password.as_ref(), console).await? {
            Ok(identity) => rows.push(CertificateRow::in_file(path, &identity, now)),
            Err(failure) => {
                exit = Exit::InvalidFile;
                rows.push(CertificateRow::unreadable(path, &failure));
            }
        }
    }
    let report = CertificatesReport::new(rows);
    match console.format() {
        OutputFormat::Json => console.document(&report)?,
        OutputFormat::Text => {
            let text = certificates_text(&report, console.look().color_out);
            console.result(&text)?;
        }
    }
    Ok(exit)
}

/// The identity in a file, or why there is none. Asks once for a password where one is wanted and
/// there is somebody to ask.
async fn identity(
    path: &Path,
    octets: &[u8],
    password: Option<&Zeroizing<String>>,
    console: &Console,
) -> Result<Result<Identity, Failure>, Ending> {
    let open = |password: Option<&Zeroizing<String>>| {
        read_identity(octets, password.map(|password| password.as_str()))
    };
    let mut read = open(password);
    if read.as_ref().err() == Some(&IdentityError::NeedPassword)
        && console.can_ask()
        && let Some(typed) = password::ask(path).await?
    {
        read = open(Some(&typed));
    }
    Ok(read.map_err(|error| failing::identity(&error)))
}
