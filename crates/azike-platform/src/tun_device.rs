//! The tun interface: bare IP packets to and from the kernel.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Why a tun interface could not be had.
#[derive(Debug, thiserror::Error)]
pub enum TunError {
    /// Making one needs root or `CAP_NET_ADMIN`.
    #[error("no permission to create a tun interface; root or CAP_NET_ADMIN is needed")]
    NoPermission,
    /// `/dev/net/tun` is missing: the kernel module `tun` is not there, or the
    /// container was not given the device.
    #[error("/dev/net/tun is missing; the kernel module tun is needed")]
    NoTunDevice,
    /// Another program holds the interface of that name.
    #[error("the interface {0} is used by another program")]
    NameTaken(String),
    /// The name is empty, longer than 15 octets, or has a slash or a space.
    #[error("{0:?} cannot be the name of an interface")]
    BadName(String),
    /// This build runs on a system without a tun implementation yet.
    #[error("this build cannot bring up tunnels on a Mac yet")]
    NotSupportedYet,
    /// Anything else.
    #[error("cannot create a tun interface")]
    Io(#[from] io::Error),
}

/// How the names of our interfaces begin.
pub(crate) const NAME_PREFIX: &str = "azike";

/// A tun interface. It lives as long as its descriptor: dropping it removes
/// the interface with its addresses and routes, and so does SIGKILL.
///
/// The descriptor is non-blocking and close-on-exec. Reads and writes take
/// `&self`, so one thread may read while another writes.
#[derive(Debug)]
pub struct TunDevice {
    fd: OwnedFd,
    name: String,
    index: u32,
}

impl TunDevice {
    /// Makes a new interface with the first free name of `azike0`, `azike1`, …
    pub fn create() -> Result<Self, TunError> {
        create(&format!("{NAME_PREFIX}%d"))
    }

    /// Makes a new interface called `name`. A percent sign followed by `d` in
    /// it becomes the first free number.
    pub fn create_named(name: &str) -> Result<Self, TunError> {
        let bad = |c: char| c == '/' || c == ':' || c.is_whitespace() || c.is_control();
        if name.is_empty() || name.len() > 15 || name == "." || name == ".." || name.contains(bad) {
            return Err(TunError::BadName(name.to_owned()));
        }
        create(name)
    }

    #[cfg(target_os = "linux")]
    pub(crate) const fn from_parts(fd: OwnedFd, name: String, index: u32) -> Self {
        Self { fd, name, index }
    }

    /// The name of the interface.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of the interface, never used again by the kernel until restart.
    pub const fn index(&self) -> u32 {
        self.index
    }

    /// Reads one IP packet, without any header before it; returns its length.
    ///
    /// A packet longer than `packet` is cut off, so give at least the MTU.
    /// `WouldBlock` when there is none: wait with `poll(2)`.
    pub fn read_packet(&self, packet: &mut [u8]) -> io::Result<usize> {
        let read = rustix::io::retry_on_intr(|| rustix::io::read(&self.fd, &mut *packet))?;
        Ok(read)
    }

    /// Writes one whole IP packet; returns its length.
    ///
    /// `InvalidInput` if it does not begin like an IPv4 or IPv6 packet;
    /// [`io::ErrorKind::WouldBlock`] if the kernel has no room for it now.
    pub fn write_packet(&self, packet: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::retry_on_intr(|| {
            rustix::io::write(&self.fd, packet)
        })?)
    }
}

impl AsFd for TunDevice {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

#[cfg(target_os = "linux")]
fn create(name: &str) -> Result<TunDevice, TunError> {
    crate::linux::create_tun(name)
}

#[cfg(not(target_os = "linux"))]
fn create(_: &str) -> Result<TunDevice, TunError> {
    Err(TunError::NotSupportedYet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_no_interface_can_have_is_refused_before_the_kernel_is_asked() {
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "a b",
            "a:1",
            "sixteen-octets-x",
            "a\n",
        ] {
            let result = TunDevice::create_named(name);
            assert!(matches!(result, Err(TunError::BadName(bad)) if bad == name));
        }
    }
}
