//! The answer to a packet of this host that is too long for the tunnel and must not be cut:
//! "fragmentation needed" (RFC 792, RFC 1191) or "packet too big" (RFC 4443, section 3.2).
//!
//! ```text
//!   IPv4 20 │ 3  4  checksum │ 0  0  MTU │ the packet, up to 576 octets in all
//!   IPv6 40 │ 2  0  checksum │   MTU     │ the packet, up to 1280 octets in all
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use crate::internet_checksum::{fold, sum};
use crate::protocol;
use crate::upper_layer::upper_layer;

/// The longest answer over IPv4 (RFC 1812, section 4.3.2.3) and IPv6 (RFC 4443, section 2.4).
const LONGEST_IPV4: usize = 576;
const LONGEST_IPV6: usize = 1280;
/// What every IPv6 link carries; who is told less does not believe it (RFC 8201, section 4).
const IPV6_MINIMUM: u16 = 1280;
/// "Don't fragment", in the seventh octet of an IPv4 header.
const DONT_FRAGMENT: u8 = 0x40;
/// Internetwork control (RFC 1812, section 4.3.2.5).
const NETWORK_CONTROL: u8 = 0xc0;
const HOP_LIMIT: u8 = 64;
/// The ICMP message for IPv6 above 127 that is not answered either.
const REDIRECT_IPV6: u8 = 137;
/// Octets behind the IP header that tell the sender which of its connections is meant (RFC 792).
const TELLING: usize = 8;

/// Writes the answer to `packet` into `room` and returns its length, if `packet` is longer than
/// `mtu` and its sender wants an answer.
///
/// `from` is who answers, of the packet's IP version: an address that this host expects behind the
/// tunnel, such as the packet's own destination, or its reverse path filter drops the answer.
///
/// No answer to an IPv4 packet without DF, to a fragment other than the first, to an ICMP error, to
/// a packet for many or from nobody (RFC 1122, section 3.2.2; RFC 4443, section 2.4), nor to IPv6 of
/// 1280 octets or less. Of a super-packet that the device is to cut (TSO) the length says nothing:
/// ask for one of its segments.
pub fn packet_too_big(packet: &[u8], mtu: u16, from: IpAddr, room: &mut [u8]) -> Option<usize> {
    match (packet.first()? >> 4, from) {
        (4, IpAddr::V4(from)) => fragmentation_needed(packet, mtu, from, room),
        (6, IpAddr::V6(from)) => ipv6_too_big(packet, mtu.max(IPV6_MINIMUM), from, room),
        _ => None,
    }
}

fn fragmentation_needed(packet: &[u8], mtu: u16, from: Ipv4Addr, room: &mut [u8]) -> Option<usize> {
    let fixed: &[u8; 20] = packet.first_chunk()?;
    if packet.len() <= usize::from(mtu) || fixed[6] & DONT_FRAGMENT == 0 {
        return None;
    }
    let (protocol, at) = upper_layer(packet)?;
    // Destination unreachable, source quench, redirect, time exceeded, parameter problem.
    let errors = [3, 4, 5, 11, 12];
    if protocol == protocol::ICMP && errors.contains(packet.get(at)?) {
        return None;
    }
    let [.., s0, s1, s2, s3, d0, d1, d2, d3] = *fixed;
    let sender = Ipv4Addr::new(s0, s1, s2, s3);
    let receiver = Ipv4Addr::new(d0, d1, d2, d3);
    let nobody = sender.is_multicast() || matches!(s0, 0 | 127 | 240..);
    if nobody || receiver.is_multicast() || receiver.is_broadcast() {
        return None;
    }
    let quote = quote(packet, LONGEST_IPV4 - 28, room.len().checked_sub(28)?, at)?;
    let length = 28 + quote.len();
    let [length_high, length_low] = u16::try_from(length).ok()?.to_be_bytes();
    let [f0, f1, f2, f3] = from.octets();
    #[rustfmt::skip]
    let mut ip = [
        0x45, NETWORK_CONTROL, length_high, length_low,
        0, 0, DONT_FRAGMENT, 0,
        HOP_LIMIT, protocol::ICMP, 0, 0,
        f0, f1, f2, f3,
        s0, s1, s2, s3,
    ];
    [ip[10], ip[11]] = (!fold(sum(&ip))).to_be_bytes();
    let [mtu_high, mtu_low] = mtu.to_be_bytes();
    let mut icmp = [3, 4, 0, 0, 0, 0, mtu_high, mtu_low];
    [icmp[2], icmp[3]] = (!fold(sum(&icmp) + sum(quote))).to_be_bytes();
    write(room, [&ip, &icmp, quote])?;
    Some(length)
}

