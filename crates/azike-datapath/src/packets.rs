//! The thread that every packet passes, unless there are many.
//!
//! ```text
//!   sockets ─▶ download ─▶ tun
//!                           │ what the host answers at once lies there already
//!   sockets ◀── upload ◀────┘
//! ```
//!
//! One thread for both ways wakes up once where two would wake up twice: a packet that it writes to the tun
//! device is answered within that system call, if the kernel answers it. As soon as a burst finds more than it
//! may take, has to wait, or meets an error, the upload goes to the thread of [`bulk`](super::bulk), so that
//! nothing the host does can hold up what the gateway sends.

use std::net::UdpSocket;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::time::Duration;

use azike_ike::Transport;
use azike_platform::UdpReceiver;
use rustix::event::{PollFd, PollFlags};

use super::download::Download;
use super::mailbox::{Caller, Ended, Mailbox, Woken, wait};
use super::upload::{Burst, Upload};
use super::{IkeDatagram, Shared};

/// After so many rounds in which nothing but errors came, the thread takes a rest.
const BARREN_ROUNDS: u32 = 16;

/// How long it rests.
const REST: Duration = Duration::from_millis(50);

/// Moves packets until the end is called. What becomes too much goes to `bulk`.
pub(super) fn run(
    shared: &Shared,
    sockets: &[(Arc<UdpSocket>, Transport)],
    ike: impl FnMut(IkeDatagram) -> bool,
    mailbox: &Mailbox<Upload>,
    bulk: &Caller<Upload>,
) {
    let mut packets = Packets {
        sockets,
        receiver: UdpReceiver::new(),
        download: Download::new(shared, ike),
        mailbox,
        barren: 0,
        answers: true,
    };
    let mut upload: Option<Upload> = None;
    loop {
        if packets.move_until_changed(&mut upload) == Changed::TooMuch {
            if let Some(upload) = upload.take() {
                bulk.put(upload);
            }
            if packets.barren >= BARREN_ROUNDS {
                packets.barren = 0;
                mailbox.pause(REST);
            }
            continue;
        }
        match mailbox.take() {
            Err(Ended) => return,
            Ok(Some(new)) if new.is_wanted() => upload = Some(new),
            Ok(_) => upload = upload.filter(Upload::is_wanted),
        }
    }
}

/// Why who uploads may change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Changed {
    Called,
    TooMuch,
}

/// What the thread works with.
struct Packets<'r, I> {
    sockets: &'r [(Arc<UdpSocket>, Transport)],
    receiver: UdpReceiver,
    download: Download<'r, I>,
    mailbox: &'r Mailbox<Upload>,
    barren: u32,
    /// What was written to the device was answered at once, the last time that one could see it.
    answers: bool,
}

impl<I: FnMut(IkeDatagram) -> bool> Packets<'_, I> {
    fn move_until_changed(&mut self, upload: &mut Option<Upload>) -> Changed {
        let device = upload.as_ref().map(Upload::device);
        let readable = |descriptor| PollFd::from_borrowed_fd(descriptor, PollFlags::IN);
        let mut descriptors = vec![self.mailbox.poll_fd()];
        let sockets = self.sockets.iter();
        descriptors.extend(sockets.map(|(socket, _)| readable(socket.as_fd())));
        descriptors.extend(device.as_ref().map(|it| readable(it.descriptor())));
        loop {
            if wait(&mut descriptors, None) == Woken::Called {
                return Changed::Called;
            }
            let mut ready = descriptors.iter().skip(1);
            let received = self.receive(&mut ready);
            let readable = ready.next().is_some_and(|tun| !tun.revents().is_empty());
            if let Some(upload) = upload.as_mut()
                && (readable || (received && self.answers))
            {
                match upload.burst(self.mailbox, readable) {
                    Burst::Drained => self.answers = true,
                    Burst::Nothing => self.answers = false,
                    Burst::More | Burst::Failing => return Changed::TooMuch,
                }
            }
            if self.barren >= BARREN_ROUNDS {
                return Changed::TooMuch;
            }
        }
    }

    /// Takes what the sockets have, whose turn it is in `ready`. Whether the gateway must have sent some of it.
    fn receive<'p>(&mut self, ready: &mut impl Iterator<Item = &'p PollFd<'p>>) -> bool {
        let (mut heard, mut datagrams, mut asked) = (false, 0, false);
        for ((socket, transport), polled) in self.sockets.iter().zip(ready) {
            if !polled.revents().is_empty() {
                asked = true;
                let drained = self.download.drain(&mut self.receiver, socket, *transport);
                heard |= drained.heard;
                datagrams += drained.datagrams;
            }
        }
        if datagrams > 0 {
            self.barren = 0;
        } else if asked {
            self.barren += 1;
        }
        heard
    }
}
