//! Where the header behind the IP headers begins: of TCP, of ICMP.
//!
//! Believes no length; an answer may lie behind the end of the packet.

use crate::protocol;

/// The protocol of an IPv4 or IPv6 packet and where its header begins, in octets from the start.
///
/// `None` for a fragment other than the first, which has no such header, and for what is no packet.
/// AH counts as a protocol: what is behind it must not be changed.
pub(crate) fn upper_layer(packet: &[u8]) -> Option<(u8, usize)> {
    match packet.first()? >> 4 {
        4 => {
            let fixed: &[u8; 20] = packet.first_chunk()?;
            let offset = u16::from_be_bytes([fixed[6], fixed[7]]) & 0x1fff;
            let length = usize::from(fixed[0] & 0x0f) * 4;
            (offset == 0 && length >= 20).then_some((fixed[9], length))
        }
        6 => {
            let fixed: &[u8; 40] = packet.first_chunk()?;
            behind_extensions(packet, fixed[6])
        }
        _ => None,
    }
}

fn behind_extensions(packet: &[u8], first: u8) -> Option<(u8, usize)> {
    let (mut next, mut at) = (first, 40);
    for _ in 0..protocol::EXTENSION_HEADERS {
        let length = match next {
            protocol::HOP_BY_HOP | protocol::ROUTING | protocol::DESTINATION_OPTIONS => {
                8 + usize::from(*packet.get(at + 1)?) * 8
            }
            protocol::FRAGMENT => {
                let &[_, _, high, low] = packet.get(at..)?.first_chunk()?;
                if u16::from_be_bytes([high, low]) & 0xfff8 != 0 {
                    return None;
                }
                8
            }
            protocol => return Some((protocol, at)),
        };
        next = *packet.get(at)?;
        at += length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An IPv6 header that announces `first`, and these octets behind it.
    fn ipv6(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x60, 0, 0, 0, 0, 0, first, 64];
        packet.resize(40, 0);
        packet.extend(rest);
        packet
    }

    #[test]
    fn extension_headers_are_stepped_over_and_later_fragments_have_nothing() {
        assert_eq!(upper_layer(&ipv6(6, &[])), Some((6, 40)));
        let options = [60, 0, 0, 0, 0, 0, 0, 0];
        let long = [[6, 1, 0, 0, 0, 0, 0, 0], [0; 8]].concat();
        let both = [options.to_vec(), long].concat();
        assert_eq!(upper_layer(&ipv6(0, &both)), Some((6, 64)));
        let mut fragment = [58, 0, 0, 0b0000_0001, 0, 0, 0, 0];
        assert_eq!(upper_layer(&ipv6(44, &fragment)), Some((58, 48)));
        fragment[3] = 0b0000_1001;
        assert_eq!(upper_layer(&ipv6(44, &fragment)), None);
        assert_eq!(upper_layer(&ipv6(51, &[6; 30])), Some((51, 40)), "AH");
    }

    #[test]
    fn ipv4_options_are_stepped_over_and_later_fragments_have_nothing() {
        let mut packet = [0x46, 0, 0, 24, 0, 0, 0x40, 0, 64, 6].to_vec();
        packet.resize(24, 0);
        assert_eq!(upper_layer(&packet), Some((6, 24)));
        packet[6] = 0x20; // More fragments: this is the first.
        assert_eq!(upper_layer(&packet), Some((6, 24)));
        packet[7] = 1;
        assert_eq!(upper_layer(&packet), None);
        packet[6..8].fill(0);
        packet[0] = 0x44; // A header of 16 octets.
        assert_eq!(upper_layer(&packet), None);
    }

    #[test]
    fn headers_without_an_end_are_given_up() {
        let endless = ipv6(0, &[0; 200]);
        assert_eq!(upper_layer(&endless), None);
        for length in 0..48 {
            let cut = &ipv6(44, &[6, 0, 0, 0, 0, 0, 0, 0])[..length];
            assert!(upper_layer(cut).is_none_or(|(_, at)| at == 48), "{length}");
        }
        assert_eq!(upper_layer(&[0x50; 60]), None);
    }
}
