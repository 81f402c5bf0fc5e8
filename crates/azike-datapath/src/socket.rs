//! One datagram from a UDP socket, with the congestion mark of the IP header around it.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use azike_tunnel::Ecn;

/// A datagram, without its octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Received {
    /// In octets.
    pub(super) length: usize,
    pub(super) from: SocketAddr,
    /// Of the outer IP header; [`Ecn::NotEct`] where the system does not tell.
    pub(super) outer: Ecn,
}

/// Makes `socket` non-blocking, and lets it tell the congestion mark of each datagram.
pub(super) fn prepare(socket: &UdpSocket) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    #[cfg(target_os = "linux")]
    {
        use rustix::net::sockopt::{set_ip_recvtos, set_ipv6_recvtclass};
        let told = if socket.local_addr()?.is_ipv4() {
            set_ip_recvtos(socket, true)
        } else {
            set_ipv6_recvtclass(socket, true)
        };
        if let Err(error) = told {
            tracing::debug!(%error, "congestion marks of the outer header stay unknown");
        }
    }
    Ok(())
}

/// Receives datagrams into a buffer of the caller.
#[derive(Debug, Default)]
pub(super) struct Receiver {
    #[cfg(target_os = "linux")]
    control: Control,
}

/// Room for the control messages of one datagram, aligned as the kernel wants it.
#[cfg(target_os = "linux")]
#[derive(Debug)]
#[repr(align(8))]
struct Control([u8; 64]);

#[cfg(target_os = "linux")]
impl Default for Control {
    fn default() -> Self {
        Self([0; 64])
    }
}

#[cfg(target_os = "linux")]
impl Receiver {
    /// Takes one datagram; `WouldBlock` when there is none.
    pub(super) fn receive(
        &mut self,
        socket: &UdpSocket,
        buffer: &mut [u8],
    ) -> io::Result<Received> {
        use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg};
        use std::os::fd::AsRawFd as _;

        let mut parts = [io::IoSliceMut::new(buffer)];
        let control = Some(&mut self.control.0[..]);
        let message = recvmsg::<SockaddrStorage>(
            socket.as_raw_fd(),
            &mut parts,
            control,
            MsgFlags::MSG_DONTWAIT,
        )?;
        let mut outer = Ecn::NotEct;
        for control in message.cmsgs().into_iter().flatten() {
            if let ControlMessageOwned::Ipv4Tos(class) = control {
                outer = Ecn::of(class);
            } else if let ControlMessageOwned::Ipv6TClass(class) = control {
                outer = Ecn::of(class.to_le_bytes()[0]);
            }
        }
        let from = message.address.as_ref().and_then(address);
        Ok(Received {
            length: message.bytes,
            from: from.ok_or(io::ErrorKind::AddrNotAvailable)?,
            outer,
        })
    }
}

#[cfg(target_os = "linux")]
fn address(storage: &nix::sys::socket::SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in();
    let v6 = storage.as_sockaddr_in6();
    v4.map(|&v4| SocketAddr::V4(v4.into()))
        .or_else(|| v6.map(|&v6| SocketAddr::V6(v6.into())))
}

#[cfg(not(target_os = "linux"))]
impl Receiver {
    /// Takes one datagram; `WouldBlock` when there is none.
    pub(super) fn receive(
        &mut self,
        socket: &UdpSocket,
        buffer: &mut [u8],
    ) -> io::Result<Received> {
        let (length, from) = socket.recv_from(buffer)?;
        Ok(Received {
            length,
            from,
            outer: Ecn::NotEct,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn mark_and_sender_are_told_for_both_versions() {
        use rustix::net::sockopt::{set_ip_tos, set_ipv6_tclass};
        for local in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(socket) = UdpSocket::bind(local) else {
                continue; // A machine without IPv6.
            };
            let sender = UdpSocket::bind(local).unwrap();
            prepare(&socket).unwrap();
            for class in [0b00, 0b01, 0b10, 0b11, 0xb8 | 0b11] {
                if socket.local_addr().unwrap().is_ipv4() {
                    set_ip_tos(&sender, class).unwrap();
                } else {
                    set_ipv6_tclass(&sender, u32::from(class)).unwrap();
                }
                sender
                    .send_to(b"four", socket.local_addr().unwrap())
                    .unwrap();
                let mut buffer = [0; 100];
                let received = Receiver::default().receive(&socket, &mut buffer).unwrap();
                let expected = Received {
                    length: 4,
                    from: sender.local_addr().unwrap(),
                    outer: Ecn::of(class),
                };
                assert_eq!(received, expected);
            }
        }
    }

    #[test]
    fn nothing_there_would_block() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        prepare(&socket).unwrap();
        let nothing = Receiver::default().receive(&socket, &mut [0; 8]);
        assert_eq!(nothing.unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
