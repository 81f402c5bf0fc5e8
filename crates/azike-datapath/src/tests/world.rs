//! A data path on loopback with a gateway at one end and a host at the other.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::UnixDatagram;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use azike_crypto::{ChildAlgorithms, DirectionKeys, Encryption, Secret};
use azike_esp::{Inbound, NextHeader, Outbound, PacketBuf};
use azike_ike::Transport;
use azike_platform::{Clock, SuperPackets, TUN_HEADER};
use azike_tunnel::InnerPolicy;
use azike_wire::{EspSpi, TrafficSelector};
use rustix::net::{
    RecvAncillaryBuffer, RecvFlags, SendAncillaryBuffer, SendFlags, recvmsg, sendmsg,
};

use crate::mailbox::pair;
use crate::{ChildSaKeys, DataPath, IkeDatagram, PacketDevice, Settings};

pub(super) const CLIENT: Ipv4Addr = Ipv4Addr::new(172, 16, 201, 4);
pub(super) const SERVER: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 5);

/// How many IKE messages may wait for the control plane.
pub(super) const IKE_QUEUE: usize = 4;

/// What a test waits for comes at once, or is taken to be missing after this time.
const PATIENCE: Duration = Duration::from_secs(5);

/// One end of a socket pair that stands in for a tun device. With super-packets, their header is the
/// beginning of each message.
#[derive(Debug)]
pub(super) struct FakeTun {
    socket: UnixDatagram,
    super_packets: SuperPackets,
}

