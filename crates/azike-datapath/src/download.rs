//! The thread that takes datagrams of the gateway to the host, and IKE messages to the control
//! plane.

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::time::Duration;

use azike_ike::Transport;
use azike_tunnel::{Arrival, Ecn, download};
use azike_wire::EspSpi;
use rustix::event::{PollFd, PollFlags};

use super::socket::{Received, Receiver};
use super::stop::{Stop, Woken, wait};
use super::{BATCH, DropCause, IkeDatagram, LARGEST, Shared};

/// After so many rounds in which nothing but errors came, the thread takes a rest.
const BARREN_ROUNDS: u32 = 16;

/// How long it rests.
const REST: Duration = Duration::from_millis(50);

/// Moves datagrams until `stop`.
pub(super) fn run(
    shared: &Shared,
    sockets: &[(Arc<UdpSocket>, Transport)],
    ike: impl FnMut(IkeDatagram) -> bool,
    stop: &Stop,
) {
    let mut download = Download { shared, ike };
    let mut receiver = Receiver::default();
    let mut buffer = vec![0; LARGEST].into_boxed_slice();
    let mut descriptors = vec![stop.poll_fd()];
    let readable = |socket| PollFd::from_borrowed_fd(socket, PollFlags::IN);
    descriptors.extend(sockets.iter().map(|(socket, _)| readable(socket.as_fd())));
    let mut barren = 0;
    loop {
        if wait(&mut descriptors, None) == Woken::Stopped {
            return;
        }
        let ready = sockets
            .iter()
            .zip(descriptors.iter().skip(1))
            .filter(|(_, polled)| !polled.revents().is_empty());
        let mut datagrams = 0;
        for ((socket, transport), _) in ready {
            datagrams += download.drain(&mut receiver, socket, *transport, &mut buffer);
        }
        barren = if datagrams == 0 { barren + 1 } else { 0 };
        if barren >= BARREN_ROUNDS {
            barren = 0;
            if stop.pause(REST) == Woken::Stopped {
                return;
            }
        }
    }
}

/// Where datagrams go to.
struct Download<'r, I> {
    shared: &'r Shared,
    ike: I,
}

impl<I: FnMut(IkeDatagram) -> bool> Download<'_, I> {
    /// Takes what waits in `socket`, at most a batch; returns how many datagrams it was.
    fn drain(
        &mut self,
        receiver: &mut Receiver,
        socket: &UdpSocket,
        transport: Transport,
        buffer: &mut [u8],
    ) -> usize {
        let mut heard = false;
        let mut datagrams = 0;
        for _ in 0..BATCH {
            match receiver.receive(socket, buffer) {
                Ok(received) => {
                    datagrams += 1;
                    if let Some(datagram) = buffer.get_mut(..received.length) {
                        heard |= self.take(datagram, received, transport);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Such as the ICMP errors of what we sent: each comes once and proves nothing.
                Err(_) => {
                    self.shared.counters.download.lose(DropCause::Receive);
                    break;
                }
            }
        }
        if heard {
            self.shared.counters.heard(self.shared.clock.now());
        }
        datagrams
    }

    /// Bare IKE belongs to port 500. Some gateways go on with the port that `IKE_SA_INIT` used, so
    /// that ESP comes there as well, and IKE behind a Non-ESP Marker.
    fn on_500(&self, datagram: &[u8]) -> Arrival {
        match Arrival::of(datagram) {
            Arrival::Esp(spi) if self.shared.sas.load().receives(spi) => Arrival::Esp(spi),
            marked @ Arrival::Ike(_) => marked,
            Arrival::Esp(_) | Arrival::Keepalive | Arrival::Malformed => Arrival::Ike(0),
        }
    }

    /// Takes one datagram. Whether the gateway, and nobody else, must have sent it.
    fn take(&mut self, datagram: &mut [u8], received: Received, transport: Transport) -> bool {
        let arrival = match transport {
            Transport::Udp500 => self.on_500(datagram),
            Transport::Udp4500 => Arrival::of(datagram),
        };
        let counters = &self.shared.counters.download;
        match arrival {
            Arrival::Keepalive => return false,
            Arrival::Malformed => counters.lose(DropCause::Malformed),
            Arrival::Ike(start) => {
                let octets = datagram.get(start..).unwrap_or_default().to_vec();
                let message = IkeDatagram {
                    octets,
                    from: received.from,
                    transport,
                };
                if !(self.ike)(message) {
                    counters.lose(DropCause::IkeQueueFull);
                }
            }
            Arrival::Esp(spi) => return self.deliver(spi, received.outer, datagram),
        }
        false
    }

    /// Takes an ESP packet to the host. Whether the gateway must have sent it.
    fn deliver(&self, spi: EspSpi, outer: Ecn, esp: &mut [u8]) -> bool {
        let counters = &self.shared.counters.download;
        // Read anew for each packet, so that a rekey counts from the next packet on.
        let sas = self.shared.sas.load();
        let Some(mut inbound) = sas.receiving(spi) else {
            counters.lose(DropCause::UnknownSpi);
            return false;
        };
        let attached = self.shared.attached.load();
        let Some(attached) = attached.as_deref() else {
            counters.lose(DropCause::NoTun);
            return false;
        };
        let packet = match download(&attached.policy, &mut inbound, outer, esp) {
            Ok(packet) => packet,
            Err(reason) => {
                counters.lose(reason.into());
                return reason.is_authentic();
            }
        };
        drop(inbound);
        match attached.tun.write_packet(packet) {
            Ok(_) => counters.pass(packet.len()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                counters.lose(DropCause::TunFull);
            }
            Err(_) => counters.lose(DropCause::TunWrite),
        }
        true
    }
}
