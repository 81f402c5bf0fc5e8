//! Upload at one end, download at the other, and lengths on the wire.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test code: a failure should stop the test where it is"
)]

use std::net::Ipv4Addr;

use azike_crypto::{ChildAlgorithms, DirectionKeys, Encryption, Integrity, Secret};
use azike_esp::{EspDrop, Inbound, NextHeader, Outbound, Overhead, PacketBuf};
use azike_tunnel::{
    Arrival, DownloadDrop, Ecn, InnerPolicy, InnerVersions, OuterVersion, PolicyDrop, download,
    inner_mtu,
};
use azike_wire::{EspSpi, TrafficSelector};
use etherparse::PacketBuilder;

const CLIENT: Ipv4Addr = Ipv4Addr::new(172, 16, 201, 4);
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 5);

#[test]
fn packet_goes_up_here_and_down_there() {
    let (mut outbound, mut inbound) = sa(gcm());
    let inner = udp(CLIENT, SERVER, 100, 0);
    let mut packet = buffer(&inner);
    seal(&mut outbound, &mut packet);
    assert_eq!(Arrival::of(packet.octets()), Arrival::Esp(outbound.spi()));
    let arrived = open(&gateway(), &mut inbound, Ecn::NotEct, &mut packet);
    assert_eq!(arrived.unwrap(), inner);
}

/// N-89 through the whole way down: mark, drop, leave alone.
#[test]
fn n89_congestion_reaches_the_inner_packet() {
    let (mut outbound, mut inbound) = sa(gcm());
    for inner in [Ecn::NotEct, Ecn::Ect0, Ecn::Ect1, Ecn::Ce] {
        for outer in [Ecn::NotEct, Ecn::Ect0, Ecn::Ect1, Ecn::Ce] {
            let mut packet = buffer(&udp(CLIENT, SERVER, 10, inner.bits()));
            seal(&mut outbound, &mut packet);
            let arrived = open(&gateway(), &mut inbound, outer, &mut packet);
            match inner.decapsulated(outer) {
                Some(marked) => {
                    let expected = udp(CLIENT, SERVER, 10, marked.bits());
                    assert_eq!(arrived.unwrap(), expected, "{inner:?} in {outer:?}");
                }
                None => assert_eq!(arrived, Err(DownloadDrop::Congestion)),
            }
        }
    }
}

/// N-88 behind a correct ICV: the gateway is alive, and its packet is dropped all the same.
#[test]
fn spoofed_inner_packet_is_dropped_and_still_shows_life() {
    let (mut outbound, mut inbound) = sa(gcm());
    let mut packet = buffer(&udp(CLIENT, SERVER, 100, 0));
    seal(&mut outbound, &mut packet);
    // Seen by the client's own policy, this comes from its own address.
    let dropped = open(&client(), &mut inbound, Ecn::NotEct, &mut packet);
    let reason = dropped.unwrap_err();
    assert_eq!(reason, DownloadDrop::Policy(PolicyDrop::OwnSource));
    assert!(reason.is_authentic());
    assert!(!DownloadDrop::Esp(EspDrop::Replayed).is_authentic());
}

/// What the way up does to a packet that the policy lets pass.
fn seal(outbound: &mut Outbound, packet: &mut PacketBuf) {
    client().outbound(packet.octets()).unwrap();
    outbound.seal(packet, NextHeader::Ipv4).unwrap();
}

/// The way down, with the packet copied out.
fn open(
    policy: &InnerPolicy,
    inbound: &mut Inbound,
    outer: Ecn,
    packet: &mut PacketBuf,
) -> Result<Vec<u8>, DownloadDrop> {
    let buffer = packet.octets_mut();
    let esp = 0..buffer.len();
    let place = download(policy, inbound, outer, buffer, esp)?;
    Ok(buffer[place].to_vec())
}

/// N-2, N-83: what comes to port 4500 and is neither ESP nor IKE.
#[test]
fn arrivals_are_told_apart() {
    for (datagram, arrival) in [
        (&[0xff][..], Arrival::Keepalive),
        (&[0, 0, 0, 0, 9, 9], Arrival::Ike(4)),
        (&[0, 0, 0, 0], Arrival::Ike(4)),
        (&[0, 0, 0, 255, 1, 2, 3, 4], Arrival::Malformed),
        (&[], Arrival::Malformed),
        (&[1, 2, 3], Arrival::Malformed),
        (&[0, 0, 1, 0], Arrival::Esp(EspSpi::new(256).unwrap())),
    ] {
        assert_eq!(Arrival::of(datagram), arrival, "{datagram:?}");
    }
}

