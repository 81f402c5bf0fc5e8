//! The password of the identity file: from a file, from a descriptor, or typed. Never from the
//! command line or the environment, where others can see it.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use azike_control::{Code, Failure, printable};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pipe::pipe;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::files;
use crate::daemon::server::PASSWORD_MAX;

/// Where typed passwords come from.
const TERMINAL: &str = "/dev/tty";

/// The first line of a file.
pub(super) fn from_file(path: &Path) -> Result<(Zeroizing<String>, bool), Failure> {
    let opened = files::open_file(path)?;
    let shown = path.display().to_string();
    let waits = OwnedFd::from(File::from(opened.descriptor));
    let flags = rustix::fs::OFlags::empty();
    rustix::fs::fcntl_setfl(&waits, flags).map_err(|error| unreadable(&shown, &error.into()))?;
    Ok((first_line(File::from(waits), &shown)?, opened.is_public))
}

/// The first line of what the shell opened as descriptor `number`.
pub(super) fn from_descriptor(number: u32) -> Result<Zeroizing<String>, Failure> {
    let shown = format!("descriptor {number}");
    let path = PathBuf::from(format!("/dev/fd/{number}"));
    let file = File::open(path).map_err(|error| unreadable(&shown, &error))?;
    first_line(file, &shown)
}

/// Whether there is a terminal to ask on.
pub(super) fn can_ask() -> bool {
    File::open(TERMINAL).is_ok()
}

/// Asks on the terminal, wherever standard input and output go. `None` when the user presses
/// Ctrl-C; the signal is raised too.
pub(super) async fn ask(file: &Path) -> Result<Option<Zeroizing<String>>, Failure> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let prompt = format!("Password for {}: ", printable(&name));
    let _restore = Restore::of_terminal();
    let asking = tokio::task::spawn_blocking(move || rpassword::prompt_password(prompt));
    match asking.await {
        Ok(Ok(password)) => Ok(Some(Zeroizing::new(password))),
        Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
        Ok(Err(error)) => {
            let failure = Failure::from(Code::IDENTITY_PASSWORD_MISSING);
            Err(failure.seen(error.to_string()))
        }
        Err(_) => Err(Code::INTERNAL.into()),
    }
}

/// A pipe from which the daemon reads the password. The pipe holds all of it at once.
pub(super) fn in_a_pipe(password: &str) -> Result<OwnedFd, Failure> {
    let failed = |error: rustix::io::Errno| {
        Failure::new(Code::INTERNAL, "the password cannot be passed on").seen(error.to_string())
    };
    let (reader, writer) = pipe().map_err(failed)?;
    fcntl_setfd(&reader, FdFlags::CLOEXEC).map_err(failed)?;
    let mut rest = password.as_bytes();
    while !rest.is_empty() {
        let count = rustix::io::write(&writer, rest).map_err(failed)?;
        rest = rest.get(count..).unwrap_or_default();
    }
    Ok(reader)
}

/// Puts the terminal's settings back, also when a signal ends the question.
struct Restore(Option<(File, Termios)>);

impl Restore {
    fn of_terminal() -> Self {
        let terminal = File::open(TERMINAL).ok();
        Self(terminal.and_then(|terminal| {
            let settings = tcgetattr(&terminal).ok()?;
            Some((terminal, settings))
        }))
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        if let Some((terminal, settings)) = &self.0
            && let Err(error) = tcsetattr(terminal, OptionalActions::Now, settings)
        {
            tracing::debug!(%error, "terminal settings stay");
        }
    }
}

/// Everything before the first line end, at most [`PASSWORD_MAX`] octets.
fn first_line(source: impl Read, shown: &str) -> Result<Zeroizing<String>, Failure> {
    let mut octets = Zeroizing::new(Vec::with_capacity(PASSWORD_MAX + 1));
    let limit = u64::try_from(PASSWORD_MAX + 1).unwrap_or(u64::MAX);
    let mut limited = source.take(limit);
    limited
        .read_to_end(&mut octets)
        .map_err(|error| unreadable(shown, &error))?;
    let line = octets.split(|&octet| octet == b'\n').next();
    let line = line.unwrap_or_default();
    if line.len() > PASSWORD_MAX {
        let what = format!("the password in {shown} has more than {PASSWORD_MAX} octets");
        return Err(Failure::new(Code::FILE_TOO_BIG, what));
    }
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = str::from_utf8(line).map_err(|_| {
        let what = format!("the password in {shown} is not UTF-8 text");
        Failure::new(Code::IDENTITY_PASSWORD_WRONG, what)
    })?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn unreadable(shown: &str, error: &io::Error) -> Failure {
    Failure::new(
        Code::FILE_KIND,
        format!("the password cannot be read from {shown}"),
    )
    .seen(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsRawFd as _;

    use super::*;

    #[test]
    fn a_password_is_the_first_line_of_a_file() {
        let cases: [(&[u8], &str); 6] = [
            (b"secret", "secret"),
            (b"secret\n", "secret"),
            (b"secret\r\nnote\n", "secret"),
            (b" with spaces \n", " with spaces "),
            (b"", ""),
            ("pässwört\n".as_bytes(), "pässwört"),
        ];
        for (octets, expected) in cases {
            assert_eq!(*first_line(octets, "a file").unwrap(), expected);
        }
    }

    #[test]
    fn an_endless_or_binary_file_is_no_password() {
        let error = first_line(io::repeat(b'x'), "a file").unwrap_err();
        assert_eq!(error.code, Code::FILE_TOO_BIG);
        let error = first_line(&b"\xff\xfe"[..], "a file").unwrap_err();
        assert_eq!(error.code, Code::IDENTITY_PASSWORD_WRONG);
    }

    #[test]
    fn a_descriptor_of_the_shell_is_read() {
        let (reader, writer) = pipe().unwrap();
        File::from(writer).write_all(b"secret\n").unwrap();
        let number = reader.as_raw_fd().unsigned_abs();
        assert_eq!(*from_descriptor(number).unwrap(), "secret");
        assert!(from_descriptor(4711).is_err());
    }

    #[test]
    fn the_pipe_holds_the_longest_password() {
        let password = "x".repeat(PASSWORD_MAX);
        let mut read = String::new();
        let mut reader = File::from(in_a_pipe(&password).unwrap());
        reader.read_to_string(&mut read).unwrap();
        assert_eq!(read, password);
    }
}
