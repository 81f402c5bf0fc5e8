//! Many flows at once, with everything that can happen to a packet: whatever is joined, each flow
//! comes out as it went in.

use std::collections::BTreeSet;

use crate::coalesce::continued;
use crate::invariant::{check, check_coalescing, check_segments};
use crate::packet::{FIN, PSH, Packet};

#[test]
fn interleaved_flows_are_joined_each_for_itself() {
    for packet in Packet::kinds(140_000 / 4) {
        let packet = packet.with(|packet| packet.traffic_class = 0);
        let flows: Vec<Vec<Vec<u8>>> = (0..8_u8)
            .map(|source| {
                let flow = packet.clone().with(|packet| packet.source = source);
                flow.split(1400).iter().map(Packet::octets).collect()
            })
            .collect();
        let mut interleaved = Vec::new();
        for number in 0..flows[0].len() {
            interleaved.extend(flows.iter().map(|flow| flow[number].clone()));
        }
        assert_eq!(check_coalescing(&interleaved), [25; 8]);
    }
}

/// One flow more than there are places: the oldest gives way, and nothing is lost or overtaken.
#[test]
fn ninth_flow_takes_the_place_of_the_oldest() {
    let mut packets = Vec::new();
    for round in 0..2 {
        for port in 0..9 {
            let flow = Packet::udp4(50).with(|packet| packet.ports.0 = port);
            let next = continued(&flow, 50);
            packets.push(if round == 0 { flow } else { next }.octets());
        }
    }
    let sizes = check_coalescing(&packets);
    assert_eq!(sizes.iter().sum::<usize>(), 18);
    packets.truncate(9);
    packets.push(continued(&Packet::udp4(50).with(|packet| packet.ports.0 = 1), 50).octets());
    assert_eq!(check_coalescing(&packets), [1, 2, 1, 1, 1, 1, 1, 1, 1]);
}

#[test]
fn whatever_happens_each_flow_keeps_its_order_and_content() {
    let mut seen = BTreeSet::new();
    for seed in 1..=1000 {
        let random = &mut Xorshift(seed);
        let mut flows: Vec<Packet> = (0..=random.below(11))
            .map(|_| {
                let [a, b, c, d] = Packet::kinds(1 + random.below(400));
                let kind = [a, b, c, d][random.below(4)].clone();
                kind.with(|packet| {
                    packet.ports = (random.u16(), random.u16());
                    packet.dont_fragment = random.below(2) == 0;
                })
            })
            .collect();
        let mut packets = Vec::new();
        for _ in 0..random.below(120) {
            let at = random.below(flows.len());
            let flow = &mut flows[at];
            let mut octets = flow.octets();
            if random.below(30) == 0 {
                let at = random.below(octets.len());
                octets[at] ^= 1 << random.below(8);
            }
            packets.push(octets);
            let shorter = usize::from(random.below(15) == 0);
            let size = flow.payload.len().saturating_sub(shorter).max(1);
            *flow = continued(flow, size);
            flow.flags &= !(PSH | FIN);
            match random.below(60) {
                0 => flow.flags |= PSH,
                1 => flow.flags |= FIN,
                2 => flow.sequence = flow.sequence.wrapping_add(1),
                3 => flow.acknowledgment = flow.acknowledgment.wrapping_add(1),
                4 => flow.hop_limit = flow.hop_limit.wrapping_add(1),
                5 => flow.payload.clear(),
                _ => {}
            }
        }
        if random.below(3) == 0 && packets.len() > 1 {
            let (a, b) = (random.below(packets.len()), random.below(packets.len()));
            packets.swap(a, b);
        }
        seen.extend(check_coalescing(&packets));
    }
    assert!(
        seen.contains(&1) && seen.len() > 10,
        "both happens: {seen:?}"
    );
}

/// Super-packets with one to three octets changed anywhere, header of the kernel included.
#[test]
fn no_broken_super_packet_breaks_segmenting() {
    let mut refused = 0;
    for seed in 1..=20_000 {
        let random = &mut Xorshift(seed);
        let kinds = Packet::kinds(1 + random.below(3000));
        let packet = &kinds[random.below(4)];
        let size = 1 + random.below(packet.payload.len());
        let mut header = packet
            .vnet_header(size.max(20).min(packet.payload.len()))
            .write();
        let mut octets = packet.incomplete();
        for _ in 0..=random.below(2) {
            let at = random.below(80.min(octets.len()));
            match header.get_mut(at) {
                Some(octet) if random.below(2) == 0 => *octet = random.u16().to_be_bytes()[0],
                _ => octets[at] = random.u16().to_be_bytes()[0],
            }
        }
        refused += usize::from(check_segments(&header, &octets).is_none());
    }
    assert!((1000..19_000).contains(&refused), "{refused} refused");
}

#[test]
fn no_octets_break_anything() {
    for seed in 1..=20_000 {
        let random = &mut Xorshift(seed);
        let input: Vec<u8> = (0..random.below(200))
            .map(|_| random.u16().to_be_bytes()[0])
            .collect();
        check(&input);
    }
}

/// Marsaglia's xorshift64.
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 8) % u64::try_from(end).unwrap()).unwrap()
    }

    fn u16(&mut self) -> u16 {
        u16::try_from(self.below(0x1_0000)).unwrap()
    }
}
