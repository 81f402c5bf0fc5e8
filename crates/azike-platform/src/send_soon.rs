//! One datagram that must not be lost because others fill the socket.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd as _;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How long one wait for room lasts at most.
const PATIENCE: Duration = Duration::from_millis(10);

/// How often to wait: whoever sends much may take the room that became free.
const TRIES: u32 = 3;

/// Sends `octets` to `to` by `socket`, which does not block. Waits up to 30 ms for room: a socket that is full of
/// packets is empty a moment later, and the sender of this one would ask for it again only after a second.
///
/// # Errors
///
/// Those of `sendto(2)`; [`io::ErrorKind::WouldBlock`] if there is still no room.
pub fn send_soon(socket: &UdpSocket, octets: &[u8], to: SocketAddr) -> io::Result<()> {
    let mut tries = 0;
    loop {
        match socket.send_to(octets, to) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && tries < TRIES => {
                tries += 1;
                wait_for_room(socket)?;
            }
            sent => return sent.map(drop),
        }
    }
}

fn wait_for_room(socket: &UdpSocket) -> io::Result<()> {
    let writable = PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::OUT);
    let time = Timespec::try_from(PATIENCE).ok();
    rustix::io::retry_on_intr(|| poll(&mut [writable.clone()], time.as_ref()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_room_is_sent_and_errors_come_back() {
        let (from, to) = (loopback(), loopback());
        from.set_nonblocking(true).unwrap();
        send_soon(&from, b"soon", to.local_addr().unwrap()).unwrap();
        let mut octets = [0; 9];
        assert_eq!(to.recv(&mut octets).unwrap(), 4);
        let error = send_soon(&from, b"", "[::1]:9".parse().unwrap()).unwrap_err();
        assert_ne!(error.kind(), io::ErrorKind::WouldBlock);
    }

    fn loopback() -> UdpSocket {
        UdpSocket::bind("127.0.0.1:0").unwrap()
    }
}
