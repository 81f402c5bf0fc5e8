//! The first Child SA, addresses and routes, as an Azure gateway gives them
//! (RFC 7296, sections 2.9, 2.17, 2.19; docs/protocol.md).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use azike_crypto::ChildKeys;
use azike_wire::{
    ConfigAttribute, ConfigAttributeType, ConfigType, Configuration, EspSpi, NotifyType, Payload,
    SecurityAssociation, TrafficSelector, TrafficSelectors,
};

use crate::children::Made;
use crate::draft::Draft;
use crate::policy::{Policy, Stage};
use crate::sa_init::{self, Start};
use crate::selection;

/// What the client asked for in its first `IKE_AUTH` request.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) sa: Option<SecurityAssociation>,
    pub(crate) configuration: bool,
    pub(crate) mobike: bool,
    /// It has no other IKE SA here (RFC 7296, section 2.4).
    pub(crate) initial_contact: bool,
}

/// What this gateway has for it: the number of the client, and an SPI.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease {
    pub(crate) number: u32,
    pub(crate) spi_in: EspSpi,
}

/// The first Child SA, and the addresses that the client got with it.
#[derive(Debug)]
pub(crate) struct First {
    pub(crate) made: Made,
    pub(crate) addresses: Vec<IpAddr>,
}

/// Appends `CP, SA, TSi, TSr`, or the error that comes in their place.
pub(crate) fn answer(
    policy: &Policy,
    start: Start<'_>,
    lease: Lease,
    wanted: &Wanted,
    draft: &mut Draft,
) -> Option<First> {
    if let Some(refusal) = policy.refusal.filter(|it| it.stage == Stage::Child) {
        sa_init::push_refusal(draft, refusal);
        return None;
    }
    let addresses = addresses(policy, lease.number);
    if addresses.is_empty() {
        draft.notify(NotifyType::INTERNAL_ADDRESS_FAILURE, &[]);
        return None;
    }
    if !wanted.configuration {
        draft.notify(NotifyType::FAILED_CP_REQUIRED, &[]);
        return None;
    }
    let selection = wanted.sa.as_ref();
    let selection =
        selection.and_then(|sa| selection::child(&policy.child, sa, (lease.spi_in, None)));
    let Some(selection) = selection else {
        draft.notify(NotifyType::NO_PROPOSAL_CHOSEN, &[]);
        return None;
    };
    push_configuration(policy, &addresses, draft);
    draft.push(&Payload::SecurityAssociation(selection.answer));
    let everything = |network: &TrafficSelector| match network.start {
        IpAddr::V6(_) => TrafficSelector::all_ipv6(),
        IpAddr::V4(_) => TrafficSelector::all_ipv4(),
    };
    let theirs = TrafficSelectors(policy.networks.iter().map(everything).collect());
    let ours = TrafficSelectors(policy.networks.clone());
    draft.push(&Payload::TsI(theirs.clone()));
    draft.push(&Payload::TsR(ours.clone()));
    let transcript = start.transcript;
    let keys = ChildKeys::derive(
        start.basis.prf(),
        &start.basis.keys.sk_d,
        None,
        &transcript.nonce_i,
        &transcript.nonce_r,
        selection.algorithms,
    );
    let made = Made {
        spi_in: lease.spi_in,
        spi_out: selection.spi_out,
        algorithms: selection.algorithms,
        inbound: keys.initiator,
        outbound: keys.responder,
        ours,
        theirs,
        lowest: Vec::new(),
    };
    Some(First { made, addresses })
}

fn addresses(policy: &Policy, number: u32) -> Vec<IpAddr> {
    let ipv4 = policy.pool.map(|first| {
        let address = Ipv4Addr::from_bits(first.to_bits().wrapping_add(number));
        IpAddr::V4(address)
    });
    let ipv6 = policy.pool_ipv6.map(|first| {
        let address = Ipv6Addr::from_bits(first.to_bits().wrapping_add(number.into()));
        IpAddr::V6(address)
    });
    ipv4.into_iter().chain(ipv6).collect()
}

fn push_configuration(policy: &Policy, addresses: &[IpAddr], draft: &mut Draft) {
    let mut attributes = Vec::new();
    for address in addresses {
        attributes.push(match address {
            IpAddr::V4(v4) => (
                ConfigAttributeType::INTERNAL_IP4_ADDRESS,
                v4.octets().to_vec(),
            ),
            IpAddr::V6(v6) => (
                ConfigAttributeType::INTERNAL_IP6_ADDRESS,
                [&v6.octets()[..], &[64]].concat(),
            ),
        });
    }
    for server in &policy.dns {
        attributes.push(match server {
            IpAddr::V4(v4) => (ConfigAttributeType::INTERNAL_IP4_DNS, v4.octets().to_vec()),
            IpAddr::V6(v6) => (ConfigAttributeType::INTERNAL_IP6_DNS, v6.octets().to_vec()),
        });
    }
    for domain in &policy.domains {
        let kind = ConfigAttributeType::INTERNAL_DNS_DOMAIN;
        attributes.push((kind, domain.as_bytes().to_vec()));
    }
    for (kind, value) in &policy.attributes {
        attributes.push((ConfigAttributeType(*kind), value.clone()));
    }
    let attributes: Vec<ConfigAttribute<'_>> = attributes
        .iter()
        .map(|(kind, value)| ConfigAttribute { kind: *kind, value })
        .collect();
    let reply = Configuration::new(ConfigType::CFG_REPLY, &attributes);
    draft.push(&Payload::Configuration(reply));
}
