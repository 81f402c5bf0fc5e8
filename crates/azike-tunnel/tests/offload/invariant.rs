//! What holds for every input, from anywhere. The fuzz target `offload` includes this file.
//!
//! ```text
//!   input, first octet even   header of the kernel (10) │ packet
//!   input, first octet odd    (length (2) │ mend (1) │ packet)*   one after the other in a buffer
//! ```

use azike_tunnel::{Coalesced, Coalescer, Gso, Segments, VnetHeader};

use crate::plain;

/// Reads `input` as what a kernel gave, or as what a gateway sent.
///
/// # Panics
///
/// If one of the promises of the module is broken.
pub(crate) fn check(input: &[u8]) {
    let Some((kind, rest)) = input.split_first() else {
        return;
    };
    if kind.is_multiple_of(2) {
        if let Some((header, packet)) = rest.split_first_chunk() {
            check_segments(header, packet);
        }
    } else {
        check_coalescing(&packets(rest));
    }
}

/// Takes `packet` apart; gives the segments, or `None` if it was refused.
pub(crate) fn check_segments(header: &[u8; 10], packet: &[u8]) -> Option<Vec<Vec<u8>>> {
    let header = VnetHeader::read(header).ok()?;
    let mut copy = packet.to_vec();
    let Ok(mut segments) = Segments::new(header, &mut copy) else {
        assert_eq!(copy, packet, "a refused packet stays as it was");
        return None;
    };
    let (count, longest) = (segments.count(), segments.longest());
    assert!(count >= 1 && longest >= 1);
    assert_eq!(segments.write_next(&mut []), None, "no room");
    assert_eq!(
        segments.remaining(),
        count,
        "what did not fit is still to come"
    );
    let mut room = vec![0xa5; longest];
    let mut all = Vec::new();
    while let Some(length) = segments.write_next(&mut room) {
        all.push(room[..length].to_vec());
    }
    assert_eq!(segments.remaining(), 0);
    assert_eq!(all.len(), count);
    let (last, before) = all.split_last()?;
    assert!(last.len() <= longest && before.iter().all(|segment| segment.len() == longest));
    if header.gso == Gso::None {
        assert_eq!(all[0].len(), packet.len());
        if !header.needs_checksum {
            assert_eq!(all[0], packet, "a single packet passes as it is");
        }
    } else {
        assert!(all.iter().all(|segment| plain::is_right(segment)));
        let headers = longest - usize::from(header.gso_size);
        let payload: Vec<u8> = all
            .iter()
            .flat_map(|segment| &segment[headers..])
            .copied()
            .collect();
        assert_eq!(payload, packet[headers..], "nothing lost, nothing added");
    }
    Some(all)
}

/// Puts `packets` together and takes the result apart again: the same packets come, those of a flow
/// in the same order. Gives how many packets each write had.
pub(crate) fn check_coalescing(packets: &[Vec<u8>]) -> Vec<usize> {
    let mut missing: Vec<Option<&Vec<u8>>> = packets.iter().map(Some).collect();
    let mut sizes = Vec::new();
    for write in coalesce(Coalescer::new(), packets) {
        let header = VnetHeader::read(&write.header).unwrap();
        sizes.push(write.packets);
        let parts = if write.packets == 1 {
            assert_eq!(
                header,
                VnetHeader::NONE,
                "a packet alone is verified by the host"
            );
            vec![write.octets]
        } else {
            assert!(header.needs_checksum);
            check_segments(&write.header, &write.octets).unwrap()
        };
        assert_eq!(parts.len(), write.packets);
        assert_eq!(
            parts.iter().map(Vec::len).sum::<usize>(),
            write.inner_octets
        );
        for part in parts {
            let (canonical, flow) = (plain::canonical(&part), plain::flow(&part));
            let first = missing.iter_mut().find(|original| {
                original.is_some_and(|original| {
                    plain::flow(original) == flow && (flow.is_some() || *original == part)
                })
            });
            let original = first.and_then(Option::take).unwrap();
            if write.packets == 1 {
                assert_eq!(*original, part, "a packet alone stays as it was");
            } else {
                assert_eq!(
                    plain::canonical(original),
                    canonical,
                    "same content, same order"
                );
            }
        }
    }
    assert!(missing.iter().all(Option::is_none), "no packet is lost");
    sizes
}

