//! The thread that takes packets from the host to the gateway.
//!
//! ```text
//!   tun ─▶ packet or super-packet ─▶ inner policy ─▶ segments ─▶ train ─▶ seal ─▶ one system call
//! ```

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsFd as _;
use std::time::Duration;

use azike_esp::Outbound;
use azike_platform::{Datagrams, TUN_HEADER, UdpSender, Unsent};
use azike_tunnel::{Segments, VnetHeader, clamp_mss, outer_traffic_class};
use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use super::sa_table::Path;
use super::stop::{Stop, Woken, wait};
use super::too_big::TooBig;
use super::train::Train;
use super::{Attached, BATCH, DropCause, LARGEST, Shared};

/// How long a full send buffer may hold up the packets behind it. A 4 MiB buffer is empty again
/// after less even at 200 Mbit/s; a link that takes longer is dead for now.
const SEND_PATIENCE: Duration = Duration::from_millis(200);

/// How long to leave a tun device alone that only gives errors.
const TUN_PAUSE: Duration = Duration::from_millis(100);

/// Moves packets until `stop`.
pub(super) fn run(shared: &Shared, attached: &Attached, stop: &Stop) {
    let mut upload = Upload {
        shared,
        attached,
        stop,
        packet: vec![0; LARGEST].into_boxed_slice(),
        train: Train::new(),
        sender: UdpSender::new(shared.settings.offload),
        too_big: TooBig::new(),
    };
    loop {
        let readable = PollFd::from_borrowed_fd(attached.tun.descriptor(), PollFlags::IN);
        if wait(&mut [stop.poll_fd(), readable], None) == Woken::Stopped {
            return;
        }
        if upload.burst() == Tun::Failing && stop.pause(TUN_PAUSE) == Woken::Stopped {
            return;
        }
    }
}

/// How the tun device behaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tun {
    Well,
    Failing,
}

/// What the thread works with.
struct Upload<'r> {
    shared: &'r Shared,
    attached: &'r Attached,
    stop: &'r Stop,
    packet: Box<[u8]>,
    train: Train,
    sender: UdpSender,
    too_big: TooBig,
}

