//! The last step of the way up: a train is sealed and leaves by one system call.

use std::io;
use std::mem;
use std::net::UdpSocket;
use std::os::fd::AsFd as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

use azike_esp::Outbound;
use azike_platform::{Datagrams, Offload, UdpSender, Unsent, send_with_df};
use azike_tunnel::PathProbe;
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use super::mailbox::{Mailbox, Woken, wait};
use super::sa_table::Path;
use super::train::Train;
use super::upload::Upload;
use super::{DropCause, Shared};

/// How long a full send buffer may hold up the packets behind it. A 4 MiB buffer is empty again
/// after less even at 200 Mbit/s; a link that takes longer is dead for now.
const PATIENCE: Duration = Duration::from_millis(200);

/// The train that is made up, and what sends it.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) train: Train,
    sender: UdpSender,
    probe: PathProbe,
    waited: bool,
}

impl Sending {
    pub(super) fn new(offload: Offload) -> Self {
        Self {
            train: Train::new(),
            sender: UdpSender::new(offload),
            probe: PathProbe::default(),
            waited: false,
        }
    }

    /// Whether the socket was full since this was asked last.
    pub(super) const fn has_waited(&mut self) -> bool {
        mem::replace(&mut self.waited, false)
    }

    /// Seals the train, sends it, and empties it. A call of `mailbox` ends the wait for a full socket.
    pub(super) fn depart(
        &mut self,
        shared: &Shared,
        mailbox: &Mailbox<Upload>,
        outbound: &mut Outbound,
        path: &Path,
    ) {
        if self.train.is_empty() {
            return;
        }
        let upload = &shared.counters.upload;
        if let Err((lost, error)) = self.train.seal(outbound) {
            upload.lose(error.into(), lost);
        }
        let (packets, octets) = self.train.load();
        match self.send(shared, mailbox, path) {
            Ok(()) => upload.pass(packets, octets),
            Err((sent, cause)) => {
                // Those of a train are of about one length.
                upload.pass(sent, octets * sent / packets.max(1));
                upload.lose(cause, packets - sent.min(packets));
            }
        }
        self.train.clear();
    }

    /// Sends the train, if need be after waiting for room. How many datagrams went out otherwise, and
    /// why not the others.
    fn send(
        &mut self,
        shared: &Shared,
        mailbox: &Mailbox<Upload>,
        path: &Path,
    ) -> Result<(), (usize, DropCause)> {
        let class = self.train.traffic_class();
        let datagrams = self.train.datagrams();
        let mut sent = ask_path(shared, &mut self.probe, path, datagrams);
        let mut patience = true;
        let mut others_errors = true;
        while sent < datagrams.count() {
            let left = datagrams.after(sent);
            let result = self.sender.send(&path.socket, path.peer, class, left);
            let Err(Unsent { sent: now, error }) = result else {
                return Ok(());
            };
            sent += now;
            #[expect(
                clippy::wildcard_enum_match_arm,
                reason = "io::ErrorKind is open-ended"
            )]
            let again = match error.kind() {
                io::ErrorKind::WouldBlock => {
                    // Once for each time that something went out.
                    let may_wait = mem::replace(&mut patience, false) || now > 0;
                    self.waited |= may_wait;
                    may_wait && wait_for_room(&path.socket, mailbox)
                }
                // An ICMP error of an earlier datagram comes out of the next system call, and is gone then.
                io::ErrorKind::ConnectionRefused => mem::replace(&mut others_errors, false),
                io::ErrorKind::Interrupted => true,
                _ => false,
            };
            if !again {
                return Err((sent, cause(&error)));
            }
        }
        Ok(())
    }
}

/// Lets the first datagram ask how much the path takes, if it is its turn. How many went out by that.
fn ask_path(
    shared: &Shared,
    probe: &mut PathProbe,
    path: &Path,
    datagrams: Datagrams<'_>,
) -> usize {
    if shared.path_changed.swap(false, Ordering::Relaxed) {
        probe.forget();
    }
    let Some(first) = datagrams.first() else {
        return 0;
    };
    if !probe.wants(first.len(), shared.clock.now()) {
        return 0;
    }
    // What does not go out with DF goes out without, a moment later.
    usize::from(send_with_df(&path.socket, first, path.peer).is_ok())
}

fn wait_for_room(socket: &UdpSocket, mailbox: &Mailbox<Upload>) -> bool {
    let writable = PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::OUT);
    wait(&mut [mailbox.poll_fd(), writable], Some(PATIENCE)) == Woken::Ready
}

fn cause(error: &io::Error) -> DropCause {
    match Errno::from_io_error(error) {
        Some(Errno::MSGSIZE) => DropCause::TooLong,
        Some(Errno::AGAIN | Errno::NOBUFS) => DropCause::SendBufferFull,
        _ => DropCause::Send,
    }
}
