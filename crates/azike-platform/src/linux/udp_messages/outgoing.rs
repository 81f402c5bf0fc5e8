//! One buffer as one segmented send, or as many messages of one `sendmmsg(2)`.

#![expect(unsafe_code, reason = "neither rustix nor std has sendmmsg")]

use std::io;
use std::mem;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::ptr;

use socket2::SockAddr;

use super::control::{Control, to_field};
use crate::udp_batch::{Datagrams, MOST_SEGMENTS, Unsent};

/// The headers of as many messages as one call sends; used again for each call.
pub(crate) struct Outgoing {
    headers: Box<[libc::mmsghdr; MOST_SEGMENTS]>,
    pieces: Box<[libc::iovec; MOST_SEGMENTS]>,
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
            headers: Box::new([no_message(); MOST_SEGMENTS]),
            pieces: Box::new([piece; MOST_SEGMENTS]),
        }
    }

    /// Lets the kernel cut `datagrams`.
    pub(crate) fn send_segments(
        &mut self,
        socket: &UdpSocket,
        to: SocketAddr,
        traffic_class: u8,
        datagrams: Datagrams<'_>,
    ) -> io::Result<()> {
        let mut control = class(to, traffic_class);
        let each = u16::try_from(datagrams.each()).map_err(|_| io::ErrorKind::InvalidInput)?;
        control.put(libc::SOL_UDP, libc::UDP_SEGMENT, &each.to_ne_bytes());
        let whole = Datagrams::new(datagrams.octets(), datagrams.octets().len());
        let sent = self.call(socket, to, &control, whole);
        sent.map(drop)
    }

    /// Sends `datagrams` as they are, with as few calls as there can be.
    pub(crate) fn send(
        &mut self,
        socket: &UdpSocket,
        to: SocketAddr,
        traffic_class: u8,
        datagrams: Datagrams<'_>,
    ) -> Result<(), Unsent> {
        let control = class(to, traffic_class);
        let mut sent = 0;
        while sent < datagrams.count() {
            match self.call(socket, to, &control, datagrams.after(sent)) {
                Ok(count) => sent += count,
                Err(error) => return Err(Unsent { sent, error }),
            }
        }
        Ok(())
    }

    /// One call; how many datagrams went out, at least one.
    fn call(
        &mut self,
        socket: &UdpSocket,
        to: SocketAddr,
        control: &Control,
        datagrams: Datagrams<'_>,
    ) -> io::Result<usize> {
        let to = SockAddr::from(to);
        let messages = self.headers.iter_mut().zip(self.pieces.iter_mut());
        let octets = datagrams.octets().chunks(datagrams.each());
        let mut count = 0;
        for ((header, piece), octets) in messages.zip(octets) {
            // The kernel writes to neither: const pointers in all but name.
            piece.iov_base = octets.as_ptr().cast_mut().cast();
            piece.iov_len = octets.len();
            let header = &mut header.msg_hdr;
            header.msg_name = to.as_ptr().cast_mut().cast();
            header.msg_namelen = to.len();
            header.msg_iov = piece;
            header.msg_iovlen = 1;
            header.msg_control = if control.used == 0 {
                ptr::null_mut()
            } else {
                control.octets.as_ptr().cast_mut().cast()
            };
            header.msg_controllen = to_field(control.used);
            count += 1;
        }
        let (headers, flags) = (self.headers.as_mut_ptr(), libc::MSG_DONTWAIT);
        // SAFETY: the first `count` headers were filled just above; address, control and octets are
        // borrowed until after the call, the pieces are our own.
        let sent = unsafe {
            libc::syscall(
                libc::SYS_sendmmsg,
                socket.as_raw_fd(),
                headers,
                count,
                flags,
            )
        };
        match usize::try_from(sent) {
            Ok(0) => Err(io::ErrorKind::WriteZero.into()),
            Ok(sent) => Ok(sent),
            Err(_) => Err(io::Error::last_os_error()),
        }
    }
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outgoing")
    }
}

/// The control message of the traffic class; none for 0, which is what the socket says anyway.
fn class(to: SocketAddr, traffic_class: u8) -> Control {
    let mut control = Control::new();
    if traffic_class != 0 {
        let (level, kind) = match to {
            SocketAddr::V4(_) => (libc::IPPROTO_IP, libc::IP_TOS),
            SocketAddr::V6(_) => (libc::IPPROTO_IPV6, libc::IPV6_TCLASS),
        };
        control.put(level, kind, &i32::from(traffic_class).to_ne_bytes());
    }
    control
}

/// A header that points nowhere.
pub(super) fn no_message() -> libc::mmsghdr {
    // SAFETY: numbers and pointers only; zero and null are what an unused header has.
    unsafe { mem::zeroed() }
}
