//! ESP packets, sealed and opened where they lie (RFC 4303, section 2;
//! RFC 4106, RFC 3602, RFC 7634).
//!
//! ```text
//!  0        4          8             8 + IV                              end
//! | SPI     | sequence | IV          | payload | padding | len | next | ICV |
//!  |<-- header_length() ----------->|<------ plaintext, encrypted --->|
//! ```
//!
//! With extended sequence numbers (RFC 4303, section 2.2.1) the upper half is
//! not in the packet, but the ICV covers it.

use std::ops::Range;
use std::slice;

use crate::aead::{self, Aead};
use crate::cbc;
use crate::child_keys::DirectionKeys;
use crate::packet_mac::PacketMac;
use crate::protection::Protection;

mod cbc_hmac;

/// Octets of SPI and sequence number.
const ESP_HEADER: usize = 8;

/// The caller's packet does not have the layout that
/// [`EspCipher::seal_in_place`] asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("ESP packet is too short, or its plaintext is not aligned")]
pub struct BadLayout;

/// A packet to seal, laid out as [`EspCipher::seal_in_place`] asks for, with its sequence number.
#[derive(Debug, Default)]
pub struct Unsealed<'p> {
    /// The sequence number, or its lower half.
    pub sequence: u32,
    /// The upper half of an extended sequence number, and none without them.
    pub esn_high: Option<u32>,
    /// From the SPI to the end of the room for the ICV.
    pub packet: &'p mut [u8],
}

/// A packet to open.
#[derive(Debug, Default)]
pub struct Sealed<'p> {
    /// The upper half of an extended sequence number, and none without them.
    pub esn_high: Option<u32>,
    /// From the SPI to the end of the ICV.
    pub packet: &'p mut [u8],
    /// Where in `packet` the plaintext is, with its trailer: [`EspCipher::open_batch`] says it of each
    /// packet whose ICV is right, and of no other.
    pub plaintext: Option<Range<usize>>,
}

/// Protects one direction of a Child SA.
///
/// Everything that depends on the key is done once, here; sealing or opening a
/// packet allocates nothing and changes nothing but the packet, so threads may
/// share a cipher.
#[derive(Debug)]
pub struct EspCipher {
    protection: Protection<PacketMac>,
}

impl EspCipher {
    /// How many packets a batch works on side by side.
    pub const BATCH: usize = cbc::CHAINS;

    /// A cipher for the packets of one direction.
    pub fn new(keys: &DirectionKeys) -> Self {
        let algorithms = keys.algorithms();
        let protection = Protection::new(
            algorithms.encryption(),
            algorithms.integrity(),
            keys.encryption_key(),
            keys.integrity_key(),
            PacketMac::new,
        );
        Self { protection }
    }

    /// Octets in front of the plaintext: SPI, sequence number and IV.
    pub const fn header_length(&self) -> usize {
        match self.protection {
            Protection::Aead(_) => ESP_HEADER + aead::IV_LENGTH,
            Protection::CbcHmac(_) => ESP_HEADER + cbc::BLOCK,
        }
    }

    /// Octets behind the plaintext.
    pub const fn icv_length(&self) -> usize {
        self.protection.icv_length()
    }

    /// The plaintext with its trailer is a multiple of so many octets (RFC
    /// 4303, section 2.4). A multiple of 16 is faster with any cipher.
    pub const fn alignment(&self) -> usize {
        match self.protection {
            Protection::Aead(_) => 4,
            Protection::CbcHmac(_) => cbc::BLOCK,
        }
    }

    /// Seals `packet`, in which the caller has written the SPI and, behind
    /// [`EspCipher::header_length`] octets, the plaintext with its trailer;
    /// the last [`EspCipher::icv_length`] octets are free.
    ///
    /// Writes sequence number, IV, ciphertext and ICV. The IV comes from the
    /// sequence number, so **a pair of `esn_high` and `sequence` may be used
    /// once only** in the life of a key. `esn_high` is the upper half of an
    /// extended sequence number, and none without them.
    pub fn seal_in_place(
        &self,
        sequence: u32,
        esn_high: Option<u32>,
        packet: &mut [u8],
    ) -> Result<(), BadLayout> {
        let mut packet = Unsealed {
            sequence,
            esn_high,
            packet,
        };
        self.seal_batch(slice::from_mut(&mut packet))
    }

