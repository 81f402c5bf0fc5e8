//! What the service manager handed over when it started this process.
//!
//! ```text
//!   systemd   LISTEN_PID=us LISTEN_FDS=1 ──▶ descriptor 3, the control socket, listening
//!             NOTIFY_SOCKET, WATCHDOG_USEC ─▶ Notifier
//!   launchd   launch_activate_socket("Control") ──▶ the same descriptor; nothing else
//! ```

#![cfg_attr(
    target_os = "linux",
    expect(
        unsafe_code,
        reason = "descriptors come as numbers, and the environment is changed while nobody else reads it"
    )
)]

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;

use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};
use rustix::net::sockopt::socket_type;
#[cfg(target_os = "linux")]
use rustix::net::sockopt::{socket_acceptconn, socket_domain};
use rustix::net::{AddressFamily, SocketType};

use super::notify::Notifier;

/// What came from the service manager.
#[derive(Debug, Default)]
pub struct Inherited {
    /// The control socket, if the manager keeps it.
    pub listener: Option<UnixListener>,
    /// The way back to the manager.
    pub notifier: Notifier,
}

/// Why what the manager handed over cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InheritedError {
    /// More than one socket.
    #[error("the service manager handed over {0} sockets; azike has one")]
    Several(usize),
    /// Not a socket on which clients can be waited for.
    #[error(
        "what the service manager handed over is not a listening stream socket of this computer"
    )]
    Kind,
    /// The variables make no sense, or the system refuses.
    #[error("what the service manager handed over cannot be taken")]
    Io(#[from] io::Error),
}

/// Checks the descriptor and keeps it from other programs.
fn adopt(fd: OwnedFd) -> Result<UnixListener, InheritedError> {
    let flags = fcntl_getfd(&fd).map_err(io::Error::from)?;
    fcntl_setfd(&fd, flags | FdFlags::CLOEXEC).map_err(io::Error::from)?;
    let fits = socket_domain_is_unix(&fd)
        && socket_type(&fd).is_ok_and(|kind| kind == SocketType::STREAM)
        && listens(&fd);
    if !fits {
        return Err(InheritedError::Kind);
    }
    let listener = UnixListener::from(fd);
    listener.set_nonblocking(true)?;
    Ok(listener)
}

#[cfg(target_os = "linux")]
fn listens(fd: &OwnedFd) -> bool {
    socket_acceptconn(fd).is_ok_and(|listens| listens)
}

/// No way to ask; what launchd hands out does.
#[cfg(not(target_os = "linux"))]
const fn listens(_: &OwnedFd) -> bool {
    true
}

#[cfg(target_os = "linux")]
fn socket_domain_is_unix(fd: &OwnedFd) -> bool {
    socket_domain(fd).is_ok_and(|family| family == AddressFamily::UNIX)
}

/// Without `SO_DOMAIN`, the address tells.
#[cfg(not(target_os = "linux"))]
fn socket_domain_is_unix(fd: &OwnedFd) -> bool {
    rustix::net::getsockname(fd)
        .is_ok_and(|address| address.address_family() == AddressFamily::UNIX)
}

/// Takes what the service manager handed over; nothing if no manager started this process. To be
/// called once, before there are other threads.
///
/// # Errors
///
/// There is something, and it is not one listening socket.
#[cfg(target_os = "linux")]
pub fn inherited() -> Result<Inherited, InheritedError> {
    linux::inherited()
}

/// Takes what launchd keeps for this process; nothing if launchd did not start it.
///
/// # Errors
///
/// There is something, and it is not one listening socket.
#[cfg(target_os = "macos")]
pub fn inherited() -> Result<Inherited, InheritedError> {
    let mut found = super::launchd_socket::activate(c"Control")?;
    let listener = match (found.pop(), found.len()) {
        (Some(fd), 0) => Some(adopt(fd)?),
        (Some(_), more) => return Err(InheritedError::Several(more + 1)),
        (None, _) => None,
    };
    Ok(Inherited {
        listener,
        notifier: Notifier::default(),
    })
}

