//! What the last `IKE_AUTH` response gives: addresses, name servers, networks, or an error in their
//! place.

use std::net::{IpAddr, Ipv4Addr};

use azike_gateway::lying::table::lie;
use azike_gateway::{Event, Refusal, Stage};
use azike_ike::{Authentication, CloseReason, ProtocolFault};
use azike_wire::{ConfigAttributeType, NotifyType, TrafficSelector};

use crate::support::{Setup, Table};

const SIGNATURE: Authentication = Authentication::Signature;

/// N-58: the login was accepted, and there is nothing for it. The IKE SA is deleted.
#[test]
fn error_in_place_of_the_child_sa_deletes_the_ike_sa() {
    for authentication in [SIGNATURE, Authentication::EapTls] {
        for notify in [
            NotifyType::NO_PROPOSAL_CHOSEN,
            NotifyType::TS_UNACCEPTABLE,
            NotifyType::INTERNAL_ADDRESS_FAILURE,
            NotifyType::FAILED_CP_REQUIRED,
            NotifyType::SINGLE_PAIR_REQUIRED,
        ] {
            let mut setup = Setup::new(authentication);
            let (stage, ms_status) = (Stage::Child, Some(13_868));
            setup.gateway.policy.refusal = Some(Refusal {
                stage,
                notify,
                ms_status,
            });
            let mut table = setup.sit();
            assert_eq!(table.end(), CloseReason::NoChildSa { notify, ms_status });
            let deleted = |event: &Event| matches!(event, Event::IkeSaDeleted(_));
            assert!(table.gateway_events.iter().any(deleted), "{notify}");
            assert_eq!(table.gateway.ike_sas(), 0);
        }
    }
}

/// What the gateway gives: address, name servers, domains, networks.
#[test]
fn assignments_arrive_as_they_are() {
    let mut setup = Setup::new(SIGNATURE);
    let policy = &mut setup.gateway.policy;
    policy.pool_ipv6 = Some("fd00:201::5".parse().unwrap());
    policy.dns.push("fd00:1::4".parse().unwrap());
    policy.domains = vec!["contoso.internal".to_owned(), "com".to_owned()];
    let networks = policy.networks.clone();
    let mut table = setup.sit();
    table.talk();
    let established = table.established().unwrap();
    let assigned = &established.assigned;
    let ipv4 = IpAddr::V4(Ipv4Addr::new(172, 16, 201, 1));
    let ipv6 = "fd00:201::5".parse().unwrap();
    assert_eq!(assigned.addresses, [(ipv4, 32), (ipv6, 128)]);
    let dns: [IpAddr; 2] = ["10.1.0.4".parse().unwrap(), "fd00:1::4".parse().unwrap()];
    assert_eq!(assigned.dns, dns);
    assert_eq!(assigned.domains, ["contoso.internal"]);
    assert_eq!(established.child.ts_r.0, networks);
    let everything = vec![TrafficSelector::all_ipv4(); networks.len()];
    assert_eq!(established.child.ts_i.0, everything);
}

/// N-76: what cannot be used is left out, and the rest is used.
#[test]
fn n76_odd_attributes_are_left_out() {
    let odd: [(ConfigAttributeType, &[u8]); 12] = [
        (ConfigAttributeType::INTERNAL_IP4_ADDRESS, &[10, 0, 0]),
        (ConfigAttributeType::INTERNAL_IP4_ADDRESS, &[224, 0, 0, 1]),
        (ConfigAttributeType::INTERNAL_IP4_NETMASK, &[255, 0, 255, 1]),
        (ConfigAttributeType::INTERNAL_IP4_DNS, &[]),
        (ConfigAttributeType::INTERNAL_IP4_DNS, &[127, 0, 0, 1]),
        (ConfigAttributeType::INTERNAL_IP6_ADDRESS, &[0; 17]),
        (ConfigAttributeType::INTERNAL_IP4_ADDRESS, &[0; 4]),
        (ConfigAttributeType::INTERNAL_IP4_ADDRESS, &[127, 0, 0, 1]),
        (ConfigAttributeType::INTERNAL_IP4_ADDRESS, &[10; 17]),
        (ConfigAttributeType::INTERNAL_IP6_ADDRESS, &[0x20; 16]),
        (ConfigAttributeType(0x7fff), &[1; 5]),
        (ConfigAttributeType::MS_INTERNAL_IP4_SERVER, &[10, 1, 0, 9]),
    ];
    let mut setup = Setup::new(SIGNATURE);
    let odd = odd.map(|(kind, value)| (kind.0, value.to_vec()));
    let many = (0..100).map(|n| (ConfigAttributeType::INTERNAL_IP4_DNS.0, vec![10, 9, 0, n]));
    setup.gateway.policy.attributes = odd.into_iter().chain(many).collect();
    let mut table = setup.sit();
    table.talk();
    let assigned = &table.established().unwrap().assigned;
    assert_eq!(assigned.addresses.len(), 1);
    assert_eq!(assigned.dns.len(), 16);
    assert_eq!(assigned.domains, Vec::<String>::new());
}