fn ipv6_too_big(packet: &[u8], mtu: u16, from: Ipv6Addr, room: &mut [u8]) -> Option<usize> {
    let fixed: &[u8; 40] = packet.first_chunk()?;
    if packet.len() <= usize::from(mtu) {
        return None;
    }
    let (protocol, at) = upper_layer(packet)?;
    if protocol == protocol::ICMPV6 && matches!(*packet.get(at)?, 0..128 | REDIRECT_IPV6) {
        return None;
    }
    let source: [u8; 16] = *fixed.get(8..)?.first_chunk()?;
    let sender = Ipv6Addr::from(source);
    if sender.is_multicast() || sender.is_unspecified() || sender.is_loopback() {
        return None;
    }
    let quote = quote(packet, LONGEST_IPV6 - 48, room.len().checked_sub(48)?, 40)?;
    let icmp_length = u16::try_from(8 + quote.len()).ok()?;
    let [length_high, length_low] = icmp_length.to_be_bytes();
    let start = [
        0x6c,
        0,
        0,
        0,
        length_high,
        length_low,
        protocol::ICMPV6,
        HOP_LIMIT,
    ];
    let [mtu_high, mtu_low] = mtu.to_be_bytes();
    let mut icmp = [2, 0, 0, 0, 0, 0, mtu_high, mtu_low];
    // The pseudo header (RFC 8200, section 8.1): both addresses, length, protocol.
    let pseudo = sum(&from.octets()) + sum(&source) + u64::from(icmp_length);
    let pseudo = pseudo + u64::from(protocol::ICMPV6);
    [icmp[2], icmp[3]] = (!fold(pseudo + sum(&icmp) + sum(quote))).to_be_bytes();
    write(room, [&start, &from.octets(), &source, &icmp, quote])?;
    Some(48 + quote.len())
}

/// The beginning of `packet`, as much as may be and as there is room for; with less than its IP
/// header (`header` octets) and eight octets nobody could tell what it was.
fn quote(packet: &[u8], longest: usize, room: usize, header: usize) -> Option<&[u8]> {
    let length = packet.len().min(longest).min(room);
    (length >= header + TELLING).then(|| packet.get(..length))?
}

/// Writes the parts one behind the other; `None` if they do not fit.
fn write<const N: usize>(room: &mut [u8], parts: [&[u8]; N]) -> Option<()> {
    let mut room = room;
    for part in parts {
        let (place, rest) = room.split_at_mut_checked(part.len())?;
        place.copy_from_slice(part);
        room = rest;
    }
    Some(())
}

/// How often answers may be given (RFC 4443, section 2.4 (f)): ten at once, then one each 10 ms.
#[derive(Clone, Copy, Debug, Default)]
pub struct TooBigLimit {
    /// When all answers given so far would be due, one behind the other.
    due: Option<Instant>,
}

impl TooBigLimit {
    const BURST: u32 = 10;
    const INTERVAL: Duration = Duration::from_millis(10);

    /// Whether an answer may be given `now`; counts it if so.
    pub fn allows(&mut self, now: Instant) -> bool {
        let due = self.due.map_or(now, |due| due.max(now));
        let ahead = due.saturating_duration_since(now);
        let allowed = ahead <= Self::INTERVAL * (Self::BURST - 1);
        if allowed {
            self.due = due.checked_add(Self::INTERVAL);
        }
        allowed
    }
}

#[cfg(test)]
mod tests;
