//! Each reason to drop a message and each reason to close is reached. A new one does not compile
//! until it has a number here, and fails until something reaches it.

use std::collections::BTreeSet;

use azike_gateway::lying::table::{lie, lies};
use azike_gateway::{Draft, Refusal, Stage};
use azike_ike::{
    AuthFault, Authentication, CloseReason, DropReason, ProtocolFault, Transport, Verdict,
};
use azike_wire::{Chain, ExchangeType, NotifyType, PayloadType, fragment_prefix};

use crate::support::{Setup, Table, connected_by, forge, saying};

const fn drop_number(reason: DropReason) -> usize {
    match reason {
        DropReason::Malformed(_) => 0,
        DropReason::UnknownSpi => 1,
        DropReason::Reflected => 2,
        DropReason::NotExpected => 3,
        DropReason::WrongMessageId => 4,
        DropReason::NotAuthentic => 5,
        DropReason::NotProtected => 6,
        DropReason::Missing(_) => 7,
        DropReason::Repeated(_) => 8,
        DropReason::Critical(_) => 9,
        DropReason::GroupNotOffered(_) => 10,
        DropReason::GroupAlreadyTried(_) => 11,
        DropReason::KeyExchangeInvalid => 12,
        DropReason::ProposalNotOffered => 13,
        DropReason::CookieLength(_) => 14,
        DropReason::TooManyRetries => 15,
        DropReason::TooManyCandidates => 16,
        DropReason::Hint(_) => 17,
        DropReason::FragmentsNotAgreed => 18,
        DropReason::Fragment => 19,
        DropReason::TooManyFragments => 20,
        DropReason::Limit => 21,
        DropReason::Redirect => 22,
    }
}

const DROPS: usize = 23;

const fn close_number(reason: &CloseReason) -> usize {
    match reason {
        CloseReason::NoAnswer { .. } => 0,
        CloseReason::Refused { .. } => 1,
        CloseReason::NoChildSa { .. } => 2,
        CloseReason::Trust(_) => 3,
        CloseReason::Authentication(AuthFault::Missing) => 4,
        CloseReason::Authentication(AuthFault::NoIdentity) => 5,
        CloseReason::Authentication(AuthFault::Method(_)) => 6,
        CloseReason::Authentication(AuthFault::Algorithm) => 7,
        CloseReason::Authentication(AuthFault::Signature) => 8,
        CloseReason::Authentication(AuthFault::EapIncomplete) => 9,
        CloseReason::Eap(_) => 10,
        CloseReason::NotSigned => 11,
        CloseReason::Protocol(ProtocolFault::Missing(_)) => 12,
        CloseReason::Protocol(ProtocolFault::ChildProposal) => 13,
        CloseReason::Protocol(ProtocolFault::TrafficSelectors) => 14,
        CloseReason::Protocol(ProtocolFault::Configuration) => 15,
        CloseReason::Protocol(ProtocolFault::Message(_)) => 16,
        CloseReason::Deleted => 17,
        CloseReason::Closed => 18,
        CloseReason::Redirected(_) => 19,
        CloseReason::Protocol(ProtocolFault::Cookie2) => 20,
    }
}

const CLOSES: usize = 21;

#[test]
fn every_drop_reason_is_reached() {
    let mut verdicts = Vec::new();
    for lie in lies() {
        let mut setup = Setup::new(Authentication::Signature);
        setup.gateway.policy.lies = vec![lie];
        let mut table = setup.sit();
        table.talk();
        verdicts.append(&mut table.verdicts);
    }
    verdicts.append(&mut notifies().verdicts);
    verdicts.append(&mut responders().verdicts);
    verdicts.append(&mut fragments().verdicts);
    verdicts.append(&mut oddities().verdicts);
    let reached: BTreeSet<usize> = verdicts
        .into_iter()
        .filter_map(|verdict| match verdict {
            Verdict::Dropped(reason) => Some(drop_number(reason)),
            Verdict::Accepted => None,
        })
        .collect();
    assert_eq!(reached, (0..DROPS).collect());
}

