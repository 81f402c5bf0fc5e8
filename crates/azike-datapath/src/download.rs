//! From the gateway to the host, and IKE messages to the control plane.
//!
//! ```text
//!   one system call ─▶ datagrams ─┬─▶ IKE ─▶ control plane
//!                                 └─▶ ESP ─▶ open ─▶ policy, ECN ─▶ coalescer ─▶ tun
//! ```

use std::io::{self, IoSlice};
use std::net::UdpSocket;
use std::ops::Range;
use std::sync::MutexGuard;

use azike_esp::Inbound;
use azike_ike::Transport;
use azike_platform::{Received, SuperPackets, UdpReceiver};
use azike_tunnel::{Arrival, Coalesced, Coalescer, Ecn, VnetHeader, clamp_mss, download};
use azike_wire::EspSpi;

use super::sa_table::SaTable;
use super::{Attached, BATCH, DropCause, IkeDatagram, Shared};

/// Where datagrams go to.
pub(super) struct Download<'r, I> {
    shared: &'r Shared,
    ike: I,
    coalescer: Coalescer,
    /// For devices that take no UDP super-packets.
    coalescer_tcp: Coalescer,
}

/// What was in a socket.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Drained {
    /// How many datagrams.
    pub(super) datagrams: usize,
    /// Whether the gateway, and nobody else, must have sent one of them.
    pub(super) heard: bool,
}

impl<'r, I> Download<'r, I> {
    pub(super) fn new(shared: &'r Shared, ike: I) -> Self {
        Self {
            shared,
            ike,
            coalescer: Coalescer::new(),
            coalescer_tcp: Coalescer::new().without_udp(),
        }
    }
}

impl<I: FnMut(IkeDatagram) -> bool> Download<'_, I> {
    /// Takes what waits in `socket`, at most a batch.
    pub(super) fn drain(
        &mut self,
        receiver: &mut UdpReceiver,
        socket: &UdpSocket,
        transport: Transport,
    ) -> Drained {
        let mut drained = Drained::default();
        while drained.datagrams < BATCH {
            match receiver.receive(socket) {
                Ok((buffer, received)) => {
                    drained.datagrams += received
                        .iter()
                        .map(|it| it.datagrams().count())
                        .sum::<usize>();
                    drained.heard |= self.take(buffer, received, transport);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Such as the ICMP errors of what we sent: each comes once and proves nothing.
                Err(_) => {
                    self.shared.counters.download.lose(DropCause::Receive, 1);
                    break;
                }
            }
        }
        if drained.heard {
            self.shared.counters.heard(self.shared.clock.now());
        }
        drained
    }

    /// Takes what one call received. Whether the gateway, and nobody else, must have sent some of it.
    fn take(&mut self, buffer: &mut [u8], received: &[Received], transport: Transport) -> bool {
        // Once for the whole of it, so that a rekey counts from the next call on.
        let sas = self.shared.sas.load();
        let attached = self.shared.attached.load();
        let coalescer = attached
            .as_deref()
            .and_then(|it| match it.tun.super_packets() {
                SuperPackets::None => None,
                SuperPackets::Tcp => Some(&mut self.coalescer_tcp),
                SuperPackets::TcpAndUdp => Some(&mut self.coalescer),
            });
        let mut delivery = Delivery {
            shared: self.shared,
            sas: &sas,
            attached: attached.as_deref(),
            coalescer,
            inbound: None,
            heard: false,
        };
        for call in received {
            for datagram in call.datagrams() {
                let octets = buffer.get(datagram.clone()).unwrap_or_default();
                let arrival = match transport {
                    Transport::Udp500 => on_500(&sas, octets),
                    Transport::Udp4500 => Arrival::of(octets),
                };
                match arrival {
                    Arrival::Keepalive => {}
                    Arrival::Malformed => delivery.lose(DropCause::Malformed),
                    Arrival::Ike(start) => {
                        let message = IkeDatagram {
                            octets: octets.get(start..).unwrap_or_default().to_vec(),
                            from: call.from,
                            transport,
                        };
                        if !(self.ike)(message) {
                            delivery.lose(DropCause::IkeQueueFull);
                        }
                    }
                    Arrival::Esp(spi) => {
                        let outer = Ecn::of(call.traffic_class);
                        delivery.deliver(spi, outer, buffer, datagram);
                    }
                }
            }
        }
        delivery.finish(buffer)
    }
}