/// The formula against real packets: what fits the inner MTU fits the path, one octet more does
/// not, for every suite, both outer versions and every path MTU from the narrowest useful one.
#[test]
fn inner_mtu_is_exactly_what_fits_the_path() {
    for algorithms in suites() {
        let overhead = Overhead::of(algorithms);
        let (mut outbound, _) = sa(algorithms);
        let mut sealed = Vec::new();
        for length in 0..=1600 {
            let mut room = vec![0; overhead.sealed(length)];
            let esp = outbound.seal_in(&mut room, length, NextHeader::Ipv4);
            sealed.push(esp.unwrap());
        }
        for outer in [OuterVersion::Ipv4, OuterVersion::Ipv6] {
            for path_mtu in 700..=1600_u16 {
                let mtu = inner_mtu(path_mtu, outer, overhead, InnerVersions::Ipv4);
                let on_the_wire = |inner: usize| outer.headers() + sealed[inner];
                if mtu == 576 {
                    assert!(on_the_wire(577) > usize::from(path_mtu));
                    continue;
                }
                assert!(on_the_wire(usize::from(mtu)) <= usize::from(path_mtu));
                assert!(on_the_wire(usize::from(mtu) + 1) > usize::from(path_mtu));
                let with_ipv6 = inner_mtu(path_mtu, outer, overhead, InnerVersions::Ipv6);
                assert_eq!(with_ipv6, mtu.max(1280));
            }
        }
    }
}

fn suites() -> Vec<ChildAlgorithms> {
    let cbc = Encryption::Aes256Cbc;
    let mut suites = vec![
        gcm(),
        ChildAlgorithms::new(Encryption::ChaCha20Poly1305, None).unwrap(),
    ];
    for integrity in [
        Integrity::HmacSha1_96,
        Integrity::HmacSha256_128,
        Integrity::HmacSha384_192,
        Integrity::HmacSha512_256,
    ] {
        suites.push(ChildAlgorithms::new(cbc, Some(integrity)).unwrap());
    }
    suites
}

fn gcm() -> ChildAlgorithms {
    ChildAlgorithms::new(Encryption::Aes256Gcm16, None).unwrap()
}

fn sa(algorithms: ChildAlgorithms) -> (Outbound, Inbound) {
    let secret = |length| Secret::new(vec![0x17; length].into_boxed_slice());
    let integrity = algorithms.integrity().map_or(0, Integrity::key_length);
    let encryption = algorithms.encryption().keymat_length();
    let keys = DirectionKeys::new(algorithms, secret(encryption), secret(integrity)).unwrap();
    let spi = EspSpi::new(0xabc_def0).unwrap();
    (Outbound::new(spi, &keys), Inbound::new(spi, &keys))
}

fn client() -> InnerPolicy {
    let theirs = TrafficSelector::ipv4(Ipv4Addr::new(10, 1, 0, 0), Ipv4Addr::new(10, 1, 255, 255));
    InnerPolicy::new(
        vec![CLIENT.into()],
        &[TrafficSelector::all_ipv4()],
        &[theirs],
    )
}

/// The policy of the other end: the server is "ours" there.
fn gateway() -> InnerPolicy {
    let theirs = TrafficSelector::ipv4(CLIENT, CLIENT);
    InnerPolicy::new(
        vec![SERVER.into()],
        &[TrafficSelector::all_ipv4()],
        &[theirs],
    )
}

fn udp(source: Ipv4Addr, destination: Ipv4Addr, payload: usize, traffic_class: u8) -> Vec<u8> {
    let mut header = etherparse::Ipv4Header::new(
        u16::try_from(payload + 8).unwrap(),
        64,
        etherparse::IpNumber::UDP,
        source.octets(),
        destination.octets(),
    )
    .unwrap();
    header.ecn = etherparse::IpEcn::try_new(traffic_class).unwrap();
    header.header_checksum = header.calc_header_checksum();
    let builder = PacketBuilder::ip(etherparse::IpHeaders::Ipv4(
        header,
        etherparse::Ipv4Extensions::default(),
    ));
    let mut packet = Vec::new();
    let payload = vec![0x5a; payload];
    builder.udp(1000, 53).write(&mut packet, &payload).unwrap();
    packet
}

fn buffer(inner: &[u8]) -> PacketBuf {
    let mut packet = PacketBuf::new(1500);
    let filled = packet.fill(|room| {
        room[..inner.len()].copy_from_slice(inner);
        Ok::<_, ()>(inner.len())
    });
    assert_eq!(filled, Ok(inner.len()));
    packet
}