impl PacketDevice for FakeTun {
    fn descriptor(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    fn super_packets(&self) -> SuperPackets {
        self.super_packets
    }

    fn read_packet(&self, header: &mut [u8; TUN_HEADER], packet: &mut [u8]) -> io::Result<usize> {
        if self.super_packets == SuperPackets::None {
            header.fill(0);
            return self.socket.recv(packet);
        }
        let mut parts = [IoSliceMut::new(header), IoSliceMut::new(packet)];
        let mut none = RecvAncillaryBuffer::default();
        let received = recvmsg(&self.socket, &mut parts, &mut none, RecvFlags::empty())?;
        Ok(received.bytes - TUN_HEADER)
    }

    fn write_packet(&self, parts: &[IoSlice<'_>]) -> io::Result<()> {
        let without_header = usize::from(self.super_packets == SuperPackets::None);
        let mut none = SendAncillaryBuffer::default();
        let parts = &parts[without_header..];
        sendmsg(&self.socket, parts, &mut none, SendFlags::empty())?;
        Ok(())
    }
}

/// The gateway's end of a Child SA.
pub(super) struct GatewaySa {
    pub(super) inbound: Inbound,
    pub(super) outbound: Outbound,
    /// The client's SPI.
    pub(super) spi: EspSpi,
}

/// Everything there is.
pub(super) struct World {
    pub(super) data_path: DataPath,
    pub(super) clock: Clock,
    /// The client's sockets, by which the data path sends and receives.
    pub(super) client_500: Arc<UdpSocket>,
    pub(super) client_4500: Arc<UdpSocket>,
    /// The gateway's socket.
    pub(super) gateway: UdpSocket,
    /// The far end of the fake tun device.
    pub(super) host: UnixDatagram,
    pub(super) ike: Receiver<IkeDatagram>,
}

impl World {
    /// A data path with a tun device, and no Child SA yet.
    pub(super) fn new() -> Self {
        let (client_500, client_4500) = (Arc::new(udp()), Arc::new(udp()));
        let (to_ike, ike) = sync_channel(IKE_QUEUE);
        let clock = Clock::start();
        let sockets = vec![
            (Arc::clone(&client_500), Transport::Udp500),
            (Arc::clone(&client_4500), Transport::Udp4500),
        ];
        let mut data_path = DataPath::start(
            sockets,
            move |message| to_ike.try_send(message).is_ok(),
            clock,
            Settings::default(),
        )
        .unwrap();
        let (tun, host) = tun();
        data_path.attach(Arc::new(tun), policy());
        Self {
            data_path,
            clock,
            client_500,
            client_4500,
            gateway: udp(),
            host,
            ike,
        }
    }

    /// Installs Child SA number `number` and gives the gateway's end of it.
    pub(super) fn install(&self, number: u8) -> GatewaySa {
        let (keys, gateway) = child_sa(number, &self.client_4500, address(&self.gateway));
        self.data_path.install(&keys);
        gateway
    }

    /// The address to which the gateway sends ESP.
    pub(super) fn client(&self) -> SocketAddr {
        address(&self.client_4500)
    }

    /// Lets the gateway send `inner` to the client by `sa`.
    pub(super) fn gateway_sends(&self, sa: &mut GatewaySa, inner: &[u8]) {
        let esp = seal(&mut sa.outbound, inner);
        self.gateway.send_to(&esp, self.client()).unwrap();
    }

    /// The next packet that the host gets from the tunnel.
    pub(super) fn at_host(&self) -> Vec<u8> {
        let mut packet = vec![0; 70_000];
        let length = self.host.recv(&mut packet).unwrap();
        packet.truncate(length);
        packet
    }

    /// The next packet that the gateway gets and opens with `sa`.
    pub(super) fn at_gateway(&self, sa: &mut GatewaySa) -> Vec<u8> {
        let mut esp = vec![0; 70_000];
        let length = self.gateway.recv(&mut esp).unwrap();
        sa.inbound.open(&mut esp[..length]).unwrap().packet.to_vec()
    }
}

/// Waits until `condition` holds.
pub(super) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let clock = Clock::start();
    let start = clock.now();
    while !condition() {
        assert!(clock.now() - start < PATIENCE, "never: {what}");
        pause(Duration::from_millis(1));
    }
}

/// Lets `time` pass.
pub(super) fn pause(time: Duration) {
    let (_caller, mailbox) = pair::<()>().unwrap();
    mailbox.pause(time);
}

/// A UDP packet from the client to the server, its payload as long as told.
pub(super) fn up(payload: usize) -> Vec<u8> {
    packet(CLIENT, SERVER, payload)
}

/// A UDP packet from the server to the client.
pub(super) fn down(payload: usize) -> Vec<u8> {
    packet(SERVER, CLIENT, payload)
}

pub(super) fn packet(source: Ipv4Addr, destination: Ipv4Addr, payload: usize) -> Vec<u8> {
    let mut packet = vec![0; 28 + payload];
    packet[0] = 0x45;
    packet[2..4].copy_from_slice(&u16::try_from(28 + payload).unwrap().to_be_bytes());
    packet[9] = 17;
    packet[12..16].copy_from_slice(&source.octets());
    packet[16..20].copy_from_slice(&destination.octets());
    packet
}

pub(super) fn seal(outbound: &mut Outbound, inner: &[u8]) -> Vec<u8> {
    let mut packet = PacketBuf::new(65_535);
    let filled = packet.fill(|room| {
        room[..inner.len()].copy_from_slice(inner);
        Ok::<_, ()>(inner.len())
    });
    assert_eq!(filled, Ok(inner.len()));
    outbound.seal(&mut packet, NextHeader::Ipv4).unwrap();
    packet.octets().to_vec()
}

pub(super) fn policy() -> InnerPolicy {
    let theirs = TrafficSelector::ipv4(Ipv4Addr::new(10, 1, 0, 0), Ipv4Addr::new(10, 1, 255, 255));
    InnerPolicy::new(
        vec![CLIENT.into()],
        &[TrafficSelector::all_ipv4()],
        &[theirs],
    )
}

/// A fake tun device and the host's end of it.
pub(super) fn tun() -> (FakeTun, UnixDatagram) {
    tun_with(SuperPackets::None)
}

/// The same with super-packets.
pub(super) fn tun_with(super_packets: SuperPackets) -> (FakeTun, UnixDatagram) {
    let (socket, host) = UnixDatagram::pair().unwrap();
    socket.set_nonblocking(true).unwrap();
    host.set_read_timeout(Some(PATIENCE)).unwrap();
    let tun = FakeTun {
        socket,
        super_packets,
    };
    (tun, host)
}

pub(super) fn udp() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

pub(super) fn address(socket: &UdpSocket) -> SocketAddr {
    socket.local_addr().unwrap()
}

/// Both ends of Child SA number `number`.
pub(super) fn child_sa(
    number: u8,
    socket: &Arc<UdpSocket>,
    peer: SocketAddr,
) -> (ChildSaKeys, GatewaySa) {
    let keys = |salt: u8| {
        let algorithms = ChildAlgorithms::new(Encryption::Aes256Gcm16, None).unwrap();
        let key = Secret::new(vec![number ^ salt; 36].into_boxed_slice());
        DirectionKeys::new(algorithms, key, Secret::new(Box::default())).unwrap()
    };
    let spi_in = EspSpi::new(0x1000 + u32::from(number)).unwrap();
    let spi_out = EspSpi::new(0x2000 + u32::from(number)).unwrap();
    let client = ChildSaKeys {
        spi_in,
        spi_out,
        inbound: keys(0x00),
        outbound: keys(0x80),
        peer,
        socket: Arc::clone(socket),
    };
    let gateway = GatewaySa {
        inbound: Inbound::new(spi_out, &keys(0x80)),
        outbound: Outbound::new(spi_in, &keys(0x00)),
        spi: spi_in,
    };
    (client, gateway)
}
