//! The traffic selectors of one side, made fast to ask (RFC 7296, section 3.13.1).

use std::net::IpAddr;

use azike_wire::TrafficSelector;

use crate::ranges::Ranges;

/// `TSi` or `TSr`. Selectors for all protocols and ports become sorted ranges; the others, which Azure
/// never sends, are asked one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Selectors {
    wide: Ranges,
    narrow: Vec<TrafficSelector>,
}

impl Selectors {
    pub(crate) fn new(selectors: &[TrafficSelector]) -> Self {
        let is_wide = |selector: &TrafficSelector| selector.protocol == 0 && all_ports(selector);
        let (wide, narrow): (Vec<_>, Vec<_>) = selectors.iter().copied().partition(is_wide);
        Self {
            wide: Ranges::of(&wide),
            narrow,
        }
    }

    /// Whether one of the selectors has `address`, `protocol` and `port`. A packet that shows no
    /// port fits only where every port is allowed, or where the selector asks for just such
    /// packets (OPAQUE: the ports from 65 535 to 0).
    pub(crate) fn have(&self, address: IpAddr, protocol: u8, port: Option<u16>) -> bool {
        self.wide.have(address)
            || self.narrow.iter().any(|selector| {
                (selector.protocol == 0 || selector.protocol == protocol)
                    && selector.contains(address)
                    && port_fits(selector, port)
            })
    }
}

fn all_ports(selector: &TrafficSelector) -> bool {
    (selector.start_port, selector.end_port) == TrafficSelector::ANY_PORT
}

fn port_fits(selector: &TrafficSelector, port: Option<u16>) -> bool {
    match port {
        _ if all_ports(selector) => true,
        Some(port) => (selector.start_port..=selector.end_port).contains(&port),
        None => (selector.start_port, selector.end_port) == TrafficSelector::OPAQUE_PORTS,
    }
}
