//! A netlink socket, and what its errors mean.

use std::io;

use rtnetlink::Handle;
use rustix::io::Errno;
use tokio::task::JoinHandle;

use crate::SystemError;

/// An open netlink socket of the namespace of the thread that opened it.
#[derive(Debug)]
pub(super) struct Netlink {
    pub(super) handle: Handle,
    task: JoinHandle<()>,
}

impl Netlink {
    pub(super) fn open() -> io::Result<Self> {
        let (connection, handle, _) = rtnetlink::new_connection()?;
        let task = tokio::spawn(connection);
        Ok(Self { handle, task })
    }
}

impl Drop for Netlink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The number of the kernel's error; none if it did not come from the kernel.
pub(super) fn errno(error: &rtnetlink::Error) -> Option<Errno> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "only one variant comes from the kernel"
    )]
    match error {
        rtnetlink::Error::NetlinkError(message) => Errno::from_io_error(&message.to_io()),
        _ => None,
    }
}

/// Whether the thing to be removed, or to be looked at, is not there.
pub(super) fn is_gone(errno: Errno) -> bool {
    const GONE: [Errno; 6] = [
        Errno::SRCH,
        Errno::NODEV,
        Errno::NXIO,
        Errno::NOENT,
        Errno::ADDRNOTAVAIL,
        Errno::NETUNREACH,
    ];
    GONE.contains(&errno)
}

/// The error for our callers.
pub(super) fn sort(error: &rtnetlink::Error) -> SystemError {
    match errno(error) {
        Some(Errno::PERM | Errno::ACCESS) => SystemError::NoPermission,
        Some(errno) => SystemError::Io(errno.into()),
        None => SystemError::Io(io::Error::other(error.to_string())),
    }
}