/// Bare IKE belongs to port 500. Some gateways go on with the port that `IKE_SA_INIT` used, so that ESP comes
/// there as well, and IKE behind a Non-ESP Marker.
fn on_500(sas: &SaTable, datagram: &[u8]) -> Arrival {
    match Arrival::of(datagram) {
        Arrival::Esp(spi) if sas.receives(spi) => Arrival::Esp(spi),
        marked @ Arrival::Ike(_) => marked,
        Arrival::Esp(_) | Arrival::Keepalive | Arrival::Malformed => Arrival::Ike(0),
    }
}

/// ESP packets of one receive call on their way to the host.
struct Delivery<'r> {
    shared: &'r Shared,
    sas: &'r SaTable,
    attached: Option<&'r Attached>,
    coalescer: Option<&'r mut Coalescer>,
    /// The Child SA of the packet before, which nearly always is that of the next one.
    inbound: Option<(EspSpi, MutexGuard<'r, Inbound>)>,
    heard: bool,
}

impl Delivery<'_> {
    /// Takes the ESP packet at `esp` in `buffer` to the host, now or with those that follow.
    fn deliver(&mut self, spi: EspSpi, outer: Ecn, buffer: &mut [u8], esp: Range<usize>) {
        let Some(attached) = self.attached else {
            self.lose(if self.sas.receives(spi) {
                DropCause::NoTun
            } else {
                DropCause::UnknownSpi
            });
            return;
        };
        if self.inbound.as_ref().is_none_or(|(last, _)| *last != spi) {
            // The one before is let go first: no two are ever held.
            self.inbound = None;
            self.inbound = self.sas.receiving(spi).map(|inbound| (spi, inbound));
        }
        let Some((_, inbound)) = &mut self.inbound else {
            self.lose(DropCause::UnknownSpi);
            return;
        };
        let packet = match download(&attached.policy, inbound, outer, buffer, esp) {
            Ok(packet) => packet,
            Err(reason) => {
                self.heard |= reason.is_authentic();
                self.lose(reason.into());
                return;
            }
        };
        self.heard = true;
        if let Some(octets) = buffer.get_mut(packet.clone()) {
            clamp_mss(octets, self.shared.mtu());
        }
        let shared = self.shared;
        if let Some(coalescer) = &mut self.coalescer {
            coalescer.push(buffer, packet, &mut |coalesced| {
                write_coalesced(shared, attached, coalesced);
            });
            return;
        }
        let header = VnetHeader::NONE.write();
        let octets = buffer.get(packet).unwrap_or_default();
        let parts = [IoSlice::new(&header), IoSlice::new(octets)];
        write(shared, attached, &parts, (1, octets.len()));
    }

    /// Hands over what waits for others of its flow. Whether the gateway must have sent something.
    fn finish(self, buffer: &mut [u8]) -> bool {
        if let (Some(coalescer), Some(attached)) = (self.coalescer, self.attached) {
            coalescer.flush(buffer, &mut |coalesced| {
                write_coalesced(self.shared, attached, coalesced);
            });
        }
        self.heard
    }

    fn lose(&self, cause: DropCause) {
        self.shared.counters.download.lose(cause, 1);
    }
}

fn write_coalesced(shared: &Shared, attached: &Attached, coalesced: &Coalesced<'_>) {
    let load = (coalesced.packets(), coalesced.octets());
    write(shared, attached, coalesced.slices(), load);
}

/// Hands over `parts`, which are so many packets and octets.
fn write(
    shared: &Shared,
    attached: &Attached,
    parts: &[IoSlice<'_>],
    (packets, octets): (usize, usize),
) {
    let counters = &shared.counters.download;
    match attached.tun.write_packet(parts) {
        Ok(()) => counters.pass(packets, octets),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            counters.lose(DropCause::TunFull, packets);
        }
        Err(_) => counters.lose(DropCause::TunWrite, packets),
    }
}
