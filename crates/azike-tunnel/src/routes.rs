//! Traffic selectors as routes.
//!
//! A traffic selector is a range of addresses (RFC 7296, section 3.13.1), a route is a prefix. The
//! gateway may send 255 ranges, unsorted, touching, overlapping, and none of them a prefix; what
//! comes out is the shortest sorted list of prefixes that covers the same addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use azike_wire::TrafficSelector;

use crate::ranges::{Range, Ranges};

/// A prefix: an address whose host bits are zero, and the number of its leading bits that count.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Route {
    /// The first address of the prefix.
    pub address: IpAddr,
    /// 0 to 32 for IPv4, 0 to 128 for IPv6.
    pub prefix_length: u8,
}

/// The fewest prefixes that cover exactly the addresses of `selectors`, IPv4 first, sorted.
///
/// Protocols and ports of a selector do not matter here: a route knows none, the inner policy asks
/// for them.
pub fn routes(selectors: &[TrafficSelector]) -> Vec<Route> {
    let ranges = Ranges::of(selectors);
    let mut routes = Vec::new();
    for range in ranges.v4 {
        let range = Range {
            start: u128::from(range.start),
            end: u128::from(range.end),
        };
        split(range, 32, &mut |start, prefix_length| {
            // A start comes from a range of 32-bit numbers.
            let address = Ipv4Addr::from_bits(u32::try_from(start).unwrap_or_default());
            routes.push(Route {
                address: address.into(),
                prefix_length,
            });
        });
    }
    for range in ranges.v6 {
        split(range, 128, &mut |start, prefix_length| {
            routes.push(Route {
                address: Ipv6Addr::from_bits(start).into(),
                prefix_length,
            });
        });
    }
    routes
}

/// Cuts a range of `bits`-bit addresses into prefixes: again and again the largest that begins
/// where the last one ended. `prefix` gets the first address and the prefix length of each.
fn split(range: Range<u128>, bits: u8, prefix: &mut impl FnMut(u128, u8)) {
    let mut start = range.start;
    loop {
        // Host bits: not more than the start has trailing zeros, nor than the rest has room for.
        let left = range.end - start;
        let room = match left.checked_add(1) {
            Some(count) => count.ilog2(),
            None => u128::BITS,
        };
        let host_bits = start.trailing_zeros().min(room).min(u32::from(bits));
        let length = u32::from(bits) - host_bits;
        prefix(start, u8::try_from(length).unwrap_or(bits));
        let Some(size) = 1_u128.checked_shl(host_bits) else {
            return;
        };
        match start.checked_add(size) {
            Some(next) if next <= range.end => start = next,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The gateway of facts: 16 selectors in any order, neighbours among them, one not a prefix.
    #[test]
    fn azure_selectors_become_few_prefixes() {
        let selectors = [
            v4("10.15.0.0", "10.15.255.255"),
            v4("192.168.128.0", "192.168.128.255"),
            v4("10.14.0.0", "10.14.255.255"),
            v4("172.20.202.0", "172.20.202.127"),
            v4("10.15.3.0", "10.15.4.255"),
            v4("192.168.129.0", "192.168.129.9"),
        ];
        assert_eq!(
            text(&selectors),
            [
                "10.14.0.0/15",
                "172.20.202.0/25",
                "192.168.128.0/24",
                "192.168.129.0/29",
                "192.168.129.8/31",
            ]
        );
    }

    #[test]
    fn the_whole_world_is_one_prefix() {
        assert_eq!(text(&[TrafficSelector::all_ipv4()]), ["0.0.0.0/0"]);
        assert_eq!(text(&[TrafficSelector::all_ipv6()]), ["::/0"]);
        let halves = [
            v4("128.0.0.0", "255.255.255.255"),
            v4("0.0.0.0", "127.255.255.255"),
        ];
        assert_eq!(text(&halves), ["0.0.0.0/0"]);
    }

    #[test]
    fn ends_of_the_address_space_are_no_trouble() {
        assert_eq!(
            text(&[v4("255.255.255.255", "255.255.255.255")]),
            ["255.255.255.255/32"]
        );
        assert_eq!(text(&[v4("0.0.0.1", "0.0.0.1")]), ["0.0.0.1/32"]);
        let last = Ipv6Addr::from_bits(u128::MAX);
        let range = TrafficSelector::ipv6(Ipv6Addr::from_bits(u128::MAX - 2), last);
        assert_eq!(text(&[range]).len(), 2);
        let all_but_first = TrafficSelector::ipv6(Ipv6Addr::from_bits(1), last);
        assert_eq!(text(&[all_but_first]).len(), 128);
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(routes(&[]), []);
    }

    /// Against the simplest model: mark each address of a small space, then halve it where it is
    /// mixed. 255 selectors as they come: unsorted, overlapping, touching.
    #[test]
    fn prefixes_are_those_of_a_naive_model() {
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = |end: u32| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            u32::try_from(random % u64::from(end)).unwrap()
        };
        for round in 0..300 {
            let base = [0, 0x0a00_0000, 0xffff_f000][round % 3];
            let mut marked = [false; 4096];
            let mut selectors = Vec::new();
            for _ in 0..=next(255) {
                let start = next(4096);
                let end = (start + next(40)).min(4095);
                marked[start as usize..=end as usize].fill(true);
                selectors.push(TrafficSelector::ipv4(
                    Ipv4Addr::from_bits(base + start),
                    Ipv4Addr::from_bits(base + end),
                ));
            }
            let mut model = Vec::new();
            halve(&marked, base, 20, &mut model);
            assert_eq!(routes(&selectors), model, "round {round}");
        }
    }

    fn halve(marked: &[bool], base: u32, prefix_length: u8, found: &mut Vec<Route>) {
        if marked.iter().all(|&marked| marked) {
            let address = Ipv4Addr::from_bits(base).into();
            found.push(Route {
                address,
                prefix_length,
            });
        } else if marked.iter().any(|&marked| marked) {
            let half = marked.len() / 2;
            halve(&marked[..half], base, prefix_length + 1, found);
            let upper = base + u32::try_from(half).unwrap();
            halve(&marked[half..], upper, prefix_length + 1, found);
        }
    }

    fn v4(start: &str, end: &str) -> TrafficSelector {
        TrafficSelector::ipv4(start.parse().unwrap(), end.parse().unwrap())
    }

    fn text(selectors: &[TrafficSelector]) -> Vec<String> {
        routes(selectors)
            .iter()
            .map(|route| format!("{}/{}", route.address, route.prefix_length))
            .collect()
    }
}
