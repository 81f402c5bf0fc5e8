//! Whether somebody has to answer a packet. A stream of UDP may go one way for hours; a question that stays without
//! an answer says something of the tunnel.

use crate::protocol;
use crate::upper_layer::upper_layer;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ECHO_REQUEST: u8 = 8;
const ECHO_REQUEST_V6: u8 = 128;
const DNS: [u8; 2] = 53_u16.to_be_bytes();

/// Whether a working host answers this IPv4 or IPv6 packet for sure: TCP that has to be acknowledged (RFC 9293), an
/// echo request (RFC 792, RFC 4443), a DNS query over UDP.
pub fn wants_answer(packet: &[u8]) -> bool {
    let found = upper_layer(packet).and_then(|(protocol, at)| Some((protocol, packet.get(at..)?)));
    match found {
        Some((protocol::TCP, segment)) => wants_acknowledgement(segment),
        Some((protocol::UDP, [_, _, high, low, ..])) => [*high, *low] == DNS,
        Some((protocol::ICMP, [kind, ..])) => *kind == ECHO_REQUEST,
        Some((protocol::ICMPV6, [kind, ..])) => *kind == ECHO_REQUEST_V6,
        _ => false,
    }
}

fn wants_acknowledgement(segment: &[u8]) -> bool {
    let Some(&[.., offset, flags]) = segment.first_chunk::<14>() else {
        return false;
    };
    let has_payload = segment.len() > usize::from(offset >> 4) * 4;
    flags & RST == 0 && (flags & (SYN | FIN) != 0 || has_payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ipv4(protocol: u8, rest: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol];
        packet.resize(20, 0);
        packet.extend(rest);
        packet
    }

    fn tcp(flags: u8, payload: usize) -> Vec<u8> {
        let mut segment = vec![0; 20 + payload];
        (segment[12], segment[13]) = (0x50, flags);
        ipv4(6, &segment)
    }

    #[test]
    fn tcp_wants_an_answer_where_something_has_to_be_acknowledged() {
        const ACK: u8 = 0x10;
        for (packet, wants) in [
            (tcp(SYN, 0), true),
            (tcp(ACK | FIN, 0), true),
            (tcp(ACK, 1), true),
            (tcp(ACK, 0), false),
            (tcp(RST, 0), false),
            (tcp(RST, 9), false),
        ] {
            assert_eq!(wants_answer(&packet), wants, "{packet:?}");
        }
    }

    #[test]
    fn echo_requests_and_dns_queries_want_one_and_other_udp_does_not() {
        let udp = |port: u16| {
            let [high, low] = port.to_be_bytes();
            ipv4(17, &[0x13, 0x88, high, low, 0, 9, 0, 0, 1])
        };
        assert!(wants_answer(&udp(53)));
        assert!(!wants_answer(&udp(5301)));
        assert!(wants_answer(&ipv4(1, &[8, 0])));
        assert!(!wants_answer(&ipv4(1, &[0, 0])));
        let mut ipv6 = vec![0x60, 0, 0, 0, 0, 2, 58, 64];
        ipv6.resize(40, 0);
        ipv6.extend([128, 0]);
        assert!(wants_answer(&ipv6));
        ipv6[40] = 129;
        assert!(!wants_answer(&ipv6));
    }

    #[test]
    fn what_is_cut_off_wants_nothing() {
        let whole = tcp(SYN, 0);
        for length in 0..34 {
            assert!(!wants_answer(&whole[..length]), "{length}");
        }
        assert!(!wants_answer(&ipv4(17, &[0, 53, 0])));
        assert!(!wants_answer(&ipv4(1, &[])));
    }
}
