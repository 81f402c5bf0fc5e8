//! The UDP sockets of ports 500 and 4500.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

/// Sizes of a socket's kernel buffers, in octets of data.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UdpBuffers {
    /// `SO_RCVBUF`.
    pub receive: usize,
    /// `SO_SNDBUF`.
    pub send: usize,
}

impl Default for UdpBuffers {
    /// 4 MiB each way: 30 ms of a gigabit in full packets, which covers a
    /// data-path thread that had to wait for a processor.
    fn default() -> Self {
        Self {
            receive: 4 << 20,
            send: 4 << 20,
        }
    }
}

/// Why a UDP socket could not be had.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another program has the port; for 500 and 4500 often another VPN client.
    #[error("UDP port {} is used by another program", .0.port())]
    PortInUse(SocketAddr),
    /// Ports below 1024 need root or `CAP_NET_BIND_SERVICE`.
    #[error("no permission to use UDP port {}", .0.port())]
    NoPermission(SocketAddr),
    /// The address is not one of this machine, or the machine has no such family.
    #[error("{0} is not an address of this machine")]
    NoSuchAddress(SocketAddr),
    /// Anything else.
    #[error("cannot open a UDP socket on {0}")]
    Io(SocketAddr, #[source] io::Error),
}

/// Opens a UDP socket on `local`: port 0 takes a free one, the unspecified
/// address takes packets of one family from every interface.
///
/// The socket is non-blocking and close-on-exec; an IPv6 socket takes no IPv4.
/// Its buffers have the wanted size, or the most that the kernel grants, with
/// a warning if that is less than half.
///
/// Over IPv4 packets leave without DF on Linux (`IP_PMTUDISC_DONT`), so that what is too long for
/// the path arrives in pieces: a large IKE message, or the packets of a tunnel until it has its new
/// MTU, or for ever where a firewall swallows the ICMP that would tell. The path is learnt from
/// single datagrams with DF ([`send_with_df`]), or from any over IPv6; what is longer than what
/// [`path_mtu`](crate::path_mtu()) then says is cut by the kernel before it leaves. Why not
/// another way, for a socket that carries IKE and ESP:
///
/// | `IP_PMTUDISC_` | DF | longer than the path | why not |
/// | --- | --- | --- | --- |
/// | `WANT` | if it fits what is known | lost until ICMP comes, then cut here | where no ICMP comes, no full packet ever arrives (seen in the lab) |
/// | `DO` | always | `EMSGSIZE` | an IKE message that IKE cannot cut never leaves |
/// | `PROBE` | always | lost on the way | what ICMP said is not heeded |
/// | `INTERFACE`, `OMIT` | never | cut on the way | they are deaf to ICMP |
///
/// Several datagrams by one call (`UDP_SEGMENT`) are not cut here: when one is longer than the path
/// is known to be, the call fails with `EMSGSIZE` or, on older kernels, `EINVAL`, and they have to be
/// sent one by one.
///
/// ICMP is not authenticated. The kernel believes it only when it quotes a datagram of a socket of
/// this host, and never below `net.ipv4.route.min_pmtu` (552) or 1280 (IPv6).
pub fn bind_udp(local: SocketAddr, buffers: UdpBuffers) -> Result<UdpSocket, BindError> {
    let socket = open(local).map_err(|error| sort(local, error))?;
    size(&socket, buffers).map_err(|error| BindError::Io(local, error))?;
    socket
        .bind(&local.into())
        .map_err(|error| sort(local, error))?;
    Ok(socket.into())
}

fn open(local: SocketAddr) -> io::Result<Socket> {
    let domain = Domain::for_address(local);
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    if local.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    #[cfg(target_os = "linux")]
    allow_fragments(&socket, local)?;
    Ok(socket)
}

#[cfg(target_os = "linux")]
fn allow_fragments(socket: &Socket, local: SocketAddr) -> io::Result<()> {
    use rustix::net::sockopt;
    if local.is_ipv4() {
        sockopt::set_ip_mtu_discover(socket, sockopt::Ipv4PathMtuDiscovery::DONT)?;
    } else {
        sockopt::set_ipv6_mtu_discover(socket, sockopt::Ipv6PathMtuDiscovery::DONT)?;
    }
    Ok(())
}

/// Sends `datagram` with DF, if it fits what is known of the path: a router with a narrower link says
/// so, and [`path_mtu`](crate::path_mtu()) knows a moment later.
///
/// Two system calls more than a plain send over IPv4, so for one datagram now and then. What another
/// thread sends by the same socket meanwhile has DF as well, which does no harm.
#[cfg(target_os = "linux")]
pub fn send_with_df(socket: &UdpSocket, datagram: &[u8], to: SocketAddr) -> io::Result<usize> {
    use rustix::net::sockopt::{Ipv4PathMtuDiscovery, set_ip_mtu_discover};

    if to.is_ipv6() {
        return socket.send_to(datagram, to);
    }
    set_ip_mtu_discover(socket, Ipv4PathMtuDiscovery::WANT)?;
    let sent = socket.send_to(datagram, to);
    set_ip_mtu_discover(socket, Ipv4PathMtuDiscovery::DONT)?;
    sent
}

