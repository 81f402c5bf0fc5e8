//! The gateway's two UDP sockets: port 500 for the first messages, port 4500 for everything after a NAT was
//! looked for (RFC 7296, section 2.23; RFC 3948).

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd as _, BorrowedFd};

use anyhow::{Context as _, Result};
use azike_gateway::Transport;

/// The longest datagram that UDP carries.
const LONGEST: usize = 65_535;

/// Both sockets; neither blocks.
#[derive(Debug)]
pub struct Sockets {
    udp_500: UdpSocket,
    udp_4500: UdpSocket,
    buffer: Vec<u8>,
}

/// A datagram as it came.
#[derive(Debug)]
pub struct Received<'b> {
    /// What UDP carried.
    pub octets: &'b [u8],
    /// Who sent it.
    pub from: SocketAddr,
}

impl Sockets {
    /// Takes both ports of `address`.
    pub fn open(address: IpAddr) -> Result<Self> {
        Ok(Self {
            udp_500: open(address, 500)?,
            udp_4500: open(address, 4500)?,
            buffer: vec![0; LONGEST],
        })
    }

    /// The descriptor to wait for.
    pub fn descriptor(&self, transport: Transport) -> BorrowedFd<'_> {
        self.of(transport).as_fd()
    }

    /// The next datagram of a port; `None` when there is none now.
    pub fn receive(&mut self, transport: Transport) -> io::Result<Option<Received<'_>>> {
        let socket = match transport {
            Transport::Udp500 => &self.udp_500,
            Transport::Udp4500 => &self.udp_4500,
        };
        match socket.recv_from(&mut self.buffer) {
            Ok((length, from)) => Ok(self
                .buffer
                .get(..length)
                .map(|octets| Received { octets, from })),
            Err(error) if is_of_the_network(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends a datagram; the network may lose it, so an error of the network is none of ours.
    pub fn send(&self, transport: Transport, to: SocketAddr, octets: &[u8]) -> io::Result<()> {
        match self.of(transport).send_to(octets, to) {
            Err(error) if !is_of_the_network(&error) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    const fn of(&self, transport: Transport) -> &UdpSocket {
        match transport {
            Transport::Udp500 => &self.udp_500,
            Transport::Udp4500 => &self.udp_4500,
        }
    }
}

fn open(address: IpAddr, port: u16) -> Result<UdpSocket> {
    let socket = UdpSocket::bind((address, port));
    let socket = socket.with_context(|| format!("port {port} of {address}"))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Nothing there, no room, or an ICMP message about an earlier datagram: the client is away.
fn is_of_the_network(error: &io::Error) -> bool {
    const OF_THE_NETWORK: [io::ErrorKind; 5] = [
        io::ErrorKind::WouldBlock,
        io::ErrorKind::Interrupted,
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::HostUnreachable,
        io::ErrorKind::NetworkUnreachable,
    ];
    OF_THE_NETWORK.contains(&error.kind())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_is_away_is_no_error() {
        assert!(is_of_the_network(&io::ErrorKind::ConnectionRefused.into()));
        assert!(!is_of_the_network(&io::ErrorKind::InvalidInput.into()));
    }
}
