//! From the host to the gateway.
//!
//! ```text
//!   tun ─▶ packet or super-packet ─▶ inner policy ─▶ segments ─▶ train ─▶ seal ─▶ one system call
//! ```

use std::io;
use std::mem;
use std::sync::Arc;

use azike_esp::Outbound;
use azike_platform::TUN_HEADER;
use azike_tunnel::{Segments, VnetHeader, clamp_mss, outer_traffic_class, wants_answer};

use super::mailbox::Mailbox;
use super::sa_table::Path;
use super::sending::Sending;
use super::too_big::TooBig;
use super::{Attached, BATCH, DropCause, LARGEST, PacketDevice, Shared};

/// How many octets a burst takes at most, so that who waits for its end waits a millisecond.
const BURST: usize = 1 << 20;

/// How a burst ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Burst {
    /// There was nothing in the device.
    Nothing,
    /// Nothing is left in it.
    Drained,
    /// Something may be left, or the socket was full.
    More,
    /// The device gives nothing but errors.
    Failing,
}

/// Takes packets out of a device. Belongs to one thread at a time.
#[derive(Debug)]
pub(super) struct Upload {
    shared: Arc<Shared>,
    attached: Arc<Attached>,
    packet: Box<[u8]>,
    sending: Sending,
    too_big: TooBig,
    /// Packets of this burst that somebody has to answer.
    asked: u64,
}

impl Upload {
    pub(super) fn new(shared: Arc<Shared>, attached: Arc<Attached>) -> Self {
        Self {
            packet: vec![0; LARGEST].into_boxed_slice(),
            sending: Sending::new(shared.settings.offload),
            too_big: TooBig::new(),
            asked: 0,
            shared,
            attached,
        }
    }

    /// The device, to wait on.
    pub(super) fn device(&self) -> Arc<dyn PacketDevice> {
        Arc::clone(&self.attached.tun)
    }

    /// Whether the device is still ours to read.
    pub(super) fn is_wanted(&self) -> bool {
        self.attached.may_upload()
    }

    /// Takes what waits in the tun device, at most a batch, and sends it. Ends early when it had to wait for the
    /// socket, and when somebody calls `mailbox` meanwhile. `readable`: the device said that it has something.
    ///
    /// The Child SA is looked up once: whoever replaces it and then waits for the burst to end knows that no
    /// packet of the old one is under way.
    pub(super) fn burst(&mut self, mailbox: &Mailbox<Self>, readable: bool) -> Burst {
        let shared = Arc::clone(&self.shared);
        let _burst = shared.burst();
        if !self.is_wanted() {
            return Burst::Nothing;
        }
        let sas = shared.sas.load();
        let mut sending = sas.sending();
        let mut end = Burst::More;
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
                        Some((outbound, path)) => {
                            self.take(&header, length, mailbox, outbound, path)
                        }
                        None => Err(DropCause::NoChildSa),
                    };
                    if let Err(cause) = taken {
                        self.lose(cause);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Ready, and then nothing there: a device that was taken away says so forever.
                Err(error)
                    if error.kind() == io::ErrorKind::WouldBlock && (turn > 0 || !readable) =>
                {
                    end = if turn > 0 {
                        Burst::Drained
                    } else {
                        Burst::Nothing
                    };
                    break;
                }
                Err(error) => {
                    if error.kind() != io::ErrorKind::WouldBlock {
                        self.lose(DropCause::TunRead);
                    }
                    end = Burst::Failing;
                    break;
                }
            }
        }
        if let Some((outbound, path)) = &mut sending {
            self.sending.depart(&shared, mailbox, outbound, path);
        }
        if self.asked > 0 {
            shared.counters.ask(mem::take(&mut self.asked));
        }
        end
    }

    /// Lays the packet of `length` octets into the train, cut if it is a super-packet; sends trains that are
    /// full.
    fn take(
        &mut self,
        header: &[u8; TUN_HEADER],
        length: usize,
        mailbox: &Mailbox<Self>,
        outbound: &mut Outbound,
        path: &Path,
    ) -> Result<(), DropCause> {
        let header = VnetHeader::read(header).map_err(|_| DropCause::BadSuperPacket)?;
        let packet = self.packet.get_mut(..length).unwrap_or_default();
        // All segments have the addresses, the protocol and the ports of the whole.
        self.attached.policy.outbound(packet)?;
        self.asked += u64::from(wants_answer(packet));
        let class = outer_traffic_class(packet, self.shared.settings.dscp);
        let overhead = outbound.overhead();
        let mtu = self.shared.mtu();
        let mut segments = Segments::new(header, packet).map_err(|_| DropCause::BadSuperPacket)?;
        if segments.longest() > usize::from(mtu)
            && self.too_big.answer(&self.shared, &self.attached, &segments)
        {
            return Err(DropCause::TooLong);
        }
        while segments.remaining() > 0 {
            if !self
                .sending
                .train
                .takes(segments.longest(), overhead, class)
            {
                self.sending.depart(&self.shared, mailbox, outbound, path);
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
