//! `sendmmsg(2)` and `recvmmsg(2)` with the control messages of UDP segmentation.
//!
//! Both are called as the kernel has them: musl's `sendmmsg` would send one datagram after the other, and the
//! lengths in its `msghdr`, which are shorter, lie in the kernel's beside zeros.

mod control;
mod incoming;
mod outgoing;

use std::io;
use std::net::UdpSocket;

use rustix::io::Errno;
use rustix::net::sockopt;

pub(crate) use self::incoming::Incoming;
pub(crate) use self::outgoing::Outgoing;
use crate::Offload;

/// Linux cuts a buffer into datagrams since 4.18.
pub(crate) const CAN_SEGMENT: bool = true;

/// Whether `error` says that the buffer must be cut by us: the path or the interface cannot, or
/// the kernel does not know how.
pub(crate) fn refuses_segments(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    errno.is_some_and(|errno| {
        may_pass(errno)
            || matches!(
                errno,
                Errno::IO | Errno::OPNOTSUPP | Errno::NOPROTOOPT | Errno::NOSYS
            )
    })
}

/// Whether what was refused may be granted another time, when the path is another.
pub(crate) fn may_segment_later(error: &io::Error) -> bool {
    Errno::from_io_error(error).is_some_and(may_pass)
}

/// A datagram is longer than the path takes in one piece; older kernels say that it is invalid.
const fn may_pass(errno: Errno) -> bool {
    matches!(errno, Errno::MSGSIZE | Errno::INVAL)
}

/// Asks for the traffic class of each datagram and, if wanted, for several at once.
pub(crate) fn prepare(socket: &UdpSocket, offload: Offload) {
    let v4 = socket.local_addr().is_ok_and(|address| address.is_ipv4());
    let told = if v4 {
        sockopt::set_ip_recvtos(socket, true)
    } else {
        sockopt::set_ipv6_recvtclass(socket, true)
    };
    if let Err(error) = told {
        tracing::debug!(%error, "congestion marks of the outer header stay unknown");
    }
    if offload == Offload::Auto
        && let Err(error) = incoming::join_datagrams(socket)
    {
        tracing::info!(%error, "the system does not put datagrams together; they come one by one");
    }
}