#[test]
fn every_close_reason_is_reached() {
    let mut reached = BTreeSet::new();
    for name in [
        "ICV changed by a bit",
        "AUTH missing",
        "IDr missing",
        "CERT missing",
        "AUTH as NULL",
        "SHA-1 as digital signature",
        "AUTH of zeros",
        "only SHA-1",
        "no TSr",
        "child with ESN",
        "TSi of nobody",
        "no CP",
        "CP twice",
    ] {
        reached.insert(end(Authentication::Signature, name));
    }
    for name in ["EAP code 5", "EAP-Success first"] {
        reached.insert(end(Authentication::EapTls, name));
    }
    for stage in [Stage::Auth, Stage::Child] {
        let mut setup = Setup::new(Authentication::Signature);
        setup.gateway.policy.refusal = Some(Refusal {
            stage,
            notify: NotifyType::TS_UNACCEPTABLE,
            ms_status: None,
        });
        reached.insert(close_number(&setup.sit().end()));
    }
    let mut table = Setup::new(Authentication::Signature).sit();
    table.talk();
    let spi_r = table.spi_r();
    table.gateway.delete_ike_sa(table.now, spi_r);
    table.talk_after_drain();
    reached.insert(close_number(&table.end()));
    let mut table = Setup::new(Authentication::Signature).sit();
    table.client.close(table.now);
    table.drain();
    reached.insert(close_number(&table.end()));
    let mut setup = Setup::new(Authentication::Signature);
    setup.client.mobike = true;
    setup.client.redirect.accept = true;
    let announce = |it: &mut Draft| it.notify(NotifyType::MOBIKE_SUPPORTED, &[]);
    setup.gateway.policy.lies = vec![saying(1, announce)];
    let (mut table, _) = connected_by(setup);
    table.client.handle_path_change(table.now, None);
    table.drain();
    // The gateway answers without COOKIE2.
    reached.insert(close_number(&table.end()));
    let mut setup = Setup::new(Authentication::Signature);
    setup.client.redirect.accept = true;
    let redirect = |it: &mut Draft| it.notify(NotifyType::REDIRECT, &[1, 4, 20, 61, 7, 10]);
    setup.gateway.policy.lies = vec![saying(1, redirect)];
    reached.insert(close_number(&setup.sit().end()));
    assert_eq!(reached, (0..CLOSES).collect());
}

fn end(authentication: Authentication, name: &str) -> usize {
    let mut setup = Setup::new(authentication);
    setup.gateway.policy.lies = vec![lie(name)];
    close_number(&setup.sit().end())
}

/// Cookies and groups, until there are too many.
fn notifies() -> Table {
    let mut table = Setup::new(Authentication::Signature).sit();
    let (cookie, group) = (NotifyType::COOKIE, NotifyType::INVALID_KE_PAYLOAD);
    for (kind, data) in [
        (group, &[0, 5][..]),
        (group, &[0, 14]),
        (cookie, &[]),
        (cookie, &[1]),
        (cookie, &[2]),
        (cookie, &[3]),
        (cookie, &[4]),
    ] {
        let octets = forge::notify(&table, kind, data);
        let _verdict = table.give_octets(&octets, Transport::Udp500);
    }
    table
}

/// A redirect to nowhere, and a message with eleven lists of roots.
fn oddities() -> Table {
    let mut setup = Setup::new(Authentication::Signature);
    setup.client.redirect.accept = true;
    let mut table = setup.sit();
    let mut chain = Chain::new();
    (0..11).for_each(|_| chain.payload(PayloadType::CERTREQ, |body| body.push(4)));
    for octets in [
        forge::notify(&table, NotifyType::REDIRECT, &[]),
        forge::response(&table, 7, chain),
    ] {
        let _verdict = table.give_octets(&octets, Transport::Udp500);
    }
    table
}

/// Five gateways for one request.
fn responders() -> Table {
    let mut table = Setup::new(Authentication::Signature).sit();
    let request = table.to_gateway[0].clone();
    for seed in 0..5 {
        let mut setup = Setup::new(Authentication::Signature);
        setup.seed = 100 + seed;
        let mut other = setup.sit();
        other.give_gateway(&request);
        let response = other.to_client.pop_front().unwrap();
        let _verdict = table.give_client(&response);
    }
    table
}

/// The same fragment twice, and one of far too many.
fn fragments() -> Table {
    let mut setup = Setup::new(Authentication::Signature);
    setup.gateway.policy.fragment_size = Some(300);
    let mut table = setup.sit();
    table.deliver_request();
    let _verdict = table.deliver_response();
    while !table.to_gateway.is_empty() {
        table.deliver_request();
    }
    let first = table.to_client[0].clone();
    let header = forge::header(&first.octets, ExchangeType::IKE_AUTH, 1);
    for transmit in [&first, &first] {
        let _verdict = table.give_client(transmit);
    }
    let mut octets = fragment_prefix(&header, PayloadType::NONE, 2, 9999, 60);
    octets.extend([7; 60]);
    let _verdict = table.give_octets(&octets, Transport::Udp4500);
    table
}
