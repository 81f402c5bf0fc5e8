//! Datagrams by `recvmmsg(2)`, put together by the kernel (`UDP_GRO`) or one in each slot.

#![expect(unsafe_code, reason = "neither rustix nor std has recvmmsg")]

use std::io;
use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::ptr;

use super::control::{Control, ROOM, from_field, to_field};
use super::outgoing::no_message;
use crate::udp_batch::Received;

/// How many slots there are at most.
const SLOTS: usize = 32;

/// The longest that fits into a slot: the kernel puts no more together, and no datagram is longer.
const SLOT: usize = 65_535;

/// From slot to slot. Pages that nothing is ever written to take no memory. Not a multiple of 4096, or
/// all slots would begin in the same lines of the cache.
const STEP: usize = SLOT + 1 + 2112;

/// The slots, and what is needed to fill them.
pub(crate) struct Incoming {
    buffer: Box<[u8]>,
    headers: Box<[libc::mmsghdr; SLOTS]>,
    pieces: Box<[libc::iovec; SLOTS]>,
    senders: Box<[libc::sockaddr_storage; SLOTS]>,
    controls: Box<[Control; SLOTS]>,
    received: Vec<Received>,
    /// How many slots to offer in the next call. What the kernel puts together fits into one, and more would
    /// only spread it over more memory than the cache holds.
    slots: usize,
}

impl Incoming {
    pub(crate) fn new() -> Self {
        let piece = libc::iovec {
            iov_base: ptr::null_mut(),
            iov_len: 0,
        };
        // SAFETY: numbers only; zero is an address of no family.
        let sender: libc::sockaddr_storage = unsafe { mem::zeroed() };
        Self {
            buffer: vec![0; SLOTS * STEP].into_boxed_slice(),
            headers: Box::new([no_message(); SLOTS]),
            pieces: Box::new([piece; SLOTS]),
            senders: Box::new([sender; SLOTS]),
            controls: Box::new([Control::new(); SLOTS]),
            received: Vec::with_capacity(SLOTS),
            slots: 1,
        }
    }

    pub(crate) fn receive(&mut self, socket: &UdpSocket) -> io::Result<(&mut [u8], &[Received])> {
        self.received.clear();
        let count = self.call(socket)?;
        for slot in 0..count {
            let received = self.read(slot).ok_or(io::ErrorKind::AddrNotAvailable)?;
            self.received.push(received);
        }
        self.adapt();
        Ok((&mut self.buffer, &self.received))
    }

    /// One call; how many slots it filled.
    fn call(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        let slots = self.headers.iter_mut().zip(self.pieces.iter_mut());
        let slots = slots.zip(self.senders.iter_mut().zip(self.controls.iter_mut()));
        let slots = slots.zip(self.buffer.chunks_mut(STEP)).take(self.slots);
        let mut count = 0;
        for (((header, piece), (sender, control)), octets) in slots {
            piece.iov_base = octets.as_mut_ptr().cast();
            piece.iov_len = SLOT;
            let header = &mut header.msg_hdr;
            header.msg_name = ptr::from_mut(sender).cast();
            header.msg_namelen = socklen::<libc::sockaddr_storage>();
            header.msg_iov = piece;
            header.msg_iovlen = 1;
            header.msg_control = control.octets.as_mut_ptr().cast();
            header.msg_controllen = to_field(ROOM);
            header.msg_flags = 0;
            count += 1;
        }
        let (headers, flags) = (self.headers.as_mut_ptr(), libc::MSG_DONTWAIT);
        let (call, forever) = (libc::SYS_recvmmsg, ptr::null_mut::<libc::timespec>());
        // SAFETY: the first `count` headers were filled just above with pointers into boxes that we own
        // and the lengths of what they point to; a slot has SLOT octets and more.
        let filled =
            unsafe { libc::syscall(call, socket.as_raw_fd(), headers, count, flags, forever) };
        usize::try_from(filled).map_err(|_| io::Error::last_os_error())
    }

    fn read(&self, slot: usize) -> Option<Received> {
        let header = self.headers.get(slot)?;
        let control = self.controls.get(slot)?;
        let length = usize::try_from(header.msg_len).ok()?;
        let (mut each, mut traffic_class) = (length, 0);
        let filled = from_field(header.msg_hdr.msg_controllen);
        for (level, kind, data) in control.messages(filled) {
            match (level, kind) {
                (libc::SOL_UDP, libc::UDP_GRO) => {
                    let said = i32::from_ne_bytes(*data.first_chunk()?);
                    each = usize::try_from(said).unwrap_or(length);
                }
                // IPv4 sends an octet, IPv6 an int.
                (libc::IPPROTO_IP, libc::IP_TOS) => traffic_class = *data.first()?,
                (libc::IPPROTO_IPV6, libc::IPV6_TCLASS) => {
                    [traffic_class, ..] = i32::from_ne_bytes(*data.first_chunk()?).to_le_bytes();
                }
                _ => {}
            }
        }
        Some(Received {
            at: slot * STEP,
            length,
            each: each.clamp(1, length.max(1)),
            from: address(self.senders.get(slot)?)?,
            traffic_class,
        })
    }

    /// Many single datagrams want more slots, and what comes put together wants one.
    fn adapt(&mut self) {
        let together = self.received.iter().any(|it| it.each < it.length);
        self.slots = if together {
            1
        } else if self.received.len() == self.slots {
            (self.slots * 2).min(SLOTS)
        } else {
            self.received.len().next_power_of_two()
        };
    }
}

fn socklen<T>() -> libc::socklen_t {
    libc::socklen_t::try_from(size_of::<T>()).unwrap_or(0)
}

fn address(sender: &libc::sockaddr_storage) -> Option<SocketAddr> {
    match i32::from(sender.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says what it is, and the storage is large enough and aligned for it.
            let v4: &libc::sockaddr_in = unsafe { &*ptr::from_ref(sender).cast() };
            let address = Ipv4Addr::from_bits(u32::from_be(v4.sin_addr.s_addr));
            Some((address, u16::from_be(v4.sin_port)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let v6: &libc::sockaddr_in6 = unsafe { &*ptr::from_ref(sender).cast() };
            let address = Ipv6Addr::from(v6.sin6_addr.s6_addr);
            let port = u16::from_be(v6.sin6_port);
            let (flow, scope) = (v6.sin6_flowinfo, v6.sin6_scope_id);
            Some(std::net::SocketAddrV6::new(address, port, flow, scope).into())
        }
        _ => None,
    }
}

/// Lets the kernel hand over several datagrams of one sender at once.
pub(super) fn join_datagrams(socket: &UdpSocket) -> io::Result<()> {
    let on: libc::c_int = 1;
    let (level, name) = (libc::SOL_UDP, libc::UDP_GRO);
    let (value, length) = (ptr::from_ref(&on).cast(), socklen::<libc::c_int>());
    // SAFETY: the option takes an int, and gets one with its length.
    let done = unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, value, length) };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
