//! SYNs of honest and other hosts. The checksums are those of etherparse, made anew.

use etherparse::{
    IpNumber, Ipv4Header, Ipv6FlowLabel, Ipv6Header, TcpHeader, TcpOptionElement as Option,
};

use super::*;

const NOP: Option = Option::Noop;

/// What may be written into an options area.
fn options(list: &[Option]) -> Vec<u8> {
    let mut header = TcpHeader::default();
    header.set_options(list).unwrap();
    header.options.as_slice().to_vec()
}

fn segment(flags: u8, options: &[u8]) -> TcpHeader {
    let mut header = TcpHeader::new(40_000, 443, 0x0102_0304, 0xfaf0);
    header.set_options_raw(options).unwrap();
    (header.syn, header.ack) = (flags & 2 != 0, flags & 16 != 0);
    (header.rst, header.fin) = (flags & 4 != 0, flags & 1 != 0);
    header
}

fn ipv4(mut tcp: TcpHeader, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(tcp.header_len() + payload.len()).unwrap();
    let ip = Ipv4Header::new(length, 64, IpNumber::TCP, [172, 16, 201, 4], [10, 1, 0, 5]).unwrap();
    tcp.checksum = tcp.calc_checksum_ipv4(&ip, payload).unwrap();
    [&ip.to_bytes()[..], &tcp.to_bytes(), payload].concat()
}

fn ipv6(mut tcp: TcpHeader, payload: &[u8]) -> Vec<u8> {
    let ip = Ipv6Header {
        traffic_class: 0,
        flow_label: Ipv6FlowLabel::ZERO,
        payload_length: u16::try_from(tcp.header_len() + payload.len()).unwrap(),
        next_header: IpNumber::TCP,
        hop_limit: 64,
        source: [0xfd; 16],
        destination: [0x20; 16],
    };
    tcp.checksum = tcp.calc_checksum_ipv6(&ip, payload).unwrap();
    [&ip.to_bytes()[..], &tcp.to_bytes(), payload].concat()
}

#[test]
fn what_fits_the_tunnel_is_what_is_said() {
    for flags in [2, 2 | 16] {
        for mtu in [576, 1280, 1406, 1422, 1438] {
            let syn = |mss| segment(flags, &options(&[Option::MaximumSegmentSize(mss)]));
            let mut packet = ipv4(syn(1460), b"");
            assert!(clamp_mss(&mut packet, mtu));
            assert_eq!(packet, ipv4(syn(mtu - 40), b""), "{mtu}");
            let mut packet = ipv6(syn(1440), b"fast open");
            assert!(clamp_mss(&mut packet, mtu));
            assert_eq!(packet, ipv6(syn(mtu - 60), b"fast open"), "{mtu}");
        }
    }
}

/// Wherever the option stands, at even places and odd ones, the checksum is what it would be.
#[test]
fn the_checksum_is_right_wherever_the_option_stands() {
    for before in 0..8 {
        for mss in [1461, 0x8000, 0xfffe, 0xffff] {
            let list = |mss| {
                let mut list = vec![NOP; before];
                list.push(Option::MaximumSegmentSize(mss));
                options(&list)
            };
            let mut packet = ipv4(segment(2, &list(mss)), b"x");
            assert!(clamp_mss(&mut packet, 1440));
            assert_eq!(
                packet,
                ipv4(segment(2, &list(1400)), b"x"),
                "{before} {mss}"
            );
        }
    }
}

#[test]
fn what_linux_sends_is_understood() {
    let list = |mss| {
        options(&[
            Option::MaximumSegmentSize(mss),
            Option::SelectiveAcknowledgementPermitted,
            Option::Timestamp(0x0101_0101, 0),
            NOP,
            Option::WindowScale(7),
        ])
    };
    let mut packet = ipv4(segment(2, &list(1460)), b"");
    assert!(clamp_mss(&mut packet, 1438));
    assert_eq!(packet, ipv4(segment(2, &list(1398)), b""));
}

