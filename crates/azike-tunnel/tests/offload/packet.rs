//! Packets described by their fields, made into octets by etherparse.

use azike_tunnel::{Gso, VnetHeader};
use etherparse::{
    IpNumber, Ipv4Header, Ipv6FlowLabel, Ipv6Header, NetSlice, SlicedPacket, TcpHeader,
    TransportSlice, UdpHeader,
};

use crate::plain;

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const PSH: u8 = 0x08;
pub(crate) const ACK: u8 = 0x10;
pub(crate) const URG: u8 = 0x20;
pub(crate) const ECE: u8 = 0x40;
pub(crate) const CWR: u8 = 0x80;

/// The timestamps option, with two NOPs before it as everybody sends it.
pub(crate) const TIMESTAMPS: [u8; 12] = [1, 1, 8, 10, 0, 0, 1, 44, 0, 0, 0, 99];

/// The fields of a TCP or UDP packet.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) gso: Gso,
    /// UDP over IPv6; TCP has its version in `gso`.
    pub(crate) ipv6: bool,
    pub(crate) source: u8,
    pub(crate) traffic_class: u8,
    pub(crate) flow_label: u32,
    pub(crate) hop_limit: u8,
    pub(crate) identification: u16,
    pub(crate) dont_fragment: bool,
    pub(crate) ip_options: Vec<u8>,
    pub(crate) ports: (u16, u16),
    pub(crate) sequence: u32,
    pub(crate) acknowledgment: u32,
    pub(crate) flags: u8,
    pub(crate) window: u16,
    pub(crate) options: Vec<u8>,
    pub(crate) payload: Vec<u8>,
}

impl Packet {
    pub(crate) fn new(gso: Gso, ipv6: bool, payload: usize) -> Self {
        let byte = |at: usize| u8::try_from((at * 7 + at / 256) % 256).unwrap();
        Self {
            gso,
            ipv6,
            source: 5,
            traffic_class: 0xb8,
            flow_label: 0x54321,
            hop_limit: 61,
            identification: 0xfffe,
            dont_fragment: false,
            ip_options: Vec::new(),
            ports: (443, 50_000),
            sequence: 0xffff_f000,
            acknowledgment: 0x1234_5678,
            flags: ACK,
            window: 501,
            options: TIMESTAMPS.to_vec(),
            payload: (0..payload).map(byte).collect(),
        }
    }

    pub(crate) fn tcp4(payload: usize) -> Self {
        Self::new(Gso::Tcp4, false, payload)
    }

    pub(crate) fn tcp6(payload: usize) -> Self {
        Self::new(Gso::Tcp6, true, payload)
    }

    pub(crate) fn udp4(payload: usize) -> Self {
        Self::new(Gso::Udp, false, payload)
    }

    pub(crate) fn udp6(payload: usize) -> Self {
        Self::new(Gso::Udp, true, payload)
    }

    /// One of each.
    pub(crate) fn kinds(payload: usize) -> [Self; 4] {
        [
            Self::tcp4(payload),
            Self::tcp6(payload),
            Self::udp4(payload),
            Self::udp6(payload),
        ]
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The segments of this packet as a slow plain model has them: each is described, and made
    /// into octets, for itself.
    pub(crate) fn split(&self, size: usize) -> Vec<Self> {
        let parts: Vec<&[u8]> = self.payload.chunks(size).collect();
        let last = parts.len() - 1;
        let mut segments = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let mut segment = self.clone();
            segment.payload = part.to_vec();
            for _ in 0..number {
                segment.identification = segment.identification.wrapping_add(1);
                let size = u32::try_from(size).unwrap();
                segment.sequence = segment.sequence.wrapping_add(size);
            }
            if number != 0 {
                segment.flags &= !CWR;
            }
            if number != last {
                segment.flags &= !(FIN | PSH);
            }
            segments.push(segment);
        }
        segments
    }

    pub(crate) fn is_udp(&self) -> bool {
        self.gso == Gso::Udp
    }

    pub(crate) fn ip_length(&self) -> usize {
        if self.ipv6 {
            40
        } else {
            20 + self.ip_options.len()
        }
    }

    pub(crate) fn headers(&self) -> usize {
        self.ip_length()
            + if self.is_udp() {
                8
            } else {
                20 + self.options.len()
            }
    }

    /// What the kernel writes before this packet when it is a super-packet.
    pub(crate) fn vnet_header(&self, size: usize) -> VnetHeader {
        VnetHeader {
            needs_checksum: true,
            gso: self.gso,
            header_length: u16::try_from(self.headers()).unwrap(),
            gso_size: u16::try_from(size).unwrap(),
            checksum_start: u16::try_from(self.ip_length()).unwrap(),
            checksum_offset: if self.is_udp() { 6 } else { 16 },
        }
    }

    /// The octets as the kernel gives them: in the checksum field only the sum of the
    /// pseudo-header.
    pub(crate) fn incomplete(&self) -> Vec<u8> {
        let mut octets = self.octets();
        let length = octets.len() - self.ip_length();
        let protocol = if self.is_udp() { 17 } else { 6 };
        let sum = !plain::checksum(&[&plain::pseudo_header(&octets, length, protocol)]);
        let at = self.ip_length() + if self.is_udp() { 6 } else { 16 };
        octets[at..at + 2].copy_from_slice(&sum.to_be_bytes());
        octets
    }