/// One tun write.
pub(crate) struct Write {
    pub(crate) header: [u8; 10],
    /// All slices behind the header.
    pub(crate) octets: Vec<u8>,
    pub(crate) packets: usize,
    pub(crate) inner_octets: usize,
}

/// What `coalescer` makes of `packets`, which stand in one buffer with other octets between them.
pub(crate) fn coalesce(mut coalescer: Coalescer, packets: &[Vec<u8>]) -> Vec<Write> {
    let mut buffer = Vec::new();
    let mut places = Vec::new();
    for packet in packets {
        buffer.extend([0xee; 24]);
        places.push(buffer.len()..buffer.len() + packet.len());
        buffer.extend(packet);
    }
    let mut writes = Vec::new();
    let mut out = |coalesced: &Coalesced<'_>| {
        let (header, packet) = coalesced.slices().split_first().unwrap();
        assert!(coalesced.slices().len() <= Coalesced::MAX_SLICES);
        assert_eq!(packet.len(), coalesced.packets());
        assert_eq!(coalesced.packet().len(), packet.len());
        writes.push(Write {
            header: header[..].try_into().unwrap(),
            octets: packet
                .iter()
                .flat_map(|slice| slice.iter())
                .copied()
                .collect(),
            packets: coalesced.packets(),
            inner_octets: coalesced.octets(),
        });
    };
    for place in places {
        coalescer.push(&mut buffer, place, &mut out);
    }
    coalescer.flush(&mut buffer, &mut out);
    coalescer.flush(&mut buffer, &mut |_| panic!("flushed twice"));
    writes
}

/// The packets of an input; those that ask for it with lengths and checksums mended, or hardly any
/// would ever join.
fn packets(mut input: &[u8]) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    while let [high, low, mend, rest @ ..] = input {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (packet, behind) = rest.split_at(length);
        let mut packet = packet.to_vec();
        if mend.is_multiple_of(2) {
            self::mend(&mut packet);
        }
        packets.push(packet);
        input = behind;
    }
    packets
}

/// Makes lengths and checksums of TCP and UDP right.
pub(crate) fn mend(packet: &mut [u8]) {
    let Ok(length) = u16::try_from(packet.len()) else {
        return;
    };
    let (ip, protocol) = match packet.first() {
        Some(first) if first >> 4 == 4 && length >= 28 => (20, packet[9]),
        Some(first) if first >> 4 == 6 && length >= 48 => (40, packet[6]),
        _ => return,
    };
    if ip == 20 {
        packet[0] = 0x45;
        packet[2..4].copy_from_slice(&length.to_be_bytes());
    } else {
        packet[4..6].copy_from_slice(&(length - ip).to_be_bytes());
    }
    if protocol == 17 {
        let at = usize::from(ip) + 4;
        packet[at..at + 2].copy_from_slice(&(length - ip).to_be_bytes());
    }
    mend_checksums(packet);
}

/// Makes the checksums right, whatever the lengths say.
pub(crate) fn mend_checksums(packet: &mut [u8]) {
    let (ip, protocol) = if packet[0] >> 4 == 4 {
        packet[10..12].fill(0);
        let sum = plain::checksum(&[&packet[..20]]);
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
        (20, packet[9])
    } else {
        (40, packet[6])
    };
    let behind = packet.len() - ip;
    let at = match protocol {
        6 if behind >= 20 => ip + 16,
        17 => ip + 6,
        _ => return,
    };
    packet[at..at + 2].fill(0);
    let pseudo_header = plain::pseudo_header(packet, behind, protocol);
    let sum = match plain::checksum(&[&pseudo_header, &packet[ip..]]) {
        0 if protocol == 17 => 0xffff,
        sum => sum,
    };
    packet[at..at + 2].copy_from_slice(&sum.to_be_bytes());
}
