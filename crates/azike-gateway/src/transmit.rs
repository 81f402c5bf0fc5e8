//! What goes to the network, and what came from it.

use std::net::SocketAddr;

/// Which of the two ports of IKE (RFC 7296, section 2.23).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    /// Port 500: bare IKE messages.
    Udp500,
    /// Port 4500: IKE after four zero octets, ESP, keepalives.
    Udp4500,
}

/// A datagram as it came, with the four zero octets of port 4500 if it came there.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// All that UDP carried.
    pub octets: &'a [u8],
    /// Who sent it.
    pub from: SocketAddr,
    /// On which port it came.
    pub transport: Transport,
}

/// A datagram to send, complete.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transmit {
    /// The octets of the UDP payload.
    pub octets: Vec<u8>,
    /// To whom.
    pub to: SocketAddr,
    /// From where.
    pub from: SocketAddr,
    /// In which form: bare, or as port 4500 wants it.
    pub transport: Transport,
}
