//! Explicit congestion notification across the tunnel (RFC 6040; RFC 7296, section 2.24).
//!
//! A router between the gateway and us marks the outer packet, because that is all it sees. It marks
//! only what says that it understands (ECT), and the mark has to reach the inner packet, or whoever
//! sends it never slows down.
//!
//! The way out, normal mode (section 4.1): the outer header says what the inner one says.
//!
//! ```text
//!   inner   Not-ECT   ECT(0)   ECT(1)   CE
//!   outer   Not-ECT   ECT(0)   ECT(1)   CE
//! ```
//!
//! The way in (section 4.2):
//!
//! ```text
//!             outer   Not-ECT   ECT(0)    ECT(1)    CE
//!   inner Not-ECT     Not-ECT   Not-ECT   Not-ECT   drop
//!         ECT(0)      ECT(0)    ECT(0)    ECT(1)    CE
//!         ECT(1)      ECT(1)    ECT(1)    ECT(1)    CE
//!         CE          CE        CE        CE        CE
//! ```
//!
//! Why that is right towards a gateway of which nobody knows what it does with a mark: decision
//! 0011.

use crate::DscpMode;
use crate::internet_checksum::updated;

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

/// The TOS octet or traffic class of an IPv4 or IPv6 packet; `None` if it is neither.
fn traffic_class(packet: &[u8]) -> Option<u8> {
    match *packet {
        [0x40..=0x4f, class, ..] => Some(class),
        [first @ 0x60..=0x6f, second, ..] => Some((first << 4) | (second >> 4)),
        _ => None,
    }
}

/// The TOS octet or traffic class of the header around `inner_packet`: its own ECN bits (RFC 6040,
/// section 4.1), and the DSCP that `dscp` says.
///
/// It depends on the packet, so datagrams that leave by one system call must agree in it.
pub fn outer_traffic_class(inner_packet: &[u8], dscp: DscpMode) -> u8 {
    let class = traffic_class(inner_packet).unwrap_or(0);
    dscp.bits(class) | Ecn::of(class).bits()
}

/// Carries the `outer` mark into an inner IPv4 or IPv6 packet. `None`: drop the packet.
///
/// The header checksum of an IPv4 packet stays right (RFC 1624, equation 3).
pub fn decapsulate(packet: &mut [u8], outer: Ecn) -> Option<()> {
    let (Some(class), [first, second, ..]) = (traffic_class(packet), &mut *packet) else {
        return Some(());
    };
    let inner = Ecn::of(class);
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
        *checksum = updated(u16::from_be_bytes(*checksum), before, after).to_be_bytes();
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::internet_checksum::{fold, sum};
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

    /// RFC 6040, figure 3, normal mode; and the DSCP is none of its business.
    #[test]
    fn the_way_out_copies_all_four_marks() {
        for ecn in ALL {
            for dscp in [0, 0x2e, 0x3f] {
                let class = (dscp << 2) | ecn.bits();
                let v4 = [0x45, class];
                let v6 = [0x60 | (class >> 4), class << 4];
                for packet in [v4, v6] {
                    let outer = |mode| outer_traffic_class(&packet, mode);
                    assert_eq!(outer(DscpMode::Zero), ecn.bits());
                    assert_eq!(outer(DscpMode::Copy), class);
                    assert_eq!(outer(DscpMode::Fixed(10)), (10 << 2) | ecn.bits());
                    assert_eq!(outer(DscpMode::Fixed(0xff)), 0xfc | ecn.bits());
                }
            }
        }
    }

    #[test]
    fn what_is_no_packet_is_best_effort() {
        for octets in [&[][..], &[0x45], &[0x60], &[0x55, 0xff]] {
            assert_eq!(outer_traffic_class(octets, DscpMode::Copy), 0);
            let with = outer_traffic_class(octets, DscpMode::Fixed(46));
            assert_eq!(with, 46 << 2);
        }
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
        let sum = sum(&octets);
        octets[10..12].copy_from_slice(&(!fold(sum)).to_be_bytes());
        octets
    }
}
