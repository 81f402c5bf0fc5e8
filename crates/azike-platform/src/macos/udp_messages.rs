//! `sendmsg_x` and `recvmsg_x`: many datagrams with one system call, where the system has them.
//!
//! Apple exports both and documents neither, so they are looked up while running; without them, or when
//! they refuse, datagrams go one by one. (Type-checked only: no Mac has run this yet.)

mod incoming;
mod outgoing;
mod x;

use std::io;
use std::net::UdpSocket;

pub(crate) use self::incoming::Incoming;
pub(crate) use self::outgoing::Outgoing;
use crate::Offload;

/// The kernel cuts no buffer.
pub(crate) const CAN_SEGMENT: bool = false;

/// Nothing is segmented, so nothing is refused.
pub(crate) const fn refuses_segments(_: &io::Error) -> bool {
    false
}

/// As above.
pub(crate) const fn may_segment_later(_: &io::Error) -> bool {
    false
}

/// Nothing to ask for: the traffic class is not told here.
pub(crate) const fn prepare(_: &UdpSocket, _: Offload) {}
