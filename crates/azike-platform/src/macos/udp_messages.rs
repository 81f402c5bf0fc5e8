//! Datagrams one by one.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use crate::Offload;
use crate::udp_batch::{Datagrams, Received, Unsent};

pub(crate) const CAN_SEGMENT: bool = false;

/// The longest datagram.
const LONGEST: usize = 65_535;

pub(crate) const fn refuses_segments(_: &io::Error) -> bool {
    false
}

pub(crate) const fn may_segment_later(_: &io::Error) -> bool {
    false
}

pub(crate) const fn prepare(_: &UdpSocket, _: Offload) {}

#[derive(Debug)]
pub(crate) struct Outgoing(());

impl Outgoing {
    pub(crate) const fn new() -> Self {
        Self(())
    }

    pub(crate) fn send_segments(
        &mut self,
        _: &UdpSocket,
        _: SocketAddr,
        _: u8,
        _: Datagrams<'_>,
    ) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn send(
        &mut self,
        socket: &UdpSocket,
        to: SocketAddr,
        _: u8,
        datagrams: Datagrams<'_>,
    ) -> Result<(), Unsent> {
        for (sent, octets) in datagrams.octets().chunks(datagrams.each()).enumerate() {
            if let Err(error) = socket.send_to(octets, to) {
                return Err(Unsent { sent, error });
            }
        }
        Ok(())
    }
}

pub(crate) struct Incoming {
    buffer: Box<[u8]>,
    received: [Received; 1],
}

impl Incoming {
    pub(crate) fn new() -> Self {
        let nothing = Received {
            at: 0,
            length: 0,
            each: 1,
            from: ([0, 0, 0, 0], 0).into(),
            traffic_class: 0,
        };
        Self {
            buffer: vec![0; LONGEST].into_boxed_slice(),
            received: [nothing],
        }
    }

    pub(crate) fn receive(&mut self, socket: &UdpSocket) -> io::Result<(&mut [u8], &[Received])> {
        let (length, from) = socket.recv_from(&mut self.buffer)?;
        let [received] = &mut self.received;
        received.length = length;
        received.each = length.max(1);
        received.from = from;
        Ok((&mut self.buffer, &self.received))
    }
}
