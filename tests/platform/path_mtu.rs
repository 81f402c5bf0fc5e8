//! The path MTU, with the test as the narrow router: a tun device is the way to the gateway.
//!
//! ```text
//!   send_with_df ─▶ azike0 ─▶ test: too long, and DF? ─▶ packet_too_big ─▶ azike0 ─▶ kernel ─▶ path_mtu
//! ```

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use azike_platform::{Host, TunDevice, UdpBuffers, bind_udp, path_mtu, send_with_df};
use azike_tunnel::packet_too_big;
use nix::sys::socket::{setsockopt, sockopt};

use crate::namespace::{config, in_namespace, ip};
use crate::tun::read;

const NET4: &str = "10.1.0.0/16";
const NET6: &str = "2001:db8:b::/64";
const FAR4: &str = "10.1.0.4";
const FAR6: &str = "2001:db8:b::4";

/// A tun device of MTU 1500 that leads to both far ends.
struct Way {
    tun: TunDevice,
    host: Host,
    _dir: tempfile::TempDir,
}

impl Way {
    async fn new() -> Self {
        let tun = TunDevice::create().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let mut config = config(tun.name(), &[NET4, NET6]);
        config.mtu = 1500;
        host.set(&config).await.unwrap();
        Self {
            tun,
            host,
            _dir: dir,
        }
    }

    fn packet(&self) -> Vec<u8> {
        let mut packet = vec![0; 2000];
        let length = read(&self.tun, &mut packet);
        packet.truncate(length);
        packet
    }

    /// Says that `packet` is longer than `mtu`.
    fn refuse(&self, packet: &[u8], mtu: u16, from: IpAddr) {
        let mut room = [0; 1500];
        let length = packet_too_big(packet, mtu, from, &mut room).unwrap();
        crate::tun::write(&self.tun, &room[..length]).unwrap();
    }
}

/// A socket as the tunnel has one, and where it sends to.
fn socket(far: &str) -> (UdpSocket, SocketAddr, IpAddr) {
    let far: IpAddr = far.parse().unwrap();
    let any = if far.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = bind_udp(any.parse().unwrap(), UdpBuffers::default()).unwrap();
    (socket, SocketAddr::new(far, 4500), far)
}

