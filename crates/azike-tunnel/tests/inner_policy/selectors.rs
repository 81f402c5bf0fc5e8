//! Traffic selectors that are narrower than all protocols and ports.

use azike_tunnel::{InnerPolicy, PolicyDrop};
use azike_wire::TrafficSelector;

use crate::packet::{ELSEWHERE, OURS, THEIRS, ipv4, selector, udp};

#[test]
fn selectors_with_protocol_and_ports_are_obeyed() {
    let web = TrafficSelector {
        protocol: 6,
        start_port: 443,
        end_port: 444,
        ..selector()
    };
    let later = TrafficSelector {
        protocol: 17,
        start_port: 65535,
        end_port: 0,
        ..selector()
    };
    let pings = TrafficSelector {
        protocol: 1,
        start_port: 0x0800,
        end_port: 0x08ff,
        ..selector()
    };
    let policy = InnerPolicy::new(
        vec![OURS.into()],
        &[TrafficSelector::all_ipv4()],
        &[web, later, pings],
    );
    for (protocol, port, offset, passes) in [
        (6, 442, 0, false),
        (6, 443, 0, true),
        (6, 444, 0, true),
        (6, 445, 0, false),
        (6, 443, 64, false),
        (17, 443, 0, false),
        (17, 443, 64, true),
        (1, 0x0800, 0, true),
        (1, 0x0000, 0, false),
        (50, 443, 0, false),
    ] {
        let mut packet = ipv4(protocol, OURS, THEIRS, 64);
        let at = if protocol == 1 { 20 } else { 22 };
        packet[at..at + 2].copy_from_slice(&u16::to_be_bytes(port));
        packet[7] = offset;
        let judged = policy.outbound(&packet);
        assert_eq!(
            judged.is_ok(),
            passes,
            "{protocol} {port} {offset}: {judged:?}"
        );
    }
}

/// A gateway that narrowed `TSi` to something else than the address it gave.
#[test]
fn our_own_selectors_are_obeyed_too() {
    let policy = InnerPolicy::new(
        vec![OURS.into()],
        &[selector()],
        &[TrafficSelector::all_ipv4()],
    );
    assert_eq!(
        policy.outbound(&udp(OURS, ELSEWHERE)),
        Err(PolicyDrop::NotInTsI)
    );
    assert_eq!(
        policy.inbound(&udp(ELSEWHERE, OURS)),
        Err(PolicyDrop::NotInTsI)
    );
}

#[test]
fn without_an_address_nothing_passes() {
    let all = [TrafficSelector::all_ipv4(), TrafficSelector::all_ipv6()];
    let policy = InnerPolicy::new(Vec::new(), &all, &all);
    assert_eq!(
        policy.outbound(&udp(OURS, THEIRS)),
        Err(PolicyDrop::NotOurs)
    );
    assert_eq!(policy.inbound(&udp(THEIRS, OURS)), Err(PolicyDrop::NotOurs));
}
