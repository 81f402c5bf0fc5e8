//! What the data path needs of a tun device.

use std::fmt;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd as _, BorrowedFd};

use azike_platform::{SuperPackets, TUN_HEADER, TunDevice};

/// A device of IP packets that does not block.
///
/// The real one is [`TunDevice`]; in tests a pair of sockets stands in for it.
pub trait PacketDevice: fmt::Debug + Send + Sync {
    /// What to wait on with `poll(2)`.
    fn descriptor(&self) -> BorrowedFd<'_>;

    /// What may come together, and what may be written together.
    fn super_packets(&self) -> SuperPackets;

    /// Reads one IP packet, or super-packet, of the host and returns its length in octets; `header` becomes
    /// what the host says about it, zeros without super-packets.
    fn read_packet(&self, header: &mut [u8; TUN_HEADER], packet: &mut [u8]) -> io::Result<usize>;

    /// Hands one IP packet, or super-packet, to the host. The first of `parts` is the header, the packet
    /// lies in the others.
    fn write_packet(&self, parts: &[IoSlice<'_>]) -> io::Result<()>;
}

impl PacketDevice for TunDevice {
    fn descriptor(&self) -> BorrowedFd<'_> {
        self.as_fd()
    }

    fn super_packets(&self) -> SuperPackets {
        Self::super_packets(self)
    }

    fn read_packet(&self, header: &mut [u8; TUN_HEADER], packet: &mut [u8]) -> io::Result<usize> {
        Self::read_packet(self, header, packet)
    }

    fn write_packet(&self, parts: &[IoSlice<'_>]) -> io::Result<()> {
        Self::write_packet(self, parts)
    }
}