/// No service manager is known here.
///
/// # Errors
///
/// None.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn inherited() -> Result<Inherited, InheritedError> {
    Ok(Inherited::default())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::env;
    use std::ffi::OsString;
    use std::fs;
    use std::os::fd::{BorrowedFd, FromRawFd as _, OwnedFd, RawFd};
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::{Inherited, InheritedError, Notifier, adopt, fcntl_getfd, io};

    /// The first descriptor that systemd hands over.
    const FIRST: RawFd = 3;

    /// All that is read of the environment, and removed from it.
    const VARIABLES: [&str; 6] = [
        "LISTEN_PID",
        "LISTEN_FDS",
        "LISTEN_FDNAMES",
        "NOTIFY_SOCKET",
        "WATCHDOG_PID",
        "WATCHDOG_USEC",
    ];

    pub(super) fn inherited() -> Result<Inherited, InheritedError> {
        static TAKEN: AtomicBool = AtomicBool::new(false);
        if TAKEN.swap(true, Ordering::AcqRel) {
            return Ok(Inherited::default());
        }
        let pid = std::process::id();
        let notifier = Notifier::from_environment(pid, |name| env::var_os(name));
        let count = count(pid, |name| env::var_os(name));
        forget_variables();
        let listener = match count? {
            0 => None,
            1 => Some(adopt(take(FIRST)?)?),
            several => return Err(InheritedError::Several(several)),
        };
        Ok(Inherited {
            listener,
            notifier: notifier?,
        })
    }

    /// How many descriptors are for process `pid`.
    pub(super) fn count(
        pid: u32,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> io::Result<usize> {
        let Some(for_whom) = variable("LISTEN_PID") else {
            return Ok(0);
        };
        let number = |text: OsString| text.to_str()?.parse::<u32>().ok();
        // A parent that was started by a manager left its variables: not for us.
        if number(for_whom) != Some(pid) {
            return Ok(0);
        }
        let count = variable("LISTEN_FDS").and_then(number);
        let count = count.and_then(|count| usize::try_from(count).ok());
        count.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "LISTEN_FDS is no number"))
    }

    /// Owns descriptor `number`, if it is open.
    fn take(number: RawFd) -> io::Result<OwnedFd> {
        // SAFETY: only asked whether it is open, which is also what makes the next step sound.
        fcntl_getfd(unsafe { BorrowedFd::borrow_raw(number) })?;
        // SAFETY: it is open; the manager gave it to this process, and nobody else takes it: it is
        // named by LISTEN_PID and LISTEN_FDS, and this runs once.
        Ok(unsafe { OwnedFd::from_raw_fd(number) })
    }

    /// Keeps the variables from programs that this one starts.
    fn forget_variables() {
        let threads = fs::read_dir("/proc/self/task").map(Iterator::count);
        if !threads.is_ok_and(|count| count == 1) {
            return;
        }
        for name in VARIABLES {
            // SAFETY: this is the only thread, so nobody reads the environment meanwhile.
            unsafe { env::remove_var(name) };
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::net::{UnixDatagram, UnixStream};

    use super::*;

    #[test]
    fn descriptors_count_only_for_the_process_that_they_are_meant_for() {
        let count = |pid: Option<&str>, fds: Option<&str>| {
            let get = |name: &str| match name {
                "LISTEN_PID" => pid.map(OsString::from),
                "LISTEN_FDS" => fds.map(OsString::from),
                _ => None,
            };
            linux::count(7, get).ok()
        };
        assert_eq!(count(Some("7"), Some("1")), Some(1));
        assert_eq!(count(Some("7"), Some("0")), Some(0));
        assert_eq!(count(Some("8"), Some("1")), Some(0), "our parent's");
        assert_eq!(count(Some("x"), Some("1")), Some(0));
        assert_eq!(count(None, Some("1")), Some(0));
        for fds in [None, Some("x"), Some("-1"), Some("4294967296")] {
            assert_eq!(count(Some("7"), fds), None, "{fds:?}");
        }
    }

    #[test]
    fn only_a_listening_stream_socket_of_this_computer_is_adopted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let bound = UnixListener::bind(&path).unwrap();
        let fd = OwnedFd::from(bound);
        fcntl_setfd(&fd, FdFlags::empty()).unwrap();
        let listener = adopt(fd).unwrap();
        assert_eq!(fcntl_getfd(&listener).unwrap(), FdFlags::CLOEXEC);
        let refused = listener.accept().unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock, "does not block");
        UnixStream::connect(&path).unwrap();
        listener.accept().unwrap();

        let (stream, _other) = UnixStream::pair().unwrap();
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let file = tempfile::tempfile().unwrap();
        for (what, fd) in [
            ("a stream that does not listen", OwnedFd::from(stream)),
            ("datagrams", UnixDatagram::unbound().unwrap().into()),
            ("of the network", tcp.into()),
            ("a file", file.into()),
        ] {
            assert!(matches!(adopt(fd), Err(InheritedError::Kind)), "{what}");
        }
    }
}
