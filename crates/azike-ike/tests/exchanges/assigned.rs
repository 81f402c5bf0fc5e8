//! What the last `IKE_AUTH` response gives: addresses, name servers, networks, or an error in their
//! place.

use std::net::{IpAddr, Ipv4Addr};

use azike_gateway::{Event, Refusal, Stage};
use azike_ike::{Authentication, CloseReason};
use azike_wire::{ConfigAttributeType, NotifyType, TrafficSelector};

use crate::support::Setup;

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

/// N-76, N-77: what cannot be used is left out, and the rest is used.
#[test]
fn odd_attributes_are_left_out() {
    let odd: [(ConfigAttributeType, &[u8]); 9] = [
        (ConfigAttributeType::INTERNAL_IP4_ADDRESS, &[10, 0, 0]),
        (ConfigAttributeType::INTERNAL_IP4_ADDRESS, &[224, 0, 0, 1]),
        (ConfigAttributeType::INTERNAL_IP4_NETMASK, &[255, 0, 255, 1]),
        (ConfigAttributeType::INTERNAL_IP4_DNS, &[]),
        (ConfigAttributeType::INTERNAL_IP4_DNS, &[127, 0, 0, 1]),
        (ConfigAttributeType::INTERNAL_IP6_ADDRESS, &[0; 17]),
        (ConfigAttributeType::INTERNAL_DNS_DOMAIN, b"."),
        (
            ConfigAttributeType::INTERNAL_DNS_DOMAIN,
            b"a\x1b[0m.example",
        ),
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

/// N-78: 255 selectors, unsorted and adjacent, arrive in fragments and in order.
#[test]
fn networks_may_be_255() {
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
