//! Datagrams in, `recvmsg_x` first.

#![expect(unsafe_code, reason = "headers with pointers")]

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::ptr;

use socket2::SockAddrStorage;

use super::x::{self, Header, MESSAGES};
use crate::udp_batch::Received;

/// The longest datagram.
const SLOT: usize = 65_535;

/// From slot to slot. Pages that nothing is ever written to take no memory. Not a multiple of 4096, or
/// all slots would begin in the same lines of the cache.
const STEP: usize = SLOT + 1 + 2112;

/// The slots, and what is needed to fill them.
pub(crate) struct Incoming {
    buffer: Box<[u8]>,
    headers: Box<[Header; MESSAGES]>,
    pieces: Box<[libc::iovec; MESSAGES]>,
    senders: Vec<SockAddrStorage>,
    received: Vec<Received>,
    one_by_one: bool,
}

impl Incoming {
    pub(crate) fn new() -> Self {
        let piece = libc::iovec {
            iov_base: ptr::null_mut(),
            iov_len: 0,
        };
        Self {
            buffer: vec![0; MESSAGES * STEP].into_boxed_slice(),
            headers: Box::new([Header::NONE; MESSAGES]),
            pieces: Box::new([piece; MESSAGES]),
            senders: (0..MESSAGES).map(|_| SockAddrStorage::zeroed()).collect(),
            received: Vec::with_capacity(MESSAGES),
            one_by_one: x::RECEIVE.is_none(),
        }
    }

    pub(crate) fn receive(&mut self, socket: &UdpSocket) -> io::Result<(&mut [u8], &[Received])> {
        self.received.clear();
        if !self.one_by_one {
            match self.call(socket) {
                Err(error) if error.raw_os_error() == Some(libc::EINVAL) => self.one_by_one = true,
                Err(error) => return Err(error),
                Ok(()) => {}
            }
        }
        if self.one_by_one {
            let room = self.buffer.get_mut(..SLOT).unwrap_or_default();
            let (length, from) = socket.recv_from(room)?;
            self.received.push(received(0, length, from));
        }
        Ok((&mut self.buffer, &self.received))
    }

    fn call(&mut self, socket: &UdpSocket) -> io::Result<()> {
        let Some(receive) = *x::RECEIVE else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let slots = self.headers.iter_mut().zip(self.pieces.iter_mut());
        let slots = slots.zip(self.senders.iter_mut().zip(self.buffer.chunks_mut(STEP)));
        for ((header, piece), (sender, octets)) in slots {
            piece.iov_base = octets.as_mut_ptr().cast();
            piece.iov_len = SLOT;
            *header = Header {
                name: ptr::from_mut(sender).cast(),
                name_length: sender.size_of(),
                pieces: piece,
                piece_count: 1,
                ..Header::NONE
            };
        }
        // SAFETY: the headers were filled just above with pointers into boxes that we own and the lengths of
        // what they point to; a slot has SLOT octets and more.
        let count = unsafe { x::call(receive, socket.as_raw_fd(), &mut self.headers, MESSAGES) }?;
        for (slot, header) in self.headers.iter().take(count).enumerate() {
            let sender = self.senders.get(slot).and_then(address);
            let from = sender.ok_or(io::ErrorKind::AddrNotAvailable)?;
            self.received
                .push(received(slot * STEP, header.data_length.min(SLOT), from));
        }
        Ok(())
    }
}

/// One datagram; its traffic class is not known.
fn received(at: usize, length: usize, from: SocketAddr) -> Received {
    Received {
        at,
        length,
        each: length.max(1),
        from,
        traffic_class: 0,
    }
}

fn address(sender: &SockAddrStorage) -> Option<SocketAddr> {
    // SAFETY: plain octets, borrowed from a whole one.
    let copy = unsafe { ptr::from_ref(sender).read() };
    // SAFETY: it is as long as it says, and the kernel wrote an address of the socket's family into it.
    let address = unsafe { socket2::SockAddr::new(copy, sender.size_of()) };
    address.as_socket()
}
