//! The tun interface: bare IP packets to and from the kernel.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::Offload;

/// Why a tun interface could not be had.
#[derive(Debug, thiserror::Error)]
pub enum TunError {
    /// Making one needs root, or on Linux `CAP_NET_ADMIN`.
    #[cfg_attr(
        target_os = "linux",
        error("no permission to create a tun interface; root or CAP_NET_ADMIN is needed")
    )]
    #[cfg_attr(
        not(target_os = "linux"),
        error("no permission to create a utun interface; root is needed")
    )]
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
    /// Anything else.
    #[error("cannot create a tun interface")]
    Io(#[from] io::Error),
}

/// What the system may put together into one super-packet, of up to 64 KiB, and take as one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SuperPackets {
    /// Nothing: every packet is by itself, and nothing is before it.
    None,
    /// TCP segments.
    Tcp,
    /// TCP segments and UDP datagrams.
    TcpAndUdp,
}

/// The length of what is before each packet of a device with [`SuperPackets`] (`struct virtio_net_hdr`),
/// in octets.
pub const TUN_HEADER: usize = 10;

/// How the names of our interfaces begin.
#[cfg(target_os = "linux")]
pub(crate) const NAME_PREFIX: &str = "azike";
#[cfg(not(target_os = "linux"))]
use crate::xnu::utun::PREFIX as NAME_PREFIX;

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
    super_packets: SuperPackets,
    /// Says in this process that the interface is ours.
    #[cfg(not(target_os = "linux"))]
    _held: crate::macos::Held,
}

impl TunDevice {
    /// Makes a new interface with the first free name of `azike0`, `azike1`, … (on a Mac `utun0`, `utun1`, …);
    /// every packet by itself.
    pub fn create() -> Result<Self, TunError> {
        Self::create_offloading(Offload::Off)
    }

    /// The same, with as much left to the system as `offload` allows and the system can:
    /// [`super_packets`](Self::super_packets) says what that is.
    pub fn create_offloading(offload: Offload) -> Result<Self, TunError> {
        create(&format!("{NAME_PREFIX}%d"), offload)
    }

    /// Makes a new interface called `name`. A percent sign followed by `d` in
    /// it becomes the first free number. On a Mac `name` is `utun7` or `utun%d`,
    /// and no other can be had.
    pub fn create_named(name: &str, offload: Offload) -> Result<Self, TunError> {
        let bad = |c: char| c == '/' || c == ':' || c.is_whitespace() || c.is_control();
        if name.is_empty() || name.len() > 15 || name == "." || name == ".." || name.contains(bad) {
            return Err(TunError::BadName(name.to_owned()));
        }
        create(name, offload)
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn from_parts(
        fd: OwnedFd,
        (name, index): (String, u32),
        super_packets: SuperPackets,
    ) -> Self {
        Self {
            fd,
            name,
            index,
            super_packets,
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn from_utun(fd: OwnedFd, name: String, index: u32) -> Self {
        Self {
            fd,
            _held: crate::macos::Held::new(&name, index),
            name,
            index,
            super_packets: SuperPackets::None,
        }
    }

    /// The name of the interface.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of the interface; Linux never uses it again until restart, a Mac does.
    pub const fn index(&self) -> u32 {
        self.index
    }

    /// What the system may put together, and what it takes.
    pub const fn super_packets(&self) -> SuperPackets {
        self.super_packets
    }

    /// Reads one IP packet, or super-packet, and returns its length. `header` becomes what the system
    /// says about it, zeros if it says nothing.
    ///
    /// A packet longer than `packet` is cut off, so give at least the MTU, 65 535 octets with
    /// super-packets. `WouldBlock` when there is none: wait with `poll(2)`.
    pub fn read_packet(
        &self,
        header: &mut [u8; TUN_HEADER],
        packet: &mut [u8],
    ) -> io::Result<usize> {
        if self.super_packets == SuperPackets::None {
            *header = [0; TUN_HEADER];
            return read_alone(&self.fd, packet);
        }
        let mut parts = [IoSliceMut::new(header), IoSliceMut::new(packet)];
        let read = rustix::io::retry_on_intr(|| rustix::io::readv(&self.fd, &mut parts))?;
        read.checked_sub(TUN_HEADER)
            .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Writes one whole IP packet, or a super-packet, that lies in pieces; the first of `parts` is the
    /// header, which a device without super-packets does not get.
    ///
    /// `InvalidInput` if it does not begin like an IPv4 or IPv6 packet, or if the header does not fit it;
    /// [`io::ErrorKind::WouldBlock`] if the kernel has no room for it now.
    pub fn write_packet(&self, parts: &[IoSlice<'_>]) -> io::Result<()> {
        if let (SuperPackets::None, [_, packet @ ..]) = (self.super_packets, parts) {
            return write_alone(&self.fd, packet);
        }
        rustix::io::retry_on_intr(|| rustix::io::writev(&self.fd, parts))?;
        Ok(())
    }
}

impl AsFd for TunDevice {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

#[cfg(target_os = "linux")]
fn create(name: &str, offload: Offload) -> Result<TunDevice, TunError> {
    crate::linux::create_tun(name, offload)
}

#[cfg(not(target_os = "linux"))]
fn create(name: &str, _: Offload) -> Result<TunDevice, TunError> {
    crate::macos::create_tun(name)
}

/// A packet without a header before it.
#[cfg(target_os = "linux")]
fn read_alone(fd: &OwnedFd, packet: &mut [u8]) -> io::Result<usize> {
    let read = rustix::io::retry_on_intr(|| rustix::io::read(fd, &mut *packet))?;
    Ok(read)
}

#[cfg(target_os = "linux")]
fn write_alone(fd: &OwnedFd, packet: &[IoSlice<'_>]) -> io::Result<()> {
    rustix::io::retry_on_intr(|| rustix::io::writev(fd, packet))?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
use crate::macos::{read_packet as read_alone, write_packet as write_alone};

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
            let result = TunDevice::create_named(name, Offload::Auto);
            assert!(matches!(result, Err(TunError::BadName(bad)) if bad == name));
        }
    }
}
