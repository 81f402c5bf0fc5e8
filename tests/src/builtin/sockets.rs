//! The gateway's two UDP sockets: port 500 for the first messages, port 4500 for everything after a NAT was
//! looked for (RFC 7296, section 2.23; RFC 3948). The data path or the [door](super::door) receives from them, the
//! gateway sends by them.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use azike_gateway::Transport;
use azike_platform::{UdpBuffers, bind_udp};

/// Both sockets; neither blocks.
#[derive(Debug)]
pub struct Sockets {
    udp_500: Arc<UdpSocket>,
    udp_4500: Arc<UdpSocket>,
}

impl Sockets {
    /// Takes two ports of `address`, that of bare IKE first. 0 is any that is free.
    pub fn open(address: IpAddr, (ike, encapsulated): (u16, u16)) -> Result<Self> {
        Ok(Self {
            udp_500: open(address, ike)?,
            udp_4500: open(address, encapsulated)?,
        })
    }

    /// The ports it has.
    pub fn ports(&self) -> io::Result<(u16, u16)> {
        let port = |socket: &UdpSocket| Ok::<_, io::Error>(socket.local_addr()?.port());
        Ok((port(&self.udp_500)?, port(&self.udp_4500)?))
    }

    /// Both, and what comes by them.
    pub fn both(&self) -> [(&UdpSocket, Transport); 2] {
        [
            (&*self.udp_500, Transport::Udp500),
            (&*self.udp_4500, Transport::Udp4500),
        ]
    }

    /// What the data path receives from.
    pub fn of_data_path(&self) -> Vec<(Arc<UdpSocket>, azike_ike::Transport)> {
        vec![
            (Arc::clone(&self.udp_500), azike_ike::Transport::Udp500),
            (Arc::clone(&self.udp_4500), azike_ike::Transport::Udp4500),
        ]
    }

    /// The socket that ESP goes by.
    pub const fn of_esp(&self) -> &Arc<UdpSocket> {
        &self.udp_4500
    }

    /// Sends a datagram; the network may lose it, so an error of the network is none of ours.
    pub fn send(&self, transport: Transport, to: SocketAddr, octets: &[u8]) -> io::Result<()> {
        let socket = match transport {
            Transport::Udp500 => &self.udp_500,
            Transport::Udp4500 => &self.udp_4500,
        };
        match socket.send_to(octets, to) {
            Err(error) if !is_of_the_network(&error) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

fn open(address: IpAddr, port: u16) -> Result<Arc<UdpSocket>> {
    let socket = bind_udp((address, port).into(), UdpBuffers::default());
    let socket = socket.with_context(|| format!("port {port} of {address}"))?;
    Ok(Arc::new(socket))
}

/// No room, or an ICMP message about an earlier datagram: the client is away.
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
