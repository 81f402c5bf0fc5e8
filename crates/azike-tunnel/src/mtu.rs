//! The inner MTU: the longest packet that leaves as one datagram.
//!
//! ```text
//!   path MTU ≥ IP header + UDP 8 + SPI, sequence number 8 + IV + plaintext + ICV
//!              20 or 40                                        ^ inner + padding + 2, in 16s
//! ```
//!
//! [`PathWatch`] follows the path: it asks for a look now and then, and says what the tunnel's MTU is
//! to be.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use azike_esp::Overhead;

/// The path MTU to assume until something better is known.
pub const DEFAULT_PATH_MTU: u16 = 1500;

/// What every IPv6 link must carry in one packet (RFC 8200, section 5).
const IPV6_MINIMUM: u16 = 1280;
/// What every IPv4 host must take, whole or in fragments (RFC 1122, section 3.3.2).
const IPV4_MINIMUM: u16 = 576;

/// The length of the UDP header.
const UDP_HEADER: usize = 8;

/// Which IP version carries the tunnel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OuterVersion {
    /// A header of 20 octets.
    Ipv4,
    /// A header of 40 octets.
    Ipv6,
}

/// Which IP versions go through the tunnel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InnerVersions {
    /// Only IPv4.
    Ipv4,
    /// IPv6, alone or beside IPv4.
    Ipv6,
}

impl OuterVersion {
    /// The version that reaches `gateway`.
    pub fn towards(gateway: IpAddr) -> Self {
        if gateway.to_canonical().is_ipv4() {
            Self::Ipv4
        } else {
            Self::Ipv6
        }
    }

    /// The octets before the ESP packet: IP header without options, and UDP header.
    pub const fn headers(self) -> usize {
        let ip = match self {
            Self::Ipv4 => 20,
            Self::Ipv6 => 40,
        };
        ip + UDP_HEADER
    }
}

/// The MTU of the tun device, in octets.
///
/// It is never less than IPv6 needs (1280) if IPv6 goes inside, and never less than 576: on a path
/// too narrow for that, the longest datagrams travel as outer fragments.
pub fn inner_mtu(
    path_mtu: u16,
    outer: OuterVersion,
    overhead: Overhead,
    inner: InnerVersions,
) -> u16 {
    let floor = match inner {
        InnerVersions::Ipv4 => IPV4_MINIMUM,
        InnerVersions::Ipv6 => IPV6_MINIMUM,
    };
    usize::from(path_mtu)
        .checked_sub(outer.headers())
        .and_then(|esp| overhead.largest_inner(esp))
        .and_then(|mtu| u16::try_from(mtu).ok())
        .map_or(floor, |mtu| mtu.max(floor))
}

/// Follows the path MTU of a tunnel, from what the system says of it.
///
/// The system learns from ICMP, which anybody may have sent. So what it says counts only between the
/// floors of [`inner_mtu`] and the path MTU of the Internet, [`DEFAULT_PATH_MTU`]: a local link of
/// 9000 octets says nothing of the links behind it. A tunnel whose MTU the user chose keeps it.
#[derive(Clone, Debug)]
pub struct PathWatch {
    outer: OuterVersion,
    overhead: Overhead,
    inner: InnerVersions,
    chosen: Option<u16>,
    path_mtu: u16,
    due: Instant,
    too_long: u64,
}

impl PathWatch {
    /// How often to look when nothing happens.
    pub const INTERVAL: Duration = Duration::from_secs(10);

    /// For a tunnel to `gateway` whose packets grow by `overhead`. `chosen` is the user's MTU.
    pub fn new(
        gateway: IpAddr,
        overhead: Overhead,
        inner: InnerVersions,
        chosen: Option<u16>,
        now: Instant,
    ) -> Self {
        Self {
            outer: OuterVersion::towards(gateway),
            overhead,
            inner,
            chosen,
            path_mtu: DEFAULT_PATH_MTU,
            due: now,
            too_long: 0,
        }
    }

    /// Whether it is time to ask the system: ten seconds after the last time, or at once when more
    /// than before (`too_long` in all) did not leave for their length. Then call [`Self::see`].
    pub fn is_due(&mut self, now: Instant, too_long: u64) -> bool {
        let lost_some = too_long > self.too_long;
        self.too_long = too_long;
        let due = lost_some || now >= self.due;
        if due {
            self.due = now.checked_add(Self::INTERVAL).unwrap_or(now);
        }
        due
    }

    /// Looks as soon as may be: the network changed.
    pub const fn look_soon(&mut self, now: Instant) {
        self.due = now;
    }

    /// What the system says of the path; `None`, when it says nothing, leaves all as it was.
    pub fn see(&mut self, path_mtu: Option<u16>) {
        self.path_mtu = path_mtu.map_or(self.path_mtu, |mtu| mtu.min(DEFAULT_PATH_MTU));
    }

