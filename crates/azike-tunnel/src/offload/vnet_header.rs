//! The 10 octets before each packet of a Linux tun device with `IFF_VNET_HDR`.
//!
//! ```text
//!   0      1         2            4         6               8
//!   flags  gso_type  hdr_len      gso_size  csum_start      csum_offset     struct virtio_net_hdr
//! ```
//!
//! All in the byte order of the host (virtio 1.2, section 5.1.6; "legacy" there). Nothing in here
//! is known to be true before it was compared with the packet.

use thiserror::Error;

/// `VIRTIO_NET_HDR_F_NEEDS_CSUM`: the checksum field holds only the sum of the pseudo-header.
const NEEDS_CHECKSUM: u8 = 1;

/// `VIRTIO_NET_HDR_GSO_ECN`: the first segment has CWR. Segmenting sees that in the packet.
const GSO_ECN: u8 = 0x80;

/// Why a packet of the kernel cannot be made into packets that can travel.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum SegmentError {
    /// A `gso_type` that was never asked for.
    #[error("unknown GSO type {0:#04x}")]
    UnknownGso(u8),
    /// The packet is shorter than its headers say, or empty.
    #[error("packet ends within its headers")]
    Truncated,
    /// The length in the IP header is not that of the packet.
    #[error("length of the IP header is not that of the packet")]
    Length,
    /// The headers of the packet are not those of the GSO type: version, protocol, an IPv6
    /// extension header that cannot be copied to each segment.
    #[error("headers do not belong to the GSO type")]
    Protocol,
    /// A fragment cannot be segmented.
    #[error("segmenting a fragment")]
    Fragment,
    /// `hdr_len` is beyond the end of the packet.
    #[error("header length beyond the packet")]
    HeaderLength,
    /// `gso_size` is 0 or larger than the payload.
    #[error("GSO size of 0 or larger than the payload")]
    GsoSize,
    /// `csum_start` or `csum_offset` is not where the checksum is, or beyond the packet.
    #[error("checksum is not where the header says")]
    Checksum,
}

/// Into what a super-packet is to be taken apart.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Gso {
    /// Not a super-packet.
    #[default]
    None,
    /// TCP over IPv4.
    Tcp4,
    /// TCP over IPv6.
    Tcp6,
    /// UDP over either (`VIRTIO_NET_HDR_GSO_UDP_L4`; not the fragments of `GSO_UDP`).
    Udp,
}

impl Gso {
    const fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Tcp4 => 1,
            Self::Tcp6 => 4,
            Self::Udp => 5,
        }
    }

    const fn of(code: u8) -> Result<Self, SegmentError> {
        match code {
            0 => Ok(Self::None),
            5 => Ok(Self::Udp),
            tcp if tcp & !GSO_ECN == 1 => Ok(Self::Tcp4),
            tcp if tcp & !GSO_ECN == 4 => Ok(Self::Tcp6),
            unknown => Err(SegmentError::UnknownGso(unknown)),
        }
    }
}

/// What `IFF_VNET_HDR` puts before each packet of a Linux tun device (`struct virtio_net_hdr`,
/// 10 octets, host byte order). Lengths and positions are octets, from the start of the packet
/// behind this header.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct VnetHeader {
    /// The transport checksum is still to be computed; its field holds the folded, not inverted
    /// sum of the pseudo-header.
    pub needs_checksum: bool,
    /// Whether the packet is several, and of which kind.
    pub gso: Gso,
    /// A hint how long the headers are. The kernel also gives larger values.
    pub header_length: u16,
    /// Octets of payload in each segment but the last.
    pub gso_size: u16,
    /// Where summing begins: the transport header.
    pub checksum_start: u16,
    /// Where the checksum field is, from `checksum_start`.
    pub checksum_offset: u16,
}

impl VnetHeader {
    /// Octets of the header.
    pub const LENGTH: usize = 10;

    /// A packet that is whole, with all its checksums.
    pub const NONE: Self = Self {
        needs_checksum: false,
        gso: Gso::None,
        header_length: 0,
        gso_size: 0,
        checksum_start: 0,
        checksum_offset: 0,
    };

    /// Reads what the kernel wrote. Flags that we do not know say nothing about the octets and
    /// are passed over; a GSO type that we do not know is an error.
    pub fn read(octets: &[u8; Self::LENGTH]) -> Result<Self, SegmentError> {
        Ok(Self {
            needs_checksum: octets[0] & NEEDS_CHECKSUM != 0,
            gso: Gso::of(octets[1])?,
            header_length: u16::from_ne_bytes([octets[2], octets[3]]),
            gso_size: u16::from_ne_bytes([octets[4], octets[5]]),
            checksum_start: u16::from_ne_bytes([octets[6], octets[7]]),
            checksum_offset: u16::from_ne_bytes([octets[8], octets[9]]),
        })
    }

    /// The octets for the kernel.
    pub const fn write(&self) -> [u8; Self::LENGTH] {
        let mut octets = [0; Self::LENGTH];
        if self.needs_checksum {
            octets[0] = NEEDS_CHECKSUM;
        }
        octets[1] = self.gso.code();
        [octets[2], octets[3]] = self.header_length.to_ne_bytes();
        [octets[4], octets[5]] = self.gso_size.to_ne_bytes();
        [octets[6], octets[7]] = self.checksum_start.to_ne_bytes();
        [octets[8], octets[9]] = self.checksum_offset.to_ne_bytes();
        octets
    }
}
