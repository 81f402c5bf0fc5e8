//! Datagrams out, `sendmsg_x` first.

#![expect(unsafe_code, reason = "headers with pointers")]

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::ptr;

use socket2::SockAddr;

use super::x::{self, Header, MESSAGES};
use crate::udp_batch::{Datagrams, Unsent};

/// The headers of one call, used again and again.
pub(crate) struct Outgoing {
    headers: Box<[Header; MESSAGES]>,
    pieces: Box<[libc::iovec; MESSAGES]>,
    one_by_one: bool,
}

// SAFETY: the pointers are set anew by each call, to what it borrows and to `pieces`, and followed by nobody
// after it.
unsafe impl Send for Outgoing {}

impl Outgoing {
    pub(crate) fn new() -> Self {
        let piece = libc::iovec {
            iov_base: ptr::null_mut(),
            iov_len: 0,
        };
        Self {
            headers: Box::new([Header::NONE; MESSAGES]),
            pieces: Box::new([piece; MESSAGES]),
            one_by_one: x::SEND.is_none(),
        }
    }

    /// No kernel of Apple's does this.
    #[expect(clippy::unused_self, reason = "the same face as on Linux")]
    pub(crate) fn send_segments(
        &mut self,
        _: &UdpSocket,
        _: SocketAddr,
        _: u8,
        _: Datagrams<'_>,
    ) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn send(
        &mut self,
        socket: &UdpSocket,
        to: SocketAddr,
        _: u8,
        datagrams: Datagrams<'_>,
    ) -> Result<(), Unsent> {
        let mut sent = 0;
        while sent < datagrams.count() {
            let left = datagrams.after(sent);
            let done = if self.one_by_one || left.count() == 1 {
                let first = left.first().unwrap_or_default();
                socket.send_to(first, to).map(|_| 1)
            } else {
                self.call(socket, to, left)
            };
            match done {
                Ok(count) if count > 0 => sent += count,
                Ok(_) => self.one_by_one = true,
                Err(error) if is_refusal(&error) && !self.one_by_one => self.one_by_one = true,
                Err(error) => return Err(Unsent { sent, error }),
            }
        }
        Ok(())
    }

    /// One call. An error may hide that some went out; ESP packets that come twice are dropped.
    fn call(
        &mut self,
        socket: &UdpSocket,
        to: SocketAddr,
        datagrams: Datagrams<'_>,
    ) -> io::Result<usize> {
        let Some(send) = *x::SEND else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let to = SockAddr::from(to);
        let mut count = 0;
        let messages = self.headers.iter_mut().zip(self.pieces.iter_mut());
        for ((header, piece), octets) in messages.zip(datagrams.octets().chunks(datagrams.each())) {
            // The kernel writes to neither: const pointers in all but name.
            piece.iov_base = octets.as_ptr().cast_mut().cast();
            piece.iov_len = octets.len();
            *header = Header {
                name: to.as_ptr().cast_mut().cast(),
                name_length: to.len(),
                pieces: piece,
                piece_count: 1,
                ..Header::NONE
            };
            count += 1;
        }
        // SAFETY: the first `count` headers were filled just above; address and octets are borrowed until after
        // the call, the pieces are our own.
        unsafe { x::call(send, socket.as_raw_fd(), &mut self.headers, count) }
    }
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outgoing")
    }
}

/// The system has the function and does not want it used like this.
fn is_refusal(error: &io::Error) -> bool {
    let refusals = [libc::EINVAL, libc::ENOSYS, libc::EOPNOTSUPP, libc::EPERM];
    error
        .raw_os_error()
        .is_some_and(|errno| refusals.contains(&errno))
}
