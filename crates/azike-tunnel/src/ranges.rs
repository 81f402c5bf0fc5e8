//! Ranges of addresses as numbers: sorted, joined, searched.

use std::net::IpAddr;

use azike_wire::TrafficSelector;

/// Addresses from `start` to `end`, both of them in.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Range<N> {
    pub(crate) start: N,
    pub(crate) end: N,
}

/// The addresses of some traffic selectors: sorted ranges with gaps between them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranges {
    pub(crate) v4: Vec<Range<u32>>,
    pub(crate) v6: Vec<Range<u128>>,
}

impl Ranges {
    /// The addresses of `selectors`, whatever their protocols and ports.
    pub(crate) fn of(selectors: &[TrafficSelector]) -> Self {
        let mut ranges = Self::default();
        for selector in selectors {
            match (selector.start, selector.end) {
                (IpAddr::V4(start), IpAddr::V4(end)) => ranges.v4.push(Range {
                    start: start.to_bits(),
                    end: end.to_bits(),
                }),
                (IpAddr::V6(start), IpAddr::V6(end)) => ranges.v6.push(Range {
                    start: start.to_bits(),
                    end: end.to_bits(),
                }),
                // No selector that was decoded is of two families.
                (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => {}
            }
        }
        Self {
            v4: merge(ranges.v4, |end| end.checked_add(1)),
            v6: merge(ranges.v6, |end| end.checked_add(1)),
        }
    }

    /// Whether one of the ranges has `address`.
    pub(crate) fn have(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => contains(&self.v4, address.to_bits()),
            IpAddr::V6(address) => contains(&self.v6, address.to_bits()),
        }
    }
}

/// Sorts `ranges` and joins those that overlap or touch; `next` is the number after one.
fn merge<N: Copy + Ord>(mut ranges: Vec<Range<N>>, next: fn(N) -> Option<N>) -> Vec<Range<N>> {
    ranges.retain(|range| range.start <= range.end);
    ranges.sort_unstable();
    let mut merged: Vec<Range<N>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if next(last.end).is_none_or(|next| range.start <= next) => {
                last.end = last.end.max(range.end);
            }
            _ => merged.push(range),
        }
    }
    merged
}

fn contains<N: Copy + Ord>(merged: &[Range<N>], number: N) -> bool {
    let after = merged.partition_point(|range| range.start <= number);
    after
        .checked_sub(1)
        .and_then(|at| merged.get(at))
        .is_some_and(|range| number <= range.end)
}
