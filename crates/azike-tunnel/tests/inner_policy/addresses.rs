//! N-88: whose packet it is.

use azike_tunnel::PolicyDrop;

use crate::packet::{ELSEWHERE, OURS, OURS_6, THEIRS, THEIRS_6, policy, udp, udp6};

#[test]
fn n88_honest_packets_pass_both_ways() {
    let policy = policy();
    assert_eq!(policy.outbound(&udp(OURS, THEIRS)), Ok(()));
    assert_eq!(policy.inbound(&udp(THEIRS, OURS)), Ok(()));
    assert_eq!(policy.outbound(&udp6(OURS_6, THEIRS_6)), Ok(()));
    assert_eq!(policy.inbound(&udp6(THEIRS_6, OURS_6)), Ok(()));
}

#[test]
fn n88_addresses_that_belong_elsewhere() {
    let policy = policy();
    let inbound = |source, destination| policy.inbound(&udp(source, destination)).unwrap_err();
    let outbound = |source, destination| policy.outbound(&udp(source, destination)).unwrap_err();
    assert_eq!(inbound(ELSEWHERE, OURS), PolicyDrop::NotInTsR);
    assert_eq!(inbound(THEIRS, [172, 16, 201, 5]), PolicyDrop::NotOurs);
    assert_eq!(inbound(THEIRS, [224, 0, 0, 1]), PolicyDrop::NotOurs);
    assert_eq!(inbound(THEIRS, [255; 4]), PolicyDrop::NotOurs);
    assert_eq!(inbound(OURS, OURS), PolicyDrop::OwnSource);
    for source in [
        [127, 0, 0, 1],
        [224, 0, 0, 251],
        [255; 4],
        [0; 4],
        [0, 1, 2, 3],
    ] {
        assert_eq!(inbound(source, OURS), PolicyDrop::Unroutable, "{source:?}");
        assert_eq!(outbound(OURS, source), PolicyDrop::Unroutable, "{source:?}");
    }
    assert_eq!(outbound([192, 168, 1, 2], THEIRS), PolicyDrop::NotOurs);
    assert_eq!(outbound(OURS, ELSEWHERE), PolicyDrop::NotInTsR);
}

#[test]
fn n88_ipv6_addresses_that_belong_elsewhere() {
    let policy = policy();
    let inbound = |source: &str| policy.inbound(&udp6(source.parse().unwrap(), OURS_6));
    for source in ["::", "::1", "ff02::1", "::ffff:10.1.0.5"] {
        assert_eq!(inbound(source), Err(PolicyDrop::Unroutable), "{source}");
    }
    assert_eq!(inbound("fd00:1::4"), Err(PolicyDrop::OwnSource));
    assert_eq!(inbound("2001:db8::1"), Err(PolicyDrop::NotInTsR));
    let link_local = "fe80::1".parse().unwrap();
    assert_eq!(
        policy.outbound(&udp6(link_local, THEIRS_6)),
        Err(PolicyDrop::NotOurs)
    );
}
