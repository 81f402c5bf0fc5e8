//! The interface itself: made, used, gone.

use std::io::{self, IoSlice};
use std::os::fd::AsFd as _;

use azike_platform::{
    Datagrams, Host, Offload, SuperPackets, TUN_HEADER, TunDevice, TunError, UdpSender,
};

use crate::namespace::{config, in_namespace, ip};
use crate::snapshot::Snapshot;

/// A UDP datagram from 172.16.201.4 to 10.1.0.4, without checksum.
fn datagram() -> Vec<u8> {
    let mut packet = vec![
        0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 1, 0, 4, 172, 16, 201, 4,
    ];
    packet.extend([0x13, 0x88, 0x13, 0x89, 0, 12, 0, 0, b'a', b'z', b'i', b'k']);
    let words = packet[..20]
        .chunks(2)
        .map(|word| u32::from(word[0]) << 8 | u32::from(word[1]));
    let sum: u32 = words.sum();
    let sum = u16::try_from((sum & 0xffff) + (sum >> 16))
        .map(|sum| !sum)
        .unwrap();
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    packet
}

in_namespace! {
    /// Packets come and go bare, without a header before them.
    async fn packets_go_through_it() {
        let tun = TunDevice::create().unwrap();
        assert_eq!(tun.name(), "azike0");
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        host.set(&config(tun.name(), &["10.1.0.0/16"])).await.unwrap();

        let socket = std::net::UdpSocket::bind("172.16.201.4:5001").unwrap();
        socket.send_to(b"azik", "10.1.0.4:5000").unwrap();
        let mut packet = [0; 2000];
        let length = read(&tun, &mut packet);
        let packet = &packet[..length];
        assert_eq!((packet[0], packet.len()), (0x45, 32));
        assert_eq!(&packet[12..20], [172, 16, 201, 4, 10, 1, 0, 4]);
        assert_eq!(&packet[28..], b"azik");

        write(&tun, &datagram()).unwrap();
        let mut answer = [0; 16];
        let (length, from) = socket.recv_from(&mut answer).unwrap();
        assert_eq!((&answer[..length], from), (&b"azik"[..], ([10, 1, 0, 4], 5000).into()));
        host.clear().await.unwrap();
    }
}

pub(crate) fn read(tun: &TunDevice, packet: &mut [u8]) -> usize {
    readable(tun);
    tun.read_packet(&mut [0; TUN_HEADER], packet).unwrap()
}

fn readable(tun: &TunDevice) {
    use rustix::event::{PollFd, PollFlags, poll};
    let timeout = rustix::event::Timespec {
        tv_sec: 5,
        tv_nsec: 0,
    };
    let mut fds = [PollFd::new(tun, PollFlags::IN)];
    assert_eq!(poll(&mut fds, Some(&timeout)).unwrap(), 1, "no packet");
}

pub(crate) fn write(tun: &TunDevice, packet: &[u8]) -> io::Result<()> {
    tun.write_packet(&[IoSlice::new(&[0; TUN_HEADER]), IoSlice::new(packet)])
}

in_namespace! {
    /// A send that the kernel need not cut arrives whole, and what is written whole arrives cut.
    async fn super_packets_go_through_it() {
        let tun = TunDevice::create_offloading(Offload::Auto).unwrap();
        if tun.super_packets() != SuperPackets::TcpAndUdp {
            assert!(std::env::var_os("CI").is_none(), "this kernel makes no UDP super-packets");
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        host.set(&config(tun.name(), &["10.1.0.0/16"])).await.unwrap();
        let socket = std::net::UdpSocket::bind("172.16.201.4:5001").unwrap();
        let mut sender = UdpSender::new(Offload::Auto);
        let payload: Vec<u8> = (0..5000).map(|at| u8::try_from(at / 1000).unwrap()).collect();
        let to = ([10, 1, 0, 4], 5000).into();
        sender.send(&socket, to, 0, Datagrams::new(&payload, 1000)).unwrap();
        assert!(sender.segments());
        let mut packet = vec![0; 65_535];
        let mut header = [0; TUN_HEADER];
        readable(&tun);
        let length = tun.read_packet(&mut header, &mut packet).unwrap();
        // UDP_L4, in pieces of 1000.
        assert_eq!((length, header[1], &header[4..6]), (5028, 5, &1000_u16.to_ne_bytes()[..]));
        assert_eq!(packet[28..length], payload);

        // The way back: addresses and ports exchanged, the sum of the pseudo-header stays the same.
        let (source, rest) = packet[12..].split_at_mut(4);
        source.swap_with_slice(&mut rest[..4]);
        let (port, rest) = packet[20..].split_at_mut(2);
        port.swap_with_slice(&mut rest[..2]);
        let parts = [IoSlice::new(&header), IoSlice::new(&packet[..length])];
        tun.write_packet(&parts).unwrap();
        for number in 0..5 {
            let mut answer = [0; 2000];
            let (length, from) = socket.recv_from(&mut answer).unwrap();
            assert_eq!((length, from), (1000, to));
            assert_eq!(answer[..1000], payload[number * 1000..][..1000]);
        }
        host.clear().await.unwrap();
    }
}

in_namespace! {
    async fn nothing_to_read_does_not_block() {
        let tun = TunDevice::create().unwrap();
        let error = tun.read_packet(&mut [0; TUN_HEADER], &mut [0; 2000]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(write(&tun, &[0]).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}

in_namespace! {
    /// N-108: a child process must not keep the tunnel alive.
    async fn children_do_not_inherit_it() {
        let tun = TunDevice::create().unwrap();
        let flags = rustix::io::fcntl_getfd(tun.as_fd()).unwrap();
        assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
    }
}

in_namespace! {
    async fn names_are_counted_up_and_a_taken_one_is_refused() {
        let before = Snapshot::take();
        let first = TunDevice::create().unwrap();
        let second = TunDevice::create().unwrap();
        assert_eq!((first.name(), second.name()), ("azike0", "azike1"));
        assert_ne!(first.index(), second.index());
        let third = TunDevice::create_named("azike0", Offload::Off);
        assert!(matches!(third, Err(TunError::NameTaken(name)) if name == "azike0"));
        drop((first, second));
        before.assert_still_true();
    }
}

in_namespace! {
    /// No address that nobody asked for, no router solicitations into the tunnel.
    async fn the_kernel_gives_it_no_address() {
        let tun = TunDevice::create().unwrap();
        ip(&format!("link set {} up", tun.name()));
        let addresses = ip(&format!("-o addr show dev {}", tun.name()));
        assert_eq!(addresses, "");
    }
}

in_namespace! {
    async fn without_the_right_there_is_a_plain_error() {
        use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};
        let none = CapabilitySet::empty();
        let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
        set_capabilities(None, sets).unwrap();
        assert!(matches!(TunDevice::create(), Err(TunError::NoPermission)));
        let dir = tempfile::tempdir().unwrap();
        let mut host = Host::open(dir.path()).unwrap();
        let error = host.set(&config("eth0", &["10.1.0.0/16"])).await.unwrap_err();
        assert!(error.is_no_permission(), "{error:?}");
    }
}

in_namespace! {
    /// A container that was not given the device.
    async fn without_the_device_file_there_is_a_plain_error() {
        // The mount namespace of `ip netns exec` is ours alone.
        let status = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "none", "/dev/net"])
            .status();
        assert!(status.unwrap().success());
        assert!(matches!(TunDevice::create(), Err(TunError::NoTunDevice)));
    }
}