    /// Seals each of `packets` as [`EspCipher::seal_in_place`] does. With AES-CBC,
    /// [`EspCipher::BATCH`] of them take less than half of the time that they take one by one.
    ///
    /// After an error the packets have no meaning, and their sequence numbers are used up.
    pub fn seal_batch(&self, packets: &mut [Unsealed<'_>]) -> Result<(), BadLayout> {
        let sealed = match &self.protection {
            Protection::Aead(aead) => packets
                .iter_mut()
                .try_for_each(|packet| seal_aead(aead, packet)),
            Protection::CbcHmac(cbc_hmac) => packets
                .chunks_mut(Self::BATCH)
                .try_for_each(|packets| cbc_hmac::seal(cbc_hmac, packets)),
        };
        sealed.ok_or(BadLayout)
    }

    /// Opens `packet` and returns where its plaintext is, with its trailer;
    /// nothing unless the ICV is right.
    ///
    /// After a failure the content of `packet` has no meaning.
    pub fn open_in_place(&self, esn_high: Option<u32>, packet: &mut [u8]) -> Option<Range<usize>> {
        if let Protection::Aead(aead) = &self.protection {
            return open_aead(aead, esn_high, packet);
        }
        let mut sealed = Sealed {
            esn_high,
            packet,
            plaintext: None,
        };
        self.open_batch(slice::from_mut(&mut sealed));
        sealed.plaintext
    }

    /// Opens each of `packets` as [`EspCipher::open_in_place`] does.
    pub fn open_batch(&self, packets: &mut [Sealed<'_>]) {
        match &self.protection {
            Protection::Aead(aead) => {
                for sealed in packets {
                    sealed.plaintext = open_aead(aead, sealed.esn_high, sealed.packet);
                }
            }
            Protection::CbcHmac(cbc_hmac) => {
                for packets in packets.chunks_mut(Self::BATCH) {
                    cbc_hmac::open(cbc_hmac, packets);
                }
            }
        }
    }

    /// Whether [`EspCipher::open_batch`] takes less time than one packet after the other.
    pub const fn opens_batches_faster(&self) -> bool {
        match &self.protection {
            Protection::Aead(_) => false,
            Protection::CbcHmac(cbc_hmac) => cbc_hmac.mac.gains_from_batches(),
        }
    }
}

fn seal_aead(aead: &Aead, unsealed: &mut Unsealed<'_>) -> Option<()> {
    let once = once(unsealed);
    let (header, rest) = unsealed.packet.split_first_chunk_mut()?;
    let (iv, rest) = rest.split_first_chunk_mut()?;
    let (text, icv) = rest.split_last_chunk_mut::<{ aead::ICV_LENGTH }>()?;
    if !text.len().is_multiple_of(4) {
        return None;
    }
    number(header, unsealed.sequence);
    *iv = once.to_be_bytes();
    let (aad, aad_length) = aad(*header, unsealed.esn_high);
    let tag = aead.seal(*iv, aad.get(..aad_length)?, text);
    icv.copy_from_slice(tag.as_ref());
    Some(())
}

/// The sequence number whole: what the IV is made from.
fn once(unsealed: &Unsealed<'_>) -> u64 {
    u64::from(unsealed.esn_high.unwrap_or(0)) << 32 | u64::from(unsealed.sequence)
}

/// Writes the sequence number behind the SPI.
fn number(header: &mut [u8; ESP_HEADER], sequence: u32) {
    if let Some(field) = header.last_chunk_mut() {
        *field = sequence.to_be_bytes();
    }
}

fn open_aead(aead: &Aead, esn_high: Option<u32>, packet: &mut [u8]) -> Option<Range<usize>> {
    let (header, rest) = packet.split_first_chunk_mut()?;
    let (iv, rest) = rest.split_first_chunk_mut::<{ aead::IV_LENGTH }>()?;
    let (text, icv) = rest.split_last_chunk_mut()?;
    let (aad, aad_length) = aad(*header, esn_high);
    aead.open(*iv, aad.get(..aad_length)?, text, *icv)?;
    let start = header.len() + iv.len();
    Some(start..start + text.len())
}

/// The additional data of an AEAD: SPI, then the sequence number whole (RFC
/// 4106, section 5).
fn aad(header: [u8; ESP_HEADER], esn_high: Option<u32>) -> ([u8; 12], usize) {
    let [p0, p1, p2, p3, s0, s1, s2, s3] = header;
    match esn_high.map(u32::to_be_bytes) {
        None => ([p0, p1, p2, p3, s0, s1, s2, s3, 0, 0, 0, 0], 8),
        Some([h0, h1, h2, h3]) => ([p0, p1, p2, p3, h0, h1, h2, h3, s0, s1, s2, s3], 12),
    }
}