#[test]
fn it_is_never_raised_and_never_added() {
    let small = options(&[Option::MaximumSegmentSize(1398)]);
    let no_mss = options(&[Option::WindowScale(7), NOP]);
    for list in [&small[..], &no_mss, &[]] {
        for make in [ipv4, ipv6] {
            let packet = make(segment(2, list), b"data");
            let mut looked_at = packet.clone();
            let mtu = if packet[0] == 0x45 { 1438 } else { 1458 };
            assert!(!clamp_mss(&mut looked_at, mtu));
            assert_eq!(looked_at, packet);
        }
    }
}

/// Data may look like options; only a SYN has an MSS.
#[test]
fn other_segments_and_other_protocols_are_left_alone() {
    let list = options(&[Option::MaximumSegmentSize(9000)]);
    for flags in [0, 16, 4, 1, 16 | 1] {
        let packet = ipv4(segment(flags, &list), b"");
        let mut looked_at = packet.clone();
        assert!(!clamp_mss(&mut looked_at, 576));
        assert_eq!(looked_at, packet);
    }
    let syn = ipv4(segment(2, &list), b"");
    for (at, value) in [(9, 17), (9, 51), (0, 0x55), (7, 1), (0, 0x44)] {
        let mut other = syn.clone();
        other[at] = value;
        let before = other.clone();
        assert!(!clamp_mss(&mut other, 576), "{at} {value}");
        assert_eq!(other, before);
    }
    let tunnel_for_nothing = clamp_mss(&mut syn.clone(), 39);
    assert!(!tunnel_for_nothing);
}

#[test]
fn ipv6_options_before_tcp_do_not_hide_it() {
    let list = options(&[Option::MaximumSegmentSize(1440)]);
    let mut packet = ipv6(segment(2, &list), b"");
    packet[6] = 60;
    packet.splice(40..40, [6, 0, 1, 4, 0, 0, 0, 0]);
    assert!(clamp_mss(&mut packet, 1300));
    let mss = packet.len() - 2;
    assert_eq!(packet[mss..], 1240_u16.to_be_bytes());
}

/// N-88's spirit: lengths 0, 1 and beyond the end, an option cut by the end of the header or of the
/// packet, two of the same.
#[test]
fn options_that_lie_end_the_search() {
    let untouched: [&[u8]; 7] = [
        &[2, 0, 0xff, 0xff],
        &[2, 1, 0xff, 0xff],
        &[2, 3, 0xff, 0xff],
        &[8, 0, 2, 4, 0xff, 0xff, 0, 0],
        &[8, 255, 2, 4, 0xff, 0xff, 0, 0],
        &[0, 2, 4, 0xff, 0xff, 0, 0, 0],
        &[1, 1, 1, 2],
    ];
    for list in untouched {
        let mut packet = ipv4(segment(2, list), &[4, 0xff, 0xff, 0xff]);
        let before = packet.clone();
        assert!(!clamp_mss(&mut packet, 1400), "{list:?}");
        assert_eq!(packet, before, "{list:?}");
    }
    let twice = |mss: u16| {
        let [high, low] = mss.to_be_bytes();
        ipv4(segment(2, &[2, 4, high, low, 2, 4, high, low]), b"")
    };
    let mut packet = twice(9000);
    assert!(clamp_mss(&mut packet, 1400));
    assert_eq!(packet, twice(1360));
}

#[test]
fn no_octets_stop_it_and_nothing_but_mss_and_checksum_changes() {
    let mut seed = 1_u32;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed
    };
    let list = options(&[NOP, Option::MaximumSegmentSize(1460), NOP]);
    let whole = [
        ipv4(segment(2, &list), b"abc"),
        ipv6(segment(2, &list), b"abc"),
    ];
    for round in 0..60_000 {
        let mut packet = whole[round % 2].clone();
        packet.truncate(random() as usize % (packet.len() + 1));
        for _ in 0..random() % 4 {
            if !packet.is_empty() {
                let at = random() as usize % packet.len();
                packet[at] = random().to_be_bytes()[0];
            }
        }
        let before = packet.clone();
        let clamped = clamp_mss(&mut packet, 1280);
        let changed = before.iter().zip(&packet).filter(|(a, b)| a != b).count();
        assert_eq!(before.len(), packet.len());
        assert!(changed <= 20 && (clamped || changed == 0), "{before:?}");
    }
}
