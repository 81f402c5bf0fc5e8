//! The thread that takes packets from the host to the gateway.

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsFd as _;
use std::time::Duration;

use azike_esp::PacketBuf;
use azike_tunnel::upload;
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use super::sa_table::Path;
use super::stop::{Stop, Woken, wait};
use super::{Attached, BATCH, DropCause, LARGEST, Shared};

/// How long a full send buffer may hold up the packets behind it. A 4 MiB buffer is empty again
/// after less even at 200 Mbit/s; a link that takes longer is dead for now.
const SEND_PATIENCE: Duration = Duration::from_millis(200);

/// How long to leave a tun device alone that only gives errors.
const TUN_PAUSE: Duration = Duration::from_millis(100);

/// Moves packets until `stop`.
pub(super) fn run(shared: &Shared, attached: &Attached, stop: &Stop) {
    let mut packet = PacketBuf::new(LARGEST);
    let tun = &attached.tun;
    loop {
        let readable = PollFd::from_borrowed_fd(tun.descriptor(), PollFlags::IN);
        if wait(&mut [stop.poll_fd(), readable], None) == Woken::Stopped {
            return;
        }
        for turn in 0..BATCH {
            match packet.fill(|room| tun.read_packet(room)) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // Ready, and then nothing there: a device that was taken away says so forever.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && turn > 0 => break,
                Err(error) => {
                    if error.kind() != io::ErrorKind::WouldBlock {
                        shared.counters.upload.lose(DropCause::TunRead);
                    }
                    if stop.pause(TUN_PAUSE) == Woken::Stopped {
                        return;
                    }
                    break;
                }
            }
            // Read anew for each packet, so that a rekey counts from the next packet on.
            let sas = shared.sas.load();
            let Some((mut outbound, path)) = sas.sending() else {
                shared.counters.upload.lose(DropCause::NoChildSa);
                continue;
            };
            let inner = packet.len();
            let sealed = upload(&attached.policy, &mut outbound, &mut packet);
            drop(outbound);
            let sent = sealed
                .map_err(DropCause::from)
                .and_then(|()| send(path, packet.octets(), stop));
            match sent {
                Ok(()) => shared.counters.upload.pass(inner),
                Err(cause) => shared.counters.upload.lose(cause),
            }
        }
    }
}

/// Sends `datagram`, if need be after waiting for room.
fn send(path: &Path, datagram: &[u8], stop: &Stop) -> Result<(), DropCause> {
    match path.socket.send_to(datagram, path.peer) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            wait_for_room(&path.socket, stop)?;
            let sent = path.socket.send_to(datagram, path.peer);
            sent.map(|_| ()).map_err(|error| cause(&error))
        }
        // An ICMP error of an earlier datagram comes out of the next system call, and is gone then.
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            let sent = path.socket.send_to(datagram, path.peer);
            sent.map(|_| ()).map_err(|error| cause(&error))
        }
        Err(error) => Err(cause(&error)),
    }
}

fn wait_for_room(socket: &UdpSocket, stop: &Stop) -> Result<(), DropCause> {
    let writable = PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::OUT);
    match wait(&mut [stop.poll_fd(), writable], Some(SEND_PATIENCE)) {
        Woken::Ready => Ok(()),
        Woken::TimedOut | Woken::Stopped => Err(DropCause::SendBufferFull),
    }
}

fn cause(error: &io::Error) -> DropCause {
    match Errno::from_io_error(error) {
        Some(Errno::MSGSIZE) => DropCause::TooLong,
        Some(Errno::AGAIN | Errno::NOBUFS) => DropCause::SendBufferFull,
        _ => DropCause::Send,
    }
}
