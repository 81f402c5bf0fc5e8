//! From descriptors to octets: what a client passed is read whole, once, within limits.
//!
//! Files are read from their beginning whatever the client did with the offset. Pipes are read
//! until their other end is closed. Everything else is refused: folders, devices such as
//! `/dev/zero`, sockets, and descriptors that are not open for reading.

use std::io;
use std::os::fd::OwnedFd;

use azike_control::{Attached, Code, Failure, ProfileSource, UpRequest};
use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use zeroize::Zeroizing;

use crate::daemon::engine_face::{IdentityInput, PackageInput, UpJob};

/// The biggest package, in octets. Real ones have 0.3 MB.
pub const PACKAGE_MAX: usize = 16 << 20;
/// The biggest identity file, in octets.
pub const IDENTITY_MAX: usize = 1 << 20;
/// The longest password, in octets.
pub const PASSWORD_MAX: usize = 4096;

/// Reads what came with a request.
pub(super) async fn read_job(
    request: UpRequest,
    descriptors: Vec<OwnedFd>,
) -> Result<UpJob, Failure> {
    if !request.attachments_fit() || request.attached.len() != descriptors.len() {
        let what = format!(
            "{} descriptors came for {} announced files",
            descriptors.len(),
            request.attached.len()
        );
        return Err(Failure::new(Code::DESCRIPTORS, what));
    }
    let (mut zip, mut identity, mut password) = (None, None, None);
    for (attached, descriptor) in request.attached.iter().zip(descriptors) {
        match attached {
            Attached::Package => {
                zip = Some(read_whole(descriptor, PACKAGE_MAX, "the package").await?);
            }
            Attached::Identity => {
                identity = Some(read_whole(descriptor, IDENTITY_MAX, "the identity file").await?);
            }
            Attached::Password => {
                password = Some(read_whole(descriptor, PASSWORD_MAX, "the password").await?);
            }
        }
    }
    let package = match request.profile {
        ProfileSource::Stored { name } => PackageInput::Stored { name },
        ProfileSource::Package { name } => PackageInput::Octets {
            name,
            octets: zip
                .map(|mut zip| std::mem::take(&mut *zip))
                .unwrap_or_default(),
        },
    };
    let identity = match request.keychain {
        Some(selector) => IdentityInput::Keychain { selector },
        None => IdentityInput::File {
            octets: identity.unwrap_or_default(),
            password: password.map(as_text).transpose()?,
        },
    };
    Ok(UpJob {
        package,
        identity,
        options: request.options,
    })
}

/// Reads one descriptor to its end.
async fn read_whole(
    descriptor: OwnedFd,
    limit: usize,
    what: &'static str,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let refused = |error: io::Error| {
        Failure::new(Code::FILE_KIND, format!("{what} cannot be read")).seen(error.to_string())
    };
    let flags = fcntl_getfl(&descriptor).map_err(|error| refused(error.into()))?;
    let mode = flags & OFlags::RWMODE;
    if (mode != OFlags::RDONLY && mode != OFlags::RDWR) || is_path_only(flags) {
        return Err(Failure::new(
            Code::FILE_KIND,
            format!("{what} is not open for reading"),
        ));
    }
    let found = fstat(&descriptor).map_err(|error| refused(error.into()))?;
    let octets = match FileType::from_raw_mode(found.st_mode) {
        FileType::RegularFile if usize::try_from(found.st_size).is_ok_and(|size| size > limit) => {
            return Err(too_big(what, limit));
        }
        FileType::RegularFile => {
            let reading = tokio::task::spawn_blocking(move || read_file(&descriptor, limit));
            let joined = reading.await.map_err(|_| Failure::from(Code::INTERNAL))?;
            joined.map_err(refused)?
        }
        FileType::Fifo => read_pipe(descriptor, limit).await.map_err(refused)?,
        FileType::Directory
        | FileType::Symlink
        | FileType::Socket
        | FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Unknown => {
            return Err(Failure::new(
                Code::FILE_KIND,
                format!("{what} is neither a file nor a pipe"),
            ));
        }
    };
    if octets.len() > limit {
        return Err(too_big(what, limit));
    }
    Ok(octets)
}

/// Whether the descriptor only names a file and cannot read it.
#[cfg(target_os = "linux")]
const fn is_path_only(flags: OFlags) -> bool {
    flags.contains(OFlags::PATH)
}

/// Whether the descriptor only names a file and cannot read it.
#[cfg(not(target_os = "linux"))]
const fn is_path_only(_: OFlags) -> bool {
    false
}

/// Reads a file from its beginning, at most one octet beyond `limit`. The offset that the client
/// may share is neither used nor moved.
fn read_file(file: &OwnedFd, limit: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    // One buffer that never moves: a copy that is left behind could hold a key.
    let mut octets = Zeroizing::new(vec![0; limit + 1]);
    let mut length = 0;
    while let Some(rest) = octets.get_mut(length..).filter(|rest| !rest.is_empty()) {
        let offset = u64::try_from(length).unwrap_or(u64::MAX);
        match rustix::io::pread(file, rest, offset) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(rustix::io::Errno::INTR) => (),
            Err(error) => return Err(error.into()),
        }
    }
    octets.truncate(length);
    Ok(octets)
}

/// Reads a pipe until its end, at most one octet beyond `limit`.
async fn read_pipe(descriptor: OwnedFd, limit: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut pipe = pipe::Receiver::from_owned_fd(descriptor)?;
    let mut octets = Zeroizing::new(vec![0; limit + 1]);
    let mut length = 0;
    while let Some(rest) = octets.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match pipe.read(rest).await? {
            0 => break,
            count => length += count,
        }
    }
    octets.truncate(length);
    Ok(octets)
}

/// The password as text.
fn as_text(mut octets: Zeroizing<Vec<u8>>) -> Result<Zeroizing<String>, Failure> {
    let text = String::from_utf8(std::mem::take(&mut *octets)).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        Failure::new(
            Code::IDENTITY_PASSWORD_WRONG,
            "the password is not UTF-8 text",
        )
    })?;
    Ok(Zeroizing::new(text))
}

fn too_big(what: &str, limit: usize) -> Failure {
    Failure::new(
        Code::FILE_TOO_BIG,
        format!("{what} has more than {limit} octets"),
    )
}

#[cfg(test)]
mod tests;
