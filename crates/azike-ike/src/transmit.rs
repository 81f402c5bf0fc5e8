//! What goes to the network, and what came from it.

use std::net::SocketAddr;
use std::time::Instant;

/// Which of the two ports of IKE (RFC 7296, section 2.23).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Transport {
    /// Port 500: bare IKE messages.
    Udp500,
    /// Port 4500: IKE after four zero octets, ESP, keepalives.
    Udp4500,
}

/// An IKE message as it came; the four zero octets of port 4500 are taken off.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// The message.
    pub octets: &'a [u8],
    /// Who sent it.
    pub from: SocketAddr,
    /// On which socket it came.
    pub transport: Transport,
}

/// A datagram to send, complete (with the four zero octets on port 4500).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transmit {
    /// The octets of the UDP payload.
    pub octets: Vec<u8>,
    /// To whom.
    pub to: SocketAddr,
    /// By which socket.
    pub transport: Transport,
}

/// When to call `handle_timeout`, and what for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Deadline {
    /// When.
    pub at: Instant,
    /// What for.
    pub timer: Timer,
}

/// What a deadline is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Timer {
    /// A request waits for its response, or a refusal for something better to arrive.
    Retransmit,
    /// The gateway was not heard for a while.
    Liveness,
    /// The NAT mapping wants a packet (RFC 3948, section 4).
    Keepalive,
}
