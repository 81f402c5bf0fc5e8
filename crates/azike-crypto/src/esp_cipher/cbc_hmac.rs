//! ESP with AES-CBC and an HMAC beside it: encrypt, then authenticate (RFC 3602; RFC 4303,
//! sections 2.8 and 3.3.2.1), up to [`EspCipher::BATCH`] packets at a time.
//!
//! ```text
//!   seal   all encrypted in lock step ─▶ the ICVs side by side
//!   open   the ICVs side by side ─▶ those that are right decrypted
//! ```

use std::array;

use super::{ESP_HEADER, EspCipher, Sealed, Unsealed, number, once};
use crate::cbc;
use crate::packet_mac::{Message, PacketMac, Tag, is_tag};
use crate::protection::CbcHmac;

const NO_TAG: Tag = [0; 64];

/// Seals up to [`EspCipher::BATCH`] packets.
pub(super) fn seal(cbc_hmac: &CbcHmac<PacketMac>, packets: &mut [Unsealed<'_>]) -> Option<()> {
    match packets.len() {
        // Clearing the room of a whole batch would cost a small packet a third of its time.
        1 => seal_up_to::<1>(cbc_hmac, packets),
        _ => seal_up_to::<{ EspCipher::BATCH }>(cbc_hmac, packets),
    }
}

fn seal_up_to<const N: usize>(
    cbc_hmac: &CbcHmac<PacketMac>,
    packets: &mut [Unsealed<'_>],
) -> Option<()> {
    let mut texts: [&mut [aes::Block]; N] = array::from_fn(|_| Default::default());
    for (unsealed, text) in packets.iter_mut().zip(&mut texts) {
        let once = once(unsealed);
        let icv_at = unsealed.packet.len().checked_sub(cbc_hmac.icv_length)?;
        let (header, body) = unsealed.packet.get_mut(..icv_at)?.split_first_chunk_mut()?;
        number(header, unsealed.sequence);
        *body.first_chunk_mut()? = cbc::once_in_iv_field(once);
        *text = cbc::blocks(body)?;
    }
    cbc_hmac.cbc.encrypt_with_iv_fields(&mut texts);

    let mut messages = [Message::default(); N];
    for (unsealed, message) in packets.iter().zip(&mut messages) {
        let icv_at = unsealed.packet.len().checked_sub(cbc_hmac.icv_length)?;
        *message = Message {
            packet: unsealed.packet.get(..icv_at)?,
            esn_high: unsealed.esn_high,
        };
    }
    let mut tags = [NO_TAG; N];
    cbc_hmac.mac.tags(messages.get(..packets.len())?, &mut tags);
    for (unsealed, tag) in packets.iter_mut().zip(&tags) {
        let icv_at = unsealed.packet.len().checked_sub(cbc_hmac.icv_length)?;
        let icv = unsealed.packet.get_mut(icv_at..)?;
        icv.copy_from_slice(tag.get(..icv.len())?);
    }
    Some(())
}

/// Opens up to [`EspCipher::BATCH`] packets.
pub(super) fn open(cbc_hmac: &CbcHmac<PacketMac>, packets: &mut [Sealed<'_>]) {
    match packets.len() {
        1 => open_up_to::<1>(cbc_hmac, packets),
        _ => open_up_to::<{ EspCipher::BATCH }>(cbc_hmac, packets),
    }
}

fn open_up_to<const N: usize>(cbc_hmac: &CbcHmac<PacketMac>, packets: &mut [Sealed<'_>]) {
    let mut messages = [Message::default(); N];
    for (sealed, message) in packets.iter().zip(&mut messages) {
        if let Some((packet, _)) = split(cbc_hmac, sealed.packet) {
            let esn_high = sealed.esn_high;
            *message = Message { packet, esn_high };
        }
    }
    let mut tags = [NO_TAG; N];
    let messages = messages.get(..packets.len()).unwrap_or_default();
    cbc_hmac.mac.tags(messages, &mut tags);
    for (sealed, tag) in packets.iter_mut().zip(&tags) {
        // Nothing is decrypted before its ICV is known to be right.
        let authentic = split(cbc_hmac, sealed.packet).is_some_and(|(_, icv)| is_tag(tag, icv));
        sealed.plaintext = None;
        if authentic {
            let end = sealed.packet.len() - cbc_hmac.icv_length;
            let start = ESP_HEADER + cbc::BLOCK;
            let decrypted = decrypt(cbc_hmac, sealed.packet);
            sealed.plaintext = decrypted.map(|()| start..end);
        }
    }
}

/// What the ICV covers, and the ICV. Nothing if there are no octets for header, IV and ICV.
fn split<'p>(cbc_hmac: &CbcHmac<PacketMac>, packet: &'p [u8]) -> Option<(&'p [u8], &'p [u8])> {
    let icv_at = packet.len().checked_sub(cbc_hmac.icv_length)?;
    let covered = packet.split_at_checked(icv_at)?;
    (icv_at >= ESP_HEADER + cbc::BLOCK).then_some(covered)
}

fn decrypt(cbc_hmac: &CbcHmac<PacketMac>, packet: &mut [u8]) -> Option<()> {
    let icv_at = packet.len().checked_sub(cbc_hmac.icv_length)?;
    let body = packet.get_mut(ESP_HEADER..icv_at)?;
    let (iv, text) = body.split_first_chunk_mut()?;
    cbc_hmac.cbc.decrypt(*iv, text)
}
