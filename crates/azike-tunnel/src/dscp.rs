//! The DSCP of the outer header (RFC 4301, section 5.1.2.1; RFC 2983).

/// What the six DSCP bits of the outer header say.
///
/// The default tells the network nothing about what is inside. It also keeps all packets of a Child
/// SA in one queue: where classes overtake each other, the gateway's replay window drops those that
/// fell too far behind (RFC 4301, section 4.1).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum DscpMode {
    /// Zero, best effort.
    #[default]
    Zero,
    /// What the inner header says.
    Copy,
    /// Always this, 0 to 63; of a larger number only the lower six bits.
    Fixed(u8),
}

impl DscpMode {
    /// The DSCP where it stands in a TOS octet or traffic class, around an inner packet of
    /// `traffic_class`. The two ECN bits are zero.
    pub(crate) const fn bits(self, traffic_class: u8) -> u8 {
        match self {
            Self::Zero => 0,
            Self::Copy => traffic_class & 0b1111_1100,
            Self::Fixed(dscp) => dscp << 2,
        }
    }
}
