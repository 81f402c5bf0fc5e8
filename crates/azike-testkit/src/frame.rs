//! UDP over IP, as a capture wants it: headers with right checksums (RFC 791, 768, 8200).

use std::net::{IpAddr, SocketAddr};

/// Protocol number of UDP.
const UDP: u8 = 17;

/// The IP packet that carries `payload` from `from` to `to`.
///
/// Both ends are of one family; if not, the packet says what it can: the family of `from`, and
/// the other address as zero. The payload is cut at what one packet can carry.
pub(crate) fn packet(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let payload = payload.get(..payload.len().min(65_507)).unwrap_or_default();
    match from.ip() {
        IpAddr::V4(source) => {
            let destination = match to.ip() {
                IpAddr::V4(address) => address.octets(),
                IpAddr::V6(_) => [0; 4],
            };
            let udp = udp(
                &source.octets(),
                &destination,
                (from.port(), to.port()),
                payload,
            );
            let mut header = vec![0x45, 0];
            header.extend_from_slice(&length(20 + udp.len()));
            header.extend_from_slice(&[0, 0, 0x40, 0, 64, UDP, 0, 0]);
            header.extend_from_slice(&source.octets());
            header.extend_from_slice(&destination);
            let sum = checksum(&[&header]).to_be_bytes();
            header.splice(10..12, sum);
            [header, udp].concat()
        }
        IpAddr::V6(source) => {
            let destination = match to.ip() {
                IpAddr::V6(address) => address.octets(),
                IpAddr::V4(_) => [0; 16],
            };
            let udp = udp(
                &source.octets(),
                &destination,
                (from.port(), to.port()),
                payload,
            );
            let mut header = vec![0x60, 0, 0, 0];
            header.extend_from_slice(&length(udp.len()));
            header.extend_from_slice(&[UDP, 64]);
            header.extend_from_slice(&source.octets());
            header.extend_from_slice(&destination);
            [header, udp].concat()
        }
    }
}

fn udp(source: &[u8], destination: &[u8], ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    let octets = length(8 + payload.len());
    let mut datagram = [ports.0.to_be_bytes(), ports.1.to_be_bytes(), octets, [0; 2]].concat();
    datagram.extend_from_slice(payload);
    let sum = match checksum(&[source, destination, &[0, UDP], &octets, &datagram]) {
        0 => 0xffff,
        sum => sum,
    };
    datagram.splice(6..8, sum.to_be_bytes());
    datagram
}

/// The Internet checksum (RFC 1071); all parts but the last have an even length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0_u32;
    for pair in parts.iter().flat_map(|part| part.chunks(2)) {
        let high = pair.first().copied().unwrap_or_default();
        let low = pair.get(1).copied().unwrap_or_default();
        sum += u32::from(u16::from_be_bytes([high, low]));
    }
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    !u16::try_from(folded).unwrap_or_default()
}

fn length(octets: usize) -> [u8; 2] {
    u16::try_from(octets).unwrap_or(u16::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 1071, section 3.
    #[test]
    fn checksum_of_the_standard() {
        assert_eq!(
            checksum(&[&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]]),
            0x220d
        );
    }

    #[test]
    fn headers_sum_up_to_zero() {
        let from = "192.0.2.1:500".parse().unwrap();
        let to = "198.51.100.7:4500".parse().unwrap();
        let packet = packet(from, to, b"odd");
        assert_eq!(packet.len(), 31);
        assert_eq!(checksum(&[&packet[..20]]), 0);
        let pseudo = [&packet[12..20], &[0, UDP, 0, 11]].concat();
        assert_eq!(checksum(&[&pseudo, &packet[20..]]), 0);
    }

    #[test]
    fn both_families_are_carried() {
        let from = "[2001:db8::1]:500".parse().unwrap();
        let to = "[2001:db8::2]:500".parse().unwrap();
        let packet = packet(from, to, b"12");
        assert_eq!((packet[0] >> 4, packet.len()), (6, 50));
        let pseudo = [&packet[8..40], &[0, UDP, 0, 10]].concat();
        assert_eq!(checksum(&[&pseudo, &packet[40..]]), 0);
    }
}
