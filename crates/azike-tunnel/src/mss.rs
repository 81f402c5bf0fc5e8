//! The MSS option of TCP, made to fit the tunnel (RFC 9293, section 3.7.1; RFC 6691).
//!
//! Both ends of a TCP connection tell in their first segment how much they take in one. The path MTU
//! says the same later and by ICMP, which many networks lose; a SYN that says it arrives.
//!
//! ```text
//!   IP 20 or 40 │ TCP 20 │ options:  2  4  MSS MSS │ ...
//!                                          ≤ MTU - 40 (IPv4) or MTU - 60 (IPv6)
//! ```

use crate::internet_checksum::updated;
use crate::protocol;
use crate::upper_layer::upper_layer;

/// The length of a TCP header without options.
const TCP_HEADER: u16 = 20;
/// The flag of the first segment from each side.
const SYN: u8 = 0b10;
/// End of the option list, no-operation, and maximum segment size (RFC 9293, section 3.2).
const END: u8 = 0;
const NO_OPERATION: u8 = 1;
const MSS: u8 = 2;

/// Lowers the MSS of a SYN or SYN-ACK to what fits packets of `mtu` octets; whether it did.
///
/// Never raises it and never adds the option: a SYN without one means 536 octets (IPv4) or 1220
/// (IPv6) anyway. Leaves everything else alone, at the cost of two comparisons.
///
/// The checksum is brought up to date (RFC 1624), not made anew, so it must be whole: complete that
/// of a packet whose checksum was left to the device (virtio's `NEEDS_CSUM`) before.
pub fn clamp_mss(packet: &mut [u8], mtu: u16) -> bool {
    let Some((protocol::TCP, at)) = upper_layer(packet) else {
        return false;
    };
    let is_ipv4 = packet.first().is_some_and(|first| first >> 4 == 4);
    let headers = TCP_HEADER + if is_ipv4 { 20 } else { 40 };
    match (packet.get_mut(at..), mtu.checked_sub(headers)) {
        (Some(segment), Some(most)) => clamp_segment(segment, most),
        _ => false,
    }
}

fn clamp_segment(segment: &mut [u8], most: u16) -> bool {
    let Some(&[.., offset, flags]) = segment.first_chunk::<14>() else {
        return false;
    };
    if flags & SYN == 0 {
        return false;
    }
    let length = usize::from(offset >> 4) * 4;
    let mut clamped = false;
    let mut at = usize::from(TCP_HEADER);
    // Every turn takes at least an octet. A second MSS option is lowered too: hosts differ in which
    // one they believe.
    while at < length {
        match *segment.get(at..).unwrap_or_default() {
            [END, ..] => break,
            [NO_OPERATION, ..] => at += 1,
            [MSS, 4, high, low, ..] if at + 4 <= length => {
                let before = u16::from_be_bytes([high, low]);
                if before > most {
                    replace(segment, at + 2, before, most);
                    clamped = true;
                }
                at += 4;
            }
            [_, step, ..] if step >= 2 => at += usize::from(step),
            _ => break,
        }
    }
    clamped
}

/// Writes the word at `at` and brings the checksum of the segment up to date.
fn replace(segment: &mut [u8], at: usize, before: u16, after: u16) {
    if let Some(word) = segment.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *word = after.to_be_bytes();
    }
    // At an odd place its octets lie in the other halves of two words of the sum, which is as if
    // they were swapped (RFC 1071, section 2, part B).
    let (before, after) = if at.is_multiple_of(2) {
        (before, after)
    } else {
        (before.swap_bytes(), after.swap_bytes())
    };
    if let Some(checksum) = segment.get_mut(16..).and_then(<[u8]>::first_chunk_mut) {
        *checksum = updated(u16::from_be_bytes(*checksum), before, after).to_be_bytes();
    }
}

#[cfg(test)]
mod tests;
