//! Checksums the slow way, octet pair by octet pair, and what else can be said of a packet without
//! the code under test. The fuzz target includes this file.

/// The Internet checksum of `parts`, which but for the last are even in length.
pub(crate) fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0_u64;
    for part in parts {
        for pair in part.chunks(2) {
            let high = u64::from(pair[0]) * 256;
            sum += high + pair.get(1).map_or(0, |&low| u64::from(low));
        }
    }
    while sum > 0xffff {
        sum = sum % 0x1_0000 + sum / 0x1_0000;
    }
    0xffff - u16::try_from(sum).unwrap()
}

/// Whether the packet is whole and its checksums are right: IPv4 header, TCP, UDP.
pub(crate) fn is_right(packet: &[u8]) -> bool {
    let Some((ip, protocol)) = transport(packet) else {
        return false;
    };
    let segment = &packet[ip..];
    if packet[0] >> 4 == 4 && checksum(&[&packet[..ip]]) != 0 {
        return false;
    }
    match protocol {
        6 => segment.len() >= 20,
        17 => usize::from(u16::from_be_bytes([segment[4], segment[5]])) == segment.len(),
        _ => return false,
    }
    .then(|| checksum(&[&pseudo_header(packet, segment.len(), protocol), segment]))
        == Some(0)
}

/// The octets of the pseudo-header of TCP and UDP.
pub(crate) fn pseudo_header(packet: &[u8], length: usize, protocol: u8) -> Vec<u8> {
    let addresses = if packet[0] >> 4 == 4 { 12..20 } else { 8..40 };
    let mut octets = packet[addresses].to_vec();
    octets.extend(u32::try_from(length).unwrap().to_be_bytes());
    octets.extend([0, 0, 0, protocol]);
    octets
}

/// Octets of the IP header, and the protocol behind it; `None` if lengths do not add up.
pub(crate) fn transport(packet: &[u8]) -> Option<(usize, u8)> {
    let length = |at: usize| {
        Some(usize::from(u16::from_be_bytes([
            *packet.get(at)?,
            *packet.get(at + 1)?,
        ])))
    };
    let (ip, protocol) = match packet.first()? >> 4 {
        4 if length(2)? == packet.len() => (usize::from(packet[0] & 15) * 4, *packet.get(9)?),
        6 if length(4)? + 40 == packet.len() => {
            let (mut at, mut next) = (40, packet[6]);
            while next == 0 || next == 60 {
                next = *packet.get(at)?;
                at += 8 + usize::from(*packet.get(at + 1)?) * 8;
            }
            (at, next)
        }
        _ => return None,
    };
    (ip >= 20 && ip + 8 <= packet.len()).then_some((ip, protocol))
}

/// What must be kept in order: version, addresses, protocol, ports. `None`: not TCP or UDP.
pub(crate) fn flow(packet: &[u8]) -> Option<Vec<u8>> {
    let (ip, protocol) = transport(packet)?;
    let addresses = if packet[0] >> 4 == 4 { 12..20 } else { 8..40 };
    if protocol != 6 && protocol != 17 {
        return None;
    }
    Some([&[protocol], &packet[addresses], &packet[ip..ip + 4]].concat())
}

/// The packet without differences that say nothing: the identification where fragmenting is
/// forbidden, and 0xffff for 0 in a checksum (both are minus and plus zero).
pub(crate) fn canonical(packet: &[u8]) -> Vec<u8> {
    let mut packet = packet.to_vec();
    let Some((ip, protocol)) = transport(&packet) else {
        return packet;
    };
    let mut sums = vec![ip + if protocol == 6 { 16 } else { 6 }];
    if packet[0] >> 4 == 4 {
        if packet[6] & 0x40 != 0 {
            packet[4..6].fill(0);
            // It is in the header checksum.
            packet[10..12].fill(0);
        }
        sums.push(10);
    }
    for at in sums {
        if packet.get(at..at + 2) == Some(&[0xff, 0xff]) {
            packet[at..at + 2].fill(0);
        }
    }
    packet
}
