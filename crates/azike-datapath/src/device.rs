//! What the data path needs of a tun device.

use std::fmt;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};

use azike_platform::TunDevice;

/// A device of bare IP packets that does not block.
///
/// The real one is [`TunDevice`]; in tests a pair of sockets stands in for it.
pub trait PacketDevice: fmt::Debug + Send + Sync {
    /// What to wait on with `poll(2)`.
    fn descriptor(&self) -> BorrowedFd<'_>;

    /// Reads one IP packet of the host and returns its length in octets.
    fn read_packet(&self, packet: &mut [u8]) -> io::Result<usize>;

    /// Hands one IP packet to the host.
    fn write_packet(&self, packet: &[u8]) -> io::Result<usize>;
}

impl PacketDevice for TunDevice {
    fn descriptor(&self) -> BorrowedFd<'_> {
        self.as_fd()
    }

    fn read_packet(&self, packet: &mut [u8]) -> io::Result<usize> {
        Self::read_packet(self, packet)
    }

    fn write_packet(&self, packet: &[u8]) -> io::Result<usize> {
        Self::write_packet(self, packet)
    }
}
