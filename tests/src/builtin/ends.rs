//! The gateway's ends of all Child SAs: which one opens a packet, and which one seals an answer.
//!
//! ```text
//!   ESP ── by SPI ──▶ End ──▶ inner packet, from an address of that client
//!   inner packet ── by destination ──▶ the newest End that was heard, else the oldest ──▶ ESP
//! ```
//!
//! A client has two Child SAs while it rekeys. The new one is used for sending once a packet came on it:
//! then the client surely has it (RFC 7296, section 2.8).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use azike_gateway::{ChildSa, TunnelEnd};
use azike_wire::{EspSpi, Spi};

/// All Child SAs, oldest first.
#[derive(Debug, Default)]
pub struct Ends(Vec<End>);

#[derive(Debug)]
struct End {
    ike_sa: Spi,
    spi_in: EspSpi,
    tunnel: TunnelEnd,
    peer: SocketAddr,
    addresses: Vec<IpAddr>,
    heard: bool,
}

impl Ends {
    /// Adds a Child SA. Others of the same client stay until they are deleted.
    pub fn install(&mut self, child: &ChildSa) {
        self.0.push(End {
            ike_sa: child.spi_r,
            spi_in: child.spi_in,
            tunnel: TunnelEnd::new(child),
            peer: child.peer,
            addresses: child.addresses.clone(),
            heard: false,
        });
    }

    /// Removes the Child SA that receives with `spi_in`.
    pub fn remove(&mut self, spi_in: EspSpi) {
        self.0.retain(|end| end.spi_in != spi_in);
    }

    /// Removes the Child SAs of an IKE SA.
    pub fn remove_of(&mut self, ike_sa: Spi) {
        self.0.retain(|end| end.ike_sa != ike_sa);
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.0.len()
    }

    /// The inner packet of an ESP packet; `None` if it is forged, replayed, or not from an address of the
    /// client.
    pub fn open(&mut self, spi: EspSpi, esp: &[u8]) -> Option<Vec<u8>> {
        let end = self.0.iter_mut().find(|end| end.spi_in == spi)?;
        let packet = end.tunnel.open(esp)?;
        end.heard = true;
        let (source, _) = addresses(&packet)?;
        end.addresses.contains(&source).then_some(packet)
    }

    /// The ESP packet for an inner packet, and where it goes; `None` if its destination is no client.
    pub fn seal(&mut self, packet: &[u8]) -> Option<(SocketAddr, Vec<u8>)> {
        let (_, destination) = addresses(packet)?;
        let mut of_client: Vec<&mut End> = self
            .0
            .iter_mut()
            .filter(|end| end.addresses.contains(&destination))
            .collect();
        let newest_heard = of_client.iter().rposition(|end| end.heard);
        let end = of_client.get_mut(newest_heard.unwrap_or(0))?;
        Some((end.peer, end.tunnel.seal(packet)?))
    }
}

/// Source and destination of an IP packet.
fn addresses(packet: &[u8]) -> Option<(IpAddr, IpAddr)> {
    match packet.first()? >> 4 {
        4 => {
            let (source, rest) = packet.get(12..)?.split_first_chunk::<4>()?;
            let (destination, _) = rest.split_first_chunk::<4>()?;
            let (source, destination) = (Ipv4Addr::from(*source), Ipv4Addr::from(*destination));
            Some((source.into(), destination.into()))
        }
        6 => {
            let (source, rest) = packet.get(8..)?.split_first_chunk::<16>()?;
            let (destination, _) = rest.split_first_chunk::<16>()?;
            let (source, destination) = (Ipv6Addr::from(*source), Ipv6Addr::from(*destination));
            Some((source.into(), destination.into()))
        }
        _ => None,
    }
}
