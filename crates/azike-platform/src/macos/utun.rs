//! Making a utun interface, and its packets. The `tun` crate makes it, then we take its descriptor.
//!
//! The crate knows IPv4 addresses only and copies each packet, so addresses are the journal's business
//! ([`Mac`](super::Mac)) and packets go straight between the descriptor and the buffer of the data path, one for
//! each system call: with several at once a packet would wait here while `poll(2)` says that there is none.

#![expect(
    unsafe_code,
    reason = "the tun crate hands out its descriptor only as a number; utun has a socket option of its own"
)]

use std::collections::BTreeMap;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd as _, FromRawFd as _, IntoRawFd as _, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::io::FdFlags;
use tun::AbstractDevice as _;

use crate::xnu::utun::{HEADER, asked_for, header, is_full, why_not};
use crate::{TunDevice, TunError};

/// `UTUN_OPT_MAX_PENDING_PACKETS` (`net/if_utun.h`): how many packets may wait for us. The kernel begins with one,
/// and hands each over by itself.
const MAX_PENDING_PACKETS: libc::c_int = 16;
/// As many as on Linux.
static PENDING: u32 = 512;
/// Room for them, in octets.
const RECEIVE_BUFFER: usize = 1 << 20;

/// The most pieces that a packet comes in, its header included.
const PIECES: usize = 8;

/// The interfaces that this process holds, by name, with their numbers.
static HELD: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());

/// Says that an interface is ours, as long as it lives. A Mac gives name and number to the next program as soon as
/// we let go, so neither tells whose it is.
#[derive(Debug)]
pub(crate) struct Held(String);

impl Held {
    pub(crate) fn new(name: &str, index: u32) -> Self {
        held().insert(name.to_owned(), index);
        Self(name.to_owned())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        held().remove(&self.0);
    }
}

/// The interfaces that this process holds.
pub(super) fn held() -> MutexGuard<'static, BTreeMap<String, u32>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the interface `name`, or one with the first free number.
pub(crate) fn create(name: &str) -> Result<TunDevice, TunError> {
    let asked = asked_for(name)?;
    let mut config = tun::Configuration::default();
    if let Some(name) = asked {
        config.tun_name(name);
    }
    config.platform_config(|mac| {
        // It would run `route(8)`; routes are the journal's business.
        mac.enable_routing(false);
    });
    let device = tun::create(&config).map_err(|error| sort(name, error))?;
    let name = device.tun_name().map_err(|error| sort(name, error))?;
    let fd = device.into_raw_fd();
    // SAFETY: `into_raw_fd` gave the open descriptor away, so nobody else closes it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    rustix::io::fcntl_setfd(&fd, FdFlags::CLOEXEC).map_err(io::Error::from)?;
    rustix::io::ioctl_fionbio(&fd, true).map_err(io::Error::from)?;
    if let Err(error) = let_packets_wait(&fd) {
        tracing::debug!(%error, "the utun device hands over one packet at a time");
    }
    let index = super::kernel::index(&name)?;
    Ok(TunDevice::from_utun(fd, name, index))
}

/// Lets a burst wait for us instead of being dropped.
fn let_packets_wait(fd: &OwnedFd) -> io::Result<()> {
    rustix::net::sockopt::set_socket_recv_buffer_size(fd, RECEIVE_BUFFER)?;
    let length = libc::socklen_t::try_from(size_of_val(&PENDING)).map_err(io::Error::other)?;
    // SAFETY: the option takes one number of 32 bits, which lives until after the call.
    let done = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            libc::SYSPROTO_CONTROL,
            MAX_PENDING_PACKETS,
            (&raw const PENDING).cast(),
            length,
        )
    };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

fn sort(name: &str, error: tun::Error) -> TunError {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest cannot come from our config"
    )]
    match error {
        tun::Error::Io(error) => why_not(name, error),
        tun::Error::NameTooLong | tun::Error::InvalidName | tun::Error::ParseNum(_) => {
            TunError::BadName(name.to_owned())
        }
        error => TunError::Io(io::Error::other(error)),
    }
}

/// Reads one packet and returns its length, without the family before it.
pub(crate) fn read_packet(fd: &OwnedFd, packet: &mut [u8]) -> io::Result<usize> {
    let mut family = [0; HEADER];
    let mut parts = [IoSliceMut::new(&mut family), IoSliceMut::new(packet)];
    let read = rustix::io::retry_on_intr(|| rustix::io::readv(fd, &mut parts))?;
    read.checked_sub(HEADER)
        .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Writes one packet that lies in pieces, its family before it.
pub(crate) fn write_packet(fd: &OwnedFd, packet: &[IoSlice<'_>]) -> io::Result<()> {
    let first = packet.iter().find_map(|piece| piece.first());
    let family = first.and_then(|&first| header(first));
    let family = family.ok_or(io::ErrorKind::InvalidInput)?;
    let mut parts = [IoSlice::new(&[]); PIECES];
    let count = packet.len() + 1;
    let all = parts.get_mut(..count).ok_or(io::ErrorKind::InvalidInput)?;
    let pieces = std::iter::once(IoSlice::new(&family)).chain(packet.iter().copied());
    for (to, from) in all.iter_mut().zip(pieces) {
        *to = from;
    }
    match rustix::io::retry_on_intr(|| rustix::io::writev(fd, all)) {
        Ok(_) => Ok(()),
        Err(error) if is_full(error) => Err(io::ErrorKind::WouldBlock.into()),
        Err(error) => Err(error.into()),
    }
}