/// N-76: two addresses of one family are two addresses.
#[test]
fn n76_there_may_be_two_addresses() {
    let mut setup = Setup::new(SIGNATURE);
    let address = ConfigAttributeType::INTERNAL_IP4_ADDRESS.0;
    setup.gateway.policy.attributes = vec![
        (address, vec![172, 16, 201, 77]),
        (address, vec![172, 16, 201, 1]),
    ];
    let mut table = setup.sit();
    table.talk();
    let assigned = &table.established().unwrap().assigned;
    let expected = [[172, 16, 201, 1], [172, 16, 201, 77]].map(|it| (IpAddr::from(it), 32));
    assert_eq!(assigned.addresses, expected);
}

/// N-76: without an address there is no tunnel.
#[test]
fn n76_login_without_an_address_ends() {
    for name in [
        "no CP",
        "CP is a request",
        "CP without attributes",
        "address 0.0.0.0",
        "address 127.0.0.1",
        "address 224.0.0.1",
        "address of three octets",
    ] {
        let reason = CloseReason::Protocol(ProtocolFault::Configuration);
        assert_eq!(lied(name).end(), reason, "{name}");
    }
}

/// N-77: the root, a top-level domain, 300 octets, control characters, no UTF-8; underscores are
/// in use; of a hundred, sixteen are taken.
#[test]
fn n77_domains_are_names() {
    let long = "a.".repeat(150);
    let odd: [&[u8]; 9] = [
        b"",
        b".",
        b"com",
        long.as_bytes(),
        b"a\x1b[0m.example",
        b"a\n.example",
        b"a b.example",
        b"\xff\xfe.example",
        b"_msdcs.Contoso.internal.",
    ];
    let mut setup = Setup::new(SIGNATURE);
    let kind = ConfigAttributeType::INTERNAL_DNS_DOMAIN.0;
    let many = (0..100).map(|n| format!("d{n}.example").into_bytes());
    let all = odd.into_iter().map(<[u8]>::to_vec).chain(many);
    setup.gateway.policy.attributes = all.map(|value| (kind, value)).collect();
    let mut table = setup.sit();
    table.talk();
    let domains = &table.established().unwrap().assigned.domains;
    assert_eq!(domains.len(), 16);
    assert_eq!(domains[..2], ["_msdcs.contoso.internal", "d0.example"]);
}

/// N-78: selectors that mean nothing. We offer everything, so that none can be wider than offered.
#[test]
fn n78_selectors_of_no_use_end_the_login() {
    for name in ["TSr that ends before it starts", "TSr of no selectors"] {
        let reason = lied(name).end();
        let message = matches!(reason, CloseReason::Protocol(ProtocolFault::Message(_)));
        assert!(message, "{name}: {reason}");
    }
    for name in ["TSi of nobody", "TSr of an unknown type only"] {
        let reason = CloseReason::Protocol(ProtocolFault::TrafficSelectors);
        assert_eq!(lied(name).end(), reason, "{name}");
    }
}

/// N-78: ports without a protocol, IPv6 in an IPv4 tunnel, everything, the gateway itself: all
/// arrive as they are. What becomes a route is decided elsewhere.
#[test]
fn n78_selectors_arrive_as_they_are() {
    let ports = TrafficSelector {
        start_port: 80,
        end_port: 443,
        ..TrafficSelector::all_ipv4()
    };
    let gateway = Ipv4Addr::new(20, 61, 7, 9);
    let networks = vec![
        ports,
        TrafficSelector::all_ipv6(),
        TrafficSelector::all_ipv4(),
        TrafficSelector::ipv4(gateway, gateway),
    ];
    let mut setup = Setup::new(SIGNATURE);
    setup.gateway.policy.networks.clone_from(&networks);
    let mut table = setup.sit();
    table.talk();
    assert_eq!(table.established().unwrap().child.ts_r.0, networks);
}

/// A gateway that lies once.
fn lied(name: &str) -> Table {
    let mut setup = Setup::new(SIGNATURE);
    setup.gateway.policy.lies = vec![lie(name)];
    setup.sit()
}

/// N-78: 255 selectors, unsorted and adjacent, arrive in fragments and in order.
#[test]
fn n78_networks_may_be_255() {
    let mut setup = Setup::new(SIGNATURE);
    let network = |n: u8| {
        let third = n.wrapping_mul(7);
        TrafficSelector::ipv4(
            Ipv4Addr::new(10, 9, third, 0),
            Ipv4Addr::new(10, 9, third, 200),
        )
    };
    setup.gateway.policy.networks = (0..255).map(network).collect();
    let expected = setup.gateway.policy.networks.clone();
    let mut table = setup.sit();
    table.talk();
    assert_eq!(table.established().unwrap().child.ts_r.0, expected);
    assert!(
        table.verdicts.len() > 6,
        "fragments: {}",
        table.verdicts.len()
    );
}