impl Upload<'_> {
    /// Takes what waits in the tun device, at most a batch, and sends it.
    ///
    /// The Child SA is looked up once: whoever replaces it and then waits for the burst to end knows that no
    /// packet of the old one is under way.
    fn burst(&mut self) -> Tun {
        let shared = self.shared;
        let _burst = shared.burst();
        let sas = shared.sas.load();
        let mut sending = sas.sending();
        let mut tun = Tun::Well;
        for turn in 0..BATCH {
            let mut header = [0; TUN_HEADER];
            match self.attached.tun.read_packet(&mut header, &mut self.packet) {
                Ok(length) => {
                    let taken = match &mut sending {
                        Some((outbound, path)) => self.take(&header, length, outbound, path),
                        None => Err(DropCause::NoChildSa),
                    };
                    if let Err(cause) = taken {
                        self.lose(cause);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Ready, and then nothing there: a device that was taken away says so forever.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && turn > 0 => break,
                Err(error) => {
                    if error.kind() != io::ErrorKind::WouldBlock {
                        self.lose(DropCause::TunRead);
                    }
                    tun = Tun::Failing;
                    break;
                }
            }
        }
        if let Some((outbound, path)) = &mut sending {
            self.depart(outbound, path);
        }
        tun
    }

    /// Lays the packet of `length` octets into the train, cut if it is a super-packet; sends trains that are
    /// full.
    fn take(
        &mut self,
        header: &[u8; TUN_HEADER],
        length: usize,
        outbound: &mut Outbound,
        path: &Path,
    ) -> Result<(), DropCause> {
        let header = VnetHeader::read(header).map_err(|_| DropCause::BadSuperPacket)?;
        let packet = self.packet.get_mut(..length).unwrap_or_default();
        // All segments have the addresses, the protocol and the ports of the whole.
        self.attached.policy.outbound(packet)?;
        let class = outer_traffic_class(packet, self.shared.settings.dscp);
        let overhead = outbound.overhead();
        let mtu = self.shared.mtu();
        let mut segments = Segments::new(header, packet).map_err(|_| DropCause::BadSuperPacket)?;
        if segments.longest() > usize::from(mtu)
            && self.too_big.answer(self.shared, self.attached, &segments)
        {
            return Err(DropCause::TooLong);
        }
        while segments.remaining() > 0 {
            if !self.train.takes(segments.longest(), overhead, class) {
                depart(
                    self.shared,
                    &mut self.train,
                    &mut self.sender,
                    self.stop,
                    (outbound, path),
                );
            }
            let write = |room: &mut [u8]| {
                let length = segments.write_next(room)?;
                // Behind the checksum, which the host may have left to us.
                clamp_mss(room.get_mut(..length)?, mtu);
                Some(length)
            };
            if self.train.append(overhead, class, write).is_none() {
                return Err(DropCause::TooLong);
            }
        }
        Ok(())
    }

    fn depart(&mut self, outbound: &mut Outbound, path: &Path) {
        depart(
            self.shared,
            &mut self.train,
            &mut self.sender,
            self.stop,
            (outbound, path),
        );
    }

    fn lose(&self, cause: DropCause) {
        self.shared.counters.upload.lose(cause, 1);
    }
}

/// Seals the train and sends it.
fn depart(
    shared: &Shared,
    train: &mut Train,
    sender: &mut UdpSender,
    stop: &Stop,
    (outbound, path): (&mut Outbound, &Path),
) {
    if train.is_empty() {
        return;
    }
    let upload = &shared.counters.upload;
    if let Err((lost, error)) = train.seal(outbound) {
        upload.lose(error.into(), lost);
    }
    let (packets, octets) = train.load();
    let class = train.traffic_class();
    match send(sender, path, class, train.datagrams(), stop) {
        Ok(()) => upload.pass(packets, octets),
        Err((sent, cause)) => {
            // Those of a train are of about one length.
            upload.pass(sent, octets * sent / packets.max(1));
            upload.lose(cause, packets - sent.min(packets));
        }
    }
    train.clear();
}

/// Sends `datagrams`, if need be after waiting for room. How many went out otherwise, and why not the
/// others.
fn send(
    sender: &mut UdpSender,
    path: &Path,
    class: u8,
    datagrams: Datagrams<'_>,
    stop: &Stop,
) -> Result<(), (usize, DropCause)> {
    let mut sent = 0;
    let mut patience = true;
    let mut others_errors = true;
    while sent < datagrams.count() {
        let left = datagrams.after(sent);
        let Err(unsent) = sender.send(&path.socket, path.peer, class, left) else {
            return Ok(());
        };
        let Unsent { sent: now, error } = unsent;
        sent += now;
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "io::ErrorKind is open-ended"
        )]
        let again = match error.kind() {
            io::ErrorKind::WouldBlock => {
                // Once for each time that something went out.
                let waited = (patience || now > 0) && wait_for_room(&path.socket, stop);
                patience = false;
                waited
            }
            // An ICMP error of an earlier datagram comes out of the next system call, and is gone then.
            io::ErrorKind::ConnectionRefused => std::mem::replace(&mut others_errors, false),
            io::ErrorKind::Interrupted => true,
            _ => false,
        };
        if !again {
            return Err((sent, cause(&error)));
        }
    }
    Ok(())
}

fn wait_for_room(socket: &UdpSocket, stop: &Stop) -> bool {
    let writable = PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::OUT);
    wait(&mut [stop.poll_fd(), writable], Some(SEND_PATIENCE)) == Woken::Ready
}

fn cause(error: &io::Error) -> DropCause {
    match Errno::from_io_error(error) {
        Some(Errno::MSGSIZE) => DropCause::TooLong,
        Some(Errno::AGAIN | Errno::NOBUFS) => DropCause::SendBufferFull,
        _ => DropCause::Send,
    }
}