    /// The octets of the packet, all checksums right.
    pub(crate) fn octets(&self) -> Vec<u8> {
        if self.ipv6 { self.ipv6() } else { self.ipv4() }
    }

    fn ipv4(&self) -> Vec<u8> {
        let length = self.headers() - self.ip_length() + self.payload.len();
        let mut ip = Ipv4Header::new(
            u16::try_from(length).unwrap(),
            self.hop_limit,
            self.protocol(),
            [10, 1, 0, self.source],
            [172, 16, 201, 4],
        )
        .unwrap();
        ip.options = self.ip_options.as_slice().try_into().unwrap();
        ip.total_len = u16::try_from(ip.header_len() + length).unwrap();
        ip.identification = self.identification;
        ip.dont_fragment = self.dont_fragment;
        ip.dscp = (self.traffic_class >> 2).try_into().unwrap();
        ip.ecn = (self.traffic_class & 3).try_into().unwrap();
        ip.header_checksum = ip.calc_header_checksum();
        let transport = if self.is_udp() {
            let (source, destination) = self.ports;
            UdpHeader::with_ipv4_checksum(source, destination, &ip, &self.payload)
                .unwrap()
                .to_bytes()
                .to_vec()
        } else {
            let mut tcp = self.tcp();
            tcp.checksum = tcp.calc_checksum_ipv4(&ip, &self.payload).unwrap();
            tcp.to_bytes().to_vec()
        };
        [&ip.to_bytes()[..], &transport, &self.payload].concat()
    }

    fn ipv6(&self) -> Vec<u8> {
        let length = self.headers() - self.ip_length() + self.payload.len();
        let mut source = [0; 16];
        source[..2].copy_from_slice(&[0xfd, 0]);
        source[15] = self.source;
        let ip = Ipv6Header {
            traffic_class: self.traffic_class,
            flow_label: Ipv6FlowLabel::try_new(self.flow_label).unwrap(),
            payload_length: u16::try_from(length).unwrap(),
            next_header: self.protocol(),
            hop_limit: self.hop_limit,
            source,
            destination: [0xfd, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4],
        };
        let transport = if self.is_udp() {
            let (source, destination) = self.ports;
            UdpHeader::with_ipv6_checksum(source, destination, &ip, &self.payload)
                .unwrap()
                .to_bytes()
                .to_vec()
        } else {
            let mut tcp = self.tcp();
            tcp.checksum = tcp.calc_checksum_ipv6(&ip, &self.payload).unwrap();
            tcp.to_bytes().to_vec()
        };
        [&ip.to_bytes()[..], &transport, &self.payload].concat()
    }

    fn protocol(&self) -> IpNumber {
        if self.is_udp() {
            IpNumber::UDP
        } else {
            IpNumber::TCP
        }
    }

    fn tcp(&self) -> TcpHeader {
        let (source, destination) = self.ports;
        let mut tcp = TcpHeader::new(source, destination, self.sequence, self.window);
        tcp.acknowledgment_number = self.acknowledgment;
        tcp.fin = self.flags & FIN != 0;
        tcp.syn = self.flags & SYN != 0;
        tcp.rst = self.flags & RST != 0;
        tcp.psh = self.flags & PSH != 0;
        tcp.ack = self.flags & ACK != 0;
        tcp.urg = self.flags & URG != 0;
        tcp.ece = self.flags & ECE != 0;
        tcp.cwr = self.flags & CWR != 0;
        tcp.set_options_raw(&self.options).unwrap();
        tcp
    }
}

/// Fails unless etherparse finds `packet` whole and its checksums right.
pub(crate) fn assert_valid(packet: &[u8]) {
    let sliced = SlicedPacket::from_ip(packet).unwrap();
    let ip = sliced.net.unwrap();
    let (stands, right) = match (&ip, sliced.transport.unwrap()) {
        (NetSlice::Ipv4(ip), TransportSlice::Tcp(tcp)) => {
            let (source, destination) = (ip.header().source(), ip.header().destination());
            (tcp.checksum(), tcp.calc_checksum_ipv4(source, destination))
        }
        (NetSlice::Ipv6(ip), TransportSlice::Tcp(tcp)) => {
            let (source, destination) = (ip.header().source(), ip.header().destination());
            (tcp.checksum(), tcp.calc_checksum_ipv6(source, destination))
        }
        (NetSlice::Ipv4(ip), TransportSlice::Udp(udp)) => {
            let (ip, header) = (ip.header().to_header(), udp.to_header());
            (
                udp.checksum(),
                header.calc_checksum_ipv4(&ip, udp.payload()),
            )
        }
        (NetSlice::Ipv6(ip), TransportSlice::Udp(udp)) => {
            let (ip, header) = (ip.header().to_header(), udp.to_header());
            (
                udp.checksum(),
                header.calc_checksum_ipv6(&ip, udp.payload()),
            )
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(stands, right.unwrap());
    if let NetSlice::Ipv4(ip) = ip {
        let header = ip.header().to_header();
        assert_eq!(header.header_checksum, header.calc_header_checksum());
    }
    assert!(plain::is_right(packet));
}
