//! N-88: headers that lie, or that choose a way, and fragments that rewrite each other.

use azike_tunnel::PolicyDrop;

use crate::packet::{
    OURS, OURS_6, THEIRS, THEIRS_6, ipv4, ipv4_with_options, ipv6, policy, udp, udp6,
};

/// Every packet cut anywhere, and lengths that are not those of the packet.
#[test]
fn n88_lengths_that_lie() {
    let policy = policy();
    for (whole, header) in [(udp(THEIRS, OURS), 20), (udp6(THEIRS_6, OURS_6), 40)] {
        for length in 0..whole.len() {
            let reason = match length {
                0 => PolicyDrop::Version,
                short if short < header => PolicyDrop::Header,
                _ => PolicyDrop::Length,
            };
            assert_eq!(
                policy.inbound(&whole[..length]),
                Err(reason),
                "{length} octets"
            );
        }
        let long = [&whole[..], &[0]].concat();
        assert_eq!(policy.inbound(&long), Err(PolicyDrop::Length));
    }
    for version in [0, 1, 5, 7, 15] {
        let mut packet = udp(THEIRS, OURS);
        packet[0] = version << 4 | 5;
        assert_eq!(policy.inbound(&packet), Err(PolicyDrop::Version));
    }
    for header_length in 0..5 {
        let mut packet = udp(THEIRS, OURS);
        packet[0] = 0x40 | header_length;
        assert_eq!(policy.inbound(&packet), Err(PolicyDrop::Header));
    }
    let mut packet = udp(THEIRS, OURS);
    packet[0] = 0x4f;
    assert_eq!(policy.inbound(&packet), Err(PolicyDrop::Header));
}

#[test]
fn n88_ipv4_options() {
    let policy = policy();
    let with = |options: &[u8]| policy.inbound(&ipv4_with_options(options));
    assert_eq!(with(&[1, 1, 1, 0]), Ok(()));
    assert_eq!(with(&[7, 7, 4, 0, 0, 0, 0, 1]), Ok(()));
    for route in [131, 137] {
        assert_eq!(
            with(&[route, 7, 4, 10, 9, 9, 9, 0]),
            Err(PolicyDrop::SourceRoute)
        );
        assert_eq!(with(&[1, 1, 1, route]), Err(PolicyDrop::SourceRoute));
        assert_eq!(
            with(&[7, 3, 4, route, 3, 4, 0, 0]),
            Err(PolicyDrop::SourceRoute)
        );
        assert_eq!(
            with(&[0, route, 3, 4]),
            Ok(()),
            "nothing counts behind the end"
        );
    }
    for malformed in [[7, 0, 0, 0], [7, 1, 0, 0], [7, 5, 0, 0], [1, 1, 1, 7]] {
        assert_eq!(with(&malformed), Err(PolicyDrop::Header), "{malformed:?}");
    }
}

#[test]
fn n88_ipv4_fragments() {
    let policy = policy();
    let fragment = |protocol, offset: usize, more, payload| {
        let mut packet = ipv4(protocol, THEIRS, OURS, payload);
        let field = u16::try_from(offset / 8).unwrap() | if more { 0x2000 } else { 0 };
        packet[6..8].copy_from_slice(&field.to_be_bytes());
        policy.inbound(&packet)
    };
    assert_eq!(fragment(17, 0, true, 1480), Ok(()));
    assert_eq!(fragment(17, 1480, true, 1480), Ok(()));
    assert_eq!(fragment(17, 2960, false, 3), Ok(()));
    assert_eq!(fragment(6, 0, true, 1480), Ok(()));
    assert_eq!(fragment(6, 1480, false, 1), Ok(()));
    for (protocol, offset, more, payload) in [
        (17, 0, true, 0),
        (17, 0, true, 12),
        (17, 65_528, false, 8),
        (17, 65_000, true, 800),
        (6, 0, true, 8),
        (6, 8, false, 8),
        (6, 8, true, 16),
    ] {
        let judged = fragment(protocol, offset, more, payload);
        assert_eq!(
            judged,
            Err(PolicyDrop::Fragment),
            "{protocol} at {offset}, {payload}"
        );
    }
}