    /// New keys may be of another suite.
    pub const fn rekeyed(&mut self, overhead: Overhead) {
        self.overhead = overhead;
    }

    /// The path MTU that the tunnel reckons with, in octets.
    pub const fn path_mtu(&self) -> u16 {
        self.path_mtu
    }

    /// What the MTU of the tun device should be, in octets.
    pub fn inner_mtu(&self) -> u16 {
        let computed = || inner_mtu(self.path_mtu, self.outer, self.overhead, self.inner);
        self.chosen.unwrap_or_else(computed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GCM: Overhead = Overhead::new(8, 16);
    const CBC_SHA256: Overhead = Overhead::new(16, 16);
    const CBC_SHA1: Overhead = Overhead::new(16, 12);

    #[test]
    fn ethernet_paths_give_the_numbers_worked_out_by_hand() {
        for (path, outer, overhead, mtu) in [
            (1500, OuterVersion::Ipv4, GCM, 1438),
            (1500, OuterVersion::Ipv6, GCM, 1406),
            (1492, OuterVersion::Ipv4, GCM, 1422),
            (1500, OuterVersion::Ipv4, CBC_SHA256, 1422),
            (1500, OuterVersion::Ipv4, CBC_SHA1, 1422),
            (1500, OuterVersion::Ipv6, CBC_SHA256, 1406),
            (1280, OuterVersion::Ipv4, GCM, 1214),
        ] {
            let found = inner_mtu(path, outer, overhead, InnerVersions::Ipv4);
            assert_eq!(found, mtu, "{path} {outer:?}");
        }
    }

    #[test]
    fn narrow_paths_stop_at_the_floor() {
        for path in [0, 27, 28, 60, 500, 600] {
            let v4 = inner_mtu(path, OuterVersion::Ipv4, GCM, InnerVersions::Ipv4);
            let v6 = inner_mtu(path, OuterVersion::Ipv6, GCM, InnerVersions::Ipv6);
            assert_eq!((v4, v6), (576, 1280), "path {path}");
        }
    }

    #[test]
    fn mapped_gateway_addresses_are_ipv4_on_the_wire() {
        let towards = |text: &str| OuterVersion::towards(text.parse().unwrap());
        assert_eq!(towards("192.0.2.1"), OuterVersion::Ipv4);
        assert_eq!(towards("::ffff:192.0.2.1"), OuterVersion::Ipv4);
        assert_eq!(towards("2001:db8::1"), OuterVersion::Ipv6);
    }

    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn watch(inner: InnerVersions, chosen: Option<u16>) -> (PathWatch, Instant) {
        let now = Instant::now();
        let gateway = [203, 0, 113, 10].into();
        (PathWatch::new(gateway, GCM, inner, chosen, now), now)
    }

    #[test]
    fn the_tunnel_follows_the_path_both_ways() {
        let (mut watch, _) = watch(InnerVersions::Ipv4, None);
        assert_eq!(watch.inner_mtu(), 1438);
        for (path, mtu) in [(Some(1492), 1422), (Some(1400), 1326), (None, 1326)] {
            watch.see(path);
            assert_eq!(watch.inner_mtu(), mtu, "{path:?}");
        }
        // The system forgot, or the network is another.
        watch.see(Some(1500));
        assert_eq!(watch.inner_mtu(), 1438);
        watch.rekeyed(CBC_SHA256);
        assert_eq!(watch.inner_mtu(), 1422);
    }

    /// What somebody invents cannot make the tunnel useless, nor too wide for the Internet.
    #[test]
    fn floors_and_ceiling_hold_whatever_is_said() {
        for (inner, floor) in [(InnerVersions::Ipv4, 576), (InnerVersions::Ipv6, 1280)] {
            let (mut watch, _) = watch(inner, None);
            for (path, mtu) in [(0, floor), (68, floor), (9000, 1438), (65_535, 1438)] {
                watch.see(Some(path));
                assert_eq!(watch.inner_mtu(), mtu, "{path}");
            }
        }
    }

    #[test]
    fn what_the_user_chose_stays() {
        let (mut watch, _) = watch(InnerVersions::Ipv4, Some(1300));
        watch.see(Some(1280));
        assert_eq!(watch.inner_mtu(), 1300);
        assert_eq!(watch.path_mtu(), 1280);
    }

    #[test]
    fn looks_are_every_ten_seconds_and_when_something_happens() {
        let (mut watch, start) = watch(InnerVersions::Ipv4, None);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(watch.is_due(at(0), 0));
        assert!(!watch.is_due(at(1), 0));
        assert!(!watch.is_due(at(9), 0));
        assert!(watch.is_due(at(10), 0));
        assert!(watch.is_due(at(11), 3), "a datagram was too long");
        assert!(!watch.is_due(at(12), 3));
        watch.look_soon(at(13));
        assert!(watch.is_due(at(13), 3));
        assert!(!watch.is_due(at(14), 3));
    }
}
