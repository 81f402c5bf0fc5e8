//! The thread that takes packets from the host to the gateway.
//!
//! ```text
//!   tun ─▶ packet or super-packet ─▶ inner policy ─▶ segments ─▶ train ─▶ seal ─▶ one system call
//! ```

use std::io;
use std::time::Duration;

use azike_esp::Outbound;
use azike_platform::TUN_HEADER;
use azike_tunnel::{Segments, VnetHeader, clamp_mss, outer_traffic_class};
use rustix::event::{PollFd, PollFlags};

use super::sa_table::Path;
use super::sending::Sending;
use super::stop::{Stop, Woken, wait};
use super::too_big::TooBig;
use super::{Attached, BATCH, DropCause, LARGEST, Shared};

/// How many octets a burst takes at most, so that who waits for its end waits a millisecond.
const BURST: usize = 1 << 20;

/// How long to leave a tun device alone that only gives errors.
const TUN_PAUSE: Duration = Duration::from_millis(100);

/// Moves packets until `stop`.
pub(super) fn run(shared: &Shared, attached: &Attached, stop: &Stop) {
    let mut upload = Upload {
        shared,
        attached,
        packet: vec![0; LARGEST].into_boxed_slice(),
        sending: Sending::new(shared, stop),
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
    packet: Box<[u8]>,
    sending: Sending<'r>,
    too_big: TooBig,
}

impl Upload<'_> {
    /// Takes what waits in the tun device, at most a batch, and sends it. Ends early when it had to wait for the
    /// socket.
    ///
    /// The Child SA is looked up once: whoever replaces it and then waits for the burst to end knows that no
    /// packet of the old one is under way.
    fn burst(&mut self) -> Tun {
        let shared = self.shared;
        let _burst = shared.burst();
        let sas = shared.sas.load();
        let mut sending = sas.sending();
        let mut tun = Tun::Well;
        let mut octets = 0;
        for turn in 0..BATCH {
            if octets >= BURST || self.sending.has_waited() {
                break;
            }
            let mut header = [0; TUN_HEADER];
            match self.attached.tun.read_packet(&mut header, &mut self.packet) {
                Ok(length) => {
                    octets += length;
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
            self.sending.depart(outbound, path);
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
            if !self
                .sending
                .train
                .takes(segments.longest(), overhead, class)
            {
                self.sending.depart(outbound, path);
            }
            let write = |room: &mut [u8]| {
                let length = segments.write_next(room)?;
                // Behind the checksum, which the host may have left to us.
                clamp_mss(room.get_mut(..length)?, mtu);
                Some(length)
            };
            if self.sending.train.append(overhead, class, write).is_none() {
                return Err(DropCause::TooLong);
            }
        }
        Ok(())
    }

    fn lose(&self, cause: DropCause) {
        self.shared.counters.upload.lose(cause, 1);
    }
}
