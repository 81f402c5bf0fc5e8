//! Packets of this host that became too long while they waited: the path is narrower than it was.
//!
//! ```text
//!   a segment longer than the MTU, with DF ──▶ "packet too big" ──▶ back into the tun device
//! ```

use std::io::IoSlice;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use azike_tunnel::{Segments, TooBigLimit, VnetHeader, packet_too_big};

use super::{Attached, LARGEST, Shared};

/// The longest answer (RFC 4443, section 2.4 (c)).
const LONGEST_ANSWER: usize = 1280;

/// Room for a segment and for the answer to it.
#[derive(Debug)]
pub(super) struct TooBig {
    limit: TooBigLimit,
    segment: Box<[u8]>,
    answer: [u8; LONGEST_ANSWER],
}

impl TooBig {
    pub(super) fn new() -> Self {
        Self {
            limit: TooBigLimit::default(),
            segment: vec![0; LARGEST].into_boxed_slice(),
            answer: [0; LONGEST_ANSWER],
        }
    }

    /// Tells the sender of `segments` how long they may be, if it wants to know. `false`: it does not, send
    /// them as they are.
    pub(super) fn answer(
        &mut self,
        shared: &Shared,
        attached: &Attached,
        segments: &Segments<'_>,
    ) -> bool {
        let Some(length) = segments.peek(&mut self.segment) else {
            return false;
        };
        let segment = self.segment.get(..length).unwrap_or_default();
        let Some(from) = destination(segment) else {
            return false;
        };
        let Some(length) = packet_too_big(segment, shared.mtu(), from, &mut self.answer) else {
            return false;
        };
        if self.limit.allows(shared.clock.now()) {
            let header = VnetHeader::NONE.write();
            let answer = self.answer.get(..length).unwrap_or_default();
            let parts = [IoSlice::new(&header), IoSlice::new(answer)];
            if let Err(error) = attached.tun.write_packet(&parts) {
                tracing::debug!(%error, "nobody was told that a packet is too long");
            }
        }
        true
    }
}

/// Where `packet` goes: an address that this host expects to hear from behind the tunnel.
fn destination(packet: &[u8]) -> Option<IpAddr> {
    match packet.first()? >> 4 {
        4 => {
            let octets: &[u8; 4] = packet.get(16..)?.first_chunk()?;
            Some(Ipv4Addr::from(*octets).into())
        }
        6 => {
            let octets: &[u8; 16] = packet.get(24..)?.first_chunk()?;
            Some(Ipv6Addr::from(*octets).into())
        }
        _ => None,
    }
}
