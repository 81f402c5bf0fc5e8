//! The gateway's end of the tunnel, a packet at a time: for tests that want to see a packet cross.

use std::convert::Infallible;

use azike_crypto::DirectionKeys;
use azike_esp::{Inbound, NextHeader, Outbound, PacketBuf};
use azike_wire::EspSpi;

use crate::event::ChildSa;

/// The longest packet that goes through.
const LONGEST: usize = 65_535;

/// Seals and opens the packets of one Child SA.
#[derive(Debug)]
pub struct TunnelEnd {
    inbound: Inbound,
    outbound: Outbound,
}

impl TunnelEnd {
    /// The gateway's end.
    pub fn new(child: &ChildSa) -> Self {
        let inbound = (child.spi_in, &child.inbound);
        Self::with_keys(inbound, (child.spi_out, &child.outbound))
    }

    /// Either end: SPI and keys of what comes, then of what goes.
    pub fn with_keys(
        inbound: (EspSpi, &DirectionKeys),
        outbound: (EspSpi, &DirectionKeys),
    ) -> Self {
        Self {
            inbound: Inbound::new(inbound.0, inbound.1),
            outbound: Outbound::new(outbound.0, outbound.1),
        }
    }

    /// The IP packet in an ESP packet, if it is authentic and new.
    pub fn open(&mut self, esp: &[u8]) -> Option<Vec<u8>> {
        let mut esp = esp.to_vec();
        let opened = self.inbound.open(&mut esp).ok()?;
        Some(opened.packet.to_vec())
    }

    /// The ESP packet with an IP packet in it; nothing for what is no IP packet.
    pub fn seal(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let next_header = NextHeader::of(packet)?;
        let mut buffer = PacketBuf::new(packet.len().min(LONGEST));
        let filled = buffer.fill(|room| {
            for (to, from) in room.iter_mut().zip(packet) {
                *to = *from;
            }
            Ok::<usize, Infallible>(packet.len())
        });
        filled.ok()?;
        self.outbound.seal(&mut buffer, next_header).ok()?;
        Some(buffer.octets().to_vec())
    }
}
