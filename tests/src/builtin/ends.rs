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

#[cfg(test)]
mod tests {
    use azike_crypto::{ChildAlgorithms, DirectionKeys, Encryption, Secret};

    use super::*;

    const CLIENT: [u8; 4] = [172, 16, 201, 1];
    const HOST: [u8; 4] = [10, 1, 0, 4];

    fn spi(number: u8) -> EspSpi {
        EspSpi::from_octets(&[9, 9, 9, number]).unwrap()
    }

    fn keys(number: u8) -> DirectionKeys {
        let algorithms = ChildAlgorithms::new(Encryption::Aes256Gcm16, None).unwrap();
        let (key, none) = (Secret::new([number; 36].into()), Secret::new([].into()));
        DirectionKeys::new(algorithms, key, none).unwrap()
    }

    fn child(number: u8) -> ChildSa {
        let (inbound, outbound) = (keys(number), keys(number + 1));
        ChildSa {
            spi_r: Spi::from_octets(&[7; 8]).unwrap(),
            peer: ([192, 0, 2, 1], 4500).into(),
            spi_in: spi(number),
            spi_out: spi(number + 1),
            algorithms: inbound.algorithms(),
            inbound,
            outbound,
            addresses: vec![CLIENT.into()],
        }
    }

    /// The client's end of that Child SA.
    fn client(number: u8) -> TunnelEnd {
        let (inbound, outbound) = (keys(number), keys(number + 1));
        TunnelEnd::with_keys((spi(number + 1), &outbound), (spi(number), &inbound))
    }

    fn packet(source: [u8; 4], destination: [u8; 4]) -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 20, 0, 0, 0, 0, 64, 1, 0, 0];
        packet.extend(source);
        packet.extend(destination);
        packet
    }

    #[test]
    fn a_packet_of_the_client_comes_through_and_only_once() {
        let (mut ends, mut client) = (Ends::default(), client(1));
        ends.install(&child(1));
        let asked = packet(CLIENT, HOST);
        let esp = client.seal(&asked).unwrap();
        assert_eq!(ends.open(spi(1), &esp), Some(asked));
        assert_eq!(ends.open(spi(1), &esp), None);
        assert_eq!(ends.open(spi(3), &esp), None);
    }

    #[test]
    fn a_client_that_takes_another_address_is_not_heard() {
        let (mut ends, mut client) = (Ends::default(), client(1));
        ends.install(&child(1));
        let esp = client.seal(&packet([172, 16, 201, 2], HOST)).unwrap();
        assert_eq!(ends.open(spi(1), &esp), None);
    }

    #[test]
    fn a_new_child_sa_is_used_when_the_client_has_it() {
        let mut ends = Ends::default();
        let (mut old, mut new) = (client(1), client(3));
        let answer = packet(HOST, CLIENT);
        ends.install(&child(1));
        ends.install(&child(3));
        let (to, esp) = ends.seal(&answer).unwrap();
        assert_eq!(to, ([192, 0, 2, 1], 4500).into());
        assert_eq!(old.open(&esp).as_ref(), Some(&answer));

        let esp = new.seal(&packet(CLIENT, HOST)).unwrap();
        ends.open(spi(3), &esp).unwrap();
        let (_, esp) = ends.seal(&answer).unwrap();
        assert_eq!(new.open(&esp).as_ref(), Some(&answer));

        // The old one may still bring what was on its way.
        let esp = old.seal(&packet(CLIENT, HOST)).unwrap();
        assert!(ends.open(spi(1), &esp).is_some());
        let (_, esp) = ends.seal(&answer).unwrap();
        assert_eq!(new.open(&esp), Some(answer));
    }

    #[test]
    fn the_new_one_is_used_when_the_old_one_is_deleted() {
        let mut ends = Ends::default();
        ends.install(&child(1));
        ends.install(&child(3));
        ends.remove(spi(1));
        let answer = packet(HOST, CLIENT);
        let (_, esp) = ends.seal(&answer).unwrap();
        assert_eq!(client(3).open(&esp).as_ref(), Some(&answer));
        ends.remove_of(Spi::from_octets(&[7; 8]).unwrap());
        assert_eq!((ends.count(), ends.seal(&answer)), (0, None));
    }

    #[test]
    fn what_is_for_nobody_goes_nowhere() {
        let mut ends = Ends::default();
        ends.install(&child(1));
        assert_eq!(ends.seal(&packet(HOST, [172, 16, 201, 9])), None);
        assert_eq!(ends.seal(&packet(HOST, CLIENT)[..19]), None);
        assert_eq!(ends.seal(&[]), None);
    }
}