#[test]
fn n88_ipv6_extension_headers() {
    let policy = policy();
    let with = |first: u8, rest: &[u8]| policy.inbound(&ipv6(first, rest));
    let udp = [0, 53, 0, 53, 0, 8, 0, 0];
    let then = |header: &[u8]| [header, &udp].concat();
    assert_eq!(with(0, &then(&[17, 0, 1, 4, 0, 0, 0, 0])), Ok(()));
    assert_eq!(with(60, &then(&[17, 0, 1, 4, 0, 0, 0, 0])), Ok(()));
    // A type 2 routing header passes, type 0 does not, nor behind another header.
    assert_eq!(with(43, &then(&[17, 0, 2, 1, 0, 0, 0, 0])), Ok(()));
    assert_eq!(
        with(43, &then(&[17, 0, 0, 1, 0, 0, 0, 0])),
        Err(PolicyDrop::SourceRoute)
    );
    let behind = [43, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0, 1, 0, 0, 0, 0];
    assert_eq!(with(0, &then(&behind)), Err(PolicyDrop::SourceRoute));
    assert_eq!(with(0, &[]), Err(PolicyDrop::Header));
    assert_eq!(with(43, &[17]), Err(PolicyDrop::Header));
    assert_eq!(
        with(0, &[17, 200, 0, 0, 0, 0, 0, 0]),
        Err(PolicyDrop::Header)
    );
    assert_eq!(with(44, &[17, 0, 0, 0]), Err(PolicyDrop::Header));
    let many = [60, 0, 1, 4, 0, 0, 0, 0].repeat(100);
    assert_eq!(with(60, &many), Err(PolicyDrop::Header));
}

#[test]
fn n88_ipv6_fragments() {
    let policy = policy();
    let fragment = |protocol, field: u16, payload: usize| {
        let [high, low] = field.to_be_bytes();
        let mut rest = vec![protocol, 0, high, low, 1, 2, 3, 4];
        rest.resize(8 + payload, 0);
        policy.inbound(&ipv6(44, &rest))
    };
    assert_eq!(fragment(17, 1, 1232), Ok(()));
    assert_eq!(fragment(17, 1232, 7), Ok(()));
    for (protocol, field, payload) in [
        (17, 1, 0),
        (17, 1, 12),
        (17, 0xfff8, 8),
        (6, 1, 8),
        (6, 8, 8),
    ] {
        let judged = fragment(protocol, field, payload);
        assert_eq!(
            judged,
            Err(PolicyDrop::Fragment),
            "{protocol} {field:#x} {payload}"
        );
    }
}

/// Any octets at all, many of them nearly a packet: no panic.
#[test]
fn no_octets_stop_the_policy() {
    let policy = policy();
    let mut random = 0x1357_9bdf_2468_ace0_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random >> 16).unwrap()
    };
    for round in 0..200_000 {
        let mut packet = match round % 3 {
            0 => udp(THEIRS, OURS),
            1 => ipv4_with_options(&[7, 7, 4, 0, 0, 0, 0, 1]),
            _ => ipv6(
                0,
                &[
                    43, 0, 1, 4, 0, 0, 0, 0, 44, 0, 2, 1, 0, 0, 0, 0, 17, 0, 0, 0, 1, 2, 3,
                ],
            ),
        };
        for _ in 0..=next() % 4 {
            let at = next() % packet.len();
            packet[at] = next().to_le_bytes()[0];
        }
        packet.truncate(1 + next() % (packet.len() + 20));
        let length = packet.len();
        if length >= 6 && next() % 2 == 0 {
            let (at, says) = if packet[0] >> 4 == 4 {
                (2, length)
            } else {
                (4, length.saturating_sub(40))
            };
            packet[at..at + 2].copy_from_slice(&u16::try_from(says).unwrap().to_be_bytes());
        }
        let (_, _) = (policy.inbound(&packet), policy.outbound(&packet));
    }
}
