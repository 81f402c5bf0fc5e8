//! Explicit congestion notification across the tunnel (RFC 6040, section 4.2).
//!
//! A router between the gateway and us marks the outer packet, because that is all it sees. The
//! mark has to reach the inner packet, or whoever sends it never slows down.
//!
//! ```text
//!             outer   Not-ECT   ECT(0)    ECT(1)    CE
//!   inner Not-ECT     Not-ECT   Not-ECT   Not-ECT   drop
//!         ECT(0)      ECT(0)    ECT(0)    ECT(1)    CE
//!         ECT(1)      ECT(1)    ECT(1)    ECT(1)    CE
//!         CE          CE        CE        CE        CE
//! ```
//!
//! The way out copies nothing: the outer header stays Not-ECT (the compatibility mode of
//! section 4.3), which is right towards every gateway, and all that one UDP socket for all packets
//! can say without a system call more for each change.

use crate::offload::fold;

/// The two ECN bits of an IP header (RFC 3168, section 5).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Ecn {
    /// The transport does not take part (00).
    #[default]
    NotEct,
    /// The transport takes part; the second of two equal code points (01).
    Ect1,
    /// The transport takes part (10).
    Ect0,
    /// Congestion was experienced (11).
    Ce,
}

impl Ecn {
    /// The ECN bits of a TOS octet (IPv4) or traffic class (IPv6).
    pub const fn of(traffic_class: u8) -> Self {
        match traffic_class & 0b11 {
            0b00 => Self::NotEct,
            0b01 => Self::Ect1,
            0b10 => Self::Ect0,
            _ => Self::Ce,
        }
    }

    /// The bits, where they stand in the TOS octet.
    pub const fn bits(self) -> u8 {
        match self {
            Self::NotEct => 0b00,
            Self::Ect1 => 0b01,
            Self::Ect0 => 0b10,
            Self::Ce => 0b11,
        }
    }

    /// What the inner packet says behind the tunnel, if it said `self` and the outer one said
    /// `outer`. `None`: drop it, since its transport would not understand the mark.
    pub const fn decapsulated(self, outer: Self) -> Option<Self> {
        match (self, outer) {
            (Self::NotEct, Self::Ce) => None,
            (Self::Ect0, Self::Ect1) => Some(Self::Ect1),
            (Self::Ect0 | Self::Ect1, Self::Ce) => Some(Self::Ce),
            _ => Some(self),
        }
    }
}

/// Carries the `outer` mark into an inner IPv4 or IPv6 packet. `None`: drop the packet.
///
/// The header checksum of an IPv4 packet stays right (RFC 1624, equation 3).
pub fn decapsulate(packet: &mut [u8], outer: Ecn) -> Option<()> {
    let [first, second, ..] = packet else {
        return Some(());
    };
    let inner = match *first >> 4 {
        4 => Ecn::of(*second),
        6 => Ecn::of(*second >> 4),
        _ => return Some(()),
    };
    let marked = inner.decapsulated(outer)?;
    if marked == inner {
        return Some(());
    }
    if *first >> 4 == 6 {
        *second = (*second & 0b1100_1111) | (marked.bits() << 4);
        return Some(());
    }
    let before = u16::from_be_bytes([*first, *second]);
    *second = (*second & 0b1111_1100) | marked.bits();
    let after = u16::from_be_bytes([*first, *second]);
    if let Some(checksum) = packet.get_mut(10..).and_then(|rest| rest.first_chunk_mut()) {
        let sum = u64::from(!u16::from_be_bytes(*checksum)) + u64::from(!before) + u64::from(after);
        *checksum = (!fold(sum)).to_be_bytes();
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::{IpNumber, Ipv4Header};

    const ALL: [Ecn; 4] = [Ecn::NotEct, Ecn::Ect0, Ecn::Ect1, Ecn::Ce];

    /// N-89: RFC 6040, figure 4, all 16 cells.
    #[test]
    fn all_sixteen_cells_of_the_table() {
        use Ecn::{Ce, Ect0, Ect1, NotEct};
        let table = [
            (NotEct, [Some(NotEct), Some(NotEct), Some(NotEct), None]),
            (Ect0, [Some(Ect0), Some(Ect0), Some(Ect1), Some(Ce)]),
            (Ect1, [Some(Ect1), Some(Ect1), Some(Ect1), Some(Ce)]),
            (Ce, [Some(Ce); 4]),
        ];
        for (inner, row) in table {
            for (outer, cell) in ALL.into_iter().zip(row) {
                assert_eq!(inner.decapsulated(outer), cell, "{inner:?} in {outer:?}");
            }
        }
    }

    #[test]
    fn ipv4_checksum_stays_right_and_nothing_else_changes() {
        for inner in ALL {
            for outer in ALL {
                for identification in [0, 1, 0x1234, 0xfffe, 0xffff] {
                    let mut packet = ipv4(inner, identification);
                    let Some(()) = decapsulate(&mut packet, outer) else {
                        continue;
                    };
                    let marked = inner.decapsulated(outer).unwrap();
                    assert_eq!(
                        packet,
                        ipv4(marked, identification),
                        "{inner:?} in {outer:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn ipv6_traffic_class_is_marked_and_keeps_its_other_bits() {
        let mut packet = vec![0x6a, 0b1010_0101];
        packet.resize(40, 7);
        assert_eq!(decapsulate(&mut packet, Ecn::Ce), Some(()));
        assert_eq!(packet[..3], [0x6a, 0b1011_0101, 7]);
        packet[1] = 0b1000_0101;
        assert_eq!(decapsulate(&mut packet, Ecn::Ce), None);
    }

    #[test]
    fn octets_are_the_same_there_and_back() {
        for bits in 0..=255 {
            assert_eq!(Ecn::of(bits).bits(), bits & 0b11);
        }
        assert_eq!(decapsulate(&mut [], Ecn::Ce), Some(()));
        assert_eq!(decapsulate(&mut [0x45], Ecn::Ce), Some(()));
    }

    fn ipv4(ecn: Ecn, identification: u16) -> Vec<u8> {
        let mut header =
            Ipv4Header::new(0, 64, IpNumber::UDP, [10, 1, 2, 3], [192, 168, 0, 1]).unwrap();
        header.identification = identification;
        let mut octets = header.to_bytes().to_vec();
        octets[1] = 0xb8 | ecn.bits();
        octets[10..12].fill(0);
        let sum = octets
            .chunks(2)
            .map(|pair| u64::from(u16::from_be_bytes([pair[0], pair[1]])))
            .sum();
        octets[10..12].copy_from_slice(&(!fold(sum)).to_be_bytes());
        octets
    }
}