/// Sends `datagram`: what the path takes is not learnt on this system.
#[cfg(not(target_os = "linux"))]
pub fn send_with_df(socket: &UdpSocket, datagram: &[u8], to: SocketAddr) -> io::Result<usize> {
    socket.send_to(datagram, to)
}

/// Asks for the sizes, beyond `net.core.[rw]mem_max` where we may, and looks
/// at what was granted.
fn size(socket: &Socket, buffers: UdpBuffers) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    let forced = {
        use rustix::net::sockopt;
        sockopt::set_socket_recv_buffer_size_force(socket, buffers.receive).is_ok()
            && sockopt::set_socket_send_buffer_size_force(socket, buffers.send).is_ok()
    };
    #[cfg(not(target_os = "linux"))]
    let forced = false;
    if !forced {
        // Linux cuts the size down without a word, macOS refuses what is too large.
        largest(buffers.receive, |size| socket.set_recv_buffer_size(size));
        largest(buffers.send, |size| socket.set_send_buffer_size(size));
    }
    let granted = UdpBuffers {
        receive: socket.recv_buffer_size()?,
        send: socket.send_buffer_size()?,
    };
    if granted.receive < buffers.receive / 2 || granted.send < buffers.send / 2 {
        tracing::warn!(
            receive = granted.receive,
            send = granted.send,
            "small UDP buffers, packets may be lost under load"
        );
    }
    Ok(())
}

fn largest(wanted: usize, set: impl Fn(usize) -> io::Result<()>) {
    let mut size = wanted;
    while size >= 64 << 10 && set(size).is_err() {
        size /= 2;
    }
}

fn sort(local: SocketAddr, error: io::Error) -> BindError {
    if error.raw_os_error() == Some(rustix::io::Errno::AFNOSUPPORT.raw_os_error()) {
        return BindError::NoSuchAddress(local);
    }
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "io::ErrorKind is open-ended"
    )]
    match error.kind() {
        io::ErrorKind::AddrInUse => BindError::PortInUse(local),
        io::ErrorKind::PermissionDenied => BindError::NoPermission(local),
        io::ErrorKind::AddrNotAvailable => BindError::NoSuchAddress(local),
        _ => BindError::Io(local, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loopback(port: u16) -> SocketAddr {
        ([127, 0, 0, 1], port).into()
    }

    #[test]
    fn a_taken_port_has_its_own_error() {
        let first = bind_udp(loopback(0), UdpBuffers::default()).unwrap();
        let taken = first.local_addr().unwrap();
        let second = bind_udp(taken, UdpBuffers::default());
        assert!(matches!(second, Err(BindError::PortInUse(addr)) if addr == taken));
    }

    #[test]
    fn a_foreign_address_has_its_own_error() {
        let local = ([192, 0, 2, 77], 0).into();
        let socket = bind_udp(local, UdpBuffers::default());
        assert!(matches!(socket, Err(BindError::NoSuchAddress(_))));
    }

    #[test]
    fn nothing_to_read_does_not_block() {
        let socket = bind_udp(loopback(0), UdpBuffers::default()).unwrap();
        let error = socket.recv(&mut [0; 16]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn packets_may_be_fragmented_but_for_the_one_that_asks() {
        use rustix::net::sockopt;
        let socket = bind_udp(loopback(0), UdpBuffers::default()).unwrap();
        let to = socket.local_addr().unwrap();
        for _ in 0..2 {
            let discovery = sockopt::ip_mtu_discover(&socket).unwrap();
            assert_eq!(discovery, sockopt::Ipv4PathMtuDiscovery::DONT);
            assert_eq!(send_with_df(&socket, b"azike", to).unwrap(), 5);
        }
        let any6 = "[::]:0".parse().unwrap();
        if let Ok(socket) = bind_udp(any6, UdpBuffers::default()) {
            let discovery = sockopt::ipv6_mtu_discover(&socket).unwrap();
            assert_eq!(discovery, sockopt::Ipv6PathMtuDiscovery::DONT);
        }
    }

    #[test]
    fn a_wish_beyond_all_measure_still_gives_a_socket() {
        let buffers = UdpBuffers {
            receive: 1 << 40,
            send: 1 << 40,
        };
        let result = bind_udp(loopback(0), buffers);
        assert!(result.is_ok(), "{result:?}");
    }

    #[test]
    fn errors_are_sorted_by_what_a_person_can_do() {
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(matches!(
            sort(loopback(500), denied),
            BindError::NoPermission(_)
        ));
        let other = io::Error::from(io::ErrorKind::OutOfMemory);
        assert!(matches!(sort(loopback(500), other), BindError::Io(..)));
        assert_eq!(
            BindError::PortInUse(loopback(4500)).to_string(),
            "UDP port 4500 is used by another program"
        );
    }
}
