//! A NAT: inside sockets appear as ports of one outside address, as long as they are used.
//!
//! ```text
//!   192.168.1.5:4500 ──▶ 203.0.113.1:20000 ──▶ gateway:4500     makes and refreshes the mapping
//!   192.168.1.5:4500 ◀── 203.0.113.1:20000 ◀── gateway:4500     passes, and refreshes nothing
//!                     ✗  203.0.113.1:20000 ◀── anybody else
//! ```
//!
//! The harshest of those in the field, so that nothing relies on a kind one: address- and
//! port-dependent mapping and filtering, and only what goes out refreshes (RFC 4787, sections 4.1,
//! 4.3 and 5). It never keeps a port.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// The first port that is given out.
const FIRST_PORT: u16 = 20_000;

/// A NAT.
#[derive(Debug)]
pub struct Nat {
    outside: IpAddr,
    timeout: Duration,
    mappings: BTreeMap<(SocketAddr, SocketAddr), Mapping>,
    next_port: u16,
}

#[derive(Debug)]
struct Mapping {
    port: u16,
    used: Instant,
}

impl Nat {
    /// A NAT with this outside address, whose mappings end after `timeout` without a packet to the
    /// outside. RFC 4787 asks for two minutes; thirty seconds are seen.
    pub const fn new(outside: IpAddr, timeout: Duration) -> Self {
        Self {
            outside,
            timeout,
            mappings: BTreeMap::new(),
            next_port: FIRST_PORT,
        }
    }

    /// Its outside address.
    pub const fn outside(&self) -> IpAddr {
        self.outside
    }

    /// Forgets all mappings: the next ones have other ports, and `outside` as their address if it
    /// is given. As after a restart, or when the provider of the network gives it a new address.
    pub fn rebind(&mut self, outside: Option<IpAddr>) {
        self.mappings.clear();
        self.outside = outside.unwrap_or(self.outside);
    }

    /// How long a mapping lives without use, from now on; for those that there are, too.
    pub const fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// How many mappings are alive.
    pub fn mappings(&self, now: Instant) -> usize {
        let alive = |it: &&Mapping| self.is_alive(now, it);
        self.mappings.values().filter(alive).count()
    }

    /// As whom `inside` appears to `remote`.
    pub(super) fn outbound(
        &mut self,
        now: Instant,
        inside: SocketAddr,
        remote: SocketAddr,
    ) -> SocketAddr {
        let timeout = self.timeout;
        self.mappings
            .retain(|_, mapping| now.saturating_duration_since(mapping.used) < timeout);
        let known = self.mappings.get(&(inside, remote)).map(|it| it.port);
        let port = known.unwrap_or_else(|| self.new_port());
        let mapping = Mapping { port, used: now };
        self.mappings.insert((inside, remote), mapping);
        SocketAddr::new(self.outside, port)
    }

    /// Who is meant by `port`, if `remote` may send there.
    pub(super) fn inbound(
        &self,
        now: Instant,
        port: u16,
        remote: SocketAddr,
    ) -> Option<SocketAddr> {
        let mut mappings = self.mappings.iter();
        let found = mappings.find(|((_, to), mapping)| mapping.port == port && *to == remote);
        found
            .filter(|(_, mapping)| self.is_alive(now, mapping))
            .map(|((inside, _), _)| *inside)
    }

    fn is_alive(&self, now: Instant, mapping: &Mapping) -> bool {
        now.saturating_duration_since(mapping.used) < self.timeout
    }

    fn new_port(&mut self) -> u16 {
        loop {
            let port = self.next_port;
            self.next_port = port.checked_add(1).unwrap_or(FIRST_PORT);
            // There are fewer sockets in a test than ports.
            if self.mappings.values().all(|mapping| mapping.port != port) {
                return port;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timeline;

    const MINUTE: Duration = Duration::from_mins(1);
    const ALMOST: Duration = Duration::from_secs(59);

    fn nat() -> Nat {
        Nat::new([203, 0, 113, 1].into(), MINUTE)
    }

    fn socket(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_who_was_spoken_to_may_answer() {
        let now = Timeline::begin().now();
        let mut nat = nat();
        let (inside, gateway) = (socket("192.168.1.5:4500"), socket("20.61.7.9:4500"));
        let outside = nat.outbound(now, inside, gateway);
        assert_eq!(outside.ip(), nat.outside());
        assert_ne!(outside.port(), inside.port());
        assert_eq!(nat.inbound(now, outside.port(), gateway), Some(inside));
        for other in ["20.61.7.9:500", "20.61.7.8:4500"] {
            assert_eq!(nat.inbound(now, outside.port(), socket(other)), None);
        }
        assert_eq!(nat.inbound(now, outside.port() + 1, gateway), None);
        // Another remote, another port.
        assert_ne!(nat.outbound(now, inside, socket("20.61.7.9:500")), outside);
        assert_eq!(nat.outbound(now, inside, gateway), outside);
    }

    #[test]
    fn mapping_lives_as_long_as_it_is_used_from_inside() {
        let start = Timeline::begin().now();
        let mut nat = nat();
        let (inside, gateway) = (socket("192.168.1.5:4500"), socket("20.61.7.9:4500"));
        let outside = nat.outbound(start, inside, gateway);
        let soon = start + ALMOST;
        assert_eq!(nat.outbound(soon, inside, gateway), outside);
        let later = soon + ALMOST;
        assert_eq!(nat.inbound(later, outside.port(), gateway), Some(inside));
        // What came in has not refreshed it.
        let end = soon + MINUTE;
        assert_eq!(nat.inbound(end, outside.port(), gateway), None);
        assert_eq!(nat.mappings(end), 0);
        assert_ne!(nat.outbound(end, inside, gateway), outside);
        assert_eq!(nat.mappings(end), 1);
    }

    #[test]
    fn rebinding_gives_other_ports_and_perhaps_another_address() {
        let now = Timeline::begin().now();
        let mut nat = nat();
        let (inside, gateway) = (socket("192.168.1.5:4500"), socket("20.61.7.9:4500"));
        let first = nat.outbound(now, inside, gateway);
        nat.rebind(None);
        assert_eq!(nat.inbound(now, first.port(), gateway), None);
        let second = nat.outbound(now, inside, gateway);
        assert_eq!(second.ip(), first.ip());
        assert_ne!(second.port(), first.port());
        nat.rebind(Some([203, 0, 113, 2].into()));
        let third = nat.outbound(now, inside, gateway);
        assert_eq!(third.ip(), IpAddr::from([203, 0, 113, 2]));
    }
}