/// What the kernel knows of the way to `far` when it has read what the device gave it: in a moment,
/// not at once.
async fn known(far: IpAddr, expected: u16) -> Option<u16> {
    for _ in 0..50 {
        if path_mtu(far) == Some(expected) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    path_mtu(far)
}

/// The same, when nothing is to change.
async fn known_later(far: IpAddr) -> Option<u16> {
    tokio::time::sleep(Duration::from_millis(200)).await;
    path_mtu(far)
}

const fn has_df(packet: &[u8]) -> bool {
    packet[6] & 0x40 != 0
}

in_namespace! {
    async fn ipv4_datagrams_fit_the_path_as_soon_as_a_router_tells() {
        let mut way = Way::new().await;
        let (socket, to, far) = socket(FAR4);
        assert_eq!(path_mtu(far), Some(1500));
        socket.send_to(&[7; 1472], to).unwrap();
        let full = way.packet();
        assert!(full.len() == 1500 && !has_df(&full), "a router may cut it");
        send_with_df(&socket, &[7; 1472], to).unwrap();
        let full = way.packet();
        assert!(full.len() == 1500 && has_df(&full), "{}", full.len());

        way.refuse(&full, 1300, far);
        assert_eq!(known(far, 1300).await, Some(1300));
        send_with_df(&socket, &[7; 1272], to).unwrap();
        let fits = way.packet();
        assert!(fits.len() == 1300 && has_df(&fits), "{}", fits.len());
        // What is too long still leaves, in pieces, and is no error.
        for send in [send_with_df, UdpSocket::send_to] {
            send(&socket, &[7; 1472], to).unwrap();
            let pieces = [way.packet(), way.packet()];
            for piece in &pieces {
                assert!(piece.len() <= 1300 && !has_df(piece), "{}", piece.len());
            }
            assert_eq!(pieces[0].len() + pieces[1].len(), 1500 + 20);
        }

        // It is not raised again by the same way, and another address is another path.
        way.refuse(&full, 1400, far);
        assert_eq!(known_later(far).await, Some(1300));
        assert_eq!(path_mtu("10.1.0.5".parse().unwrap()), Some(1500));
        way.host.clear().await.unwrap();
    }
}

in_namespace! {
    async fn ipv6_datagrams_fit_the_path_as_soon_as_a_router_tells() {
        let mut way = Way::new().await;
        let (socket, to, far) = socket(FAR6);
        socket.send_to(&[7; 1452], to).unwrap();
        let full = way.packet();
        assert_eq!((full.len(), path_mtu(far)), (1500, Some(1500)));
        way.refuse(&full, 1400, far);
        assert_eq!(known(far, 1400).await, Some(1400));
        socket.send_to(&[7; 1452], to).unwrap();
        let pieces = [way.packet(), way.packet()];
        assert!(pieces.iter().all(|piece| piece.len() <= 1400 && piece[6] == 44));
        // The floor of IPv6 holds.
        way.refuse(&full, 600, far);
        assert_eq!(known(far, 1280).await, Some(1280));
        way.host.clear().await.unwrap();
    }
}

in_namespace! {
    /// N-74's spirit: who did not see a datagram of ours cannot say that it was too long.
    async fn a_made_up_datagram_is_not_believed() {
        let mut way = Way::new().await;
        let (socket, to, far) = socket(FAR4);
        send_with_df(&socket, &[7; 1472], to).unwrap();
        let mut full = way.packet();
        full[21] ^= 0x01; // Our port.
        way.refuse(&full, 1300, far);
        assert_eq!(known_later(far).await, Some(1500));
        way.host.clear().await.unwrap();
    }
}

in_namespace! {
    /// And 552 is the least that the kernel believes over IPv4.
    async fn a_tiny_mtu_is_not_believed() {
        let mut way = Way::new().await;
        let (socket, to, far) = socket(FAR4);
        send_with_df(&socket, &[7; 1472], to).unwrap();
        way.refuse(&way.packet(), 68, far);
        assert_eq!(known(far, 552).await, Some(552));
        way.host.clear().await.unwrap();
    }
}

in_namespace! {
    /// The large messages of IKE, where the gateway does not know IKE fragments.
    async fn a_datagram_longer_than_the_link_leaves_in_pieces() {
        let mut way = Way::new().await;
        for (far, headers) in [(FAR4, 20), (FAR6, 48)] {
            let (socket, to, _) = socket(far);
            socket.send_to(&[7; 4000], to).unwrap();
            let pieces = [way.packet(), way.packet(), way.packet()];
            let payload: usize = pieces.iter().map(|piece| piece.len() - headers).sum();
            assert_eq!(payload, 4008);
        }
        way.host.clear().await.unwrap();
    }
}

in_namespace! {
    /// What the data path falls back from.
    async fn segments_longer_than_the_path_are_refused_and_one_by_one_they_leave() {
        let mut way = Way::new().await;
        let (socket, to, far) = socket(FAR4);
        let segment = |octets| setsockopt(&socket, sockopt::UdpGsoSegment, &octets).unwrap();
        segment(1400);
        socket.send_to(&[7; 2800], to).unwrap();
        for packet in [way.packet(), way.packet()] {
            assert_eq!((packet.len(), has_df(&packet)), (1428, false));
        }
        segment(0);
        send_with_df(&socket, &[7; 1400], to).unwrap();
        let alone = way.packet();
        assert_eq!((alone.len(), has_df(&alone)), (1428, true));
        way.refuse(&alone, 1300, far);
        assert_eq!(known(far, 1300).await, Some(1300));
        segment(1400);
        let error = socket.send_to(&[7; 2800], to).unwrap_err();
        let errno = nix::errno::Errno::from_raw(error.raw_os_error().unwrap());
        let expected = [nix::errno::Errno::EMSGSIZE, nix::errno::Errno::EINVAL];
        assert!(expected.contains(&errno), "{errno}");
        segment(0);
        socket.send_to(&[7; 1400], to).unwrap();
        assert_eq!(way.packet().len() + way.packet().len(), 1428 + 20);
        way.host.clear().await.unwrap();
    }
}

in_namespace! {
    async fn a_route_and_its_interface_have_a_say() {
        let gateway = "203.0.113.10".parse().unwrap();
        assert_eq!(path_mtu(gateway), Some(1500));
        ip("link set eth0 mtu 1420");
        assert_eq!(path_mtu(gateway), Some(1420));
        ip("route add 203.0.113.10 via 192.0.2.1 mtu 1380");
        assert_eq!(path_mtu(gateway), Some(1380));
        ip("route del default");
        ip("route del 203.0.113.10");
        assert_eq!(path_mtu(gateway), None);
    }
}
