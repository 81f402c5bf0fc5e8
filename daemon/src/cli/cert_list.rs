//! `azike cert list`: which identities there are, and for each whether it can log in.
//!
//! Files on every system; without a file, the Keychain of a Mac.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use azike_control::{Code, Exit, Failure};
use azike_platform::Clock;
use azike_profile::{Identity, IdentityError, read_identity};
use rustls_pki_types::UnixTime;
use zeroize::Zeroizing;

use super::console::{Console, Ending, OutputFormat};
use super::files::{open_file, public_file};
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
        let octets = read(path)?;
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

/// The file, if it is not far bigger than identities are.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let opened = open_file(path)?;
    if !opened.is_regular {
        let what = format!("{} is not a file", path.display());
        return Err(Failure::new(Code::FILE_KIND, what));
    }
    let limit = u64::try_from(IDENTITY_MAX + 1).unwrap_or(u64::MAX);
    let mut octets = Zeroizing::new(Vec::with_capacity(IDENTITY_MAX + 1));
    let read = File::from(opened.descriptor)
        .take(limit)
        .read_to_end(&mut octets);
    read.map_err(|error| {
        let what = format!("{} cannot be read", path.display());
        Failure::new(Code::FILE_KIND, what).seen(error.to_string())
    })?;
    if octets.len() > IDENTITY_MAX {
        let what = format!("{} has more than {IDENTITY_MAX} octets", path.display());
        return Err(Failure::new(Code::FILE_TOO_BIG, what));
    }
    Ok(octets)
}
